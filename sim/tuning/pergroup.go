package tuning

import (
	"context"

	"ipamsim/scenarios"
	"ipamsim/sim/result"
)

// PerGroup adds to what a search has found what each node group's own environment
// would be worth: a search for each group, with the others as they are now, and all
// that these recommend together. A cluster has no such environments unless somebody
// runs a DaemonSet for each group.
func PerGroup(ctx context.Context, base *scenarios.Expanded, o Options, d *result.Tuning) error {
	var set []string
	o.Also = nil
	for i := range base.Scenario.NodeGroups {
		o.group = base.Scenario.NodeGroups[i].Name
		s := New(base, o)
		found, err := s.Run(ctx)
		if err != nil {
			return err
		}
		d.PerGroup = append(d.PerGroup, result.GroupTuning{Group: o.group, Front: found.Front, Recommended: found.Recommended, None: found.None})
		if r := found.Recommended; r != nil {
			set = append(set, r.Set...)
		}
	}
	o.group = ""
	s := New(base, o)
	now, err := s.begin(ctx)
	if err != nil {
		return err
	}
	list, err := s.trials.run(ctx, "all groups together", []ask{{append([]string{}, set...), now.Seed, now.Replications}})
	if err != nil {
		return err
	}
	a := assumption{name: "all groups together", set: []string{}, seed: now.Seed, n: now.Replications}
	together := a.probe(now, list[0])
	d.Together = &together
	return nil
}
