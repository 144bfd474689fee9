package clusterimport

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
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
