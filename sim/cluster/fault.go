package cluster

import (
	"math"
	"slices"

	"ipamsim/internal/portable"
)

// Cordon closes nodes for new pods. Cordons add up: a node opens again when
// the last one has ended.
func (c *Cluster) Cordon(nodes []*Node) {
	for _, n := range nodes {
		n.cordons++
		if n.state != Gone {
			n.index.update(n)
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
