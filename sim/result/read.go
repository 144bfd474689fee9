package result

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"strings"

	"ipamsim/internal/input"
)

// readMost is how many bytes a stored result may have: a thousand times what
// one of a few variants has. It grows with variants, replications, subnets and
// samples, and not with nodes and pods.
const readMost = 512 << 20

// Read reads a result as JSON, as a run has stored it. It passes over keys
// that it does not know, because later versions may add some. The error is a
// *input.Error where the text is at fault.
func Read(r io.Reader) (*Result, error) {
	text, err := input.ReadAll(r, readMost, "a stored result")
	if err != nil {
		return nil, err
	}
	if err := checkKind(text); err != nil {
		return nil, err
	}
	var result Result
	if err := input.DecodeJSON(text, &result, embedded...); err != nil {
		return nil, err
	}
	for i := range result.Variants {
		v := &result.Variants[i]
		for _, list := range [][]Threshold{v.Thresholds, v.Expectations} {
			for j := range list { // a result that was stored before there were severities has none
				list[j].Severity = cmp.Or(list[j].Severity, Fail)
				if m, _, err := ParseMetric(list[j].Metric); err == nil {
					list[j].Over = cmp.Or(list[j].Over, m.Pooled)
				}
			}
		}
	}
	if err := result.check(); err != nil {
		return nil, &input.Error{Message: err.Error()}
	}
	return &result, nil
}

// checkKind says what a text is that is no result of this schema.
func checkKind(text []byte) error {
	body := bytes.TrimSpace(text)
	switch {
	case len(body) == 0:
		return input.At(text, 0, "empty: a result was expected, as ipamsim run -o json writes it")
	case bytes.HasPrefix(body, []byte{0xFF, 0xFE}) || bytes.HasPrefix(body, []byte{0xFE, 0xFF}):
		return input.At(text, 0, "UTF-16: save it as UTF-8")
	case body[0] != '{' && body[0] != '[' && !json.Valid(body):
		return input.At(text, len(text)-len(bytes.TrimLeft(text, " \t\r\n")), notJSON(body))
	}
	var head struct {
		SchemaVersion json.RawMessage `json:"schema_version"`
		First         json.RawMessage `json:"schemaVersion"` // as version 1 had it
		APIVersion    json.RawMessage `json:"apiVersion"`    // of a scenario
		Events        json.RawMessage `json:"traceEvents"`   // of a trace
	}
	if err := input.DecodeJSON(text, &head); err != nil {
		return err
	}
	var version string
	switch {
	case head.SchemaVersion != nil:
		if json.Unmarshal(head.SchemaVersion, &version) == nil && version == SchemaVersion {
			return nil
		}
		return input.At(text, offsetOf(text, "schema_version"), "schema_version is "+string(head.SchemaVersion)+", expected "+quote(SchemaVersion)+meant(version))
	case head.First != nil:
		json.Unmarshal(head.First, &version)
		return input.At(text, offsetOf(text, "schemaVersion"), "schemaVersion is "+string(head.First)+", expected schema_version "+quote(SchemaVersion)+meant(version))
	case head.APIVersion != nil:
		return input.At(text, offsetOf(text, "apiVersion"), aScenario)
	case head.Events != nil:
		return input.At(text, offsetOf(text, "traceEvents"), "this is a trace, not a result: it is for ui.perfetto.dev")
	}
	return input.At(text, 0, "not a result: there is no schema_version, expected "+quote(SchemaVersion))
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

// embedded are types whose fields are those of what they stand in: no keys of
// JSON.
var embedded = []string{"Outcome", "Counts", "Holders", "StateSeries"}

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
