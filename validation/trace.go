package validation

import (
	"bytes"
	"encoding/json"
	"fmt"
	"ipamsim/sim/ipamd"
	"slices"
	"strconv"
	"strings"
)

// traceFormat is the only version of the trace file that is understood.
const traceFormat = "vpccni-oracle-trace/1"

// Trace is one file: a scenario and what the real daemon did with it. Times
// are milliseconds since the start of nodeInit, rounded to the nearest.
type Trace struct {
	Format   string   `json:"format"`
	Upstream Upstream `json:"upstream"`
	Scenario Scenario `json:"scenario"`

	Runs        int             `json:"runs"`         // with Go's own map order
	LegalRuns   int             `json:"legal_runs"`   // those and the ones with uniform, ascending and descending order
	Stable      bool            `json:"stable"`       // the calls are equal in every legal run
	FullyStable bool            `json:"fully_stable"` // everything is
	Stability   map[string]bool `json:"stability"`    // per projection
	Distinct    map[string]int  `json:"distinct"`     // how many different outcomes each projection had

	CallCounts     map[string]bounds `json:"call_counts"`
	CallErrors     map[string]bounds `json:"call_errors"` // by "operation/code"
	AddressesMoved map[string]bounds `json:"addresses_moved"`
	AddsOK         bounds            `json:"adds_ok"`
	Final          FinalRanges       `json:"final"`

	Recording // one real run, the one with the most frequent list of calls

	Variants      *Variants      `json:"variants,omitempty"`
	Distributions *Distributions `json:"distributions,omitempty"`
	Envelope      []EnvelopeRow  `json:"envelope,omitempty"`
	Ordered       *Ordered       `json:"ordered,omitempty"`

	// Unknown is a key of the file that this replay does not know, if any.
	Unknown string `json:"-"`
}

// Upstream says which source was recorded.
type Upstream struct {
	Repo    string `json:"repo"`
	Version string `json:"version"`
	Commit  string `json:"commit"`
}

// Recording is what one run did.
type Recording struct {
	InitDoneMS int64   `json:"init_done_ms"`
	InitError  *string `json:"init_error"` // nodeInit failed and nothing more happens
	Calls      []Call  `json:"calls"`
	Stats      []Stat  `json:"stats"`
	Adds       []Pod   `json:"adds"`
	Dels       []Pod   `json:"dels"`
}

// ordinal names an ENI by its place in the order of creation; 0 is the
// primary ENI. It is never reused.
type ordinal int

// noENI is the ordinal of a call that is not about one ENI, and JSON's null.
const noENI ordinal = -1

// UnmarshalJSON reads a number or null.
func (o *ordinal) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, []byte("null")) {
		*o = noENI
		return nil
	}
	n, err := strconv.Atoi(string(b))
	if err != nil || n < 0 {
		return fmt.Errorf("%s is not the ordinal of an ENI", b)
	}
	*o = ordinal(n)
	return nil
}

// MarshalJSON writes a number or null.
func (o ordinal) MarshalJSON() ([]byte, error) {
	if o == noENI {
		return []byte("null"), nil
	}
	return strconv.AppendInt(nil, int64(o), 10), nil
}

func (o ordinal) String() string {
	if o == noENI {
		return "-"
	}
	return strconv.Itoa(int(o))
}

// Call is one request to EC2.
type Call struct {
	StartMS int64   `json:"t_ms"`
	EndMS   int64   `json:"end_ms"` // -1 while it runs at the end of the run
	Op      string  `json:"op"`
	ENI     ordinal `json:"eni"`
	What    string  `json:"what,omitempty"` // what the operation is about, where it can be several things
	Asked   int     `json:"n"`
	Got     int     `json:"got"`
	Err     string  `json:"err,omitempty"`   // EC2's error code
	Tries   int     `json:"tries,omitempty"` // requests after the first one
}

// Stat is the pool's statistics at one instant, and what EC2 has.
type Stat struct {
	AtMS           int64     `json:"t_ms"`
	ENIs           int       `json:"enis"`
	Total          int       `json:"total_ips"`
	Assigned       int       `json:"assigned"`
	Cooldown       int       `json:"cooldown"`
	Available      int       `json:"available"` // total less assigned: cooling addresses count
	Prefixes       int       `json:"prefixes"`
	FreePrefixes   int       `json:"free_prefixes"`
	IPsPerENI      []int     `json:"ips_per_eni"` // parallel to ENIOrdinals
	ENIOrdinals    []ordinal `json:"eni_ords"`
	AssignedPerENI []int     `json:"assigned_per_eni"`
	EC2ENIs        int       `json:"ec2_enis"`
	EC2IPs         int       `json:"ec2_ips"` // 16 a prefix, no primary addresses
	SubnetFree     []int     `json:"subnet_free"`
}

// Pod is the outcome of one ADD or DEL.
type Pod struct {
	AtMS int64   `json:"t_ms"`
	Pod  string  `json:"pod"`
	OK   bool    `json:"ok"`
	Err  string  `json:"err,omitempty"`
	ENI  ordinal `json:"eni"`
}

// bounds is the least and the greatest of a number over all legal runs.
type bounds [2]int

// TotalRanges bounds the totals.
type TotalRanges struct {
	ENIs      bounds `json:"enis"`
	Total     bounds `json:"total_ips"`
	Assigned  bounds `json:"assigned"`
	Cooldown  bounds `json:"cooldown"`
	Available bounds `json:"available"`
	Prefixes  bounds `json:"prefixes"`
	EC2ENIs   bounds `json:"ec2_enis"`
	EC2IPs    bounds `json:"ec2_ips"`
}

// FinalRanges bounds the statistics at the end.
type FinalRanges struct {
	TotalRanges
	IPsPerENI [][]int `json:"ips_per_eni"` // every list that occurred
}

// EnvelopeRow bounds the totals from AtMS until the next row.
type EnvelopeRow struct {
	AtMS int64 `json:"t_ms"`
	TotalRanges
}

// Ordered holds complete recordings of the real daemon with its maps walked
// in ascending and in descending order.
type Ordered struct {
	Asc  Recording `json:"asc"`
	Desc Recording `json:"desc"`
}

// Variants lists the most frequent outcomes. Nothing is judged by them.
type Variants struct {
	Calls []struct {
		Runs int    `json:"runs"`
		List []Call `json:"list"`
	} `json:"calls,omitempty"`
	StatsTotals []struct {
		Runs int       `json:"runs"`
		List [][]int64 `json:"list"`
	} `json:"stats_totals,omitempty"`
}

// Distributions are histograms over runs with Go's own map order, and with
// maps walked in uniformly random order.
type Distributions struct {
	Go      Distribution `json:"go"`
	Uniform Distribution `json:"uniform"`
}

// Distribution is the histograms of one kind of runs.
type Distribution struct {
	Runs           int                  `json:"runs"`
	CallCounts     map[string]Histogram `json:"call_counts"`
	AddressesMoved map[string]Histogram `json:"addresses_moved"`
	AddsOK         Histogram            `json:"adds_ok"`
	Final          map[string]Histogram `json:"final"`
}

// Histogram counts how often each value of a number occurred.
type Histogram struct {
	Min   int         `json:"min"`
	Max   int         `json:"max"`
	Mean  float64     `json:"mean"`
	Count map[int]int `json:"hist"`
}

// parse reads a trace. An unknown format is an error, because what is not
// understood cannot be replayed; an unknown key may not matter and is noted
// in Unknown.
func parse(data []byte) (*Trace, error) {
	var head struct {
		Format string `json:"format"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, fmt.Errorf("not a trace: %w", err)
	}
	if head.Format != traceFormat {
		return nil, fmt.Errorf("not a trace: format is %q, want %q", head.Format, traceFormat)
	}
	t, err := decode(data, true)
	if err != nil && strings.Contains(err.Error(), "unknown field") {
		// It may not matter: replay it, and say so should it diverge.
		unknown := strings.TrimPrefix(err.Error(), "json: unknown field ")
		if t, err = decode(data, false); err == nil {
			t.Unknown = unknown
		}
	}
	if err != nil {
		return nil, err
	}
	if slices.Contains(ipamd.Releases(), t.Upstream.Version) {
		t.Scenario.release = t.Upstream.Version
	}
	if err := t.Scenario.check(); err != nil {
		return nil, fmt.Errorf("scenario: %w", err)
	}
	if t.Runs < 0 || t.LegalRuns < t.Runs {
		return nil, fmt.Errorf("%d runs, %d legal_runs: a number of runs is impossible", t.Runs, t.LegalRuns)
	}
	if !t.FullyStable && t.Ordered == nil {
		return nil, fmt.Errorf("not fully stable, but without ordered recordings")
	}
	return t, nil
}

func decode(data []byte, strict bool) (*Trace, error) {
	var t Trace
	d := json.NewDecoder(bytes.NewReader(data))
	if strict {
		d.DisallowUnknownFields()
	}
	if err := d.Decode(&t); err != nil {
		return nil, err
	}
	if d.More() {
		return nil, fmt.Errorf("data after the end of the trace")
	}
	return &t, nil
}
