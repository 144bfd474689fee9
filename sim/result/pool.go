package result

import (
	"math"
	"slices"

	"ipamsim/internal/portable"
)

// Pool puts a variant's replications together, the first of which goes first,
// with what their trends came to.
func (v *Variant) Pool(trends *Trends) {
	v.Sum(trends)
	v.Distributions = trends.Distributions()
}

// Sum is Pool without the distributions themselves.
func (v *Variant) Sum(trends *Trends) {
	v.Outcome = pool(v.Outcomes())
	trends.Describe(&v.Outcome)
	v.trends = trends
}

// Outcomes are the outcomes of the replications.
func (v *Variant) Outcomes() []*Outcome {
	list := make([]*Outcome, len(v.Replications))
	for i := range v.Replications {
		list[i] = &v.Replications[i].Outcome
	}
	return list
}

// Judged lets go of what only Judge needs: each duration by itself.
func (v *Variant) Judged() { v.trends = nil }

func pool(list []*Outcome) Outcome {
	mean := func(read func(*Outcome) int) int {
		sum := 0
		for _, o := range list {
			sum += read(o)
		}
		return wholeMean(sum, len(list))
	}
	o := Outcome{
		Pods:       poolPods(list, mean),
		Workloads:  poolSets(list, func(o *Outcome) []PodSet { return o.Workloads }),
		NodeGroups: poolSets(list, func(o *Outcome) []PodSet { return o.NodeGroups }),
		Zones:      poolSets(list, func(o *Outcome) []PodSet { return o.Zones }),
		Nodes:      Nodes{NodeCounts: poolNodes(list, func(o *Outcome) *NodeCounts { return &o.Nodes.NodeCounts })},
		Interfaces: Interfaces{
			Vain:          mean(func(o *Outcome) int { return o.Interfaces.Vain }),
			ChurningNodes: mean(func(o *Outcome) int { return o.Interfaces.ChurningNodes }),
			LeakedEnd:     mean(func(o *Outcome) int { return o.Interfaces.LeakedEnd }),
			KeptEnd:       mean(func(o *Outcome) int { return o.Interfaces.KeptEnd }),
		},
		API:     map[string]*Action{},
		Network: poolNetwork(list, mean),
	}
	for _, each := range list {
		o.Nodes.AssignedP90 = max(o.Nodes.AssignedP90, each.Nodes.AssignedP90)
		o.Nodes.CoolingPeak = max(o.Nodes.CoolingPeak, each.Nodes.CoolingPeak)
		o.HeldPeak = max(o.HeldPeak, each.HeldPeak)
		o.HeldMean += each.HeldMean / float64(len(list))
		o.Nodes.ReadyHours += each.Nodes.ReadyHours / float64(len(list))
		o.Interfaces.Peak = max(o.Interfaces.Peak, each.Interfaces.Peak)
		o.Interfaces.LeakedPeak = max(o.Interfaces.LeakedPeak, each.Interfaces.LeakedPeak)
		// any order: what is pooled is of one action
		for name := range each.API {
			if o.API[name] == nil {
				o.API[name] = poolAction(name, list, mean)
			}
		}
	}
	for i := range list[0].FaultHits {
		o.FaultHits = append(o.FaultHits, mean(func(o *Outcome) int { return o.FaultHits[i] }))
	}
	o.Rollouts = poolRollouts(list)
	for i := range list[0].Subnets {
		o.Subnets = append(o.Subnets, poolSubnet(i, list))
	}
	return o
}

func poolPods(list []*Outcome, mean func(func(*Outcome) int) int) Pods {
	byCause := func(read func(*Outcome) map[Cause]int) map[Cause]int {
		out := map[Cause]int{}
		for _, each := range list {
			// any order: a mean is of one cause
			for cause := range read(each) {
				out[cause] = mean(func(o *Outcome) int { return read(o)[cause] })
			}
		}
		return out
	}
	return Pods{
		Counts:              poolCounts(list, func(o *Outcome) *Counts { return &o.Pods.Counts }),
		WaitingForNode:      mean(func(o *Outcome) int { return o.Pods.WaitingForNode }),
		RefusedEvictions:    mean(func(o *Outcome) int { return o.Pods.RefusedEvictions }),
		InitialNeverStarted: mean(func(o *Outcome) int { return o.Pods.InitialNeverStarted }),
		WaitingForPlace:     mean(func(o *Outcome) int { return o.Pods.WaitingForPlace }),
		FailedAddCauses:     byCause(func(o *Outcome) map[Cause]int { return o.Pods.FailedAddCauses }),
		FailedAddPods:       byCause(func(o *Outcome) map[Cause]int { return o.Pods.FailedAddPods }),
		MetPods:             byCause(func(o *Outcome) map[Cause]int { return o.Pods.MetPods }),
		LatePods:            byCause(func(o *Outcome) map[Cause]int { return o.Pods.LatePods }),
		StuckPods:           byCause(func(o *Outcome) map[Cause]int { return o.Pods.StuckPods }),
	}
}

// poolCounts takes means, and the worst of all replications.
func poolCounts(list []*Outcome, of func(*Outcome) *Counts) Counts {
	mean := func(read func(*Counts) int) int {
		sum := 0
		for _, o := range list {
			sum += read(of(o))
		}
		return wholeMean(sum, len(list))
	}
	c := Counts{
		Wanted:       mean(func(c *Counts) int { return c.Wanted }),
		RanBefore:    mean(func(c *Counts) int { return c.RanBefore }),
		Running:      mean(func(c *Counts) int { return c.Running }),
		NeverStarted: mean(func(c *Counts) int { return c.NeverStarted }),
		NotCreated:   mean(func(c *Counts) int { return c.NotCreated }),
		Deleted:      mean(func(c *Counts) int { return c.Deleted }),
		Starting:     mean(func(c *Counts) int { return c.Starting }),
		FailedAdds:   mean(func(c *Counts) int { return c.FailedAdds }),
		AtEnd: State{
			Running:           mean(func(c *Counts) int { return c.AtEnd.Running }),
			WaitingForAddress: mean(func(c *Counts) int { return c.AtEnd.WaitingForAddress }),
			Unschedulable:     mean(func(c *Counts) int { return c.AtEnd.Unschedulable }),
			WithoutNetwork:    mean(func(c *Counts) int { return c.AtEnd.WithoutNetwork }),
			NotCreated:        mean(func(c *Counts) int { return c.AtEnd.NotCreated }),
		},
		Worst: of(list[0]).Worst,
	}
	c.Started = max(0, c.Wanted-c.NeverStarted-c.Deleted-c.Starting) // so that the rounded numbers add up
	for _, o := range list {
		c.Worst.Worsen(of(o).Worst)
	}
	c.keepOrder(list, of)
	return c
}

// keepOrder lowers what has been rounded above that of which it is a part: of
// those that started some ran before, and some run at the end. What is equal in
// each replication is lowered together.
func (c *Counts) keepOrder(list []*Outcome, of func(*Outcome) *Counts) {
	always := func(holds func(*Counts) bool) bool {
		return !slices.ContainsFunc(list, func(o *Outcome) bool { return !holds(of(o)) })
	}
	if always(func(c *Counts) bool { return c.RanBefore <= c.Started }) {
		c.RanBefore = min(c.RanBefore, c.Started)
	}
	same := always(func(c *Counts) bool { return c.AtEnd.Running == c.Running })
	if always(func(c *Counts) bool { return c.Running <= c.Started }) {
		c.Running = min(c.Running, c.Started)
	}
	if same {
		c.AtEnd.Running = c.Running
	}
	if always(func(c *Counts) bool { return c.AtEnd.WithoutNetwork <= c.AtEnd.Running }) {
		c.AtEnd.WithoutNetwork = min(c.AtEnd.WithoutNetwork, c.AtEnd.Running)
	}
}

// poolNodes takes means, and the highest peak of all replications.
func poolNodes(list []*Outcome, of func(*Outcome) *NodeCounts) (n NodeCounts) {
	var failed, interrupted, restarted int
	for _, o := range list {
		each := of(o)
		n.Peak = max(n.Peak, each.Peak)
		failed, interrupted, restarted = failed+each.FailedLaunch, interrupted+each.Interruptions, restarted+each.AgentRestarts
	}
	n.FailedLaunch, n.Interruptions, n.AgentRestarts = wholeMean(failed, len(list)), wholeMean(interrupted, len(list)), wholeMean(restarted, len(list))
	return n
}

// poolSets pools each set by itself; replications have the same ones.
func poolSets(list []*Outcome, of func(*Outcome) []PodSet) []PodSet {
	var sets []PodSet
	for i, first := range of(list[0]) {
		set := PodSet{
			Name: first.Name, Kind: first.Kind,
			Counts: poolCounts(list, func(o *Outcome) *Counts { return &of(o)[i].Counts }),
		}
		set.Controller = poolControllers(list, func(o *Outcome) *Controller { return of(o)[i].Controller })
		if first.Nodes != nil {
			nodes := poolNodes(list, func(o *Outcome) *NodeCounts { return of(o)[i].Nodes })
			set.Nodes = &nodes
		}
		sets = append(sets, set)
	}
	return sets
}

// poolControllers takes means over the replications in which a controller was held up.
func poolControllers(list []*Outcome, of func(*Outcome) *Controller) *Controller {
	var seconds Seconds
	created, held := 0, 0
	for _, o := range list {
		if c := of(o); c != nil {
			seconds, created, held = seconds+c.BehindSeconds, created+c.Created, held+1
		}
	}
	if held == 0 {
		return nil
	}
	return &Controller{BehindSeconds: seconds / Seconds(held), Created: wholeMean(created, held)}
}

// wholeMean rounds to the nearest whole number, but what happened at all is
// never rounded away.
func wholeMean(sum, n int) int {
	mean := portable.Int(math.Round(float64(sum) / float64(n)))
	if mean == 0 && sum > 0 {
		return 1
	}
	return mean
}

func poolAction(name string, list []*Outcome, mean func(func(*Outcome) int) int) *Action {
	of := func(read func(*Action) int) int {
		return mean(func(o *Outcome) int {
			if a := o.API[name]; a != nil {
				return read(a)
			}
			return 0
		})
	}
	a := &Action{
		Calls:     of(func(a *Action) int { return a.Calls }),
		Attempts:  of(func(a *Action) int { return a.Attempts }),
		Throttled: of(func(a *Action) int { return a.Throttled }),
		Errors:    map[string]int{},
		Other: Tenants{
			Attempts:  of(func(a *Action) int { return a.Other.Attempts }),
			Throttled: of(func(a *Action) int { return a.Other.Throttled }),
		},
	}
	for _, o := range list {
		if o.API[name] == nil {
			continue
		}
		// any order: a mean is of one code
		for code := range o.API[name].Errors {
			if n := of(func(a *Action) int { return a.Errors[code] }); n > 0 {
				a.Errors[code] = n
			}
		}
	}
	return a
}

// poolSubnet takes peaks and minima over all replications, and means of what is
// held at the end. The worst moment is that of the replication that came closest
// to exhaustion.
func poolSubnet(i int, list []*Outcome) Subnet {
	worst := slices.MinFunc(list, func(a, b *Outcome) int { return a.Subnets[i].FreeMin - b.Subnets[i].FreeMin })
	s := worst.Subnets[i]
	mean := func(read func(*Subnet) int) int {
		sum := 0
		for _, o := range list {
			sum += read(&o.Subnets[i])
		}
		return wholeMean(sum, len(list))
	}
	for _, o := range list {
		s.FreeBlocksMin = min(s.FreeBlocksMin, o.Subnets[i].FreeBlocksMin)
		s.AllocatedPeak = max(s.AllocatedPeak, o.Subnets[i].AllocatedPeak)
		s.AssignedAtPeak = max(s.AssignedAtPeak, o.Subnets[i].AssignedAtPeak)
	}
	s.ReservedShared = mean(func(s *Subnet) int { return s.ReservedShared })
	s.Held.Holders = Holders{
		Assigned:  mean(func(s *Subnet) int { return s.Held.Assigned }),
		Cooling:   mean(func(s *Subnet) int { return s.Held.Cooling }),
		Warm:      mean(func(s *Subnet) int { return s.Held.Warm }),
		Primaries: mean(func(s *Subnet) int { return s.Held.Primaries }),
		Unmanaged: mean(func(s *Subnet) int { return s.Held.Unmanaged }),
		Others:    mean(func(s *Subnet) int { return s.Held.Others }),
	}
	s.Held.OthersBy = nil
	for who := range worst.Subnets[i].Held.OthersBy { // any order: each turn fills its own entry
		if s.Held.OthersBy == nil {
			s.Held.OthersBy = map[string]int{}
		}
		s.Held.OthersBy[who] = mean(func(s *Subnet) int { return s.Held.OthersBy[who] })
	}
	s.FreeAtEnd = mean(func(s *Subnet) int { return s.FreeAtEnd })
	return s
}
