package validation

import "fmt"

// Divergence is the first place where a replay leaves a recording.
type Divergence struct {
	Picks      string `json:"picks"`                // the pick order under which it was seen
	Projection string `json:"projection,omitempty"` // the view in which it was seen; empty when Part is distribution
	Part       string `json:"part"`                 // init, calls, stats, pods or distribution
	Index      int    `json:"index"`                // in the part's list
	AtMS       int64  `json:"at_ms"`                // virtual time
	Expected   string `json:"expected"`
	Got        string `json:"got"`
	// The calls around it on both sides, for a reader.
	ExpectedCalls []string `json:"expected_calls,omitempty"`
	GotCalls      []string `json:"got_calls,omitempty"`
}

func (d *Divergence) String() string {
	where := d.Part
	if d.Projection != "" && d.Projection != d.Part {
		where = d.Projection
	}
	if d.Part != "init" && d.Part != "distribution" {
		where += fmt.Sprintf("[%d]", d.Index)
	}
	return fmt.Sprintf("at %s, %s picks, %s: expected %s; got %s", seconds(d.AtMS), d.Picks, where, d.Expected, d.Got)
}

// firstDivergence compares two recordings in the given projections and
// returns the earliest difference in virtual time, or nil. Of several at one
// instant it is the one in the projection that is listed first: in everything
// the calls, which are the cause, come before statistics and pods.
func firstDivergence(list []projection, want, got *Recording) *Divergence {
	var first *Divergence
	for _, p := range list {
		if d := p.diff(want, got); d != nil && (first == nil || d.AtMS < first.AtMS) {
			d.Projection = p.name
			first = d
		}
	}
	if first != nil {
		first.ExpectedCalls = callsAround(want.Calls, first.AtMS)
		first.GotCalls = callsAround(got.Calls, first.AtMS)
	}
	return first
}

// contextCalls is how many calls are shown before and after a divergence.
const contextCalls = 4

func callsAround(calls []Call, atMS int64) []string {
	i := 0
	for i < len(calls) && calls[i].StartMS < atMS {
		i++
	}
	var lines []string
	for _, c := range calls[max(0, i-contextCalls):min(len(calls), i+contextCalls)] {
		lines = append(lines, c.String())
	}
	return lines
}
