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
	file *file
}

// document is one top-level value.
type document struct {
	lists map[string]int    // how many rows each list has that was read
	rest  map[string][]byte // other keys, and short values
}

// json reads the documents of a text.
func (f *file) json(r io.Reader) error {
	w := &walk{passage: &passage{r: r, line: 1, column: 1}, file: f}
	for {
		c, ok := w.space()
		if !ok {
			if errors.Is(w.err, io.EOF) {
				return nil
			}
			return w.err
		}
		from := w.offset()
		w.pass(from)
		var err error
		switch c {
		case '{':
			err = w.object(from)
		case '[':
			err = w.array()
		default:
			err = w.alone()
		}
		if err != nil {
			return err
		}
	}
}

// alone refuses a value that is neither an object nor a list.
func (w *walk) alone() error {
	from, to, err := w.value()
	if err == nil {
		err = decode(w.passage, from, w.slice(from, to), &skipped{})
	}
	if err != nil {
		return err
	}
	return w.at(from, "one value that is no object: what --query leaves of an answer says too little; "+commandHint)
}

// object reads an object that begins at an offset.
func (w *walk) object(from int64) error {
	doc := document{map[string]int{}, map[string][]byte{}}
	if err := w.members(&doc, 0); err != nil {
		return err
	}
	if len(doc.lists) > 0 {
		return w.file.listed(&doc)
	}
	text := w.slice(from, w.offset())
	if inner, ok := doc.rest["data"]; ok && doc.rest["status_code"] != nil { // a recorded answer
		text = inner
	}
	return w.file.single(w.passage, from, text, doc.rest)
}

// entries reads what stands between two brackets, with commas between.
func (w *walk) entries(begin, end string, entry func() error) error {
	if _, err := w.take(begin); err != nil {
		return err
	}
	if c, ok := w.space(); ok && c == end[0] {
		w.next++
		return nil
	}
	for {
		if err := entry(); err != nil {
			return err
		}
		c, err := w.take("," + end)
		if err != nil || c == end[0] {
			return err
		}
	}
}

// members reads the members of an object.
func (w *walk) members(doc *document, depth int) error {
	return w.keyed(func(key string) error { return w.member(doc, depth, key) })
}

// keyed reads an object; member reads the value of each key.
func (w *walk) keyed(member func(key string) error) error {
	return w.entries("{", "}", func() error {
		if c, ok := w.space(); ok && c != '"' {
			return w.at(w.offset(), fmt.Sprintf("not JSON: found %s where a key was expected", character(w.kept[w.next:])))
		}
		from, to, err := w.value()
		if err != nil {
			return err
		}
		var key string
		if err := decode(w.passage, from, w.slice(from, to), &key); err != nil {
			return err
		}
		if _, err := w.take(":"); err != nil {
			return err
		}
		return member(key)
	})
}

// mostRest is how much is kept of a value that is no list of rows.
const mostRest = 1 << 20

func (w *walk) member(doc *document, depth int, key string) error {
	kind, isList := listKeys[key]
	c, _ := w.space()
	switch {
	case isList && c == '[':
		return w.elements(kind, doc, key)
	case key == "data" && depth == 0 && c == '{':
		return w.inner(doc)
	}
	from, to, err := w.value()
	if err != nil {
		return err
	}
	text := w.slice(from, to)
	if isList && string(text) == "null" { // without entries, as Go's own types print it
		doc.lists[key] += 0
		return nil
	}
	if depth > 0 || len(text) <= mostRest {
		if err := decode(w.passage, from, text, &skipped{}); err != nil {
			return err
		}
	}
	if isList && c == '{' {
		return w.at(from, key+": a list was expected, found an object")
	}
	doc.rest[key] = bytes.Clone(text[:min(len(text), mostRest)])
	return nil
}

// inner reads the object in the wrapper of a recorded answer.
func (w *walk) inner(doc *document) error {
	before := w.offset()
	inner := document{doc.lists, map[string][]byte{}}
	if err := w.members(&inner, 1); err != nil {
		return err
	}
	if token := inner.rest["NextToken"]; token != nil {
		doc.rest["NextToken"] = token
	}
	text := w.slice(max(before, w.base), w.offset()) // as far as it has not been passed
	doc.rest["data"] = bytes.Clone(text)
	return nil
}

// elements reads the rows of a list.
func (w *walk) elements(kind rowKind, doc *document, key string) error {
	doc.lists[key] += 0
	return w.entries("[", "]", func() error {
		from, to, err := w.value()
		if err != nil {
			return err
		}
		row := w.slice(from, to)
		if row[0] != '{' {
			if err := decode(w.passage, from, row, &skipped{}); err != nil {
				return err
			}
			return w.at(from, key+": an object was expected, found "+shape(row))
		}
		if err := w.file.row(w.passage, from, kind, row); err != nil {
			return err
		}
		doc.lists[key]++
		w.pass(to)
		return nil
	})
}

// array reads a list without a name: rows that say themselves what they are.
func (w *walk) array() error {
	doc := document{map[string]int{}, nil}
	begin := w.offset()
	err := w.entries("[", "]", func() error {
		from, to, err := w.value()
		if err != nil {
			return err
		}
		row := w.slice(from, to)
		kind, ok := guess(row)
		if !ok {
			if err := decode(w.passage, from, row, &skipped{}); err != nil {
				return err
			}
			if row[0] != '{' {
				return w.at(from, "a list of what is no object, as --query reshapes an answer: "+commandHint)
			}
			return w.at(from, fmt.Sprintf("a list of objects with %s, as --query reshapes an answer: %s", keysIn(row), commandHint))
		}
		if err := w.file.row(w.passage, from, kind, row); err != nil {
			return err
		}
		w.pass(to)
		doc.lists[kind.list()]++
		return nil
	})
	switch {
	case err != nil:
		return err
	case len(doc.lists) == 0:
		return w.at(begin, "an empty list: "+commandHint)
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

// embedded are the types whose fields are keys of what they stand in.
var embedded = []string{"Subnet", "Vpc", "NetworkInterface", "NetworkInterfaceAttachment", "Instance", "SubnetCidrReservation", "metadata"}

// decode reads an object that begins at an offset of a text, and says of what is
// wrong in it where it is.
func decode(p *passage, from int64, text []byte, into any) error {
	err := input.DecodeJSON(text, into, embedded...)
	var wrong *input.Error
	if errors.As(err, &wrong) && p != nil {
		return p.moved(from, wrong)
	}
	return err
}

// decodeKube is decode of an object of Kubernetes, whose keys begin with small
// letters.
func decodeKube(p *passage, from int64, text []byte, into any) error {
	err := decode(p, from, text, into)
	var wrong *input.Error
	if errors.As(err, &wrong) {
		if path, rest, ok := strings.Cut(wrong.Message, ": "); ok && !strings.Contains(path, " ") {
			keys := strings.Split(path, ".")
			for i, k := range keys {
				keys[i] = strings.ToLower(k[:1]) + k[1:]
			}
			wrong.Message = strings.Join(keys, ".") + ": " + rest
		}
	}
	return err
}
