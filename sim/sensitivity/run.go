package sensitivity

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"ipamsim/scenarios"
	"ipamsim/sim"
	"ipamsim/sim/jobs"
	"ipamsim/sim/result"
)

// Options of an analysis.
type Options struct {
	sim.Options
	Figure       result.Figure
	Trajectories int // of Morris' screening; 0 for none
	Only         []string
}

// ErrNothing says that the scenario has no use for any of the assumptions.
var ErrNothing = errors.New("none of the assumptions can be moved in this scenario")

// Bounds of Options.Trajectories; each takes one run more than there are
// parameters. The usual number is at the lower end of the 4 to 10 that are
// customary (Campolongo, Cariboni and Saltelli, Environmental Modelling & Software
// 22:1509, 2007).
const (
	TrajectoriesMost  = 100
	TrajectoriesUsual = 4
)

// run is one point of the assumptions for one variant, and what came of it.
type run struct {
	variant  int
	x        []float64 // by parameter; NaN is as the file has it
	value    float64
	observed bool
	held     []result.Threshold
}

// study is an analysis under way.
type study struct {
	variants []scenarios.Expanded
	o        Options
	moved    []parameter
	left     []Left
	runs     []*run
}

// Of moves the assumptions of variants, which are all of one file. The first one's
// metric is what the parameters are ordered by; what is concluded is about all.
func Of(ctx context.Context, variants []scenarios.Expanded, o Options) (*Analysis, error) {
	s := &study{variants: variants, o: o}
	if err := s.choose(); err != nil {
		return nil, err
	}
	for v := range variants {
		s.alone(v)
	}
	screened := len(s.runs)
	s.screen()
	if err := s.execute(ctx); err != nil {
		return nil, err
	}
	a := s.document()
	s.rank(a, s.runs[screened:])
	s.conclude(a)
	return a, nil
}

// choose finds the assumptions that the scenario has a use for: both ends can be
// set in each variant.
func (s *study) choose() error {
	for _, name := range s.o.Only {
		if !slices.Contains(Names(), name) {
			return fmt.Errorf("there is no assumption %q", name)
		}
	}
	for _, p := range parameters {
		if len(s.o.Only) > 0 && !slices.Contains(s.o.Only, p.name) {
			continue
		}
		if why := s.refuses(&p); why != "" {
			s.left = append(s.left, Left{p.name, why})
			continue
		}
		s.moved = append(s.moved, p)
	}
	if len(s.moved) == 0 {
		return ErrNothing
	}
	return nil
}

// Names are those of all assumptions.
func Names() (names []string) {
	for _, p := range parameters {
		names = append(names, p.name)
	}
	return names
}

// refuses says why an assumption cannot be moved.
func (s *study) refuses(p *parameter) string {
	for i := range s.variants {
		v := &s.variants[i]
		if p.idle != nil && p.idle(v.Scenario) {
			return "nothing in the scenario depends on it"
		}
		for _, x := range []float64{0, 1} {
			if _, err := v.With(p.set(v.Scenario, x)...); err != nil {
				return "the scenario does not take it: " + err.Error()
			}
		}
	}
	return ""
}

// alone is the usual run of a variant, and each assumption at the ends of its
// range by itself.
func (s *study) alone(variant int) {
	usual := slices.Repeat([]float64{math.NaN()}, len(s.moved))
	s.runs = append(s.runs, &run{variant: variant, x: usual})
	for i := range s.moved {
		for _, end := range []float64{0, 1} {
			x := slices.Clone(usual)
			x[i] = end
			s.runs = append(s.runs, &run{variant: variant, x: x})
		}
	}
}

// settings are those of a run, as --set takes them.
func (s *study) settings(r *run) (set []string) {
	for i, x := range r.x {
		if !math.IsNaN(x) {
			set = append(set, s.moved[i].set(s.variants[r.variant].Scenario, x)...)
		}
	}
	return set
}

// execute simulates all of it, in the same random worlds.
func (s *study) execute(ctx context.Context) error {
	worlds := 0
	for _, r := range s.runs {
		worlds += s.variants[r.variant].Scenario.Replications
	}
	prepare := func(_ context.Context, i int) (*scenarios.Expanded, error) {
		v, err := s.variants[s.runs[i].variant].With(s.settings(s.runs[i])...)
		return &v, err
	}
	deliver := func(i int, _ *scenarios.Expanded, v *result.Variant) error {
		r := s.runs[i]
		r.value, r.observed = s.o.Figure.Of(v)
		r.held = v.Thresholds
		return nil
	}
	err := sim.Stream(ctx, len(s.runs), worlds, prepare, deliver, s.o.Options)
	var at *jobs.VariantError
	if errors.As(err, &at) && !errors.Is(at.Err, context.Canceled) {
		return fmt.Errorf("with %v: %w", s.settings(s.runs[at.Place]), at.Err)
	}
	return err
}
