// Package jsonlines keeps documents as lines of JSON in a file that is written
// one by one, and that goes on where it has ended.
package jsonlines

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
)

// longest is how long a line may be, in bytes: our choice, far more than any
// document of ours takes.
const longest = 64 << 20

// Line is one line of a file, with its end.
type Line struct {
	Text   []byte // valid until the next one
	Number int    // from 1
	Offset int64  // in the file, in bytes
}

// ForeignError is a file that holds something else than what it is read for.
type ForeignError struct {
	Path string
	Line int // from 1; 0 where it is about the file
	Why  string
}

// Error names the file, the line, and what is wrong.
func (e *ForeignError) Error() string {
	if e.Line == 0 {
		return e.Path + ": " + e.Why
	}
	return fmt.Sprintf("%s:%d: %s", e.Path, e.Line, e.Why)
}

// errLong is the one error of whole that is the file's fault and not the machine's.
var errLong = fmt.Errorf("a line of more than %d MiB", longest>>20)

// Read hands the whole lines of a file on, and says where the last one ends, in
// bytes: what comes after it was being written when somebody was interrupted. What
// take does not like is a *ForeignError.
func Read(path string, take func(Line) error) (end int64, err error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	return read(path, file, take)
}

func read(path string, r io.Reader, take func(Line) error) (end int64, err error) {
	n := 0
	for text, err := range whole(r) {
		n++
		switch {
		case err == nil:
			err = take(Line{text, n, end})
		case err != errLong:
			return end, err
		}
		if err != nil {
			return end, &ForeignError{path, n, err.Error()}
		}
		end += int64(len(text))
	}
	return end, nil
}

// First is the first line of a file; none is not there where the file is empty, is
// no file of lines, or cannot be read.
func First(path string) (text []byte, is bool) {
	file, err := os.Open(path)
	if err != nil {
		return nil, false
	}
	defer file.Close()
	for text, err := range whole(file) {
		return text, err == nil
	}
	return nil, false
}

// File is a file of lines that somebody writes.
type File struct {
	Had   int // lines that it had when it was opened
	Count int // lines that it has

	file  *os.File
	end   int64 // of the whole lines
	none  bool  // it is removed when it is closed
	fresh bool  // it was not there before
}

// Open opens a file, which need not be there, and hands on what it has. What comes
// after the last whole line is dropped. The error is a *ForeignError, and the file
// is as it was, when take does not like a line; and when it is no regular file, as
// what was written to that cannot be read again.
func Open(path string, take func(Line) error) (*File, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		return nil, &ForeignError{Path: path, Why: "no regular file"}
	}
	f := &File{fresh: errors.Is(err, os.ErrNotExist)}
	if f.file, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666); err != nil {
		return nil, err
	}
	f.end, err = read(path, f.file, func(l Line) error {
		f.Had, f.Count = l.Number, l.Number
		return take(l)
	})
	if err == nil {
		err = f.cut()
	}
	if err != nil {
		return nil, errors.Join(err, f.file.Close())
	}
	return f, nil
}

// cut drops what comes after the whole lines.
func (f *File) cut() error {
	if info, err := f.file.Stat(); err != nil || info.Size() == f.end {
		return err
	}
	return f.file.Truncate(f.end)
}

// Temp is a file that nobody sees; it is removed when it is closed.
func Temp() (*File, error) {
	file, err := os.CreateTemp("", "ipamsim-*.jsonl")
	if err != nil {
		return nil, err
	}
	return &File{file: file, none: true}, nil
}

// Write appends a line, which has its end.
func (f *File) Write(line []byte) (int, error) {
	n, err := f.file.WriteAt(line, f.end)
	if err == nil {
		f.end += int64(n)
		f.Count++
	}
	return n, err
}

// Lines are the lines that the file has, as often as wanted. What it yields is
// valid until the next one.
func (f *File) Lines() iter.Seq2[[]byte, error] {
	return whole(io.NewSectionReader(f.file, 0, f.end))
}

// Forget removes the file when it is closed, if it was not there before.
func (f *File) Forget() { f.none = f.none || f.fresh }

// Close makes sure that the lines are on the disk.
func (f *File) Close() error {
	if f.none {
		return errors.Join(f.file.Close(), os.Remove(f.file.Name()))
	}
	return errors.Join(f.file.Sync(), f.file.Close())
}

// whole are the lines that have an end, each valid until the next.
func whole(r io.Reader) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		in := bufio.NewReaderSize(r, 1<<16)
		var long []byte
		for {
			part, err := in.ReadSlice('\n')
			switch {
			case errors.Is(err, bufio.ErrBufferFull):
				if long = append(long, part...); len(long) > longest {
					yield(nil, errLong)
					return
				}
				continue
			case err == io.EOF:
				return
			case err != nil:
				yield(nil, err)
				return
			}
			if len(long) > 0 {
				part = append(long, part...)
				long = long[:0]
			}
			if !yield(part, nil) {
				return
			}
		}
	}
}
