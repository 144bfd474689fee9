package jsonlines

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	_ "ipamsim/internal/properties"
)

// all takes every line.
func all(Line) error { return nil }

func lines(t interface{ Fatal(...any) }, f *File) (list []string) {
	for line, err := range f.Lines() {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, string(line))
	}
	return list
}

// Wherever a file was cut off, it goes on after its last whole line, and what is
// read of it is what was written.
func TestAFileGoesOnAfterItsLastWholeLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lines")
	rapid.Check(t, func(t *rapid.T) {
		written := rapid.SliceOfN(rapid.StringMatching("[a-z]{0,6}\n"), 0, 9).Draw(t, "written")
		text := []byte(strings.Join(written, ""))
		text = text[:rapid.IntRange(0, len(text)).Draw(t, "cut")]
		if err := os.WriteFile(path, text, 0o666); err != nil {
			t.Fatal(err)
		}
		whole := bytes.Count(text, []byte{'\n'})
		offset := int64(0)
		f, err := Open(path, func(l Line) error {
			if string(l.Text) != written[l.Number-1] || l.Offset != offset {
				t.Errorf("line %d at %d is %q", l.Number, l.Offset, l.Text)
			}
			offset += int64(len(l.Text))
			return nil
		})
		if err != nil || f.Had != whole {
			t.Fatalf("it has %d lines of %d, %v", f.Had, whole, err)
		}
		for _, line := range written[whole:] {
			if _, err := f.Write([]byte(line)); err != nil {
				t.Fatal(err)
			}
		}
		if got := lines(t, f); !slices.Equal(got, written) && len(written) > 0 || f.Count != len(written) {
			t.Fatalf("%d lines: %q", f.Count, got)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != strings.Join(written, "") {
			t.Fatalf("%q, %v", got, err)
		}
	})
}

// A file that holds something else is left as it is, half lines and all.
func TestAForeignFileIsLeftAsItIs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lines")
	const text = "one\ntwo\nthr"
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	_, err := Open(path, func(l Line) error {
		if l.Number == 2 {
			return errors.New("no line of mine")
		}
		return nil
	})
	var foreign *ForeignError
	if !errors.As(err, &foreign) || err.Error() != path+":2: no line of mine" {
		t.Errorf("%v", err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != text {
		t.Errorf("%q, %v", got, err)
	}
	for _, other := range []string{t.TempDir(), os.DevNull} {
		if _, err := Open(other, all); !errors.As(err, &foreign) {
			t.Errorf("%s: %v", other, err)
		}
	}
}

// A new file that is forgotten is not there afterwards; an old one is.
func TestOnlyANewFileIsForgotten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lines")
	for _, stays := range []bool{false, true} {
		if stays {
			if err := os.WriteFile(path, []byte("one\n"), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		f, err := Open(path, all)
		if err != nil {
			t.Fatal(err)
		}
		f.Forget()
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(path); (err == nil) != stays {
			t.Errorf("%v, stays: %v", err, stays)
		}
	}
	f, err := Temp()
	if err != nil {
		t.Fatal(err)
	}
	name := f.file.Name()
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(name); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s: %v", name, err)
	}
}

// endless is a line that does not end.
type endless struct{ read int }

func (e *endless) Read(b []byte) (int, error) {
	e.read += len(b)
	for i := range b {
		b[i] = 'x'
	}
	return len(b), nil
}

func TestALineHasAnEnd(t *testing.T) {
	e := &endless{}
	_, err := read("endless", e, all)
	var foreign *ForeignError
	if !errors.As(err, &foreign) || e.read > longest+1<<20 {
		t.Errorf("%v after %d bytes", err, e.read)
	}
}

// A machine's failure is not taken for a foreign file.
func TestAFailureToReadIsNoForeignFile(t *testing.T) {
	broken := errors.New("input/output error")
	_, err := read("file", failing{broken}, all)
	var foreign *ForeignError
	if !errors.Is(err, broken) || errors.As(err, &foreign) {
		t.Errorf("%v", err)
	}
}

type failing struct{ error }

func (f failing) Read([]byte) (int, error) { return 0, f.error }
