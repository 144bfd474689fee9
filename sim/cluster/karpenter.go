package cluster

import (
	"cmp"
	"slices"
	"time"
)

// Constants of Karpenter (kubernetes-sigs/karpenter unless said otherwise).
const (
	batchIdle = 1 * time.Second  // --batch-idle-duration
	batchMax  = 10 * time.Second // --batch-max-duration
	// requeue: the provisioning controller looks at a pending pod again
	// (pkg/controllers/provisioning/controller.go).
	requeue = 10 * time.Second
	// disruptionPoll: pollingPeriod of pkg/controllers/disruption.
	disruptionPoll = 10 * time.Second
	// disruptionBudgetPercent: a NodePool without budgets disrupts at most
	// this share of its nodes at a time, rounded up (pkg/apis/v1/nodepool.go).
	disruptionBudgetPercent = 10
	// emptyAfter stands for spec.disruption.consolidateAfter, which Karpenter
	// has everyone choose (a NodePool without a disruption block gets 0 s):
	// 30 s is our choice, that of its early examples for empty nodes.
	emptyAfter = 30 * time.Second
	// fleetMax: MaxItems of the CreateFleet batcher
	// (karpenter-provider-aws, pkg/batcher/createfleet.go).
	fleetMax = 1000
)

// karpenter watches for pods that fit nowhere, collects them for a moment,
// and asks for the nodes that they need with one fleet request per group.
type karpenter struct {
	provisioning
	open   bool          // a batching window is open
	opened time.Duration //
	last   time.Duration // latest pod of the window
	again  bool          // a requeue is scheduled
}

func newKarpenter(p provisioning) *karpenter {
	k := &karpenter{provisioning: p}
	p.cluster.scheduler.demand = k.trigger
	return k
}

func (k *karpenter) start() {
	if !k.cfg.ScaleDown {
		return
	}
	kernel := k.cluster.kernel
	var tick func()
	tick = func() {
		k.disrupt()
		kernel.After(disruptionPoll, tick)
	}
	phase := kernel.Rand("autoscaler/phase").Int64N(int64(disruptionPoll / time.Microsecond))
	kernel.At(k.cluster.cfg.WarmUp+time.Duration(phase)*time.Microsecond, tick)
}

// trigger opens a window or extends it.
func (k *karpenter) trigger() {
	now := k.cluster.kernel.Now()
	k.last = now
	if !k.open {
		k.open, k.opened = true, now
		k.cluster.kernel.After(batchIdle, k.closeWindow)
	}
}

// closeWindow provisions when the window has been idle or open for long
// enough, and otherwise comes back then.
func (k *karpenter) closeWindow() {
	kernel := k.cluster.kernel
	if end := min(k.last+batchIdle, k.opened+batchMax); kernel.Now() < end {
		kernel.At(end, k.closeWindow)
		return
	}
	k.open = false
	k.provision()
}

func (k *karpenter) provision() {
	c := k.cluster
	add := k.plan(func(g *Group) int {
		if !g.anyOpen() {
			return 0
		}
		return g.headroom()
	})
	for i, n := range add {
		g := c.groups[i]
		for n > 0 {
			part := min(n, fleetMax)
			g.launch(part, g.subnetsByRoom(), true)
			n -= part
		}
	}
	if !k.again && k.starving() {
		k.again = true
		c.kernel.After(requeue, func() {
			k.again = false
			if k.starving() {
				k.trigger()
			}
		})
	}
}

func (k *karpenter) starving() bool {
	return slices.ContainsFunc(k.cluster.scheduler.classes, (*class).starved)
}

// subnetsByRoom are the open subnets, the one with most free addresses first.
// Like Karpenter it takes off what the instances being launched may need: a
// full node's pods each.
func (g *Group) subnetsByRoom() []string {
	type choice struct {
		name string
		free int
	}
	var open []choice
	for i := range g.subnets {
		if s := &g.subnets[i]; s.closedTill <= g.cluster.kernel.Now() {
			open = append(open, choice{s.name, g.cluster.cloud.FreeAddresses(s.name) - s.launching*g.MaxPods})
		}
	}
	slices.SortStableFunc(open, func(a, b choice) int { return cmp.Compare(b.free, a.free) })
	names := make([]string, len(open))
	for i := range open {
		names[i] = open[i].name
	}
	return names
}

// launchFailed leaves nodes for pods to the next batch; nodes that make up
// the group's floor are the group's own business.
func (k *karpenter) launchFailed(g *Group, _ int) bool { return g.live() >= g.target }

// disrupt removes empty nodes and, with a utilisation, drains at most one
// little-used node at a time.
func (k *karpenter) disrupt() {
	now := k.cluster.kernel.Now()
	after := cmp.Or(k.cfg.ScaleDownAfter, emptyAfter)
	for _, g := range k.cluster.groups {
		budget := (g.nodes.count*disruptionBudgetPercent+99)/100 - (g.nodes.count - g.ready)
		mayDrain := g.draining == 0
		for _, n := range slices.Backward(k.spares(g)) {
			since := max(n.changed, k.cluster.cfg.WarmUp)
			if budget <= 0 || !g.removable(n) || now-since < after {
				continue
			}
			if n.guests() > 0 {
				if !mayDrain || !k.fitElsewhere(n) {
					continue
				}
				mayDrain = false
			}
			budget--
			k.cluster.drain(n)
		}
	}
}
