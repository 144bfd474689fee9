// Package remedy tries what findings propose. Each proposal is a set of
// overrides: the same scenario is run with it, in the same random world, and
// what does not cure a finding or help with it, or makes something else worse,
// is never recommended.
package remedy

import (
	"context"
	"errors"
	"fmt"
	"math/bits"

	"ipamsim/scenarios"
	"ipamsim/sim"
	"ipamsim/sim/des"
	"ipamsim/sim/fleet"
	"ipamsim/sim/jobs"
	"ipamsim/sim/result"
)

// The extra work that trying may be, unless Options say otherwise. It counts
// events, as a clock would make the result depend on the machine. The numbers
// are our assumption: a variant has seldom more than ten proposals, and 20
// million events are about a minute on one core.
const (
	workFactor = 10         // times the run's own events
	mostWork   = 20_000_000 // events
)

// enoughTries is how many runs of all replications a variant's share of the
// work must allow; with less, remedies are tried on the first replication.
const enoughTries = 4

// mostRounds bounds how often a recommendation is extended by what its own run
// proposes. Our assumption: three changes meet all that is known of a variant.
const mostRounds = 6

// Options of Try.
type Options struct {
	Advice   result.Advice        // what is done with the proposals; empty is tried
	Events   uint64               // most events of all tries together; 0 is workFactor and mostWork
	Workers  int                  // runs at a time; 0 is one per core. The result does not depend on it
	Progress func(fleet.Progress) // called now and then, never concurrently; nil for nobody
	Turns    jobs.Turns           // that runs wait for besides; nil for none
}

// Try replaces what the findings of a result propose by what trying it left,
// one recommendation for each variant. The variants are those that were run,
// in the order of the result. A cancelled context ends it with its error.
func Try(ctx context.Context, variants []scenarios.Expanded, r *result.Result, o Options) error {
	if len(variants) != len(r.Variants) {
		return fmt.Errorf("a result of %d variants for %d", len(r.Variants), len(variants))
	}
	switch o.Advice {
	case result.Untried, result.NoRemedies:
		for i := range r.Variants {
			r.Variants[i].Trying = &result.Trying{Advice: o.Advice}
			if o.Advice == result.NoRemedies {
				forget(&r.Variants[i])
			}
		}
		return nil
	}
	list := searches(variants, r, o.Events)
	for {
		var batch []*trial
		for _, s := range list {
			if t := s.next(); t != nil {
				batch = append(batch, t)
			}
		}
		if len(batch) == 0 {
			break
		}
		if err := o.run(ctx, batch); err != nil {
			return err
		}
		for _, t := range batch {
			t.search.hear(t)
		}
	}
	for _, s := range list {
		s.conclude()
	}
	return nil
}

// forget takes the proposals away, untried as they are.
func forget(v *result.Variant) {
	for i := range v.Findings {
		v.Findings[i].Remedies, v.Findings[i].Remedy = []result.Remedy{}, ""
	}
}

// searches are one for each variant with findings. The work is shared out by
// the events of their own runs, so that none waits for what others use.
func searches(variants []scenarios.Expanded, r *result.Result, most uint64) (list []*search) {
	all := uint64(0)
	for i := range r.Variants {
		all += events(&r.Variants[i])
	}
	if most == 0 {
		most = min(workFactor*all, mostWork)
	}
	for i := range variants {
		v := &r.Variants[i]
		if v.Stopped != nil { // a run to the end would not be the same one with a remedy
			v.Trying = &result.Trying{Advice: result.Untried}
			continue
		}
		share := uint64(0)
		if all > 0 {
			high, low := bits.Mul64(most, events(v))
			share, _ = bits.Div64(high, low, all)
		}
		list = append(list, newSearch(&variants[i], v, share))
	}
	return list
}

// events that a variant's replications have executed.
func events(v *result.Variant) (n uint64) {
	for i := range v.Replications {
		n += v.Replications[i].Events
	}
	return n
}

// run runs a batch of trials, and gives each its outcome. One that reaches the
// bound of its events ends all of the batch; then each has a run of its own.
func (o *Options) run(ctx context.Context, batch []*trial) error {
	list := make([]scenarios.Expanded, len(batch))
	for i, t := range batch {
		list[i] = t.variant
	}
	r, err := sim.Run(ctx, list, sim.Options{Workers: o.Workers, Progress: o.Progress, ToTheEnd: true, Turns: o.Turns})
	var limit *des.LimitError
	switch {
	case err == nil:
		for i, t := range batch {
			t.outcome = &r.Variants[i]
		}
	case ctx.Err() != nil || !errors.As(err, &limit):
		return err
	case len(batch) > 1:
		for i := range batch {
			if err := o.run(ctx, batch[i:i+1]); err != nil {
				return err
			}
		}
	}
	return nil
}
