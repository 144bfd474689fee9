package sensitivity

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"ipamsim/sim/result"
)

// document is the head of an analysis, with the assumptions that were moved.
func (s *study) document() *Analysis {
	first := &s.variants[0]
	a := &Analysis{
		SchemaVersion: schemaVersion, Version: s.o.Version, Scenario: result.Scenario{Name: first.Scenario.Metadata.Name, Digest: first.Digest},
		Overrides: append([]string{}, first.Set...), Seed: first.Scenario.Seed, Replications: first.Scenario.Replications,
		Metric: s.o.Figure.Name, Unit: s.o.Figure.Unit, Variant: first.Name, Usual: number(s.runs[0]), Runs: len(s.runs), Trajectories: s.o.Trajectories,
		Left: append([]Left{}, s.left...), Parameters: []Parameter{}, Conclusions: []Conclusion{},
	}
	for i, p := range s.moved {
		low, high := s.runs[1+2*i], s.runs[2+2*i]
		a.Parameters = append(a.Parameters, Parameter{
			Name: p.name, Means: p.means, From: p.shown(0), To: p.shown(1), Source: p.source,
			Low: number(low), High: number(high), Effect: larger(s.runs[0], low, high),
		})
	}
	return a
}

// number is a run's metric; nil where there is no finite one.
func number(r *run) *float64 {
	if !finite(r) {
		return nil
	}
	v := math.Round(r.value*1e6) / 1e6
	return &v
}

// larger is the larger of two changes from the usual run.
func larger(usual, low, high *run) *float64 {
	if !finite(usual) || !finite(low) || !finite(high) {
		return nil
	}
	down, up := low.value-usual.value, high.value-usual.value
	if math.Abs(down) > math.Abs(up) {
		up = down
	}
	up = math.Round(up*1e6) / 1e6
	return &up
}

// rank adds what the screening says, and puts first what decides most: what makes
// the metric infinite, then the largest change.
func (s *study) rank(a *Analysis, screened []*run) {
	for i := range a.Parameters {
		if effects, ok := s.effects(i, screened); ok {
			size, deviation := spread(effects)
			size, deviation = math.Round(size*1e6)/1e6, math.Round(deviation*1e6)/1e6
			a.Parameters[i].MeanEffect, a.Parameters[i].Spread = &size, &deviation
		}
	}
	weight := func(p *Parameter) float64 {
		if p.Effect == nil {
			return math.Inf(1)
		}
		return math.Abs(*p.Effect)
	}
	slices.SortStableFunc(a.Parameters, func(p, q Parameter) int { return cmp.Compare(weight(&q), weight(&p)) })
}

// claim is a sentence about runs of the same point: one of each variant.
type claim struct {
	text  string
	about []int // variants
	holds func(at []*run) bool
}

// conclude asks each claim that the usual runs bear out at every point.
func (s *study) conclude(a *Analysis) {
	points := s.points()
	for _, c := range s.claims(points[0]) {
		if !c.holds(points[0]) {
			continue
		}
		out := Conclusion{Text: c.text, BrokenBy: []string{}}
		for _, at := range points[1:] {
			if slices.ContainsFunc(c.about, func(v int) bool { return at[v] == nil }) {
				continue
			}
			out.Runs++
			if c.holds(at) {
				continue
			}
			out.Broken++
			if name := s.single(at[c.about[0]]); name != "" && !slices.Contains(out.BrokenBy, name) {
				out.BrokenBy = append(out.BrokenBy, name)
			}
		}
		out.Survives = out.Broken == 0
		a.Conclusions = append(a.Conclusions, out)
	}
}

// points are the runs by point, the usual one first; of a screening there is the
// first variant alone.
func (s *study) points() (points [][]*run) {
	alone := 1 + 2*len(s.moved)
	for i := range alone {
		at := make([]*run, len(s.variants))
		for v := range s.variants {
			at[v] = s.runs[v*alone+i]
		}
		points = append(points, at)
	}
	for _, r := range s.runs[alone*len(s.variants):] {
		at := make([]*run, len(s.variants))
		at[0] = r
		points = append(points, at)
	}
	return points
}

// single names the one assumption that a run moves, if it is one.
func (s *study) single(r *run) (name string) {
	for i, x := range r.x {
		if math.IsNaN(x) {
			continue
		}
		if name != "" {
			return ""
		}
		name = s.moved[i].name
	}
	return name
}

// notable is by how much two variants' metrics have to differ to be told apart: our
// choice, the least effect that a comparison asks for, too.
const notable = 0.05

// claims are about each threshold of each variant, and about which of two variants
// has less of the metric, where that is notable.
func (s *study) claims(usual []*run) (list []claim) {
	for v, r := range usual {
		for k, t := range r.held {
			verdict := "holds"
			if !t.OK {
				verdict = "fails"
			}
			list = append(list, claim{fmt.Sprintf("in %s %s %s %s", s.variants[v].Name, t.Metric, t.Expression, verdict), []int{v},
				func(at []*run) bool { return k < len(at[v].held) && at[v].held[k].OK == t.OK }})
		}
	}
	for v := 1; v < len(usual); v++ {
		less, more := 0, v
		if value(usual[v]) < value(usual[0]) {
			less, more = v, 0
		}
		if value(usual[less]) > (1-notable)*value(usual[more]) {
			continue
		}
		list = append(list, claim{fmt.Sprintf("%s has less %s than %s", s.variants[less].Name, s.o.Figure.Name, s.variants[more].Name), []int{less, more},
			func(at []*run) bool { return value(at[less]) < value(at[more]) }})
	}
	return list
}

// value is a run's metric as numbers compare: what was not observed is as bad as
// what never ends.
func value(r *run) float64 {
	if !r.observed {
		return math.Inf(1)
	}
	return r.value
}
