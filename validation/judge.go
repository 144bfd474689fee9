package validation

import "slices"

// Options say how a trace is judged.
type Options struct {
	Seeds    int  // of random picks; 0 is DefaultSeeds
	ParkIdle bool // let the daemon skip passes of its loop that change nothing
}

// DefaultSeeds is how many runs with random picks a trace is judged by.
const DefaultSeeds = 20

// moreSeeds are run when the first ones make a contradiction look possible.
const moreSeeds = 200

// Verdict is what became of one trace.
type Verdict struct {
	Name        string      `json:"name"`
	Path        string      `json:"path"`
	Area        string      `json:"area"`
	Conforms    bool        `json:"conforms"`
	FullyStable bool        `json:"fully_stable"` // the real daemon leaves nothing to chance here
	Divergence  *Divergence `json:"divergence,omitempty"`
	RandomRuns  int         `json:"random_runs"`
	// Outside is how many of the random runs left the ranges of the recorded
	// ones somewhere. That is legal for a rare branch, and judged by how
	// improbable it is.
	Outside  int      `json:"outside"`
	Examples []string `json:"examples,omitempty"` // one excursion of each kind
}

// Judge replays a trace's scenario and compares. The error is for a scenario
// that cannot be built.
//
// A fully stable trace must be met exactly under every pick order. Any other
// must be met exactly under ascending and descending picks by its ordered
// recordings; under random picks, each projection that is stable must be met
// exactly by every seed, and what the seeds did must not contradict the
// recorded ranges and histograms.
func Judge(t *Trace, o Options) (Verdict, error) {
	if o.Seeds == 0 {
		o.Seeds = DefaultSeeds
	}
	v := Verdict{Name: t.Scenario.Name, Area: t.Scenario.Area(), FullyStable: t.FullyStable}
	asc, desc, stable := &t.Recording, &t.Recording, everything
	if !t.FullyStable {
		asc, desc, stable = &t.Ordered.Asc, &t.Ordered.Desc, t.stableProjections()
	}
	for _, exact := range []struct {
		picks Picks
		want  *Recording
	}{{Ascending, asc}, {Descending, desc}} {
		got, err := Run(&t.Scenario, exact.picks, o.ParkIdle)
		if err != nil {
			return v, err
		}
		if v.Divergence = firstDivergence(everything, exact.want, got); v.Divergence != nil {
			v.Divergence.Picks = exact.picks.String()
			return v, nil
		}
	}
	sample := newSample(t)
	for seed := 1; seed <= o.Seeds; seed++ {
		got, err := Run(&t.Scenario, RandomPicks(seed), o.ParkIdle)
		if err != nil {
			return v, err
		}
		if v.Divergence = firstDivergence(stable, &t.Recording, got); v.Divergence != nil {
			v.Divergence.Picks = RandomPicks(seed).String()
			return v, nil
		}
		sample.add(got)
	}
	v.RandomRuns, v.Outside, v.Examples = sample.runs, sample.outside, sample.examples
	if finding := sample.worst(); !t.FullyStable && finding.p < suspicion {
		for seed := o.Seeds + 1; seed <= max(moreSeeds, o.Seeds); seed++ {
			got, err := Run(&t.Scenario, RandomPicks(seed), o.ParkIdle)
			if err != nil {
				return v, err
			}
			sample.add(got)
		}
		if finding = sample.worst(); finding.p < contradiction {
			v.Divergence = finding.divergence()
			return v, nil
		}
	}
	v.Conforms = true
	return v, nil
}

func (t *Trace) stableProjections() []projection {
	return slices.DeleteFunc(slices.Clone(projections), func(p projection) bool { return !t.Stability[p.name] })
}
