package cluster

import (
	"cmp"
	"slices"
	"time"
)

// Constants of Karpenter's consolidation (kubernetes-sigs/karpenter).
const (
	// disruptionPoll: the controller comes back so long after it has found
	// nothing to do (pkg/controllers/disruption/controller.go, pollingPeriod).
	disruptionPoll = 10 * time.Second
	// commandValidation: what it has found must still hold so much later; until
	// then it does nothing else (pkg/controllers/disruption/consolidation.go).
	commandValidation = 15 * time.Second
	// disruptionBudgetPercent: a NodePool without budgets disrupts at most
	// this share of its nodes at a time, rounded up (pkg/apis/v1/nodepool.go).
	disruptionBudgetPercent = 10
	// multiNodeMost: nodes that one command may remove together
	// (pkg/controllers/disruption/multinodeconsolidation.go).
	multiNodeMost = 100
	// consolidatedFor: a cluster in which nothing has changed is looked at again
	// after so long (pkg/controllers/state/cluster.go, ConsolidationState).
	consolidatedFor = 5 * time.Minute
)

// consolidation removes nodes that are not needed, as a NodePool with the
// default policy WhenEmptyOrUnderutilized does: first the empty ones, then
// several whose pods fit on the other nodes, then one; between them it replaces
// nodes that have drifted (drift.go). A node is never replaced by a cheaper one:
// prices are not modelled.
type consolidation struct {
	*provisioning
	looked  time.Duration // last time that nothing was found
	changes int           // of the cluster then
	limited bool          // and whether a budget was what forbade more
	begun   bool
}

// method is a way to find nodes to remove.
type method int

const (
	emptyNodes method = iota
	severalNodes
	singleNode
	methods
)

// begin lets the controller look from now on, and from time 0 at the earliest.
func (c *consolidation) begin() {
	if c.begun {
		return
	}
	c.begun = true
	kernel := c.cluster.kernel
	phase := kernel.Rand("autoscaler/phase").Int64N(int64(disruptionPoll / time.Microsecond))
	kernel.At(max(c.cluster.cfg.WarmUp, kernel.Now())+time.Duration(phase)*time.Microsecond, c.look)
}

// look begins a pass over the methods.
func (c *consolidation) look() {
	kernel := c.cluster.kernel
	if !c.cfg.ScaleDown || !c.limited && c.cfg.ScaleDownAfter == 0 && c.changes == c.cluster.changes && kernel.Now()-c.looked < consolidatedFor {
		if c.tryDrift() {
			kernel.After(0, c.look)
		} else {
			kernel.After(disruptionPoll, c.look)
		}
		return
	}
	c.limited = false
	c.try(emptyNodes)
}

// try looks for nodes with one method after the other. The first find is
// carried out once it has been validated.
func (c *consolidation) try(m method) {
	kernel := c.cluster.kernel
	for ; m < methods; m++ {
		if m == severalNodes && c.tryDrift() {
			kernel.After(0, c.look)
			return
		}
		if found := c.find(m); len(found) > 0 {
			kernel.After(commandValidation, func() {
				if c.carryOut(m, found) {
					c.look()
				} else {
					c.try(m + 1)
				}
			})
			return
		}
	}
	c.looked, c.changes = kernel.Now(), c.cluster.changes
	kernel.After(disruptionPoll, c.look)
}

// find are the nodes that a method would remove now.
func (c *consolidation) find(m method) []*Node {
	if m != emptyNodes && (c.cfg.Utilization == 0 || c.starving()) { // pods that wait for a new node are part of its simulation
		return nil
	}
	list := c.withinBudgets(c.candidates(m))
	switch m {
	case emptyNodes:
		return list
	case severalNodes:
		return c.most(list[:min(len(list), multiNodeMost)])
	}
	for i := range list {
		if c.fitElsewhere(list[i : i+1]...) {
			return list[i : i+1]
		}
	}
	return nil
}

// most is the longest beginning of a list, of two nodes or more, whose pods fit
// on the others, as a binary search finds it.
func (c *consolidation) most(list []*Node) []*Node {
	low, high := 1, len(list)
	for low < high {
		if mid := (low + high + 1) / 2; c.fitElsewhere(list[:mid]...) {
			low = mid
		} else {
			high = mid - 1
		}
	}
	if low < 2 {
		return nil
	}
	return list[:low]
}

// candidates are the nodes that a method may look at, those with the fewest pods
// first, of equals the newest.
func (c *consolidation) candidates(m method) []*Node {
	var list []*Node
	for _, g := range c.cluster.groups {
		for _, n := range slices.Backward(c.spares(g)) {
			if c.candidate(m, n) {
				list = append(list, n)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b *Node) int { return cmp.Compare(a.nonDaemonPods(), b.nonDaemonPods()) })
	return list
}

func (c *consolidation) candidate(m method, n *Node) bool {
	since := max(n.changed, c.cluster.cfg.WarmUp)
	return n.Group.removable(n) && (n.nonDaemonPods() == 0) == (m == emptyNodes) && c.cluster.kernel.Now()-since >= c.cfg.ScaleDownAfter
}

// withinBudgets are the first of the nodes, as many as each group may disrupt
// and is to keep.
func (c *consolidation) withinBudgets(list []*Node) []*Node {
	left := map[*Group]int{}
	return slices.DeleteFunc(list, func(n *Node) bool {
		g := n.Group
		if _, known := left[g]; !known {
			left[g] = min(g.budget(), g.live()-g.floor)
		}
		if left[g] <= 0 {
			c.limited = true
			return true
		}
		left[g]--
		return false
	})
}

// budget is how many more nodes of a group may be disrupted: of those that have
// been Ready.
func (g *Group) budget() int {
	return ((g.ready+g.draining)*disruptionBudgetPercent+99)/100 - g.draining - g.underWay()
}

// carryOut removes the nodes if the find still holds: all of them, or with the
// empty ones those that still are.
func (c *consolidation) carryOut(m method, found []*Node) bool {
	still := c.withinBudgets(slices.DeleteFunc(slices.Clone(found), func(n *Node) bool { return !c.candidate(m, n) }))
	if len(still) == 0 || m != emptyNodes && (len(still) < len(found) || !c.fitElsewhere(still...)) {
		return false
	}
	for _, n := range still {
		c.cluster.drain(n)
	}
	return true
}
