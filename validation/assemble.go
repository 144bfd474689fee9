package validation

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Runs are recordings of one scenario by the real daemon.
type Runs struct {
	Ascending, Descending *Recording   // with its maps walked in order
	Go                    []*Recording // as Go walks them
	Uniform               []*Recording // in uniformly random order
}

// Assemble makes a trace of runs: what is the same in all of them, and the bounds
// and histograms of what is not. Both ordered runs must be there.
func Assemble(upstream Upstream, scenario *Scenario, runs Runs) *Trace {
	legal := slices.Concat(runs.Go, runs.Uniform, []*Recording{runs.Ascending, runs.Descending})
	t := &Trace{
		Format: traceFormat, Upstream: upstream, Scenario: *scenario, Runs: len(runs.Go), LegalRuns: len(legal),
		Stability: map[string]bool{}, Distinct: map[string]int{},
		CallCounts: map[string]bounds{}, CallErrors: map[string]bounds{}, AddressesMoved: map[string]bounds{},
	}
	t.FullyStable = true
	for _, p := range projections {
		n := distinct(p, legal)
		t.Distinct[p.name], t.Stability[p.name] = n, n == 1
		t.FullyStable = t.FullyStable && n == 1
	}
	t.Stable = t.Stability["calls"]
	t.Recording = *mostFrequent(legal)
	t.bound(legal)
	if !t.FullyStable {
		t.Ordered = &Ordered{Asc: *runs.Ascending, Desc: *runs.Descending}
		t.Distributions = &Distributions{Go: distribution(runs.Go), Uniform: distribution(runs.Uniform)}
		t.Envelope = envelope(legal)
	}
	return t
}

// JSON is the trace as a file has it.
func (t *Trace) JSON() ([]byte, error) { return json.Marshal(t) }

// distinct is how many different outcomes runs have in a projection.
func distinct(p projection, runs []*Recording) int {
	var kinds []*Recording
	for _, r := range runs {
		if !slices.ContainsFunc(kinds, func(k *Recording) bool { return p.diff(k, r) == nil }) {
			kinds = append(kinds, r)
		}
	}
	return len(kinds)
}

// mostFrequent is the first run with the list of calls that most have.
func mostFrequent(runs []*Recording) *Recording {
	calls := everything[1]
	best, most := runs[0], 0
	for _, r := range runs {
		n := 0
		for _, other := range runs {
			if calls.diff(r, other) == nil {
				n++
			}
		}
		if n > most {
			best, most = r, n
		}
	}
	return best
}

// bound bounds what a trace bounds of a whole run.
func (t *Trace) bound(runs []*Recording) {
	errors := map[string]bool{}
	for _, r := range runs {
		for i := range r.Calls {
			if c := &r.Calls[i]; c.Err != "" {
				errors[c.Op+"/"+c.Err] = true
			}
		}
	}
	for _, op := range operations {
		if b := rangeOf(runs, func(r *Recording) int { return r.count(op) }); b[1] > 0 {
			t.CallCounts[op] = b
		}
		if b := rangeOf(runs, func(r *Recording) int { return r.moved(op) }); b[1] > 0 {
			t.AddressesMoved[op] = b
		}
		for _, key := range slices.Sorted(maps.Keys(errors)) {
			if code, of := cutOperation(key, op); of {
				t.CallErrors[key] = rangeOf(runs, func(r *Recording) int { return r.failed(op, code) })
			}
		}
	}
	t.AddsOK = rangeOf(runs, (*Recording).addsOK)
	t.Final.TotalRanges = rangesOf(runs, (*Recording).last)
	for _, r := range runs {
		if list := r.last().IPsPerENI; !slices.ContainsFunc(t.Final.IPsPerENI, func(l []int) bool { return slices.Equal(l, list) }) {
			t.Final.IPsPerENI = append(t.Final.IPsPerENI, slices.Clone(list))
		}
	}
	slices.SortFunc(t.Final.IPsPerENI, func(a, b []int) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
}

func cutOperation(key, op string) (code string, of bool) {
	if len(key) > len(op) && key[:len(op)] == op && key[len(op)] == '/' {
		return key[len(op)+1:], true
	}
	return "", false
}

func rangeOf(runs []*Recording, of func(*Recording) int) bounds {
	b := bounds{of(runs[0]), of(runs[0])}
	for _, r := range runs[1:] {
		b[0], b[1] = min(b[0], of(r)), max(b[1], of(r))
	}
	return b
}

// rangesOf bounds the totals of one row of each run; one that is missing has
// nothing.
func rangesOf(runs []*Recording, row func(*Recording) *Stat) TotalRanges {
	var list [len(totalNames)]bounds
	for i := range list {
		list[i] = rangeOf(runs, func(r *Recording) int {
			if s := row(r); s != nil {
				return s.totals()[i]
			}
			return 0
		})
	}
	return TotalRanges{list[0], list[1], list[2], list[3], list[4], list[5], list[6], list[7]}
}

// envelope bounds the totals at each instant at which those of any run change.
func envelope(runs []*Recording) []EnvelopeRow {
	times := map[int64]bool{}
	for _, r := range runs {
		for i := range r.Stats {
			times[r.Stats[i].AtMS] = true
		}
	}
	place := map[*Recording]int{}
	var rows []EnvelopeRow
	for _, at := range slices.Sorted(maps.Keys(times)) {
		row := EnvelopeRow{AtMS: at, TotalRanges: rangesOf(runs, func(r *Recording) *Stat {
			for place[r] < len(r.Stats) && r.Stats[place[r]].AtMS <= at {
				place[r]++
			}
			return inForce(r.Stats, place[r])
		})}
		if len(rows) == 0 || rows[len(rows)-1].TotalRanges != row.TotalRanges {
			rows = append(rows, row)
		}
	}
	return rows
}

// distribution is the histograms of runs of one kind.
func distribution(runs []*Recording) Distribution {
	d := Distribution{Runs: len(runs), CallCounts: map[string]Histogram{}, AddressesMoved: map[string]Histogram{}, Final: map[string]Histogram{}}
	if len(runs) == 0 {
		return d
	}
	for _, op := range operations {
		if h := histogramOf(runs, func(r *Recording) int { return r.count(op) }); h.Max > 0 {
			d.CallCounts[op] = h
		}
		if h := histogramOf(runs, func(r *Recording) int { return r.moved(op) }); h.Max > 0 {
			d.AddressesMoved[op] = h
		}
	}
	d.AddsOK = histogramOf(runs, (*Recording).addsOK)
	for i, name := range totalNames {
		d.Final[name] = histogramOf(runs, func(r *Recording) int { return r.last().totals()[i] })
	}
	return d
}

func histogramOf(runs []*Recording, of func(*Recording) int) Histogram {
	b := rangeOf(runs, of)
	h := Histogram{Min: b[0], Max: b[1], Count: map[int]int{}}
	sum := 0
	for _, r := range runs {
		h.Count[of(r)]++
		sum += of(r)
	}
	h.Mean = float64(sum) / float64(len(runs))
	return h
}
