package cluster

import (
	"cmp"
	"time"

	"ipamsim/sim/des"
)

// Constants of the Cluster Autoscaler: the defaults of its flags
// (kubernetes/autoscaler, cluster-autoscaler/config/flags).
const (
	scanInterval     = 10 * time.Second // --scan-interval
	unneededTime     = 10 * time.Minute // --scale-down-unneeded-time
	scaleUpMax       = 1000             // --max-nodes-per-scaleup
	removeParallel   = 10               // --max-scale-down-parallelism
	drainParallel    = 1                // --max-drain-parallelism
	drainCandidates  = 30               // --scale-down-non-empty-candidates-count
	backoffFirst     = 5 * time.Minute  // --initial-node-group-backoff-duration
	backoffLongest   = 30 * time.Minute // --max-node-group-backoff-duration
	backoffForgotten = 3 * time.Hour    // --node-group-backoff-reset-timeout
)

// clusterAutoscaler looks at the cluster every 10 s. It raises the desired
// size of one group at a time for the pods that fit nowhere, and lowers it
// for nodes that were unneeded for long. The group launches, as an Auto
// Scaling group does.
type clusterAutoscaler struct {
	provisioning
	grown time.Duration // last scale-up; des.Never
	scans int32         // for nodes to remove; from 1, so that the first is not 1 more than a new node's
}

func newClusterAutoscaler(p provisioning) *clusterAutoscaler {
	return &clusterAutoscaler{provisioning: p, grown: des.Never, scans: 1}
}

func (a *clusterAutoscaler) start() {
	kernel := a.cluster.kernel
	var tick func()
	tick = func() {
		a.scaleUp()
		if a.cfg.ScaleDown && kernel.Now() >= a.cluster.cfg.WarmUp {
			a.scaleDown()
		}
		kernel.After(scanInterval, tick)
	}
	phase := kernel.Rand("autoscaler/phase").Int64N(int64(scanInterval / time.Microsecond))
	kernel.At(time.Duration(phase)*time.Microsecond, tick)
}

// scaleUp grows the first group that the plan wants more of: without
// --parallel-scale-up the others have to wait for the next scan.
func (a *clusterAutoscaler) scaleUp() {
	now := a.cluster.kernel.Now()
	orders := a.plan(func(g *Group) (typeSet, int) {
		if now < g.backoffUntil {
			return 0, 0
		}
		return 1, min(g.headroom(), scaleUpMax) // of several types it takes a node of the first for the group's
	})
	if len(orders) > 0 {
		g := a.cluster.groups[orders[0].group]
		g.target = max(g.target, g.live()-g.surge) + orders[0].count
		a.grown = now
		g.reconcile()
	}
}

// launchFailed gives the missing instances up and leaves the group alone for
// a while. What the group owes its floor it keeps trying by itself.
func (a *clusterAutoscaler) launchFailed(g *Group, short int) bool {
	now := a.cluster.kernel.Now()
	if now >= g.backoffUntil {
		if g.backoff == 0 || now-g.lastFailure > backoffForgotten {
			g.backoff = backoffFirst
		} else {
			g.backoff = min(2*g.backoff, backoffLongest)
		}
		g.backoffUntil = now + g.backoff
	}
	g.lastFailure = now
	g.target = max(g.floor, g.target-max(0, short-g.surge))
	return g.live() >= g.wanted()
}

// scaleDown removes nodes that have been unneeded for long enough: several
// empty ones at a time, or one that has to be drained.
func (a *clusterAutoscaler) scaleDown() {
	now := a.cluster.kernel.Now()
	after := cmp.Or(a.cfg.ScaleDownAfter, unneededTime)
	draining := 0
	for _, g := range a.cluster.groups {
		draining += g.draining
	}
	// --scale-down-delay-after-add has the default of the unneeded time; who
	// shortens the one means the other too.
	settled := a.grown == des.Never || now-a.grown >= after
	removing, candidates := draining, drainCandidates
	a.scans++
	for _, g := range a.cluster.groups {
		for _, n := range a.spares(g) {
			if !a.unneeded(g, n, &candidates) {
				continue
			}
			if n.scan != a.scans-1 {
				n.unneeded = now
			}
			n.scan = a.scans
			full := n.nonDaemonPods() > 0
			if !settled || now-n.unneeded < after || removing >= removeParallel || full && draining >= drainParallel {
				continue
			}
			removing++
			if full {
				draining++
			}
			g.target--
			a.cluster.drain(n)
		}
	}
}

// unneeded is about a spare node. It spends one of the candidates on a node
// that has pods.
func (a *clusterAutoscaler) unneeded(g *Group, n *Node, candidates *int) bool {
	if !g.removable(n) {
		return false
	}
	if n.nonDaemonPods() == 0 {
		return true
	}
	*candidates--
	return *candidates >= 0 && a.fitElsewhere(n)
}
