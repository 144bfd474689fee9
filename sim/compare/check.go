package compare

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
)

// checkSchema is the version of a Check's JSON.
const checkSchema = "ipamsim.check/v1"

// Check is several scenarios, each compared with its baseline.
type Check struct {
	SchemaVersion string `json:"schema_version"`
	Version       string `json:"version"` // of the program
	// Comparisons are those with regressions first, else in the order that was asked
	// for.
	Comparisons []*Comparison `json:"comparisons"`
	NotCompared []Unchecked   `json:"not_compared"`
	Regressions int           `json:"regressions"` // of all comparisons
}

// Unchecked is a scenario that was not compared with its baseline.
type Unchecked struct {
	Name string `json:"name"` // of the file, as it was given
	Why  string `json:"why"`
}

// NewCheck puts comparisons together.
func NewCheck(version string, list []*Comparison, not []Unchecked) *Check {
	c := &Check{SchemaVersion: checkSchema, Version: version, Comparisons: append([]*Comparison{}, list...), NotCompared: append([]Unchecked{}, not...)}
	for _, each := range list {
		c.Regressions += each.Regressions
	}
	failed := func(c *Comparison) int { return min(c.Regressions, 1) }
	slices.SortStableFunc(c.Comparisons, func(a, b *Comparison) int { return cmp.Compare(failed(b), failed(a)) })
	return c
}

// Same says whether two baselines keep the same, whoever made them.
func (b *Baseline) Same(other *Baseline) bool {
	x, y := *b, *other
	x.Version = y.Version
	return bytes.Equal(x.text(), y.text())
}

func (b *Baseline) text() []byte {
	text, err := json.Marshal(b)
	if err != nil {
		panic(err) // its scenario was read as JSON
	}
	return text
}
