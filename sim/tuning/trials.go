package tuning

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"ipamsim/scenarios"
	"ipamsim/sim"
	"ipamsim/sim/des"
	"ipamsim/sim/experiment"
	"ipamsim/sim/fleet"
	"ipamsim/sim/jobs"
	"ipamsim/sim/result"
)

// ask is a trial that is wanted.
type ask struct {
	set          []string
	seed         uint64
	replications int
}

func (a *ask) key() string {
	return fmt.Sprintf("%d %d %s", a.seed, a.replications, strings.Join(a.set, "\n"))
}

// A trial may execute so many times the events that the scenario as it is does,
// and so many at the least: settings that make retries without end are left
// aside. Our choice.
const (
	moreEvents  = 4
	leastEvents = 1_000_000
)

// trials runs what is asked and remembers it.
type trials struct {
	base  *scenarios.Expanded
	o     *Options
	known map[string]*result.Trial
	most  uint64 // events of a replication; 0 is the scenario's own bound
}

// run are the trials that are asked for, in their order. Those that are known are
// not run again.
func (t *trials) run(ctx context.Context, stage string, asks []ask) ([]*result.Trial, error) {
	for {
		var open []ask
		asked := map[string]bool{}
		for i := range asks {
			if key := asks[i].key(); t.known[key] == nil && !asked[key] {
				asked[key] = true
				open = append(open, asks[i])
			}
		}
		if len(open) == 0 {
			break
		}
		if err := t.runOpen(ctx, stage, open); err != nil {
			return nil, err
		}
	}
	list := make([]*result.Trial, len(asks))
	for i := range asks {
		list[i] = t.known[asks[i].key()]
	}
	return list, nil
}

// runOpen runs trials, and enters them in their order. One that comes to the bound
// of its events is entered as unfinished; then the others have yet to be run.
func (t *trials) runOpen(ctx context.Context, stage string, open []ask) error {
	runs := 0
	for i := range open {
		runs += open[i].replications
	}
	done := experiment.NewInOrder(func(trial *result.Trial) error { return t.enter(trial) })
	prepare := func(_ context.Context, i int) (*scenarios.Expanded, error) { return t.expand(&open[i]) }
	deliver := func(i int, v *scenarios.Expanded, out *result.Variant) error {
		trial := result.MakeTrial(open[i].set, open[i].seed, sim.Fingerprint(out), out)
		return done.Add(i, &trial)
	}
	options := sim.Options{Version: t.o.Version, Workers: t.o.Workers}
	if t.o.Progress != nil {
		options.Progress = func(p fleet.Progress) {
			p.Variant = stage + ", " + p.Variant
			t.o.Progress(p)
		}
	}
	err := sim.Stream(ctx, len(open), runs, prepare, deliver, options)
	var at *jobs.VariantError
	var limit *des.LimitError
	switch {
	case err == nil || ctx.Err() != nil || !errors.As(err, &at):
		return err
	case errors.As(err, &limit) && t.most > 0:
		a := &open[at.Place]
		return t.enter(&result.Trial{Set: a.set, Seed: a.seed, Replications: a.replications, Unfinished: true, Thresholds: []result.Threshold{}, Worlds: []result.Costs{}})
	}
	return at.Err
}

// enter remembers a trial, and stores it.
func (t *trials) enter(trial *result.Trial) error {
	a := ask{trial.Set, trial.Seed, trial.Replications}
	t.known[a.key()] = trial
	if t.o.Store == nil {
		return nil
	}
	return t.o.Store.write(trial)
}

// expand is the scenario of a trial.
func (t *trials) expand(a *ask) (*scenarios.Expanded, error) {
	v, err := t.base.With(a.set...)
	if err != nil {
		return nil, err
	}
	scenario := *v.Scenario
	scenario.Seed, scenario.Replications = a.seed, a.replications
	if t.most > 0 {
		scenario.Limits.Events = min(scenario.Limits.Events, t.most)
	}
	v.Scenario = &scenario
	return &v, nil
}

// possible says whether the language, and the daemon, take some overrides.
func (t *trials) possible(set []string) bool {
	_, err := t.base.With(set...)
	return err == nil
}
