package experiment

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"

	"ipamsim/internal/words"
	"ipamsim/sim/result"
)

// Rows are rows of a sweep that are read one by one, in their order, as often as
// wanted.
type Rows interface {
	// Lines are the rows as JSON, each with its line's end. What it yields is
	// valid until the next one.
	Lines() iter.Seq2[[]byte, error]
}

// Read reads rows.
func Read(r Rows) iter.Seq2[*result.Row, error] {
	return func(yield func(*result.Row, error) bool) {
		for line, err := range r.Lines() {
			var row *result.Row
			if err == nil {
				row, err = result.ReadRow(line)
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}

// mostLine is how long a row may be, in bytes.
const mostLine = 64 << 20

// Store is a file that the rows of a shard are written to as they come, and that
// goes on where it has ended: a half row at its end, of whoever was interrupted
// while writing it, is dropped.
type Store struct {
	Rows int // that it has

	file *os.File
	temp bool  // it is removed when it is closed
	made bool  // it was not there before
	end  int64 // of the whole rows
}

// ForeignError is a file that holds something else than what it is read for: the
// rows of a sweep and shard, the trials of a search.
type ForeignError struct {
	Path string
	Line int // from 1
	Why  string
}

// Error names the file, the line, and what is wrong.
func (e *ForeignError) Error() string { return fmt.Sprintf("%s:%d: %s", e.Path, e.Line, e.Why) }

// OpenStore opens the file of a sweep's shard, which need not exist. The error is
// a *ForeignError when it holds something else.
func OpenStore(path string, s *Sweep, shard Shard) (*Store, error) {
	_, err := os.Stat(path)
	made := errors.Is(err, os.ErrNotExist)
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	store := &Store{file: file, made: made}
	if err := store.resume(path, s, shard); err != nil {
		file.Close()
		return nil, err
	}
	return store, nil
}

// TempStore is a store that nobody sees.
func TempStore() (*Store, error) {
	file, err := os.CreateTemp("", "ipamsim-rows-*.jsonl")
	if err != nil {
		return nil, err
	}
	return &Store{file: file, temp: true}, nil
}

// resume finds where the file ends.
func (t *Store) resume(path string, s *Sweep, shard Shard) error {
	for line, err := range t.Lines() {
		foreign := func(why string) error { return &ForeignError{path, t.Rows + 1, why} }
		if err != nil {
			return err
		}
		row, err := result.ReadRow(line)
		if err != nil {
			return foreign(err.Error())
		}
		if why := row.Sweep.Differs(&s.Head); why != "" {
			return foreign("this is a row of another sweep; " + why)
		}
		if t.Rows >= shard.Rows(s.Head.Rows) {
			return foreign(fmt.Sprintf("shard %v has %s, and this is one more", shard, words.Plural(t.Rows, "row")))
		}
		if want := shard.row(t.Rows); row.Row != want {
			return foreign(fmt.Sprintf("row %d of the sweep, where shard %v has row %d", row.Row, shard, want))
		}
		t.Rows++
	}
	if info, err := t.file.Stat(); err != nil {
		return err
	} else if info.Size() == t.end {
		return nil
	}
	return t.file.Truncate(t.end)
}

// Write appends a whole row.
func (t *Store) Write(line []byte) (int, error) {
	n, err := t.file.WriteAt(line, t.end)
	if err == nil {
		t.end += int64(n)
		t.Rows++
	}
	return n, err
}

// Lines implements Rows.
func (t *Store) Lines() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		end := int64(0)
		for line, err := range WholeLines(io.NewSectionReader(t.file, 0, 1<<62)) {
			end += int64(len(line))
			if t.end < end {
				t.end = end
			}
			if !yield(line, err) || err != nil {
				return
			}
		}
	}
}

// WholeLines are the lines of a file that have an end, each valid until the next.
func WholeLines(r io.Reader) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		in := bufio.NewReaderSize(r, 1<<16)
		var long []byte
		for {
			part, err := in.ReadSlice('\n')
			switch {
			case errors.Is(err, bufio.ErrBufferFull):
				if long = append(long, part...); len(long) > mostLine {
					yield(nil, fmt.Errorf("a line of more than %d MiB", mostLine>>20))
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

// Forget removes the file when it is closed, if it was not there before.
func (t *Store) Forget() { t.temp = t.temp || t.made }

// Close makes sure that the rows are on the disk, and removes a file that nobody
// sees.
func (t *Store) Close() error {
	if t.temp {
		return errors.Join(t.file.Close(), os.Remove(t.file.Name()))
	}
	return errors.Join(t.file.Sync(), t.file.Close())
}

// readInto copies a file.
func readInto(w io.Writer, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.Copy(w, file)
	return err
}
