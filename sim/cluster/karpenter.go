package cluster

import (
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
)

// karpenter watches for pods that fit nowhere, collects them for a moment,
// and makes a NodeClaim for each node that they need.
type karpenter struct {
	provisioning
	claims     *nodeClaims
	disruption *consolidation
	open       bool          // a batching window is open
	opened     time.Duration //
	last       time.Duration // latest pod of the window
	again      bool          // a requeue is scheduled
}

func newKarpenter(p provisioning) *karpenter {
	k := &karpenter{provisioning: p, claims: newNodeClaims(p.cluster)}
	k.disruption = &consolidation{provisioning: &k.provisioning}
	p.cluster.scheduler.demand = k.trigger
	return k
}

func (k *karpenter) start() {
	k.claims.view.start()
	if k.cfg.ScaleDown {
		k.disruption.begin()
	}
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
	orders := k.plan(func(g *Group) (typeSet, int) { return k.claims.available(g), g.headroom() })
	for _, o := range orders {
		k.claims.create(claimKind{c.groups[o.group], o.types, o.zone}, o.count)
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

// starving says that pods wait for which no node had room.
func (p *provisioning) starving() bool {
	return slices.ContainsFunc(p.cluster.scheduler.classes, (*class).starved)
}

// launchFailed leaves nodes for pods to the next batch; nodes that make up
// the group's floor are the group's own business.
func (k *karpenter) launchFailed(g *Group, _ int) bool { return g.live() >= g.wanted() }
