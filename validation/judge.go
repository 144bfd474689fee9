package validation

// Options say how a trace is judged.
type Options struct {
	Seeds    int  // of random picks; 0 is DefaultSeeds
	TickIdle bool // the daemon goes through every pass of its loop instead of parking; it changes no outcome
	Workers  int  // traces at a time; 0 is one per core
}

// DefaultSeeds is how many runs with random picks a trace is judged by.
const DefaultSeeds = 20

// moreSeeds are run when the first ones leave a doubt.
const moreSeeds = 200

// Verdict is what became of one trace.
type Verdict struct {
	Name        string      `json:"name"`
	Path        string      `json:"path"`
	Area        string      `json:"area"`
	Conforms    bool        `json:"conforms"`
	FullyStable bool        `json:"fully_stable"` // the real daemon leaves nothing to chance here
	Divergence  *Divergence `json:"divergence,omitempty"`
	Error       string      `json:"error,omitempty"`   // why the trace cannot be replayed
	Unknown     string      `json:"unknown,omitempty"` // a key of the trace that the replay does not know
	RandomRuns  int         `json:"random_runs"`
	// Outside is how many of the random runs left what the recorded ones did
	// somewhere: a range, the envelope, or a view in which they all agree. A
	// rare branch may; it is judged by how improbable it is.
	Outside  int      `json:"outside"`
	Examples []string `json:"examples,omitempty"` // of the ways in which they did, one of each kind
}

// DivergesInOrder says whether the divergence is one of ascending or descending
// picks.
func (v *Verdict) DivergesInOrder() bool {
	return v.Divergence != nil && (v.Divergence.Picks == ascending.String() || v.Divergence.Picks == descending.String())
}

// judge replays a trace's scenario and compares. The error is for a scenario
// that cannot be built.
//
// A fully stable trace must be met exactly under every pick order. Any other
// must be met exactly under ascending and descending picks by its ordered
// recordings; what random picks do must not contradict the recorded runs, see
// sample.
func judge(t *Trace, o Options) (Verdict, error) {
	if o.Seeds == 0 {
		o.Seeds = DefaultSeeds
	}
	v := Verdict{Name: t.Scenario.Name, Area: t.Scenario.Area(), FullyStable: t.FullyStable, Unknown: t.Unknown}
	d, err := divergeInOrder(t, o)
	if d == nil && err == nil {
		if t.FullyStable {
			v.RandomRuns = o.Seeds
			d, err = divergeAtRandom(t, o)
		} else {
			d, err = v.contradiction(t, o)
		}
	}
	v.Divergence, v.Conforms = d, d == nil && err == nil
	return v, err
}

// divergeInOrder compares under ascending and descending picks.
func divergeInOrder(t *Trace, o Options) (*Divergence, error) {
	asc, desc := &t.Recording, &t.Recording
	if !t.FullyStable {
		asc, desc = &t.Ordered.Asc, &t.Ordered.Desc
	}
	if d, err := diverge(t, ascending, asc, o); d != nil || err != nil {
		return d, err
	}
	return diverge(t, descending, desc, o)
}

// divergeAtRandom compares a fully stable trace under random picks.
func divergeAtRandom(t *Trace, o Options) (*Divergence, error) {
	for seed := 1; seed <= o.Seeds; seed++ {
		if d, err := diverge(t, randomPicks(seed), &t.Recording, o); d != nil || err != nil {
			return d, err
		}
	}
	return nil, nil
}

func diverge(t *Trace, p picks, want *Recording, o Options) (*Divergence, error) {
	got, err := replay(&t.Scenario, p, o.TickIdle)
	if err != nil {
		return nil, err
	}
	d := firstDivergence(everything, want, got)
	if d != nil {
		d.Picks = p.String()
	}
	return d, nil
}

// contradiction lets random picks speak, at more length if they leave a doubt.
func (v *Verdict) contradiction(t *Trace, o Options) (*Divergence, error) {
	s := newSample(t)
	if err := s.run(o.Seeds, o.TickIdle); err != nil {
		return nil, err
	}
	v.RandomRuns, v.Outside, v.Examples = s.runs, s.outside, s.examples
	if !s.doubtful() {
		return nil, nil
	}
	if err := s.run(max(moreSeeds, o.Seeds), o.TickIdle); err != nil {
		return nil, err
	}
	return s.contradiction(), nil
}
