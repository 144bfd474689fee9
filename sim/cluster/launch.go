package cluster

import (
	"cmp"
	"slices"
	"time"
)

// runInstancesMax is the most instances of one RunInstances call. Not
// published for Auto Scaling groups: our assumption.
const runInstancesMax = 100

func (g *Group) launchSpread(n int) {
	counts := make([]int, len(g.subnets))
	for range n {
		best := -1
		for i := range g.subnets {
			if best < 0 || g.preferred(i, best, counts) {
				best = i
			}
		}
		counts[best]++
	}
	for i, count := range counts {
		for count > 0 {
			part := min(count, runInstancesMax)
			g.launch(part, g.subnets[i].name)
			count -= part
		}
	}
}

// preferred says whether subnet i is a better place than j: open before
// closed, then the one with fewer nodes, then the first.
func (g *Group) preferred(i, j int, more []int) bool {
	a, b := &g.subnets[i], &g.subnets[j]
	now := g.cluster.kernel.Now()
	if closedA, closedB := a.closedTill > now, b.closedTill > now; closedA != closedB {
		return closedB
	}
	return a.nodes+a.launching+more[i] < b.nodes+b.launching+more[j]
}

// launch makes one call. The instances count as launching until it ends.
func (g *Group) launch(n int, name string) {
	c := g.cluster
	at := c.kernel.Now()
	g.launching += n
	g.subnet(name).launching += n
	c.cloud.Launch(LaunchRequest{Group: g, Count: n, Subnets: []string{name}}, func(res LaunchResult) {
		g.launching -= n
		g.subnet(name).launching -= n
		for _, inst := range res.Instances {
			c.join(g, inst, at)
		}
		if short := n - len(res.Instances); short > 0 {
			c.failedLaunches += short
			g.launchFailed(short, name, res.Failures)
		}
		g.reconcile() // the target may have moved meanwhile
	})
}

// How long what has failed is left alone.
const (
	// closedFor: Karpenter takes an instance type out of a zone for 3 min after
	// it had no room there; no free address counts as that. We let Auto Scaling groups prefer their other subnets as long.
	closedFor = 3 * time.Minute
	// retryAfter: an Auto Scaling group tries again; its interval is not
	// published, so this is our assumption.
	retryAfter = 30 * time.Second
)

func (g *Group) launchFailed(short int, first string, failures []LaunchFailure) {
	c := g.cluster
	closed := false
	for _, f := range failures {
		if f.Code == codeNoAddresses || f.Code == codeNoCapacity {
			closed = true
			g.subnet(cmp.Or(f.Subnet, first)).closedTill = c.kernel.Now() + closedFor
		}
	}
	if closed && g.anyOpen() {
		return // the group goes on in its other subnets
	}
	if g.managed && c.autoscaler.launchFailed(g, short) {
		return
	}
	g.retryLater()
}

func (g *Group) retryLater() {
	if g.retrying {
		return
	}
	g.retrying = true
	g.cluster.kernel.After(retryAfter, func() {
		g.retrying = false
		g.reconcile()
	})
}

// anyOpen says whether some subnet is not known to be full.
func (g *Group) anyOpen() bool {
	now := g.cluster.kernel.Now()
	return slices.ContainsFunc(g.subnets, func(s subnet) bool { return s.closedTill <= now })
}
