package cluster

import (
	"slices"
	"time"

	"ipamsim/sim/controlplane"
)

// Constants of Karpenter's commands (pkg/controllers/disruption/queue.go).
const (
	// commandLook: a command looks again so much later whether its replacements are
	// there, queueBaseDelay.
	commandLook = 1 * time.Second
	// commandTimeout: and gives up after so long, minRetryDuration.
	commandTimeout = 10 * time.Minute
)

// drift are a group's nodes that Karpenter replaces because their NodeClaims no
// longer are what the NodePool asks for.
type drift struct {
	nodes    []*Node // that no command is about, in the order in which they go
	budget   controlplane.IntOrPercent
	commands []*command
}

// command is one node's replacement under way
// (pkg/controllers/disruption/drift.go): the node is tainted, NodeClaims are made
// for what of its pods fits on no other node, and when those are Ready the node is
// drained.
type command struct {
	node   *Node
	began  time.Duration
	left   []int // replacements that are not Ready, by group
	failed bool  // one of them could not be had
}

// waits says whether replacements are missing.
func (m *command) waits() bool {
	return slices.ContainsFunc(m.left, func(n int) bool { return n > 0 })
}

// Drifts says whether Karpenter replaces the group's nodes.
func (g *Group) Drifts() bool { return g.managed && g.cluster.cfg.Autoscaler.Kind == Karpenter }

// Drift marks nodes of a group that Karpenter manages as drifted. budget is how many
// of the group's may be disrupted at a time, a percentage rounded up; nil is what a
// NodePool has without one.
func (c *Cluster) Drift(g *Group, nodes []*Node, budget *controlplane.IntOrPercent) {
	if g.drift == nil {
		g.drift = &drift{}
	}
	d := g.drift
	d.budget = controlplane.IntOrPercent{Number: disruptionBudgetPercent, Percent: true}
	if budget != nil {
		d.budget = *budget
	}
	for _, n := range nodes {
		underWay := slices.ContainsFunc(d.commands, func(m *command) bool { return m.node == n })
		if n.Group == g && !underWay && !slices.Contains(d.nodes, n) {
			d.nodes = append(d.nodes, n)
		}
	}
	c.autoscaler.(*karpenter).disruption.begin()
}

// tryDrift begins one command, and says whether there was one to begin: the first
// of the nodes without pods, else the first of the others.
func (c *consolidation) tryDrift() bool {
	for _, empty := range []bool{true, false} {
		for _, g := range c.cluster.groups {
			d := g.drift
			if d == nil {
				continue
			}
			d.nodes = slices.DeleteFunc(d.nodes, func(n *Node) bool { return n.state >= Draining })
			if g.disruptable(d.budget) <= 0 {
				continue
			}
			for _, n := range d.nodes {
				if n.state == Ready && !n.tainted && (n.nonDaemonPods() == 0) == empty && !n.blocked() && c.replace(n) {
					d.nodes = slices.DeleteFunc(d.nodes, func(other *Node) bool { return other == n })
					return true
				}
			}
		}
	}
	return false
}

// disruptable is how many more nodes of the group a budget lets disrupt: of those
// that have been Ready, less those that are going.
func (g *Group) disruptable(budget controlplane.IntOrPercent) int {
	return budget.Up(g.ready+g.draining) - g.draining - g.underWay()
}

// underWay is the number of nodes that wait for their replacements.
func (g *Group) underWay() int {
	if g.drift == nil {
		return 0
	}
	return len(g.drift.commands)
}

// replace begins a node's command, unless its pods can go nowhere.
func (c *consolidation) replace(n *Node) bool {
	k := c.cluster.autoscaler.(*karpenter)
	orders, fits := c.replacements(n, func(g *Group) (typeSet, int) { return k.claims.available(g), g.headroom() })
	if !fits {
		return false
	}
	g := n.Group
	m := &command{node: n, began: c.cluster.kernel.Now(), left: make([]int, len(c.cluster.groups))}
	g.drift.commands = append(g.drift.commands, m)
	c.cluster.Taint([]*Node{n})
	for _, o := range orders {
		m.left[o.group] += o.count
	}
	for _, o := range orders {
		k.claims.create(claimKind{c.cluster.groups[o.group], o.types, o.zone}, o.count)
	}
	c.follow(m)
	return true
}

// follow looks at a command: it drains its node, gives up, or looks again.
func (c *consolidation) follow(m *command) {
	now, d := c.cluster.kernel.Now(), m.node.Group.drift
	over := func() {
		d.commands = slices.DeleteFunc(d.commands, func(other *command) bool { return other == m })
	}
	switch {
	case m.node.state >= Draining: // gone by itself
		over()
	case m.failed || m.waits() && now-m.began > commandTimeout:
		over()
		d.nodes = append(d.nodes, m.node)
		c.cluster.Untaint([]*Node{m.node})
	case m.waits():
		c.cluster.kernel.After(commandLook, func() { c.follow(m) })
	default:
		over()
		c.cluster.drain(m.node)
		m.node.Group.reconcile()
	}
}

// replacements are the nodes that a node's pods need beyond the room on others, and
// whether they all have a place then. Room that pods of nodes under way will take,
// and nodes that are on their way, do not count.
func (c *consolidation) replacements(n *Node, limit func(*Group) (typeSet, int)) (orders []order, fit bool) {
	n.index.set(n.leaf, noVertex)
	defer n.index.update(n)
	demands := c.demandsOf(n)
	bins, nothing := c.binsBeside(), make([]offer, len(c.cluster.groups))
	for _, d := range c.demandsOf(c.underWay()...) {
		left := int64(d.count)
		bins = place(d, bins, nothing, make([]int, len(nothing)), &left)
	}
	bins = slices.DeleteFunc(bins, func(b bin) bool { return b.coming })
	offers := make([]offer, len(c.cluster.groups))
	for i, g := range c.cluster.groups {
		if g.managed {
			types, most := limit(g)
			offers[i] = g.offer(types, most)
		}
	}
	orders, unmet := pack(demands, bins, offers)
	return orders, unmet == 0
}

// demandsOf are the pods that a drain of nodes moves.
func (c *consolidation) demandsOf(nodes ...*Node) (demands []demand) {
	counts := map[*class]int{}
	for _, n := range nodes {
		for _, p := range n.leavers() {
			counts[p.class]++
		}
	}
	for _, cl := range c.cluster.scheduler.classes {
		if counts[cl] == 0 {
			continue
		}
		d := demand{request: cl.request, count: counts[cl]}
		constrain(cl, &d)
		for i, g := range c.cluster.groups {
			if slices.Contains(cl.groups, g) {
				d.groups = append(d.groups, i)
			}
		}
		demands = append(demands, d)
	}
	return demands
}

// underWay are the nodes that wait for their replacements, or are being drained.
func (c *consolidation) underWay() (nodes []*Node) {
	for _, g := range c.cluster.groups {
		for _, n := range g.nodes.all() {
			if g.managed && (n.tainted && n.state == Ready || n.state == Draining) {
				nodes = append(nodes, n)
			}
		}
	}
	return nodes
}

// binsBeside are the nodes with room, and those that are on their way.
func (c *consolidation) binsBeside() (bins []bin) {
	for i, g := range c.cluster.groups {
		for _, n := range g.having(func(r room) bool { return r.pods > 0 }) {
			bins = addBin(bins, bin{group: i, room: n.room, count: 1, taken: true})
		}
		joining := 0
		for _, n := range g.nodes.all() {
			if n.state < Ready {
				joining++
			}
		}
		bins = addBin(bins, bin{group: i, room: g.types[0].empty, count: joining + g.upcoming(), coming: true})
	}
	return bins
}

// came hears that a node is Ready: it is one of the replacements for which the first
// command waits.
func (c *Cluster) came(n *Node) {
	for _, g := range c.groups {
		if g.drift == nil {
			continue
		}
		for _, m := range g.drift.commands {
			if m.left[n.Group.Place] > 0 {
				m.left[n.Group.Place]--
				return
			}
		}
	}
}

// failedToCome hears that nodes could not be had: the last commands that wait for
// some give up.
func (c *Cluster) failedToCome(g *Group, count int) {
	for _, other := range slices.Backward(c.groups) {
		if other.drift == nil {
			continue
		}
		for _, m := range slices.Backward(other.drift.commands) {
			if count > 0 && m.left[g.Place] > 0 && !m.failed {
				m.failed = true
				count--
			}
		}
	}
}
