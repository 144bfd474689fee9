package sensitivity

import (
	"ipamsim/sim/result"
)

// schemaVersion is the version of Analysis' JSON.
const schemaVersion = "ipamsim.sensitivity/v1"

// Analysis is what moving the assumptions did to an answer. Numbers of the metric
// are in its unit; null where that share of the pods never started, or nothing was
// observed.
type Analysis struct {
	SchemaVersion string          `json:"schema_version"`
	Version       string          `json:"version,omitempty"`
	Scenario      result.Scenario `json:"scenario"`
	Overrides     []string        `json:"overrides"`
	Seed          uint64          `json:"seed"`
	Replications  int             `json:"replications"`
	Metric        string          `json:"metric"`
	Unit          string          `json:"unit"`
	Variant       string          `json:"variant"` // whose metric the parameters move
	Usual         *float64        `json:"usual"`   // the metric as the file has it
	Runs          int             `json:"runs"`
	Trajectories  int             `json:"trajectories"`
	Parameters    []Parameter     `json:"parameters"` // what decides most comes first
	Left          []Left          `json:"left"`
	Conclusions   []Conclusion    `json:"conclusions"`
}

// Parameter is an assumption, and what the metric is at the ends of its range with
// all others as the file has them.
type Parameter struct {
	Name   string   `json:"name"`
	Means  string   `json:"means"`
	From   string   `json:"from"` // the range, in words
	To     string   `json:"to"`
	Source string   `json:"source"`
	Low    *float64 `json:"low"`    // the metric at the range's lower end
	High   *float64 `json:"high"`   // and at its upper end
	Effect *float64 `json:"effect"` // the metric's largest change from the usual one, up or down; null where it is infinite
	// MeanEffect is Morris' mu*, the mean of how much the metric changes, up or
	// down, over the whole range, with the others anywhere; Spread is his sigma:
	// large beside the mean where the effect hangs on the others. Null without
	// trajectories, and where the metric was infinite or not observed in any.
	MeanEffect *float64 `json:"mean_effect"`
	Spread     *float64 `json:"spread"`
}

// Left is an assumption that was not moved.
type Left struct {
	Name string `json:"name"`
	Why  string `json:"why"`
}

// Conclusion is a sentence that the usual run bears out, and whether it does
// wherever the assumptions were moved to.
type Conclusion struct {
	Text     string   `json:"text"`
	Survives bool     `json:"survives"`
	Runs     int      `json:"runs"`      // in which it was asked
	Broken   int      `json:"broken"`    // of these
	BrokenBy []string `json:"broken_by"` // parameters that do it alone; empty where only several together do
}
