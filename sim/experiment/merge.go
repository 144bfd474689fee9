package experiment

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"

	"ipamsim/internal/jsonlines"
	"ipamsim/internal/words"
	"ipamsim/sim/result"
)

// Merged are the rows of several files, which together have each row of a sweep
// once. It holds no row in memory, but the place of each.
type Merged struct {
	Head   result.Sweep
	paths  []string
	places []place // by row
	open   map[int]*os.File
}

// place is where a row is.
type place struct {
	file   int32 // from 1; 0 is nowhere
	length int32
	offset int64
}

// mostOpen is how many files are open at a time: a quarter of the limit that
// Linux gives a process unless told otherwise, 1,024.
const mostOpen = 256

// Merge reads where the rows of the shards are. It wants every row of one sweep,
// each once; the error is a *jsonlines.ForeignError or a *ShardsError when they are not.
func Merge(paths []string) (*Merged, error) {
	m := &Merged{open: map[int]*os.File{}}
	for i, path := range paths {
		if err := m.read(i, path); err != nil {
			return nil, err
		}
	}
	if m.Head.Rows == 0 {
		return nil, &ShardsError{"there is no row in " + words.And(paths[:min(len(paths), 3)])}
	}
	return m, m.missing()
}

// ShardsError is what is wrong with the shards together.
type ShardsError struct{ Why string }

// Error says it.
func (e *ShardsError) Error() string { return e.Why }

// read enters the rows of a file.
func (m *Merged) read(i int, path string) error {
	rows := 0
	end, err := jsonlines.Read(path, func(line jsonlines.Line) error {
		rows = line.Number
		row, err := result.ReadRow(line.Text)
		if err != nil {
			return err
		}
		return m.enter(row, place{int32(i + 1), int32(len(line.Text)), line.Offset}, path)
	})
	if err != nil {
		return err
	}
	m.paths = append(m.paths, path)
	info, err := os.Stat(path)
	if err == nil && info.Mode().IsRegular() && info.Size() > end {
		return &jsonlines.ForeignError{Path: path, Line: rows + 1, Why: "the file ends in the middle of a row: its sweep was interrupted; run it again, and it goes on there"}
	}
	return err
}

// enter notes where a row is.
func (m *Merged) enter(row *result.Row, at place, path string) error {
	if m.Head.Rows == 0 {
		m.Head, m.places = row.Sweep, make([]place, row.Sweep.Rows)
	}
	if why := m.Head.Differs(&row.Sweep); why != "" {
		return errors.New("this is a row of another sweep than the first one; " + why)
	}
	before := &m.places[row.Row]
	if before.file != 0 {
		where := path
		if int(before.file) <= len(m.paths) {
			where = m.paths[before.file-1]
		}
		return fmt.Errorf("row %d is in %s already: is a shard there twice?", row.Row, where)
	}
	*before = at
	m.Head.Learn(row)
	return nil
}

// missing says which rows are nowhere, and if it can which shards.
func (m *Merged) missing() error {
	var none []int
	for row, p := range m.places {
		if p.file == 0 {
			none = append(none, row)
		}
	}
	if len(none) == 0 {
		return nil
	}
	text := fmt.Sprintf("%d of %s are in none of the files: %s", len(none), words.Plural(len(m.places), "row"), someRows(none))
	if shards := wholeShards(none, len(m.places), len(m.paths)); shards != "" {
		text += "; that is " + shards
	}
	return &ShardsError{text}
}

func someRows(rows []int) string {
	const most = 8
	var list []string
	for _, r := range rows[:min(len(rows), most)] {
		list = append(list, fmt.Sprint(r))
	}
	if len(rows) > most {
		return strings.Join(list, ", ") + ", …"
	}
	return words.And(list)
}

// mostMissing is how many missing shards are guessed at most.
const mostMissing = 64

// wholeShards names the shards that the missing rows are, if they are shards of a
// sweep in as many as there are files and some more.
func wholeShards(none []int, rows, files int) string {
	for lost := 1; lost <= mostMissing; lost++ {
		var list []string
		of, left := files+lost, len(none)
		for i := range none {
			s := Shard{none[i], of}
			if none[i] >= of {
				break
			}
			left -= s.Rows(rows)
			list = append(list, "shard "+s.String())
		}
		if len(list) == lost && left == 0 && inShards(none, list, of) {
			return words.And(list)
		}
	}
	return ""
}

// inShards says whether every row is one of a shard.
func inShards(rows []int, shards []string, of int) bool {
	for _, r := range rows {
		found := false
		for _, s := range shards {
			found = found || s == "shard "+(Shard{r % of, of}).String()
		}
		if !found {
			return false
		}
	}
	return true
}

// Lines implements Rows.
func (m *Merged) Lines() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		var line []byte
		for _, p := range m.places {
			line = append(line[:0], make([]byte, p.length)...)
			if !yield(line, m.readAt(p, line)) {
				return
			}
		}
	}
}

func (m *Merged) readAt(p place, line []byte) error {
	file := m.open[int(p.file)]
	if file == nil {
		var err error
		if file, err = os.Open(m.paths[p.file-1]); err != nil {
			return err
		}
		if len(m.open) < mostOpen {
			m.open[int(p.file)] = file
		} else {
			defer file.Close()
		}
	}
	_, err := file.ReadAt(line, p.offset)
	if err == io.EOF {
		return fmt.Errorf("%s has become shorter", m.paths[p.file-1])
	}
	return err
}

// Close closes the files.
func (m *Merged) Close() (err error) {
	for _, file := range m.open { // any order: each is closed
		err = errors.Join(err, file.Close())
	}
	return err
}
