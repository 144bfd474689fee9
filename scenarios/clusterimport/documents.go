package clusterimport

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"regexp"
	"slices"

	"ipamsim/internal/input"
)

// Documents reads what is handed in beside an import: the same kinds of files, taken for
// something else. It unpacks and decodes as an import does, goes over JSON row by row, and
// keeps the bounds.
type Documents struct {
	Lists []string                              // keys of lists that are visited row by row, at the top or under data
	Row   func(list string, row Row) error      // of a list without a name, too: its name is empty
	Whole func(members map[string][]byte) error // what an object has besides, at its end; under data, too
	Text  func(text *bufio.Reader) error        // what is no JSON
	Lines func(text *bufio.Reader) error        // what begins with {"time": is JSON line by line, where this is set
}

var timed = regexp.MustCompile(`^\{\s*"time"\s*:`)

// Row is one entry of a list.
type Row struct {
	p    *passage
	from int64
	text []byte
}

// Decode reads a row that is an object. The error is an *input.Error with its place.
func (r Row) Decode(into any) error { return decode(r.p, r.from, r.text, into) }

// Wrong is an error about a row.
func (r Row) Wrong(message string) error { return r.p.at(r.from, message) }

// Read reads one source.
func (d *Documents) Read(r io.Reader) error {
	text, err := opened(r)
	if err != nil {
		return err
	}
	head, err := firstOf(text)
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return err
	case len(head) == 0:
		return &input.Error{Line: 1, Column: 1, Message: "empty"}
	case d.Lines != nil && timed.Match(head):
		return d.Lines(text)
	case head[0] != '{' && head[0] != '[':
		return d.Text(text)
	}
	w := &walk{passage: &passage{r: text, line: 1, column: 1}}
	for {
		c, ok := w.space()
		if !ok {
			if errors.Is(w.err, io.EOF) {
				return nil
			}
			return w.err
		}
		w.pass(w.offset())
		switch c {
		case '{':
			members := map[string][]byte{}
			if err = d.object(w, members, 0); err == nil {
				err = d.Whole(members)
			}
		case '[':
			err = d.rows(w, "")
		default:
			err = w.alone()
		}
		if err != nil {
			return err
		}
	}
}

func (d *Documents) object(w *walk, members map[string][]byte, depth int) error {
	return w.keyed(func(key string) error {
		c, _ := w.space()
		switch {
		case c == '[' && slices.Contains(d.Lists, key):
			members[key] = []byte("[]")
			return d.rows(w, key)
		case c == '{' && key == "data" && depth == 0:
			return d.object(w, members, 1)
		}
		from, to, err := w.value()
		if err != nil {
			return err
		}
		text := w.slice(from, to)
		if err := decode(w.passage, from, text, &skipped{}); err != nil {
			return err
		}
		members[key] = bytes.Clone(text[:min(len(text), mostRest)])
		return nil
	})
}

func (d *Documents) rows(w *walk, list string) error {
	return w.entries("[", "]", func() error {
		from, to, err := w.value()
		if err != nil {
			return err
		}
		if err := d.Row(list, Row{w.passage, from, w.slice(from, to)}); err != nil {
			return err
		}
		w.pass(to)
		return nil
	})
}
