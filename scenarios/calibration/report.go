package calibration

import (
	"embed"
	"io/fs"
	"reflect"

	"ipamsim/internal/schema"
	"ipamsim/scenarios/calibration/fit"
)

// version is the schema of a Report's JSON.
const version = "ipamsim.calibration/v1"

// Report is what was read, what was fitted and how well, and what was not.
type Report struct {
	Schema     string             `json:"schema_version"`
	Files      []FileReport       `json:"files"`
	Latencies  []LatencyReport    `json:"latencies"`
	Buckets    []BucketReport     `json:"buckets"`
	Background []BackgroundReport `json:"background"`
	Starts     []StartReport      `json:"starts"`
	Left       []Left             `json:"left"`  // what the files say nothing of, or not enough
	Notes      []string           `json:"notes"` // what is odd
}

// FileReport says what was taken from a file.
type FileReport struct {
	Path string   `json:"path"`
	Took []string `json:"took"`
	Note string   `json:"note,omitempty"`
}

// Interval is a value with the interval that has the truth in 95 of 100 cases; of a
// bucket, with its bounds. High is null where there is none.
type Interval struct {
	Value float64  `json:"value"`
	Low   float64  `json:"low"`
	High  *float64 `json:"high"`
}

// LatencyReport is a log-normal distribution of durations.
type LatencyReport struct {
	Key          string   `json:"key"`           // of the profile: ec2.latency.AttachNetworkInterface; or imagePull of an image, which is a workload's and in no profile
	Source       string   `json:"source"`        // what was observed
	Draws        int      `json:"draws"`         // how many durations
	Observations int      `json:"observations"`  // in how many independent pieces
	MeanSeconds  Interval `json:"mean_seconds"`  // in seconds
	Sigma        Interval `json:"sigma"`         // standard deviation of the logarithm
	MaxSeconds   float64  `json:"max_seconds"`   // the longest value kept
	Distance     float64  `json:"distance"`      // Kolmogorov's, of the observed and the fitted share, from 0 to 1
	Critical     float64  `json:"critical"`      // what it exceeds in 5 of 100 cases where the family is right
	Poor         bool     `json:"poor"`          // the distance exceeds it: the durations are not log-normal
	UsualSeconds *float64 `json:"usual_seconds"` // the model's mean; null where it has no single one
	Note         string   `json:"note,omitempty"`

	Fit    fit.LogNormal `json:"-"`
	Sums   []fit.Sum     `json:"-"` // that were observed, or
	Bounds []fit.Between `json:"-"`
}

// BucketReport is the token bucket of an action.
type BucketReport struct {
	Action       string   `json:"action"`
	Passed       int      `json:"passed"`      // requests
	Refused      int      `json:"refused"`     // requests
	Peak         int      `json:"peak"`        // most that passed in a second
	EmptyTimes   int      `json:"empty_times"` // times that it stayed empty for 5 s or more
	Refill       Interval `json:"refill_per_second"`
	Burst        Interval `json:"burst"`
	UsualRefill  float64  `json:"usual_refill_per_second"` // the model's
	UsualBurst   float64  `json:"usual_burst"`
	InProfile    bool     `json:"in_profile"`
	BurstIsUsual bool     `json:"burst_is_usual"` // nothing bounds the burst from above: the profile has the model's
}

// BackgroundReport is how often others call an action.
type BackgroundReport struct {
	Action  string   `json:"action"`
	Calls   int      `json:"calls"` // that passed
	Seconds float64  `json:"seconds"`
	Rate    Interval `json:"per_second"`
	Note    string   `json:"note,omitempty"`
}

// StartReport is how long starts took. They have several parts in the model, and no
// parameter stands for them: they are held against those of a simulated cluster.
type StartReport struct {
	Start     string          `json:"start"`     // of what, from when to when
	Observed  QuantileReport  `json:"observed"`  // as events and nodes have it
	Simulated *QuantileReport `json:"simulated"` // null where there was nothing to hold it against
	Distance  *float64        `json:"distance"`  // Kolmogorov's, of the observed and the simulated share, from 0 to 1
	Critical  *float64        `json:"critical"`  // what it exceeds in 5 of 100 cases where both are alike and starts do not hang on one another
	Differs   bool            `json:"differs"`   // the distance exceeds it

	observed, simulated []fit.Between
}

// Bounds are between what each start may have taken, observed and simulated.
func (r *StartReport) Bounds() (observed, simulated []fit.Between) { return r.observed, r.simulated }

// QuantileReport is what shares of starts took at most, in seconds. Low and high are what
// times of whole seconds leave open.
type QuantileReport struct {
	Starts int      `json:"starts"` // how many there are
	P50    Interval `json:"p50_seconds"`
	P90    Interval `json:"p90_seconds"`
	P99    Interval `json:"p99_seconds"`
}

// Left is a parameter that was not fitted.
type Left struct {
	Key string `json:"key"`
	Why string `json:"why"`
}

//go:embed report.go
var sources embed.FS

// Schema is the JSON Schema (2020-12) of a Report's JSON.
func Schema() []byte {
	root := reflect.TypeFor[Report]()
	return schema.Of(schema.Document{ID: "urn:ipamsim:calibration:v1", Title: "ipamsim calibrate", Root: root,
		Sources: map[string]fs.FS{root.PkgPath(): sources}})
}

func interval(e fit.Estimate) Interval {
	i := Interval{Value: rounded(e.Value), Low: rounded(e.Low)}
	if e.High < 1e12 {
		high := rounded(e.High)
		i.High = &high
	}
	return i
}
