package planning

import (
	"cmp"
	"context"
	"slices"
	"time"

	"ipamsim/ec2model"
	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
	"ipamsim/sim/des"
	"ipamsim/sim/fleet"
	"ipamsim/sim/result"
)

// observed is what a run of the variant shows.
type observed struct {
	now     *base // at time 0
	busiest *base // when most pods ran; nil where now has pods, and of other replications than the first
	start   []ec2model.SubnetState
	usage   ec2model.Usage // at time 0
	outcome result.Outcome
	events  uint64
}

// base is a fleet at a moment, at rest from then on.
type base struct {
	at       time.Duration // from time 0
	scenario *scenarios.Scenario
	nodes    int // Ready
	pods     int // that run
	held     int // addresses of nodes
	onPods   int // pods that have an address of their own
	workload int // that are not of DaemonSets, which come and go with their nodes
	groups   []groupAt
}

// groupAt is a group at that moment.
type groupAt struct {
	name   string
	config *scenarios.NodeGroup // in the scenario at rest
	max    *int
	nodes  int
	pods   int   // that run, DaemonSets' aside
	mix    []mix // of them, in the order of the workloads
}

// mix are pods of one workload.
type mix struct {
	workload *scenarios.Workload // in the scenario at rest
	count    int
}

// busyLooks is how often a run is looked at for its busiest moment: our choice.
const busyLooks = 100

// look runs a replication of the variant.
func (s *subject) look(ctx context.Context, replication int) (o observed, err error) {
	w, err := fleet.New(*s.variant, fleet.Options{Replication: replication})
	if err != nil {
		return o, err
	}
	w.Kernel.AtPriority(w.WarmUp, des.Late, func() {
		o.start, o.usage = w.Account.Subnets(), w.Account.Usage()
		if replication > 0 {
			return
		}
		o.now = baseOf(w)
		if o.now.pods == 0 {
			o.busiest = o.now
			o.watch(w)
		}
	})
	if err := w.Run(ctx, w.End, s.tally); err != nil {
		return o, err
	}
	r := w.Outcome()
	o.outcome, o.events = r.Outcome, r.Events
	return o, nil
}

// watch keeps the busiest moment of a run.
func (o *observed) watch(w *fleet.Fleet) {
	every := max(time.Second, (w.End-w.WarmUp)/busyLooks)
	most := 0
	var step func()
	step = func() {
		if running := w.Cluster.Counts().Running; running > most {
			most = running
			o.busiest = baseOf(w)
		}
		if next := w.Kernel.Now() + every; next <= w.End {
			w.Kernel.AtPriority(next, des.Late, step)
		}
	}
	step()
}

// baseOf is a fleet as it stands.
func baseOf(w *fleet.Fleet) *base {
	b := &base{at: w.Kernel.Now() - w.WarmUp, scenario: atRest(w)}
	for _, subnet := range w.Account.Subnets() {
		b.held += subnet.Primaries + subnet.Secondary
	}
	byName := map[string]*scenarios.Workload{}
	for i := range b.scenario.Workloads {
		byName[b.scenario.Workloads[i].Name] = &b.scenario.Workloads[i]
	}
	for i := range w.Scenario.NodeGroups {
		g := &w.Scenario.NodeGroups[i]
		at := groupAt{name: g.Name, config: &b.scenario.NodeGroups[i], max: g.Max}
		counts := map[string]int{}
		for _, m := range w.Machines {
			if m.Node.Group.Name != g.Name || m.Node.State() != cluster.Ready && m.Node.Existing == nil {
				continue
			}
			at.nodes++
			for _, p := range m.Node.Pods() {
				if p.State() != cluster.Running {
					continue
				}
				b.pods++
				if !p.HostNetwork {
					b.onPods++
				}
				if p.Workload.Kind != cluster.DaemonSet {
					at.pods++
					b.workload++
					counts[p.Workload.Name]++
				}
			}
		}
		for name, n := range counts { // any order: sorted next
			at.mix = append(at.mix, mix{byName[name], n})
		}
		slices.SortFunc(at.mix, func(x, y mix) int { return cmp.Compare(x.workload.Name, y.workload.Name) })
		b.nodes += at.nodes
		b.groups = append(b.groups, at)
	}
	return b
}

// upgradeNeeds is how many free addresses the subnets of a cluster need for an
// update of its control plane: up to five
// (https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html).
const upgradeNeeds = 5

// subnets is each subnet's room now and, over all replications, at its worst.
func (o *observed) subnets(v *Variant, all []observed) {
	for i, state := range o.start {
		n := Subnet{Name: state.Name, Zone: o.outcome.Subnets[i].Zone, CIDR: state.CIDR.String(), Usable: state.Usable,
			FreeNow: state.Free, BlocksNow: state.FreeBlocks, FreeWorst: state.Free, BlocksWorst: state.FreeBlocks}
		for k := range all {
			if worst := &all[k].outcome.Subnets[i]; worst.FreeMin < n.FreeWorst {
				n.FreeWorst, n.WorstAtSeconds = worst.FreeMin, worst.Worst.AtSeconds
			}
			n.BlocksWorst = min(n.BlocksWorst, all[k].outcome.Subnets[i].FreeBlocksMin)
		}
		n.UpgradeReady, n.UpgradeReadyWorst = n.FreeNow >= upgradeNeeds, n.FreeWorst >= upgradeNeeds
		v.Subnets = append(v.Subnets, n)
	}
}

// quotas are what is used of the account's.
func (o *observed) quotas(all []observed) Quotas {
	s := o.now.scenario.VPC.Quotas
	q := Quotas{Interfaces: s.NetworkInterfaces, NAU: s.NAU, InterfacesUsed: o.usage.NetworkInterfaces, NAUUsed: o.usage.NAU}
	for i := range all {
		q.InterfacesWorst = max(q.InterfacesWorst, all[i].outcome.Interfaces.Peak)
	}
	return q
}
