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
)

// karpenter watches for pods that fit nowhere, collects them for a moment,
// and makes a NodeClaim for each node that they need.
type karpenter struct {
	provisioning
	claims *nodeClaims
	open   bool          // a batching window is open
	opened time.Duration //
	last   time.Duration // latest pod of the window
	again  bool          // a requeue is scheduled
}

func newKarpenter(p provisioning) *karpenter {
	k := &karpenter{provisioning: p, claims: newNodeClaims(p.cluster)}
	p.cluster.scheduler.demand = k.trigger
	return k
}

func (k *karpenter) start() {
	k.claims.view.start()
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
		k.claims.create(c.groups[i], n)
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

// launchFailed leaves nodes for pods to the next batch; nodes that make up
// the group's floor are the group's own business.
func (k *karpenter) launchFailed(g *Group, _ int) bool { return g.live() >= g.target }

// disrupt removes empty nodes and, with a utilization threshold, drains at most one
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
