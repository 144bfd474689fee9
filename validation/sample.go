package validation

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// sample collects what runs with random picks did, to compare it with what is
// recorded of the real daemon's:
//
//   - In a view in which all legal runs of the real daemon agree, ours must
//     agree with them.
//   - The histograms of runs with uniform picks must not differ from ours.
//   - Numbers and totals must stay within the recorded ranges.
//
// The real daemon was sampled in few runs, so ours may take a rare branch that
// it never took. What they do is held against them when it is too improbable.
type sample struct {
	trace    *Trace
	stable   []projection
	differ   []int // runs that differ, per stable projection
	measures []measure
	values   []map[int]int // histogram per measure
	escapes  map[place]int // runs per place outside the envelope

	runs     int
	first    []*Divergence // of the runs that differ, per stable projection
	outside  int           // runs that differ anywhere, or leave any range
	examples []string
	seen     map[string]bool // kinds of examples
}

// place is a side of the envelope's bound on one total at one instant.
type place struct {
	atMS int64
	what string
	side int
}

func newSample(t *Trace) *sample {
	s := &sample{trace: t, stable: t.stableProjections(), measures: t.measures(), escapes: map[place]int{}, seen: map[string]bool{}}
	s.differ, s.first = make([]int, len(s.stable)), make([]*Divergence, len(s.stable))
	s.values = make([]map[int]int, len(s.measures))
	for i := range s.values {
		s.values[i] = map[int]int{}
	}
	return s
}

// stableProjections are the views in which all legal runs agree.
func (t *Trace) stableProjections() []projection {
	return slices.DeleteFunc(slices.Clone(projections), func(p projection) bool { return !t.Stability[p.name] })
}

// uniformRuns is how many of the legal runs had uniformly random picks: all
// but those with Go's own map order and the two ordered ones.
func (t *Trace) uniformRuns() int { return max(0, t.LegalRuns-t.Runs-2) }

// run adds the seeds up to the given one.
func (s *sample) run(seeds int, tickIdle bool) error {
	for s.runs < seeds {
		picks := randomPicks(s.runs + 1)
		got, err := replay(&s.trace.Scenario, picks, tickIdle)
		if err != nil {
			return err
		}
		s.add(got, picks)
	}
	return nil
}

func (s *sample) add(r *Recording, picks picks) {
	s.runs++
	left := false
	for i, p := range s.stable {
		if d := firstDivergence(s.stable[i:i+1], &s.trace.Recording, r); d != nil {
			s.differ[i]++
			d.Picks = picks.String()
			if s.first[i] == nil || d.AtMS < s.first[i].AtMS {
				s.first[i] = d
			}
			left = true
			s.example(p.name, d.String())
		}
	}
	for i := range s.measures {
		s.values[i][s.measures[i].of(r)]++
	}
	list := s.trace.excursions(s.measures, r)
	for _, e := range list {
		if e.atMS > 0 {
			s.escapes[place{e.atMS, e.what, e.side}]++
		}
		s.example(e.what, e.String())
	}
	if left || len(list) > 0 {
		s.outside++
	}
}

func (s *sample) example(kind, text string) {
	if !s.seen[kind] {
		s.seen[kind] = true
		s.examples = append(s.examples, text)
	}
}

// doubtful says whether more runs should decide.
func (s *sample) doubtful() bool {
	return slices.ContainsFunc(s.differ, func(n int) bool { return n > 0 }) || s.worst().p < suspicion
}

// contradiction is what chance does not explain, or nil.
func (s *sample) contradiction() *Divergence {
	for i, p := range s.stable {
		if chance := beyond(s.differ[i], s.runs, s.trace.LegalRuns); s.differ[i] > 0 && chance < disagreement {
			d := *s.first[i]
			d.Got += fmt.Sprintf(" (%d of %d runs differ in %s, none of %d recorded ones: p=%.0e)", s.differ[i], s.runs, p.name, s.trace.LegalRuns, chance)
			return &d
		}
	}
	if f := s.worst(); f.p < contradiction {
		return &Divergence{Picks: "random", Part: "distribution", AtMS: f.atMS, Expected: f.expected, Got: fmt.Sprintf("%s (p=%.0e)", f.got, f.p)}
	}
	return nil
}

// finding is an observation on a sample and the probability of one like it.
type finding struct {
	p             float64
	atMS          int64
	expected, got string
}

// worst is the least probable observation, supposing that the sample and the
// recorded runs with uniform picks come from one distribution.
func (s *sample) worst() finding {
	worst := finding{p: 1}
	consider := func(f finding) {
		if f.p < worst.p {
			worst = f
		}
	}
	for i := range s.measures {
		m := &s.measures[i]
		if m.uniform != nil {
			s.compareHistograms(m, s.values[i], consider)
			continue
		}
		below, above := 0, 0
		for value, runs := range s.values[i] {
			if value < m.bounds[0] {
				below += runs
			} else if value > m.bounds[1] {
				above += runs
			}
		}
		consider(s.exceeds(m.name, -1, 0, below))
		consider(s.exceeds(m.name, +1, 0, above))
	}
	places := slices.SortedFunc(maps.Keys(s.escapes), func(a, b place) int {
		return cmp.Or(cmp.Compare(a.atMS, b.atMS), cmp.Compare(a.what, b.what), cmp.Compare(a.side, b.side))
	})
	for _, p := range places {
		consider(s.exceeds(p.what, p.side, p.atMS, s.escapes[p]))
	}
	return worst
}

// compareHistograms tests each value, and each "at most this value".
func (s *sample) compareHistograms(m *measure, ours map[int]int, consider func(finding)) {
	values := slices.Collect(maps.Keys(ours))
	for v := range m.uniform {
		values = append(values, v)
	}
	slices.Sort(values)
	theirs := 0
	for _, n := range m.uniform {
		theirs += n
	}
	a, b := 0, 0 // runs with at most the value
	for _, v := range slices.Compact(values) {
		a, b = a+ours[v], b+m.uniform[v]
		consider(s.share(fmt.Sprintf("%s is %d", m.name, v), ours[v], m.uniform[v], theirs))
		consider(s.share(fmt.Sprintf("%s is at most %d", m.name, v), a, b, theirs))
	}
}

func (s *sample) share(what string, ours, theirs, theirRuns int) finding {
	return finding{
		p:        fisher(ours, s.runs, theirs, theirRuns),
		expected: fmt.Sprintf("%s in %d of %d runs", what, theirs, theirRuns),
		got:      fmt.Sprintf("in %d of %d", ours, s.runs),
	}
}

// exceeds judges that some runs left the bounds which all recorded runs kept.
func (s *sample) exceeds(what string, side int, atMS int64, runs int) finding {
	others := s.trace.uniformRuns()
	word := "above"
	if side < 0 {
		word = "below"
	}
	return finding{
		p: beyond(runs, s.runs, others), atMS: atMS,
		expected: fmt.Sprintf("%s %s its range in none of %d runs with uniform picks", what, word, others),
		got:      fmt.Sprintf("in %d of %d", runs, s.runs),
	}
}
