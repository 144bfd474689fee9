package tuning

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"

	"ipamsim/internal/input"
	"ipamsim/scenarios"
	"ipamsim/sim/experiment"
	"ipamsim/sim/result"
)

// Store is a file that trials are written to as they are done, and that a search
// which was interrupted goes on with.
type Store struct {
	Had int // trials that were in the file

	head result.TrialHead
	had  []result.Trial
	file *os.File
	end  int64
	made bool // the file was not there before
	none bool // nothing was written
}

// Head says of which search trials are: rows of equal searches are equal, whoever
// made them.
func Head(base *scenarios.Expanded, version string) (result.TrialHead, error) {
	files, err := experiment.Inputs([]scenarios.Expanded{*base})
	return result.TrialHead{Version: version, Scenario: result.Scenario{Name: base.Scenario.Metadata.Name, Digest: base.Digest}, Files: files,
		Overrides: append([]string{}, base.Set...), Variant: base.Name}, err
}

// OpenStore opens the file of a search, which need not exist. The error is an
// *experiment.ForeignError when it holds something else.
func OpenStore(path string, head result.TrialHead) (*Store, error) {
	_, err := os.Stat(path)
	s := &Store{head: head, made: errors.Is(err, os.ErrNotExist), none: true}
	if s.file, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666); err != nil {
		return nil, err
	}
	if err := s.resume(path); err != nil {
		return nil, errors.Join(err, s.file.Close())
	}
	return s, nil
}

// resume reads what is there; half a row at the end is dropped.
func (s *Store) resume(path string) error {
	for row, err := range readTrials(path, s.file) {
		if err != nil {
			return err
		}
		if why := row.Search.Differs(&s.head); why != "" {
			return &experiment.ForeignError{Path: path, Line: row.line, Why: "this is a trial of another search; " + why}
		}
		s.had = append(s.had, row.Trial)
		s.end = row.end
	}
	s.Had = len(s.had)
	return s.file.Truncate(s.end)
}

// storedTrial is a trial and where it stands.
type storedTrial struct {
	result.StoredTrial
	line int
	end  int64
}

// readTrials reads trials one by one.
func readTrials(path string, r io.Reader) iter.Seq2[*storedTrial, error] {
	return func(yield func(*storedTrial, error) bool) {
		row := &storedTrial{}
		for line, err := range experiment.WholeLines(r) {
			row.line++
			row.end += int64(len(line))
			if err == nil {
				row.StoredTrial, err = result.ReadTrial(line)
			}
			if err != nil {
				yield(nil, &experiment.ForeignError{Path: path, Line: row.line, Why: message(err)})
				return
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

// message is what is wrong without its place, as a row is one line.
func message(err error) string {
	var wrong *input.Error
	if errors.As(err, &wrong) {
		return wrong.Message
	}
	return err.Error()
}

// write appends a trial.
func (s *Store) write(t *result.Trial) error {
	line, err := trialLine(&result.StoredTrial{SchemaVersion: result.TrialSchema, Search: s.head, Trial: *t})
	if err != nil {
		return err
	}
	n, err := s.file.WriteAt(line, s.end)
	s.end += int64(n)
	s.none, s.had = false, append(s.had, *t)
	return err
}

// trialLine is a trial as one line of JSON.
func trialLine(t *result.StoredTrial) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(t)
	return b.Bytes(), err
}

// Close makes sure that the trials are on the disk. A new file without any is
// removed.
func (s *Store) Close() error {
	if s.made && s.none {
		return errors.Join(s.file.Close(), os.Remove(s.file.Name()))
	}
	return errors.Join(s.file.Sync(), s.file.Close())
}

// IsStore says whether a file begins with a trial, not with the row of a sweep.
func IsStore(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	for line, err := range experiment.WholeLines(file) {
		var head struct {
			SchemaVersion string `json:"schema_version"`
		}
		return err == nil && json.Unmarshal(line, &head) == nil && head.SchemaVersion == result.TrialSchema
	}
	return false
}

// Merge puts the trials of several files together, each once, in the order in
// which they are there first.
func Merge(paths []string, w io.Writer) (trials int, err error) {
	known := map[string]string{} // what each trial came to
	var head *result.TrialHead
	for _, path := range paths {
		file, err := os.Open(path)
		if err != nil {
			return trials, err
		}
		for row, err := range readTrials(path, file) {
			if err != nil {
				file.Close()
				return trials, err
			}
			if head == nil {
				of := row.Search
				head = &of
			}
			foreign := func(why string) error {
				file.Close()
				return &experiment.ForeignError{Path: path, Line: row.line, Why: why}
			}
			if why := head.Differs(&row.Search); why != "" {
				return trials, foreign("this is a trial of another search than the first one; " + why)
			}
			line, err := trialLine(&row.StoredTrial)
			if err != nil {
				return trials, err
			}
			key := (&ask{row.Trial.Set, row.Trial.Seed, row.Trial.Replications}).key()
			if before, is := known[key]; is {
				if before != string(line) {
					return trials, foreign("this trial is there already, with other figures")
				}
				continue
			}
			known[key] = string(line)
			if _, err := w.Write(line); err != nil {
				file.Close()
				return trials, err
			}
			trials++
		}
		if err := file.Close(); err != nil {
			return trials, err
		}
	}
	if trials == 0 {
		return 0, fmt.Errorf("there is no trial in any of them")
	}
	return trials, nil
}
