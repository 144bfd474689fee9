package cluster

import (
	"fmt"
	"strconv"

	"ipamsim/sim/des"
)

// ExistingNodes are equal nodes that are there before the run, with all that is on
// them. They are Ready, and offered to the scheduler, from time 0 on: until then
// nothing about them changes.
type ExistingNodes struct {
	Count    int
	Name     string // of a single one; empty for <group>-<ordinal>
	Subnet   string
	Cordoned bool
	Type     *NodeType // of their own; nil for the group's
	Pods     []ExistingPods
	Place    int // of the entry, for the Cloud

	kind *nodeType
}

// ExistingPods are pods of a workload that run on each of the nodes.
type ExistingPods struct {
	Workload string
	Count    int
}

// existing is how many nodes of the group are there before the run.
func (cfg *GroupConfig) existing() (n int) {
	for i := range cfg.Existing {
		n += cfg.Existing[i].Count
	}
	return n
}

// ownTypes makes the types that existing nodes have of their own.
func (g *Group) ownTypes() error {
	for i := range g.Existing {
		e := &g.Existing[i]
		e.kind = g.types[0]
		if e.Type == nil {
			continue
		}
		g.mixed = true
		kind, err := g.roomyType(*e.Type)
		if err != nil {
			return err
		}
		e.kind = kind
	}
	return nil
}

// restore makes the nodes that are there before the run.
func (g *Group) restore() {
	c := g.cluster
	for i := range g.Existing {
		e := &g.Existing[i]
		for range e.Count {
			inst, err := c.cloud.Restore(g, e)
			if err != nil {
				c.fail(fmt.Errorf("a node of group %s that exists at time 0 cannot be: %w", g.Name, err))
				return
			}
			c.restoreNode(g, inst, e)
		}
	}
	if len(g.Existing) > 0 {
		c.snapshot = true
		c.kernel.AtPriority(c.cfg.WarmUp, des.Early, g.resume)
	}
}

// resume lets the existing nodes go on at time 0.
func (g *Group) resume() {
	for _, n := range g.nodes.all() {
		if n.Existing != nil {
			g.cluster.ready(n)
		}
	}
	g.settle()
}

// restoreNode makes a node of an instance that is there before the run.
func (c *Cluster) restoreNode(g *Group, inst Instance, e *ExistingNodes) {
	n := c.newNode(g, inst, e.kind, des.Never)
	if n == nil {
		return // a bound was reached
	}
	n.Existing = e
	if e.Name != "" {
		n.Name = e.Name
	}
	if e.Cordoned {
		n.cordons++
	}
	n.state, n.Registered = Registered, c.kernel.Now()
	n.Machine = c.machine(n)
	var pods []*Pod
	for _, of := range e.Pods {
		w := c.workload(of.Workload)
		for range of.Count {
			if p := c.restorePod(w, n); p != nil {
				pods = append(pods, p)
			}
		}
	}
	n.Machine.Resume(pods)
	for _, p := range pods {
		c.restoredRuns(p)
	}
	n.index.update(n)
}

func (c *Cluster) workload(name string) *Workload {
	for _, w := range c.workloads {
		if w.Name == name {
			return w
		}
	}
	panic("cluster: no workload " + name)
}

// restorePod puts a pod onto a node that has been there for long.
func (c *Cluster) restorePod(w *Workload, n *Node) *Pod {
	p := c.newPod(w, w.class, w.drawLifetime(), c.kernel.Now())
	if p == nil {
		return nil
	}
	p.Bound, p.Schedulable, p.state = c.kernel.Now(), c.kernel.Now(), Bound
	if w.Kind == Deployment {
		p.replica = int32(len(w.replicas))
		w.replicas = append(w.replicas, p)
		w.desired++
	}
	c.enterOn(p, n)
	return p
}

// restoredRuns counts a restored pod as one that runs. Its lifetime begins at time
// 0.
func (c *Cluster) restoredRuns(p *Pod) {
	p.state = Running
	c.settle(p)
	c.running++
	if p.replica >= 0 {
		p.ready = true
		p.Workload.up++
		p.Workload.set(p).settle()
	}
	if c.hooks.PodRunning != nil {
		c.hooks.PodRunning(p)
	}
	if p.lifetime != des.Never {
		c.kernel.At(c.cfg.WarmUp+p.lifetime, func() { p.Workload.expire(p) })
	}
}

// nameOf is what a node without a name of its own is called.
func (g *Group) nameOf(ordinal int) string { return g.Name + "-" + strconv.Itoa(ordinal) }
