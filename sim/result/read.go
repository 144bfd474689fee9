package result

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strings"

	"ipamsim/internal/words"
)

// readMost is how many bytes a stored result may have: a thousand times what
// one of a few variants has. It grows with variants, replications, subnets and
// samples, and not with nodes and pods.
const readMost = 512 << 20

// ReadError is what is wrong with a stored result, and where.
type ReadError struct {
	Line, Column int // from 1; a column counts characters; 0 where there is no place
	Message      string
}

// Error begins with the place if there is one.
func (e *ReadError) Error() string {
	if e.Line == 0 {
		return e.Message
	}
	return fmt.Sprintf("%d:%d: %s", e.Line, e.Column, e.Message)
}

// Read reads a result as JSON, as a run has stored it. It passes over keys
// that it does not know, because later versions may add some. The error is a
// *ReadError where the text is at fault.
func Read(r io.Reader) (*Result, error) {
	text, err := readBounded(r, readMost)
	if err != nil {
		return nil, err
	}
	if err := checkKind(text); err != nil {
		return nil, err
	}
	var result Result
	if err := json.Unmarshal(text, &result); err != nil {
		return nil, asReadError(text, err)
	}
	if err := result.check(); err != nil {
		return nil, &ReadError{Message: err.Error()}
	}
	return &result, nil
}

func readBounded(r io.Reader, most int) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, int64(most)+1))
	if err == nil && len(text) > most {
		err = &ReadError{Message: fmt.Sprintf("more than %d MiB, the most that a stored result may have", most>>20)}
	}
	return text, err
}

// checkKind says what a text is that is no result of this schema.
func checkKind(text []byte) error {
	body := bytes.TrimSpace(text)
	switch {
	case len(body) == 0:
		return &ReadError{1, 1, "empty: a result was expected, as ipamsim run -o json writes it"}
	case bytes.HasPrefix(body, []byte{0xFF, 0xFE}) || bytes.HasPrefix(body, []byte{0xFE, 0xFF}):
		return &ReadError{1, 1, "UTF-16: save it as UTF-8"}
	case body[0] != '{' && body[0] != '[' && !json.Valid(body):
		return placed(text, len(text)-len(bytes.TrimLeft(text, " \t\r\n")), notJSON(body))
	}
	var head struct {
		SchemaVersion json.RawMessage `json:"schema_version"`
		First         json.RawMessage `json:"schemaVersion"` // as version 1 had it
		APIVersion    json.RawMessage `json:"apiVersion"`    // of a scenario
		Events        json.RawMessage `json:"traceEvents"`   // of a trace
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return asReadError(text, err)
	}
	var version string
	switch {
	case head.SchemaVersion != nil:
		if json.Unmarshal(head.SchemaVersion, &version) == nil && version == SchemaVersion {
			return nil
		}
		return placed(text, offsetOf(text, "schema_version"), "schema_version is "+string(head.SchemaVersion)+", expected "+quote(SchemaVersion)+meant(version))
	case head.First != nil:
		json.Unmarshal(head.First, &version)
		return placed(text, offsetOf(text, "schemaVersion"), "schemaVersion is "+string(head.First)+", expected schema_version "+quote(SchemaVersion)+meant(version))
	case head.APIVersion != nil:
		return placed(text, offsetOf(text, "apiVersion"), aScenario)
	case head.Events != nil:
		return placed(text, offsetOf(text, "traceEvents"), "this is a trace, not a result: it is for ui.perfetto.dev")
	}
	return &ReadError{1, 1, "not a result: there is no schema_version, expected " + quote(SchemaVersion)}
}

const (
	aScenario = "this is a scenario, not a result: run it with ipamsim run FILE --out json=result.json"
	asYAML    = "this is a result as YAML, which is for people: expected JSON, as ipamsim run -o json writes it"
)

func quote(s string) string { return `"` + s + `"` }

// meant says what to do about a document of another schema.
func meant(version string) string {
	kind, _, _ := strings.Cut(version, "/")
	ours, _, _ := strings.Cut(SchemaVersion, "/")
	switch {
	case kind == ours && version == ours+"/v1":
		return ": an earlier ipamsim wrote it; run the scenario again"
	case kind == ours:
		return ": another version of ipamsim wrote it; read it with that, or run the scenario again"
	case strings.HasPrefix(kind, "ipamsim."):
		return ": this is another kind of document, " + strings.TrimPrefix(kind, "ipamsim.")
	}
	return ""
}

// notJSON says what a text is that does not even begin like JSON.
func notJSON(body []byte) string {
	for line := range bytes.Lines(body) {
		switch {
		case bytes.HasPrefix(line, []byte("schema_version:")):
			return asYAML
		case bytes.HasPrefix(line, []byte("apiVersion:")):
			return aScenario
		}
	}
	return "not JSON: a result was expected, as ipamsim run -o json writes it"
}

// asReadError gives an error of encoding/json its place.
func asReadError(text []byte, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax) && syntax.Offset >= int64(len(text)) && strings.Contains(syntax.Error(), "unexpected end"):
		return placed(text, len(text), "the text ends in the middle of the result: it was cut short")
	case errors.As(err, &syntax):
		return placed(text, int(syntax.Offset)-1, "not JSON: "+syntax.Error())
	case errors.As(err, &kind) && kind.Field == "":
		return placed(text, int(kind.Offset)-1, "a result is an object, found "+kind.Value)
	case errors.As(err, &kind):
		field := embedded.ReplaceAllString(kind.Field, ".")
		return placed(text, int(kind.Offset)-1, fmt.Sprintf("%s: %s was expected, found %s", field, wanted(kind.Type), kind.Value))
	}
	return &ReadError{Message: err.Error()}
}

// embedded are types whose fields are those of what they stand in: no keys of
// JSON.
var embedded = regexp.MustCompile(`\.(Outcome|Counts|Holders|StateSeries)\.`)

// wanted names a type as JSON does.
func wanted(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Uint64:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	case reflect.Slice:
		return "a list"
	}
	return "an object"
}

// placed is an error at a byte of the text.
func placed(text []byte, offset int, message string) error {
	line, column := words.Place(text, offset)
	return &ReadError{line, column, message}
}

// offsetOf is where a key of the outermost object begins.
func offsetOf(text []byte, key string) int {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.Token() // the brace
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return 0
		}
		if name == key {
			return int(decoder.InputOffset()) - len(quote(key))
		}
		var value json.RawMessage
		if decoder.Decode(&value) != nil {
			return 0
		}
	}
	return 0
}
