package planning

import (
	"context"
	"fmt"

	"ipamsim/scenarios"
	"ipamsim/sim/fleet"
	"ipamsim/sim/jobs"
	"ipamsim/sim/result"
)

// Options of Make.
type Options struct {
	Version string // of the program, for the plan
	Workers int    // runs at a time; 0 is one per core. The plan does not depend on it
	Events  uint64 // most events of the runs of one search; 0 is 60 million
	// Surge and Unavailable are how all nodes are replaced: how many more come
	// first in each group, and how many are drained at a time; nil for what EKS
	// does.
	Surge, Unavailable *scenarios.IntOrPercent
	Progress           func(fleet.Progress) // called now and then, never concurrently; nil for nobody
}

// searchEvents is how many events the runs of one search may execute unless
// Options say otherwise: our assumption, about two minutes on one core.
const searchEvents = 60_000_000

// Make answers for each variant. A cancelled context ends it with its error.
func Make(ctx context.Context, variants []scenarios.Expanded, o Options) (*Plan, error) {
	if o.Events == 0 {
		o.Events = searchEvents
	}
	first := &variants[0]
	p := &Plan{
		SchemaVersion: schemaVersion, Version: o.Version, Scenario: result.Scenario{Name: first.Scenario.Metadata.Name, Digest: first.Digest},
		Overrides: append([]string{}, first.Set...), Seed: first.Scenario.Seed,
	}
	tally := fleet.NewTally(0, o.Progress)
	list := make([]*subject, len(variants))
	for i := range variants {
		list[i] = &subject{variant: &variants[i], tally: tally, events: o.Events, surge: o.Surge, unavailable: o.Unavailable}
	}
	for _, phase := range []func(*subject) []task{(*subject).observe, (*subject).ask, (*subject).scaleOut} {
		var all []task
		for _, s := range list {
			all = append(all, phase(s)...)
		}
		for _, t := range all {
			tally.Expect(t.runs)
		}
		err := jobs.Each(ctx, len(all), o.Workers, func(ctx context.Context, i int) error { return all[i].do(ctx) })
		if err != nil {
			return nil, err
		}
	}
	for _, s := range list {
		p.Variants = append(p.Variants, s.conclude())
	}
	return p, nil
}

// task is one question, which a worker answers by itself.
type task struct {
	runs int // that it will probably take, for the progress
	do   func(context.Context) error
}

// subject is a variant that is asked about. Each task writes to a place of its
// own.
type subject struct {
	variant *scenarios.Expanded
	tally   *fleet.Tally
	events  uint64 // most of a search

	surge, unavailable *scenarios.IntOrPercent

	seen    []observed // by replication
	base    *base      // of the first replication
	growth  []search
	alone   []alone // by group
	losses  []loss
	replace *replacement
	pace    []pace
}

// observe runs the variant as it is: every replication, of which the first says
// what is there now.
func (s *subject) observe() (list []task) {
	s.seen = make([]observed, s.variant.Scenario.Replications)
	for r := range s.seen {
		list = append(list, task{1, func(ctx context.Context) (err error) {
			s.seen[r], err = s.look(ctx, r)
			return err
		}})
	}
	return list
}

// ask lists the questions about the fleet as it is now.
func (s *subject) ask() (list []task) {
	s.base = s.seen[0].now
	if s.base.pods == 0 {
		s.base = s.seen[0].busiest
	}
	for i := range s.base.groups {
		for _, by := range []By{ByNodes, ByPods} {
			if by == ByPods && s.base.groups[i].nodes == 0 {
				continue
			}
			s.growth = append(s.growth, search{subject: s, group: &s.base.groups[i], by: by})
		}
	}
	for i := range s.growth {
		list = append(list, task{probableTries, s.growth[i].run})
	}
	for i := range s.base.groups {
		s.alone = append(s.alone, alone{subject: s, group: &s.base.groups[i]})
	}
	for i := range s.alone {
		list = append(list, task{aloneRuns, s.alone[i].run})
	}
	s.losses = s.zones()
	for i := range s.losses {
		list = append(list, task{1, s.losses[i].run})
	}
	if s.base.nodes > 0 {
		s.replace = &replacement{subject: s}
		list = append(list, task{1, s.replace.run})
	}
	return list
}

// scaleOut asks how fast the fleet may grow, once it is known what fits.
func (s *subject) scaleOut() (list []task) {
	s.pace = s.doubling()
	for i := range s.pace {
		list = append(list, task{2, s.pace[i].run})
	}
	return list
}

// conclude puts the answers together.
func (s *subject) conclude() Variant {
	v := Variant{Name: s.variant.Name, Description: s.variant.Description, AsOfSeconds: s.base.at.Seconds(), Nodes: s.base.nodes, Pods: s.base.pods, Growth: []Growth{}}
	s.seen[0].subnets(&v, s.seen)
	v.Quotas = s.seen[0].quotas(s.seen)
	for i := range s.base.groups {
		g := &s.base.groups[i]
		v.Groups = append(v.Groups, Group{Name: g.name, InstanceType: g.config.InstanceType, Nodes: g.nodes, Pods: g.pods, MaxPods: g.config.PodLimit(), Max: g.max,
			Empty: s.alone[i].held[bare], Typical: s.alone[i].held[typical], Full: s.alone[i].held[full], Calls: s.alone[i].calls})
	}
	v.FirstToBreak, v.Losses, v.Overlay = s.firstToBreak(), []Loss{}, s.overlay()
	for i := range s.losses {
		v.Losses = append(v.Losses, s.losses[i].out)
	}
	if s.replace != nil {
		v.Replacement = &s.replace.out
	}
	for i := range s.pace {
		v.ScaleOut = &s.pace[i].out
	}
	for i := range s.seen {
		v.Runs, v.Events = v.Runs+1, v.Events+s.seen[i].events
	}
	for i := range s.growth {
		q := &s.growth[i]
		v.Growth = append(v.Growth, q.out)
		v.Runs, v.Events = v.Runs+len(q.out.Tried), v.Events+q.spent
	}
	return v
}

// run runs a scenario of ours to its end, or until settled says that it will not
// change any more, which is asked now and then.
func (s *subject) run(ctx context.Context, what string, of *scenarios.Scenario, settled func(*fleet.Fleet) bool) (*fleet.Fleet, error) {
	return s.runWith(ctx, what, of, func(*fleet.Fleet) {}, settled)
}

// runWith does so with a fleet that is prepared for it.
func (s *subject) runWith(ctx context.Context, what string, of *scenarios.Scenario, prepare func(*fleet.Fleet), settled func(*fleet.Fleet) bool) (*fleet.Fleet, error) {
	w, err := fleet.New(scenarios.Expanded{Name: s.variant.Name + ", " + what, Scenario: of}, fleet.Options{})
	if err != nil {
		return nil, fmt.Errorf("variant %s, %s: %w", s.variant.Name, what, err)
	}
	prepare(w)
	w.Settled = func() bool { return settled != nil && settled(w) }
	return w, w.Run(ctx, w.End, s.tally)
}
