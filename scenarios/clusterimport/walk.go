package clusterimport

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"ipamsim/internal/input"
	"ipamsim/internal/words"
)

// skipped is a value of which nothing is wanted.
type skipped struct{}

// UnmarshalJSON implements json.Unmarshaler.
func (skipped) UnmarshalJSON([]byte) error { return nil }

// walk reads the JSON documents of one source, one object at a time: a list of
// pods may have hundreds of megabytes.
type walk struct {
	*passage
	dec  *json.Decoder
	file *file
}

// document is one top-level value.
type document struct {
	lists map[string]int    // how many rows each list has that was read
	rest  map[string][]byte // other keys, and short values
}

// JSON reads the documents of a text.
func (f *file) json(r io.Reader) error {
	p := &passage{r: r, line: 1, column: 1}
	w := &walk{passage: p, dec: json.NewDecoder(p), file: f}
	w.dec.UseNumber()
	for {
		w.pass(w.dec.InputOffset())
		token, err := w.dec.Token()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return w.wrong(err)
		}
		from := w.dec.InputOffset() - 1
		switch token {
		case json.Delim('{'):
			err = w.object(from)
		case json.Delim('['):
			err = w.array()
		default:
			err = w.at(w.dec.InputOffset()-1, "one value that is no object: what --query leaves of an answer says too little; "+commandHint)
		}
		if err != nil {
			return err
		}
	}
}

// wrong is what the decoder says of a text, at its place.
func (w *walk) wrong(err error) error {
	var known *input.Error
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return w.at(w.end(), "the text ends in the middle: it was cut short")
	case errors.As(err, &syntax):
		return w.at(w.offender(syntax), "not JSON: "+syntax.Error())
	}
	return err
}

// offender is the offset of what is no JSON. The decoder counts from another place
// than the text's beginning: the value that it is at is tried again alone.
func (w *walk) offender(said *json.SyntaxError) int64 {
	from := max(w.base, w.dec.InputOffset())
	for from < w.end() && strings.IndexByte(" \t\r\n,:", w.kept[w.start+int(from-w.base)]) >= 0 {
		from++
	}
	var again *json.SyntaxError
	text := w.slice(from, w.end())
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(&skipped{}); errors.As(err, &again) && again.Error() == said.Error() {
		return from + again.Offset - 1
	}
	return from
}

// value passes over the next value and says where it lies.
func (w *walk) value() (from, to int64, err error) {
	from = w.dec.InputOffset()
	if err := w.dec.Decode(&skipped{}); err != nil {
		return 0, 0, w.wrong(err)
	}
	to = w.dec.InputOffset()
	for strings.IndexByte(" \t\r\n,:", w.kept[w.start+int(from-w.base)]) >= 0 {
		from++
	}
	return from, to, nil
}

// object reads the rest of an object that begins at an offset.
func (w *walk) object(from int64) error {
	doc := document{map[string]int{}, map[string][]byte{}}
	if err := w.members(&doc, 0); err != nil {
		return err
	}
	if len(doc.lists) > 0 {
		return w.file.listed(&doc)
	}
	to := w.dec.InputOffset()
	text := w.slice(from, to)
	if inner, ok := doc.rest["data"]; ok && doc.rest["status_code"] != nil { // a recorded answer
		text = inner
	}
	return w.file.single(w.passage, from, text, doc.rest)
}

// members reads the members of an object that is open.
func (w *walk) members(doc *document, depth int) error {
	for w.dec.More() {
		token, err := w.dec.Token()
		if err != nil {
			return w.wrong(err)
		}
		key, _ := token.(string)
		kind, isList := listKeys[key]
		isWrapper := key == "data" && depth == 0
		if !isList && !isWrapper {
			from, to, err := w.value()
			if err != nil {
				return err
			}
			doc.rest[key] = bytes.Clone(w.slice(from, min(to, from+1<<20)))
			continue
		}
		before := w.dec.InputOffset()
		token, err = w.dec.Token()
		switch {
		case err != nil:
			return w.wrong(err)
		case token == json.Delim('['):
			if err := w.elements(kind, doc, key); err != nil {
				return err
			}
		case token == json.Delim('{'):
			if err := w.inner(doc, depth); err != nil {
				return err
			}
			doc.rest[key] = bytes.Clone(bytes.TrimLeft(w.sliceFrom(before), " \t\r\n:"))
		case token == nil && isList: // a list without entries, as Go's own types print it
			doc.lists[key] += 0
		default:
			doc.rest[key] = fmt.Append(nil, token)
		}
	}
	if _, err := w.dec.Token(); err != nil {
		return w.wrong(err)
	}
	return nil
}

// sliceFrom is the text from an offset to where the decoder is, as far as it has
// not been passed.
func (w *walk) sliceFrom(from int64) []byte {
	return w.slice(max(from, w.base), w.dec.InputOffset())
}

// inner reads an object in the wrapper of a recorded answer, or passes over one
// where a list was expected.
func (w *walk) inner(doc *document, depth int) error {
	if depth > 0 {
		return w.at(w.dec.InputOffset()-1, "a list was expected, found an object")
	}
	inner := document{doc.lists, map[string][]byte{}}
	if err := w.members(&inner, depth+1); err != nil {
		return err
	}
	if token := inner.rest["NextToken"]; token != nil {
		doc.rest["NextToken"] = token
	}
	return nil
}

// elements reads the elements of a list that is open.
func (w *walk) elements(kind rowKind, doc *document, key string) error {
	doc.lists[key] += 0
	for w.dec.More() {
		from, to, err := w.value()
		if err != nil {
			return err
		}
		row := w.slice(from, to)
		if row[0] != '{' {
			return w.at(from, key+": an object was expected, found "+shape(row))
		}
		if err := w.file.row(w.passage, from, kind, row); err != nil {
			return err
		}
		doc.lists[key]++
		w.pass(to)
	}
	if _, err := w.dec.Token(); err != nil {
		return w.wrong(err)
	}
	return nil
}

// array reads a list without a name: rows that say themselves what they are.
func (w *walk) array() error {
	doc := document{map[string]int{}, nil}
	rows := 0
	for w.dec.More() {
		from, to, err := w.value()
		if err != nil {
			return err
		}
		row := w.slice(from, to)
		if row[0] != '{' {
			return w.at(from, "a list of what is no object, as --query reshapes an answer: "+commandHint)
		}
		kind, ok := guess(row)
		if !ok {
			return w.at(from, fmt.Sprintf("a list of objects with %s, as --query reshapes an answer: %s", keysIn(row), commandHint))
		}
		if err := w.file.row(w.passage, from, kind, row); err != nil {
			return err
		}
		rows++
		w.pass(to)
		doc.lists[kind.list()]++
	}
	if _, err := w.dec.Token(); err != nil {
		return w.wrong(err)
	}
	if rows == 0 {
		return w.at(w.dec.InputOffset()-1, "an empty list: "+commandHint)
	}
	return w.file.listed(&doc)
}

// shape names a value as JSON does.
func shape(text []byte) string {
	switch text[0] {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a string"
	case 't', 'f':
		return "true or false"
	case 'n':
		return "null"
	}
	return "a number"
}

// keysIn names the keys of an object, some of them.
func keysIn(text []byte) string {
	var members map[string]json.RawMessage
	if json.Unmarshal(text, &members) != nil || len(members) == 0 {
		return "no keys"
	}
	keys := slices.Sorted(maps.Keys(members))
	const most = 6
	more := ""
	if len(keys) > most {
		more = fmt.Sprintf(" and %d more", len(keys)-most)
		keys = keys[:most]
	}
	for i := range keys {
		keys[i] = words.Printable(keys[i])
	}
	if more != "" {
		return strings.Join(keys, ", ") + more
	}
	return words.And(keys)
}

// decode reads an object that begins at an offset of a text, and says of what is
// wrong in it where it is.
func decode(p *passage, from int64, text []byte, into any) error {
	err := input.DecodeJSON(text, into)
	var wrong *input.Error
	if errors.As(err, &wrong) && p != nil {
		return p.moved(from, wrong)
	}
	return err
}
