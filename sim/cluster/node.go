package cluster

import (
	"fmt"
	"slices"
	"time"

	"ipamsim/sim/des"
)

// NodeState is where a node is in its life.
type NodeState uint8

// A node goes through these in order.
const (
	Booting    NodeState = iota // the instance exists, the kubelet has not registered
	Registered                  // NotReady: the network is not
	Ready                       //
	Draining                    // to be terminated once its pods have left
	Gone                        // its instance is terminated
)

func (s NodeState) String() string {
	return [...]string{"Booting", "Registered", "Ready", "Draining", "Gone"}[s]
}

// Node is one node. Timestamps are kernel times, des.Never until they happen.
type Node struct {
	Name       string // <group>-<ordinal>
	Group      *Group
	Ordinal    int
	Instance   Instance
	Launched   time.Duration // launch call; des.Never for a node that existed before the run
	Registered time.Duration
	Ready      time.Duration
	Machine    Machine        // nil until Registered
	Existing   *ExistingNodes // of a node that was there before the run; nil otherwise

	kind        *nodeType
	state       NodeState
	cordons     int    // that hold it
	interrupted bool   // EC2 has given notice
	tainted     bool   // by whoever replaces it
	evicting    bool   // its pods are asked to leave
	drains      int    // how often that has begun
	vacant      func() // called when the last of them has
	room        room
	pods        []*Pod         // bound and not gone, DaemonSets' included
	daemons     int            // of them, DaemonSets'
	awaited     []awaitedPod   // of DaemonSets
	joining     *joining       // while the system's pods are not all made
	index       *index         // of the group's nodes in its zone
	leaf        int            // in it
	place       int32          // in the group's list
	roomAt      time.Duration  // when pods that had found no room anywhere could come here
	changed     time.Duration  // last time that a pod came or went, DaemonSets' aside, or Ready
	unneeded    time.Duration  // since which scan the autoscaler has seen no use for it, up to
	scan        int32          // this one
	replicas    []replicaCount // of Deployments that have or had some here
}

// joining is what a node has until the system's pods are made.
type joining struct {
	unmade int      // of them
	early  []func() // place pods of other DaemonSets
}

// State is where the node is in its life.
func (n *Node) State() NodeState { return n.state }

// Unschedulable says whether the node has the taint of that name, which a
// cordon gives it and for which ipamd looks. A drain by an autoscaler does not:
// Karpenter taints with karpenter.sh/disrupted, the Cluster Autoscaler with
// ToBeDeletedByClusterAutoscaler (it cordons only with
// --cordon-node-before-terminating). A group that shrinks by itself cordons.
func (n *Node) Unschedulable() bool {
	return n.cordons > 0 || n.state >= Draining && !n.Group.managed
}

// MaxPods is kubelet's limit.
func (n *Node) MaxPods() int { return n.kind.MaxPods }

// Allocatable is what pods may ask for, those of the system among them.
func (n *Node) Allocatable() Resources { return n.kind.Allocatable }

// Type is the node's instance type.
func (n *Node) Type() string { return n.kind.InstanceType }

// Pods are the pods on the node, in no particular order, without aws-node and
// kube-proxy. The slice is the node's own: read it only.
func (n *Node) Pods() []*Pod { return n.pods }

// Pod is the one on the node with that Place.
func (n *Node) Pod(place int32) *Pod { return n.pods[place] }

// zone is the name of the Availability Zone.
func (n *Node) zone() string { return n.Group.cluster.zones[n.index.zone] }

func (n *Node) schedulable() bool { return n.state == Ready && n.cordons == 0 && !n.tainted }

// nonDaemonPods is the number of pods that are not of a DaemonSet.
func (n *Node) nonDaemonPods() int { return len(n.pods) - n.daemons }

// leavers are the pods that a drain has to move: neither a DaemonSet's nor
// already on their way out.
func (n *Node) leavers() []*Pod {
	var list []*Pod
	for _, p := range n.pods {
		if p.Workload.Kind != DaemonSet && p.state != Stopping {
			list = append(list, p)
		}
	}
	return list
}

// registration is the time from kubelet's start until the node is registered
// (node-latency-for-k8s: within a second).
const registration = time.Second

// join makes a node of an instance. A launched one boots; an existing one
// registers at once.
func (c *Cluster) join(g *Group, inst Instance, launched time.Duration) {
	n := c.newNode(g, inst, g.typeOf(inst), launched)
	if n == nil {
		return // a bound was reached
	}
	if launched == des.Never {
		c.register(n)
		return
	}
	start := max(c.kernel.Now(), launched+g.Boot(c.kernel.Rand("node/"+n.Name+"/boot")))
	if late := launched + provisionTime; g.managed && start+registration > late {
		c.kernel.At(max(c.kernel.Now(), late), func() { c.giveUp(n) })
		return
	}
	c.kernel.At(start+registration, func() { c.register(n) })
}

// newNode enters a node in its group, or returns nil at the bound.
func (c *Cluster) newNode(g *Group, inst Instance, kind *nodeType, launched time.Duration) *Node {
	if c.joined++; c.joined > c.limits.Nodes {
		c.fail(fmt.Errorf("the run reached its bound of %d nodes", c.limits.Nodes))
		return nil
	}
	n := &Node{
		Name:       g.nameOf(g.ordinals),
		Group:      g,
		Ordinal:    g.ordinals,
		Instance:   inst,
		Launched:   launched,
		Registered: des.Never,
		Ready:      des.Never,
		kind:       kind,
	}
	n.room = n.kind.empty
	g.ordinals++
	g.nodes.add(n)
	if c.autoscaler != nil {
		g.coming = append(g.coming, n)
	}
	s := g.subnet(inst.Subnet)
	s.nodes++
	n.index = &g.byZone[slices.Index(g.zones, s.zone)]
	n.index.add(n)
	c.drawInterruption(n)
	return n
}

func (c *Cluster) register(n *Node) {
	if n.state != Booting {
		return // terminated while it booted
	}
	n.state = Registered
	n.Registered = c.kernel.Now()
	n.Machine = c.machine(n)
	c.makeSystemPods(n)
	c.wantsDaemons(n)
}

func (c *Cluster) ready(n *Node) {
	if n.state != Registered {
		return // drained while it booted
	}
	n.state = Ready
	n.Ready = c.kernel.Now()
	g := n.Group
	n.changed = n.Ready
	c.came(n)
	if g.ready++; g.ready >= g.Count+g.existing() {
		g.settle()
	}
	if c.hooks.NodeReady != nil {
		c.hooks.NodeReady(n)
	}
	for _, d := range c.systemSets {
		d.changed()
	}
	c.wantsDaemons(n)
	c.open(n)
}

// open offers the node to the scheduler.
func (c *Cluster) open(n *Node) {
	c.changes++
	n.index.update(n)
	if n.schedulable() {
		n.roomAt = c.kernel.Now()
		c.scheduler.roomOn(n)
	}
}

// drain cordons the node for good, moves its pods away and terminates it when
// the last one has left. DaemonSets' pods go with the node.
func (c *Cluster) drain(n *Node) {
	if n.state >= Draining {
		return
	}
	c.leaveService(n, Draining)
	n.Group.draining++
	c.evictAll(n)
	c.terminateIfEmpty(n)
}

// terminateIfEmpty ends a drain whose last pod has left.
func (c *Cluster) terminateIfEmpty(n *Node) {
	if n.state != Draining || n.nonDaemonPods() > 0 {
		return
	}
	n.Group.draining--
	c.bury(n)
	if c.terminating = append(c.terminating, n.Instance.ID); len(c.terminating) == 1 {
		c.kernel.After(terminationBatch, c.flushTerminations)
	}
}

// terminationBatch is how long terminations are collected into one call:
// Karpenter's batcher waits 100 ms for more (pkg/batcher/terminateinstances.go).
const terminationBatch = 100 * time.Millisecond

// terminationMax is the most instances of one call (the same file).
const terminationMax = 500

func (c *Cluster) flushTerminations() {
	ids := c.terminating
	c.terminating = nil
	for len(ids) > 0 {
		n := min(len(ids), terminationMax)
		c.cloud.Terminate(ids[:n:n])
		ids = ids[n:]
	}
}

// leaveService takes a node from the scheduler.
func (c *Cluster) leaveService(n *Node, to NodeState) {
	c.changes++
	if n.state == Ready {
		n.Group.ready--
	}
	n.state = to
	n.awaitsNone()
	n.index.update(n)
}

// bury ends what is left on the node and forgets it.
func (c *Cluster) bury(n *Node) {
	c.leaveService(n, Gone)
	if n.Machine != nil {
		n.Machine.Shutdown()
		c.daemonsChanged(n)
	}
	n.joining = nil
	for len(n.pods) > 0 {
		p := n.pods[len(n.pods)-1]
		if p.Deleted == des.Never {
			p.Deleted = c.kernel.Now()
		}
		c.release(p)
		c.end(p)
	}
	n.Group.forget(n)
	if c.hooks.NodeGone != nil {
		c.hooks.NodeGone(n)
	}
}
