package planning

import (
	"context"
	"time"

	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
	"ipamsim/sim/fleet"
)

// loss takes a zone from the fleet as it is now, and looks at the others.
type loss struct {
	*subject
	zone string
	out  Loss
}

// When the zone is lost, and how long the others have: pods are missed five and a
// half minutes later, and new nodes take a minute or two.
const (
	lostAt   = time.Minute
	missedBy = 6 * time.Minute
	lossTime = 30 * time.Minute
)

// workload counts the pods that run, without those of DaemonSets.
func workload(w *fleet.Fleet) (n int) {
	for _, p := range w.Cluster.Pods() {
		if p.State() == cluster.Running && p.Workload.Kind != cluster.DaemonSet {
			n++
		}
	}
	return n
}

func (l *loss) run(ctx context.Context) error {
	s := *l.base.scenario
	s.Duration = scenarios.Duration(lossTime)
	s.EC2.Throttling, s.ControlPlane = l.variant.Scenario.EC2.Throttling, l.variant.Scenario.ControlPlane
	s.Autoscaler = l.variant.Scenario.Autoscaler
	s.Faults = []scenarios.Fault{{Kind: scenarios.FaultZoneDown, At: scenarios.Duration(lostAt), Zone: l.zone}}
	w, err := l.subject.run(ctx, "without zone "+l.zone, &s, func(w *fleet.Fleet) bool {
		return w.Kernel.Now() > w.WarmUp+lostAt+missedBy && workload(w) >= l.base.workload
	})
	if err != nil {
		return err
	}
	short := shortOf(w, 0)
	l.out.PodsMissing = max(0, l.base.workload-workload(w))
	if l.out.PodsMissing > 0 {
		if limit, ok := short.limit(); ok {
			l.out.Binding = &limit
		}
	}
	for i, subnet := range short.subnets {
		if l.variant.Scenario.VPC.Subnets[i].AZ != l.zone {
			l.out.Others = append(l.out.Others, Room{Subnet: subnet.Name, Zone: subnet.AZ, FreeMin: subnet.FreeMin, BlocksMin: subnet.FreeBlocksMin, FreeEnd: subnet.Free})
		}
	}
	return nil
}

// zones are the losses of all zones in which there are nodes, if there are several.
func (s *subject) zones() (list []loss) {
	zones := map[string]*Loss{}
	var order []string
	for _, subnet := range s.variant.Scenario.VPC.Subnets {
		if zones[subnet.AZ] == nil {
			zones[subnet.AZ] = &Loss{Zone: subnet.AZ, Others: []Room{}}
			order = append(order, subnet.AZ)
		}
	}
	for i := range s.base.scenario.NodeGroups {
		for k := range s.base.scenario.NodeGroups[i].Nodes {
			n := &s.base.scenario.NodeGroups[i].Nodes[k]
			z := zones[zoneOf(s.base.scenario, n.Subnet)]
			z.Nodes += n.Count
			for p := range n.Pods {
				z.Pods += n.Count * n.Pods[p].Total()
			}
		}
	}
	for _, zone := range order {
		if z := zones[zone]; z.Nodes > 0 && len(order) > 1 {
			list = append(list, loss{subject: s, zone: zone, out: *z})
		}
	}
	return list
}

func zoneOf(s *scenarios.Scenario, subnet string) string {
	for i := range s.VPC.Subnets {
		if s.VPC.Subnets[i].Name == subnet {
			return s.VPC.Subnets[i].AZ
		}
	}
	return ""
}

// replacement replaces all nodes of all groups, as EKS replaces those of managed
// node groups.
type replacement struct {
	*subject
	out Replacement
}

// replacementTime bounds it: our choice, three days for the slowest.
const replacementTime = 72 * time.Hour

func (r *replacement) run(ctx context.Context) error {
	s := *r.base.scenario
	s.Duration = scenarios.Duration(replacementTime)
	s.EC2.Throttling, s.ControlPlane = r.variant.Scenario.EC2.Throttling, r.variant.Scenario.ControlPlane
	s.Faults = []scenarios.Fault{{Kind: scenarios.FaultRollNodes, At: scenarios.Duration(lostAt), MaxSurge: r.surge, MaxUnavailable: r.unavailable}}
	since := time.Duration(0)
	w, err := r.subject.run(ctx, "all nodes replaced", &s, func(w *fleet.Fleet) bool {
		rolls := w.Faults.Rollouts()
		for _, roll := range rolls {
			if roll.Ended < 0 {
				return false
			}
			since = max(since, roll.Ended)
		}
		return len(rolls) > 0 && w.Kernel.Now() > since+patience
	})
	if err != nil {
		return err
	}
	if r.surge != nil {
		r.out.Surge = r.surge.String()
	}
	if r.unavailable != nil {
		r.out.Unavailable = r.unavailable.String()
	}
	r.sum(w, since)
	return nil
}

// sum says what became of it.
func (r *replacement) sum(w *fleet.Fleet, ended time.Duration) {
	o := &r.out
	o.Ready, o.Seconds = true, (ended - w.WarmUp - lostAt).Seconds()
	for _, roll := range w.Faults.Rollouts() {
		o.Nodes += roll.Total
		o.Replaced += roll.Done
		if roll.Ended < 0 || roll.Failed != "" {
			o.Ready, o.Failed = false, roll.Failed
		}
	}
	short := shortOf(w, 0)
	o.PodsMissing = max(0, r.base.workload-workload(w))
	o.Ready = o.Ready && o.PodsMissing == 0
	if !o.Ready {
		if limit, ok := short.limit(); ok {
			o.Binding = &limit
		}
	}
	for _, subnet := range short.subnets {
		o.Subnets = append(o.Subnets, Room{Subnet: subnet.Name, Zone: subnet.AZ, FreeMin: subnet.FreeMin, BlocksMin: subnet.FreeBlocksMin, FreeEnd: subnet.Free})
	}
}
