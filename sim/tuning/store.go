package tuning

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"

	"ipamsim/internal/jsonlines"
	"ipamsim/scenarios"
	"ipamsim/sim/experiment"
	"ipamsim/sim/result"
)

// Store is a file that trials are written to as they are done, and that a search
// which was interrupted goes on with.
type Store struct {
	*jsonlines.File
	head result.TrialHead
	had  []result.Trial
}

// Head says of which search trials are: rows of equal searches are equal, whoever
// made them.
func Head(base *scenarios.Expanded, version string) (result.TrialHead, error) {
	files, err := experiment.Inputs([]scenarios.Expanded{*base})
	return result.TrialHead{Version: version, Scenario: result.Scenario{Name: base.Scenario.Metadata.Name, Digest: base.Digest}, Files: files,
		Overrides: append([]string{}, base.Set...), Variant: base.Name}, err
}

// OpenStore opens the file of a search, which need not exist. The error is a
// *jsonlines.ForeignError when it holds something else.
func OpenStore(path string, head result.TrialHead) (*Store, error) {
	s := &Store{head: head}
	var err error
	s.File, err = jsonlines.Open(path, func(line jsonlines.Line) error {
		row, err := result.ReadTrial(line.Text)
		if err != nil {
			return err
		}
		if why := row.Search.Differs(&s.head); why != "" {
			return errors.New("this is a trial of another search; " + why)
		}
		s.had = append(s.had, row.Trial)
		return nil
	})
	return s, err
}

// write appends a trial.
func (s *Store) write(t *result.Trial) error {
	line, err := trialLine(&result.StoredTrial{SchemaVersion: result.TrialSchema, Search: s.head, Trial: *t})
	if err == nil {
		_, err = s.Write(line)
	}
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
	if s.Count == 0 {
		s.Forget()
	}
	return s.File.Close()
}

// IsStore says whether a file begins with a trial, not with the row of a sweep.
func IsStore(path string) bool {
	line, is := jsonlines.First(path)
	var head struct {
		SchemaVersion string `json:"schema_version"`
	}
	return is && json.Unmarshal(line, &head) == nil && head.SchemaVersion == result.TrialSchema
}

// Merge puts the trials of several files together, each once, in the order in
// which they are there first. The error is a *jsonlines.ForeignError when a file
// holds something else, or the trials of another search.
func Merge(paths []string, w io.Writer) (trials int, err error) {
	m := merging{w: w, known: map[string]string{}}
	for _, path := range paths {
		_, err := jsonlines.Read(path, m.add)
		if err = cmp.Or(m.failed, err); err != nil {
			return m.trials, err
		}
	}
	if m.trials == 0 {
		return 0, errors.New("there is no trial in any of them")
	}
	return m.trials, nil
}

// merging is what is known of the files that were read.
type merging struct {
	w      io.Writer
	head   *result.TrialHead
	known  map[string]string // what each trial came to
	trials int
	failed error // to write
}

// add writes a trial, unless it is there.
func (m *merging) add(line jsonlines.Line) error {
	row, err := result.ReadTrial(line.Text)
	if err != nil {
		return err
	}
	if m.head == nil {
		m.head = &row.Search
	}
	if why := m.head.Differs(&row.Search); why != "" {
		return errors.New("this is a trial of another search than the first one; " + why)
	}
	text, err := trialLine(&row)
	if err != nil {
		return err
	}
	key := (&ask{row.Trial.Set, row.Trial.Seed, row.Trial.Replications}).key()
	if before, is := m.known[key]; is {
		if before != string(text) {
			return errors.New("this trial is there already, with other figures")
		}
		return nil
	}
	m.known[key] = string(text)
	m.trials++
	_, m.failed = m.w.Write(text)
	return m.failed
}
