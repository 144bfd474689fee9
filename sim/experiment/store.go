package experiment

import (
	"errors"
	"fmt"
	"iter"

	"ipamsim/internal/jsonlines"
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

// OpenRows opens the file that the rows of a sweep's shard are written to as they
// come, and that a sweep which was interrupted goes on with. It need not exist. The
// error is a *jsonlines.ForeignError when it holds something else.
func OpenRows(path string, s *Sweep, shard Shard) (*jsonlines.File, error) {
	return jsonlines.Open(path, func(line jsonlines.Line) error {
		row, err := result.ReadRow(line.Text)
		if err != nil {
			return err
		}
		if why := row.Sweep.Differs(&s.Head); why != "" {
			return errors.New("this is a row of another sweep; " + why)
		}
		had := line.Number - 1
		if had >= shard.Rows(s.Head.Rows) {
			return fmt.Errorf("shard %v has %s, and this is one more", shard, words.Plural(had, "row"))
		}
		if want := shard.row(had); row.Row != want {
			return fmt.Errorf("row %d of the sweep, where shard %v has row %d", row.Row, shard, want)
		}
		return nil
	})
}
