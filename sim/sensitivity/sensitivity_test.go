package sensitivity

import (
	"encoding/json"
	"math"
	"testing"

	"ipamsim/scenarios"
	"ipamsim/scenarios/scenariotest"
	"ipamsim/sim"
	"ipamsim/sim/result"
)

// Each walk moves every assumption once, by the step, and never leaves the range.
func TestAWalkMovesEachAssumptionOnce(t *testing.T) {
	for seed := range uint64(50) {
		s := study{variants: make([]scenarios.Expanded, 1), moved: parameters, o: Options{Trajectories: 3}}
		s.variants[0].Scenario = &scenarios.Scenario{Seed: seed}
		s.screen()
		if len(s.runs) != 3*(len(parameters)+1) {
			t.Fatalf("%d runs", len(s.runs))
		}
		for i, r := range s.runs {
			moved := 0
			for k, x := range r.x {
				if x < 0 || x > 1 {
					t.Fatalf("%v is out of the range", x)
				}
				if i%(len(parameters)+1) > 0 {
					if d := math.Abs(x - s.runs[i-1].x[k]); d > 1e-9 {
						moved++
						if math.Abs(d-step) > 1e-9 {
							t.Fatalf("a step of %v", d)
						}
					}
				}
			}
			if want := min(1, i%(len(parameters)+1)); moved != want {
				t.Fatalf("run %d moves %d assumptions", i, moved)
			}
		}
	}
}

// Of a sum of multiples the effects are the multiples, wherever a walk goes, and do
// not spread.
func TestEffectsOfASumAreItsTerms(t *testing.T) {
	s := study{variants: []scenarios.Expanded{{Scenario: &scenarios.Scenario{Seed: 7}}}, moved: parameters, o: Options{Trajectories: 5}}
	s.screen()
	for _, r := range s.runs {
		r.observed = true
		for k, x := range r.x {
			r.value += float64(k-3) * x
		}
	}
	for k := range parameters {
		effects, ok := s.effects(k, s.runs)
		size, deviation := spread(effects)
		if !ok || len(effects) != 5 || math.Abs(size-math.Abs(float64(k-3))) > 1e-9 || deviation > 1e-9 {
			t.Errorf("assumption %d: effect %v, spread %v of %d", k, size, deviation, len(effects))
		}
	}
}

// Each assumption can be set over its whole range, in the scenario that most of the
// pages are about.
func TestEachAssumptionIsInTheLanguage(t *testing.T) {
	v := scenariotest.Shipped(t, "latency-cliff", scenarios.Options{})[0]
	for _, p := range parameters {
		if p.source == "" || p.means == "" {
			t.Errorf("%s has no source or no meaning", p.name)
		}
		for _, x := range []float64{0, 1. / 3, 2. / 3, 1} {
			if _, err := v.With(p.set(v.Scenario, x)...); err != nil {
				t.Errorf("%s at %v (%s): %v", p.name, x, p.shown(x), err)
			}
		}
	}
}

// The analysis is the same however many workers there are, and what decides most is
// first.
func TestAnAnalysisIsTheSameOnAnyNumberOfCores(t *testing.T) {
	figure, _, ok := result.FigureNamed("pod_start_p99_seconds")
	if !ok {
		t.Fatal("no such figure")
	}
	once := 1
	variants := scenariotest.Shipped(t, "cooldown-stall", scenarios.Options{Replications: &once})
	var texts []string
	for _, workers := range []int{1, 3} {
		a, err := Of(t.Context(), variants, Options{Options: sim.Options{Workers: workers}, Figure: figure, Trajectories: 1, Only: []string{"attach_latency", "metadata_lag", "pod_start_cpu"}})
		if err != nil {
			t.Fatal(err)
		}
		if len(a.Parameters) != 3 || a.Runs != 7*len(variants)+4 {
			t.Errorf("%d assumptions, %d runs", len(a.Parameters), a.Runs)
		}
		for i := range a.Parameters[1:] {
			if e, next := a.Parameters[i].Effect, a.Parameters[i+1].Effect; e != nil && next != nil && math.Abs(*e) < math.Abs(*next) {
				t.Errorf("%v is before %v", *e, *next)
			}
		}
		text, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	if texts[0] != texts[1] {
		t.Errorf("one worker: %s\nthree: %s", texts[0], texts[1])
	}
}

// A conclusion that one assumption breaks names it.
func TestWhatBreaksAConclusionIsNamed(t *testing.T) {
	s := study{moved: parameters[:2], variants: []scenarios.Expanded{{}, {}}}
	s.variants[0].Name, s.variants[1].Name = "a", "b"
	for v := range s.variants {
		s.alone(v)
	}
	for i, r := range s.runs {
		r.observed, r.value = true, float64(1+r.variant) // a has less
		if i == 2 {
			r.value = 5 // of a, the first assumption at its upper end
		}
	}
	var a Analysis
	s.conclude(&a)
	if len(a.Conclusions) != 1 {
		t.Fatalf("%d conclusions", len(a.Conclusions))
	}
	if c := a.Conclusions[0]; c.Survives || c.Runs != 4 || c.Broken != 1 || len(c.BrokenBy) != 1 || c.BrokenBy[0] != parameters[0].name {
		t.Errorf("got %+v", c)
	}
}
