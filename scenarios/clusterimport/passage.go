package clusterimport

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"ipamsim/internal/input"
)

// passage is a JSON text that is read on, value by value, with the place of what
// has not been passed. It finds where values end and leaves what is in them to
// encoding/json: going over hundreds of megabytes once is what takes the time.
type passage struct {
	r            io.Reader
	kept         []byte // what was read and not passed, from start on
	start        int
	next         int   // index in kept of what has not been looked at
	base         int64 // offset of the first kept byte
	line, column int   // its place
	err          error // that ended the reading
}

// grain is how much is read at once.
const grain = 256 << 10

// fill reads more, and says whether there was more.
func (p *passage) fill() bool {
	if p.err != nil {
		return false
	}
	if p.start > grain && p.start > len(p.kept)/2 {
		p.kept = append(p.kept[:0], p.kept[p.start:]...)
		p.next -= p.start
		p.start = 0
	}
	switch n := len(p.kept) - p.start; {
	case n > mostValue:
		p.err = p.at(p.base, fmt.Sprintf("one value of more than %d MiB begins here, the most that one may have", mostValue>>20))
		return false
	case p.base+int64(n) > mostText:
		p.err = &input.Error{Message: fmt.Sprintf("more than %d MiB of text, the most that a file may have", mostText>>20)}
		return false
	}
	before := len(p.kept)
	if cap(p.kept)-before < grain {
		p.kept = append(make([]byte, 0, 2*before+2*grain), p.kept...)
	}
	for len(p.kept) == before && p.err == nil {
		var n int
		n, p.err = p.r.Read(p.kept[before : before+grain])
		p.kept = p.kept[:before+n]
	}
	return len(p.kept) > before
}

// over is the error of a text that ends where more was expected.
func (p *passage) over() error {
	if errors.Is(p.err, io.EOF) {
		return p.at(p.base+int64(len(p.kept)-p.start), "the text ends in the middle: it was cut short")
	}
	return p.err
}

// space passes over white space and returns the character behind it.
func (p *passage) space() (c byte, ok bool) {
	for {
		for ; p.next < len(p.kept); p.next++ {
			switch c := p.kept[p.next]; c {
			case ' ', '\t', '\n', '\r':
			default:
				return c, true
			}
		}
		if !p.fill() {
			return 0, false
		}
	}
}

// take passes over one of some characters, white space before it aside.
func (p *passage) take(expected string) (byte, error) {
	c, ok := p.space()
	switch {
	case !ok:
		return 0, p.over()
	case !bytes.ContainsRune([]byte(expected), rune(c)):
		return 0, p.at(p.offset(), fmt.Sprintf("not JSON: found %s where %s was expected", character(p.kept[p.next:]), either(expected)))
	}
	p.next++
	return c, nil
}

// character names the first one of a text.
func character(text []byte) string {
	r, _ := utf8.DecodeRune(text)
	return fmt.Sprintf("%+q", r)
}

func either(expected string) string {
	if len(expected) == 1 {
		return fmt.Sprintf("%q", expected[0])
	}
	return fmt.Sprintf("%q or %q", expected[0], expected[1])
}

// offset is where the next character is.
func (p *passage) offset() int64 { return p.base + int64(p.next-p.start) }

// value passes over the next value and says where it lies. What is in it is not
// looked at: only strings and brackets are.
func (p *passage) value() (from, to int64, err error) {
	c, ok := p.space()
	if !ok {
		return 0, 0, p.over()
	}
	from = p.offset()
	switch c {
	case '{', '[':
		err = p.nested()
	case '"':
		err = p.text()
	case ',', ':', '}', ']':
		return 0, 0, p.at(from, fmt.Sprintf("not JSON: found %q where a value was expected", c))
	default:
		p.word()
	}
	return from, p.offset(), err
}

// nested passes over an object or a list.
func (p *passage) nested() error {
	depth := 0
	for {
		for p.next < len(p.kept) {
			switch p.kept[p.next] {
			case '"':
				if err := p.text(); err != nil {
					return err
				}
				continue
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					p.next++
					return nil
				}
			}
			p.next++
		}
		if !p.fill() {
			return p.over()
		}
	}
}

// text passes over a string.
func (p *passage) text() error {
	escaped := false
	p.next++
	for {
		for p.next < len(p.kept) {
			c := p.kept[p.next]
			p.next++
			switch {
			case escaped:
				escaped = false
			case c == '\\':
				escaped = true
			case c == '"':
				return nil
			}
		}
		if !p.fill() {
			return p.over()
		}
	}
}

// word passes over a number, true, false, null or what stands in their place.
func (p *passage) word() {
	for {
		for ; p.next < len(p.kept); p.next++ {
			switch p.kept[p.next] {
			case ' ', '\t', '\n', '\r', ',', ':', '}', ']', '{', '[', '"':
				return
			}
		}
		if !p.fill() {
			return
		}
	}
}

// pass forgets what lies before an offset.
func (p *passage) pass(to int64) {
	passed := p.kept[p.start : p.start+int(to-p.base)]
	if lines := bytes.Count(passed, []byte{'\n'}); lines > 0 {
		p.line += lines
		p.column = 1
		passed = passed[bytes.LastIndexByte(passed, '\n')+1:]
	}
	p.column += utf8.RuneCount(passed)
	p.start += int(to - p.base)
	p.base = to
}

// slice is the text between two offsets that have not been passed.
func (p *passage) slice(from, to int64) []byte {
	return p.kept[p.start+int(from-p.base) : p.start+int(to-p.base)]
}

// at is an error at an offset.
func (p *passage) at(offset int64, message string) *input.Error {
	return p.moved(p.base, input.At(p.kept[p.start:], int(offset-p.base), message))
}

// moved is an error of a part that begins at an offset as one of the whole.
func (p *passage) moved(from int64, e *input.Error) *input.Error {
	if e.Line == 0 {
		return e
	}
	line, column := p.line, p.column
	if from > p.base {
		first := input.At(p.kept[p.start:], int(from-p.base), "")
		if first.Line > 1 {
			column = 1
		}
		line += first.Line - 1
		column += first.Column - 1
	}
	if e.Line == 1 {
		column += e.Column - 1
	} else {
		column = e.Column
	}
	return &input.Error{Line: line + e.Line - 1, Column: column, Message: e.Message}
}
