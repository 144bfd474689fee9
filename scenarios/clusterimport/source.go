package clusterimport

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"ipamsim/internal/input"
)

// Source is one thing that somebody hands in.
type Source struct {
	Name    string // as messages call it
	Reader  io.Reader
	Related bool // found in a folder: what is not about a cluster there is passed over
}

// Bounds of one source. `kubectl get pods -o json` prints 5 to 10 KiB a pod: the
// first holds 100,000 of them.
const (
	mostText  = 1 << 30  // bytes, unpacked
	mostValue = 64 << 20 // bytes of one object
	mostYAML  = 32 << 20 // bytes of a YAML file, which is held whole, at many times its size
)

// packed are the first bytes of what has to be unpacked first.
var packed = []struct{ magic, what string }{
	{"PK\x03\x04", "a zip archive"}, {"BZh", "packed with bzip2"}, {"\xfd7zXZ\x00", "packed with xz"}, {"\x28\xb5\x2f\xfd", "packed with zstd"},
}

// opened is a source as UTF-8, whatever it came as: unpacked if it is gzip, and
// without a byte order mark.
func opened(r io.Reader) (*bufio.Reader, error) {
	b := bufio.NewReaderSize(r, 64<<10)
	head, _ := b.Peek(6)
	if bytes.HasPrefix(head, []byte{0x1f, 0x8b}) {
		unpacked, err := gzip.NewReader(b)
		if err != nil {
			return nil, &input.Error{Message: "gzip that cannot be unpacked: " + err.Error()}
		}
		b = bufio.NewReaderSize(gzipReader{unpacked}, 64<<10)
		if head, err = b.Peek(6); err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		if bytes.HasPrefix(head, []byte{0x1f, 0x8b}) {
			return nil, &input.Error{Message: "packed with gzip twice: unpack it once"}
		}
	}
	for _, p := range packed {
		if bytes.HasPrefix(head, []byte(p.magic)) {
			return nil, &input.Error{Message: p.what + ": unpack it first; gzip is read as it is"}
		}
	}
	switch {
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), len(head) > 3 && head[0] != 0 && head[1] == 0 && head[3] == 0:
		return bufio.NewReaderSize(&utf16Reader{r: b}, 64<<10), nil
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}), len(head) > 3 && head[0] == 0 && head[1] != 0 && head[2] == 0:
		return bufio.NewReaderSize(&utf16Reader{r: b, big: true}, 64<<10), nil
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		b.Discard(3)
	}
	return b, nil
}

// gzipReader says of what is wrong with the packing that it is that.
type gzipReader struct{ r io.Reader }

func (g gzipReader) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = &input.Error{Message: "the packed text ends in the middle: the file was cut short"}
	case err != nil && !errors.Is(err, io.EOF):
		err = &input.Error{Message: "gzip that cannot be unpacked: " + err.Error()}
	}
	return n, err
}

// utf16Reader makes UTF-8 of UTF-16, which PowerShell's > writes.
type utf16Reader struct {
	r    *bufio.Reader
	big  bool
	late bool // the byte order mark has been passed
	out  []byte
	err  error
}

func (u *utf16Reader) Read(p []byte) (int, error) {
	for len(u.out) == 0 && u.err == nil {
		u.fill()
	}
	n := copy(p, u.out)
	u.out = u.out[n:]
	if n == 0 {
		return 0, u.err
	}
	return n, nil
}

// fill reads some characters.
func (u *utf16Reader) fill() {
	u.out = u.out[:0]
	for range 4096 {
		r, err := u.unit()
		if err != nil {
			u.err = err
			return
		}
		if utf16.IsSurrogate(r) {
			low, err := u.unit()
			if err != nil {
				u.err = err
				return
			}
			r = utf16.DecodeRune(r, low)
		}
		if r == 0xfeff && !u.late {
			u.late = true
			continue
		}
		u.late = true
		u.out = utf8.AppendRune(u.out, r)
	}
}

func (u *utf16Reader) unit() (rune, error) {
	low, err := u.r.ReadByte()
	if err != nil {
		return 0, err
	}
	high, err := u.r.ReadByte()
	switch {
	case errors.Is(err, io.EOF):
		return 0, &input.Error{Message: "UTF-16 with an odd number of bytes: the file was cut short"}
	case err != nil:
		return 0, err
	case u.big:
		low, high = high, low
	}
	return rune(high)<<8 | rune(low), nil
}

// passage is a text that is read on, with the place of what has not been passed.
type passage struct {
	r            io.Reader
	kept         []byte // what was read and not passed, from start on
	start        int
	base         int64 // offset of the first kept byte
	line, column int   // its place
}

// Read implements io.Reader.
func (p *passage) Read(into []byte) (int, error) {
	switch n := len(p.kept) - p.start; {
	case n > mostValue:
		return 0, p.at(p.base, fmt.Sprintf("one value of more than %d MiB begins here, the most that one may have", mostValue>>20))
	case p.base+int64(n) > mostText:
		return 0, &input.Error{Message: fmt.Sprintf("more than %d MiB of text, the most that a file may have", mostText>>20)}
	}
	n, err := p.r.Read(into)
	if p.start > 1<<16 && p.start > len(p.kept)/2 {
		p.kept = append(p.kept[:0], p.kept[p.start:]...)
		p.start = 0
	}
	p.kept = append(p.kept, into[:n]...)
	return n, err
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

// end is the offset behind what was read.
func (p *passage) end() int64 { return p.base + int64(len(p.kept)-p.start) }

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
