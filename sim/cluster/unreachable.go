package cluster

import (
	"slices"
	"time"
)

// unreachable is a lost node that the API server still has. Its pods of
// DaemonSets stay: they tolerate an unreachable node.
type unreachable struct {
	node     *Node
	notReady time.Duration // from when on its pods are not available
}

// keepLost has a lost node stay in the API server.
func (c *Cluster) keepLost(n *Node, notReady time.Duration) {
	if n.Machine != nil { // it has registered
		c.lostNodes = append(c.lostNodes, unreachable{n, notReady})
	}
}

// forgetLost deletes it there.
func (c *Cluster) forgetLost(n *Node) {
	before := len(c.lostNodes)
	c.lostNodes = slices.DeleteFunc(c.lostNodes, func(u unreachable) bool { return u.node == n })
	if len(c.lostNodes) == before {
		return
	}
	for _, w := range c.workloads {
		w.stepRoll()
	}
	if c.hooks.NodeForgotten != nil {
		c.hooks.NodeForgotten(n)
	}
}

// Unreachable is how many lost nodes the API server still has, of those that
// match, and how many of them have turned NotReady.
func (c *Cluster) Unreachable(match func(*Node) bool) (all, notReady int) {
	for _, u := range c.lostNodes {
		if !match(u.node) {
			continue
		}
		if all++; u.notReady <= c.kernel.Now() {
			notReady++
		}
	}
	return all, notReady
}
