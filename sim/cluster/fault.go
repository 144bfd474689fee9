package cluster

import (
	"math"
	"slices"
	"time"

	"ipamsim/internal/portable"
)

// noticeLoss is how long a killed node's pods and place stay accounted for:
// the node controller calls a silent node lost after 40 s
// (node-monitor-grace-period) and looks every 5 s (node-monitor-period); the
// cloud controller then deletes the node of a terminated instance. That its
// pods go at that moment, and that an Auto Scaling group notices as fast, are
// our assumptions.
const noticeLoss = 45 * time.Second

// Kill terminates a node's instance at once. Its pods stop that moment; their
// workloads and the group make up for them when the loss is noticed.
func (c *Cluster) Kill(n *Node) {
	if n.state == Gone {
		return
	}
	g := n.Group
	drained := n.state == Draining // then nobody misses it
	lost := n.leavers()
	for _, p := range lost {
		p.lost = true
		if p.replica >= 0 {
			p.Workload.deletions.push(p)
		}
	}
	if drained {
		g.draining--
	} else {
		g.lost++
	}
	c.bury(n)
	c.cloud.Terminate([]string{n.Instance.ID})
	c.kernel.After(noticeLoss, func() {
		for _, p := range lost {
			w := p.Workload
			wanted := w.Kind != Deployment || p.replica >= 0
			p.lost = false
			if wanted {
				c.makingUp = true
				w.replace(p)
				c.makingUp = false
			}
		}
		if !drained {
			g.lost--
			g.reconcile()
		}
	})
}

// Cordon closes nodes for new pods. Cordons add up: a node opens again when
// the last one has ended.
func (c *Cluster) Cordon(nodes []*Node) {
	for _, n := range nodes {
		n.cordons++
		if n.state != Gone {
			n.Group.index.update(n)
		}
	}
}

// Uncordon ends one cordon of each.
func (c *Cluster) Uncordon(nodes []*Node) {
	for _, n := range nodes {
		n.cordons = max(0, n.cordons-1)
		if n.state == Ready {
			c.open(n)
		}
	}
}

// Select picks a share of the live nodes that match, of all when match is
// nil, and at most so many unless most is negative: equal streams pick
// equally. The nodes are in the order of the groups and of their ordinals.
func (c *Cluster) Select(match func(*Node) bool, share float64, most int, stream string) []*Node {
	var all []*Node
	for _, g := range c.groups {
		for _, n := range g.nodes.all() {
			if match == nil || match(n) {
				all = append(all, n)
			}
		}
	}
	n := portable.Int(math.Round(share * float64(len(all))))
	if most >= 0 {
		n = min(n, most)
	}
	if n >= len(all) {
		return all
	}
	order := c.kernel.Rand(stream).Perm(len(all))[:n]
	slices.Sort(order)
	chosen := make([]*Node, n)
	for i, at := range order {
		chosen[i] = all[at]
	}
	return chosen
}
