package result

import (
	"errors"
	"fmt"

	"ipamsim/internal/input"
)

// TrialSchema is the version of a StoredTrial's JSON.
const TrialSchema = "ipamsim.trial/v1"

// StoredTrial is a trial in a file, with the search that it is of.
type StoredTrial struct {
	SchemaVersion string    `json:"schema_version"`
	Search        TrialHead `json:"search"`
	Trial         Trial     `json:"trial"`
}

// TrialHead is what all trials of one search have in common.
type TrialHead struct {
	Version   string   `json:"version"` // of the program
	Scenario  Scenario `json:"scenario"`
	Files     []Input  `json:"files"`     // that the scenario reads
	Overrides []string `json:"overrides"` // as --set takes them
	Variant   string   `json:"variant"`
}

// Differs says in words what keeps two searches from being one, or nothing.
func (h *TrialHead) Differs(other *TrialHead) string {
	as := func(h *TrialHead) *Sweep {
		return &Sweep{Version: h.Version, Scenario: h.Scenario, Files: h.Files, Overrides: h.Overrides, Variants: []string{h.Variant}}
	}
	return as(h).Differs(as(other))
}

// ReadTrial reads a line of stored trials.
func ReadTrial(line []byte) (t StoredTrial, err error) {
	var head struct {
		SchemaVersion string `json:"schema_version"`
	}
	if err := input.DecodeJSON(line, &head); err != nil {
		return t, fmt.Errorf("no trial of a search: %s", message(err))
	}
	if head.SchemaVersion != TrialSchema {
		return t, errors.New("schema_version is " + quote(head.SchemaVersion) + ", expected " + quote(TrialSchema))
	}
	if err := input.DecodeJSON(line, &t); err != nil {
		return t, fmt.Errorf("no trial of a search: %s", message(err))
	}
	return t, t.Trial.check()
}

// check says what is wrong with a trial that was read, and everybody who works
// with trials relies upon.
func (t *Trial) check() error {
	switch {
	case t.Replications < 1:
		return fmt.Errorf("replications is %d", t.Replications)
	case !t.Unfinished && len(t.Worlds) != t.Replications:
		return fmt.Errorf("%d worlds of %d replications", len(t.Worlds), t.Replications)
	}
	for i := range t.Thresholds {
		if _, err := ParseCondition(t.Thresholds[i].Expression); err != nil {
			return fmt.Errorf("thresholds: %w", err)
		}
	}
	return nil
}
