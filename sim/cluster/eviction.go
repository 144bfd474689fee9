package cluster

import (
	"slices"
	"time"

	"ipamsim/sim/controlplane"
)

// How often whoever drains a node asks again for a pod whose eviction the API
// server has refused.
const (
	// kubectlRetry: EvictErrorRetryDelay of kubectl drain (pkg/cmd/drain); EKS and
	// the Cluster Autoscaler are taken to do likewise.
	kubectlRetry = 5 * time.Second
	// karpenterRetry and karpenterRetryMost: of Karpenter's eviction queue, doubling
	// from the one to the other for each pod
	// (pkg/controllers/node/termination/terminator/eviction.go).
	karpenterRetry     = 100 * time.Millisecond
	karpenterRetryMost = 10 * time.Second
	// terminateHook: how long the Terminate-LC-Hook that EKS puts onto the Auto
	// Scaling groups of managed node groups holds an instance, its HeartbeatTimeout,
	// while its pods are evicted.
	terminateHook = 30 * time.Minute
)

// DisruptionBudget is a PodDisruptionBudget of a Deployment's pods. One of the
// two is given.
type DisruptionBudget struct {
	MinAvailable, MaxUnavailable *controlplane.IntOrPercent
}

// healthy is how many ready pods there must be of so many wanted ones;
// percentages are rounded up (getExpectedPodCount in
// pkg/controller/disruption/disruption.go).
func (b *DisruptionBudget) healthy(wanted int) int {
	if b.MaxUnavailable != nil {
		return max(0, wanted-b.MaxUnavailable.Up(wanted))
	}
	return b.MinAvailable.Up(wanted)
}

// mayEvict is what the API server decides about an eviction: pods that do not run
// go, and so do unready ones while enough others are ready
// (pkg/registry/core/pod/storage/eviction.go). The disruption controller's
// some milliseconds are left out.
func (w *Workload) mayEvict(p *Pod) bool {
	if w.Budget == nil || p.state != Running {
		return true
	}
	healthy := w.Budget.healthy(w.desired)
	return w.up > healthy || !p.ready && w.up == healthy && healthy > 0
}

// blocked says that a budget allows nothing of some pod of the node now: then
// Karpenter leaves the node alone (ValidatePodsDisruptable in
// pkg/controllers/state/statenode.go), and so does the Cluster Autoscaler
// (cluster-autoscaler/core/scaledown/pdb).
func (n *Node) blocked() bool {
	return n.Group.cluster.budgets && slices.ContainsFunc(n.pods, func(p *Pod) bool { return !p.Workload.mayEvict(p) })
}

// retry is how long the drainer of a node waits after so many refusals.
func (n *Node) retry(refusals int) time.Duration {
	if g := n.Group; !g.managed || g.cluster.cfg.Autoscaler.Kind != Karpenter {
		return kubectlRetry
	}
	wait := karpenterRetry
	for i := 1; i < refusals && wait < karpenterRetryMost; i++ {
		wait *= 2
	}
	return min(wait, karpenterRetryMost)
}

// evictAll asks for the eviction of all pods that a drain moves, and goes on
// asking.
func (c *Cluster) evictAll(n *Node) {
	if n.evicting {
		return
	}
	n.evicting = true
	n.drains++
	for _, p := range n.leavers() {
		c.tryEviction(p, n.drains, 0)
	}
}

func (c *Cluster) tryEviction(p *Pod, drain, refusals int) {
	switch {
	case p.state >= Stopping || !p.Node.evicting || p.Node.drains != drain:
		return
	case p.Workload.mayEvict(p):
		c.evict(p)
		return
	}
	c.refused++
	if c.hooks.EvictionRefused != nil {
		c.hooks.EvictionRefused(p)
	}
	refusals++
	c.kernel.After(p.Node.retry(refusals), func() { c.tryEviction(p, drain, refusals) })
}

// scaleIn drains a node that its group has too many, or lets it go with what is
// left on it when the hook of a managed node group no longer holds it.
func (c *Cluster) scaleIn(n *Node) {
	c.drain(n)
	if c.budgets && n.state == Draining {
		c.kernel.After(terminateHook, func() {
			if n.state == Draining {
				c.lose(n, true, c.terminate)
			}
		})
	}
}

// Taint closes nodes for new pods by a taint of whoever replaces them, of which
// ipamd knows nothing.
func (c *Cluster) Taint(nodes []*Node) {
	for _, n := range nodes {
		n.tainted = true
		if n.state != Gone {
			n.index.update(n)
		}
	}
}

// Untaint opens them again.
func (c *Cluster) Untaint(nodes []*Node) {
	for _, n := range nodes {
		n.tainted = false
		if n.state == Ready {
			c.open(n)
		}
	}
}

// Vacate evicts a node's pods and calls then when the last one has left, at once
// if there is none. The node stays.
func (c *Cluster) Vacate(n *Node, then func()) {
	n.vacant = then
	c.evictAll(n)
	c.vacated(n)
}

// vacated ends a Vacate.
func (c *Cluster) vacated(n *Node) {
	if then := n.vacant; then != nil && n.nonDaemonPods() == 0 && n.state < Draining {
		n.vacant = nil
		then()
	}
}

// Expel ends what is left on a node that is being vacated, whatever budgets say.
func (c *Cluster) Expel(n *Node) {
	for _, p := range n.leavers() {
		c.evict(p)
	}
}

// StopVacating lets the pods that are still on a node stay.
func (c *Cluster) StopVacating(n *Node) { n.evicting, n.vacant = false, nil }

// Retire terminates a node that has been vacated, and lets its group replace it.
func (c *Cluster) Retire(n *Node) {
	c.drain(n)
	n.Group.reconcile()
}

// Surge lets a group have so many more nodes than are wanted of it, from now on;
// fewer when by is negative. Those with the fewest pods go then.
func (g *Group) Surge(by int) {
	g.surge += by
	g.reconcile()
	if extra := g.live() - g.wanted(); by < 0 && g.managed && extra > 0 {
		g.shrink(min(extra, -by))
	}
}

// wanted is the number of nodes that the group is to have.
func (g *Group) wanted() int { return g.target + g.surge }

// Launches says that the group asks for nodes, or is about to.
func (g *Group) Launches() bool { return g.launching > 0 || g.due }

// Zones are the Availability Zones of the group's subnets, each once.
func (g *Group) Zones() []string { return g.zones }

// Zone is a node's Availability Zone.
func (n *Node) Zone() string { return n.Group.subnet(n.Instance.Subnet).zone }

// Tainted says that whoever replaces the node has closed it.
func (n *Node) Tainted() bool { return n.tainted }
