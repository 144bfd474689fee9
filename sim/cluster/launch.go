package cluster

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"
)

// runInstancesMax is the most instances of one RunInstances call. Not
// published for Auto Scaling groups: our assumption.
const runInstancesMax = 100

// How long an Auto Scaling group takes by itself to launch what it misses. No
// limit is published; the 14 activities found that say both the moment of the
// request and that of the launch have 1, 2, 4, 9, 10, 12, 13, 16, 18, 18, 22, 26,
// 31 and 37 s between them, those of EKS's groups among them. It looks like a loop
// that comes round every half minute.
const (
	launchDelayLeast = 1 * time.Second
	launchDelayMost  = 30 * time.Second
)

// LaunchDelay draws the delay of an Auto Scaling group.
func LaunchDelay(r *rand.Rand) time.Duration {
	return launchDelayLeast + time.Duration(r.Int64N(int64((launchDelayMost-launchDelayLeast)/time.Microsecond)))*time.Microsecond
}

// launchDelay is the group's own delay, which Karpenter's nodes do not have.
func (g *Group) launchDelay() time.Duration {
	if g.LaunchDelay == nil || g.managed && g.cluster.cfg.Autoscaler.Kind == Karpenter {
		return 0
	}
	return g.LaunchDelay(g.cluster.kernel.Rand("group/" + g.Name + "/launch"))
}

// launchAfter plans a pass that launches what is missing then.
func (g *Group) launchAfter(d time.Duration) {
	if d == 0 {
		g.launchMissing()
		return
	}
	g.due = true
	g.cluster.kernel.After(d, func() {
		g.due = false
		g.launchMissing()
	})
}

// launchMissing launches what is missing from the target, each instance in the
// zone with the fewest.
func (g *Group) launchMissing() {
	n := g.wanted() - g.live()
	if n <= 0 {
		return
	}
	inZone := map[string]int{}
	for i := range g.subnets {
		inZone[g.subnets[i].zone] += g.subnets[i].nodes + g.subnets[i].launching
	}
	counts := make([]int, len(g.subnets))
	for range n {
		best := 0
		for i := range g.subnets {
			if g.preferred(i, best, counts, inZone) {
				best = i
			}
		}
		counts[best]++
		inZone[g.subnets[best].zone]++
	}
	for i, count := range counts {
		for count > 0 {
			part := min(count, runInstancesMax)
			g.launch(part, g.subnets[i].name)
			count -= part
		}
	}
}

// preferred says whether subnet i is a better place than j: open before closed,
// then the zone with fewer nodes, as Auto Scaling documents it, then the subnet
// with fewer, our choice, then the first.
func (g *Group) preferred(i, j int, more []int, inZone map[string]int) bool {
	a, b := &g.subnets[i], &g.subnets[j]
	now := g.cluster.kernel.Now()
	if closedA, closedB := a.closedTill > now, b.closedTill > now; closedA != closedB {
		return closedB
	}
	if inZone[a.zone] != inZone[b.zone] {
		return inZone[a.zone] < inZone[b.zone]
	}
	return a.nodes+a.launching+more[i] < b.nodes+b.launching+more[j]
}

// launch makes one call. The instances count as launching until it ends.
func (g *Group) launch(n int, name string) {
	c := g.cluster
	at := c.kernel.Now()
	g.launching += n
	g.subnet(name).launching += n
	c.cloud.Launch(LaunchRequest{Group: g, Count: n, Pools: g.pools(name)}, func(res LaunchResult) {
		g.launching -= n
		g.subnet(name).launching -= n
		for _, inst := range res.Instances {
			c.join(g, inst, at)
		}
		if short := n - len(res.Instances); short > 0 {
			c.notDelivered(g, short)
			if g.launchFailed(short, name, res.Failures) {
				g.launchMissing() // at once, elsewhere
			}
		}
		g.reconcile() // the target may have moved meanwhile
	})
}

// notDelivered counts instances that a group has asked for in vain.
func (c *Cluster) notDelivered(g *Group, n int) {
	c.failedLaunches += n
	if c.hooks.LaunchFailed != nil && n > 0 {
		c.hooks.LaunchFailed(g, n)
	}
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

// launchFailed says whether the group goes on in its other subnets.
func (g *Group) launchFailed(short int, first string, failures []LaunchFailure) bool {
	c := g.cluster
	closed := false
	for _, f := range failures {
		if f.Code == codeNoAddresses || f.Code == codeNoCapacity {
			closed = true
			g.subnet(cmp.Or(f.Subnet, first)).closedTill = c.kernel.Now() + closedFor
		}
	}
	if closed && g.anyOpen() {
		return !g.retrying
	}
	if !g.managed || !c.autoscaler.launchFailed(g, short) {
		g.retryLater()
	}
	return false
}

func (g *Group) retryLater() {
	if g.retrying {
		return
	}
	g.retrying = true
	g.cluster.kernel.After(retryAfter, func() {
		g.retrying = false
		if !g.due {
			g.launchMissing()
		}
		g.reconcile()
	})
}

// anyOpen says whether some subnet is not known to be full.
func (g *Group) anyOpen() bool {
	now := g.cluster.kernel.Now()
	return slices.ContainsFunc(g.subnets, func(s subnet) bool { return s.closedTill <= now })
}
