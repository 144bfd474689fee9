package cluster

import (
	"cmp"
	"slices"
	"time"

	"ipamsim/sim/ami"
	"ipamsim/sim/des"
)

// Group is a node group at work.
type Group struct {
	*GroupConfig
	Place int // in the config's list

	cluster    *Cluster
	scoring    Scoring
	types      []*nodeType // in the order of price
	mixed      bool        // its nodes may be of different types
	byZone     []index     // nodes by room, of each of the zones
	nodes      nodeList    // live ones, in order of ordinal
	coming     []*Node     // with an autoscaler: those not Ready yet, and some that were until now
	subnets    []subnet
	zones      []string    // of the subnets, each once
	pinned     map[pin]int // launching instances that are for one zone
	daemonSets []*Workload
	managed    bool // by the autoscaler

	ordinals    int   // nodes that ever joined
	expected    int   // existing nodes that have not joined yet
	launching   int   // instances asked for
	launchingOf []int // of them, by the type that they will probably be
	lost        int   // killed, and nobody has noticed
	draining    int
	ready       int
	settled     bool   // all of Count were Ready once, or the steps have begun
	target      int    // desired number of nodes; of a Karpenter-like group the least
	floor       int    // least number that scale-down leaves
	drift       *drift // nil until nodes have drifted
	surge       int    // nodes beyond it, while others are being replaced

	retrying     bool          // a retry is scheduled
	due          bool          // a pass that launches what is missing is scheduled
	backoffUntil time.Duration // Cluster Autoscaler: no growth until then
	backoff      time.Duration // its current length
	lastFailure  time.Duration
}

// subnet is a group's view of one of its subnets.
type subnet struct {
	name, zone string
	seen       *seenSubnet   // by Karpenter
	nodes      int           // live nodes of the group
	launching  int           // instances asked for here
	closedTill time.Duration // a launch failed for want of room
}

func newGroup(c *Cluster, cfg *GroupConfig) (*Group, error) {
	g := &Group{GroupConfig: cfg, Place: len(c.groups), cluster: c, scoring: c.cfg.Scoring, target: cfg.Count + cfg.existing(), floor: cfg.Count + cfg.existing()}
	if g.Boot == nil {
		usual, _ := ami.Named("")
		g.Boot = usual.Boot(ami.Fast)
	}
	for _, name := range cfg.Subnets {
		zone := c.cloud.Zone(name)
		g.subnets = append(g.subnets, subnet{name: name, zone: zone})
		if !slices.Contains(g.zones, zone) {
			g.zones = append(g.zones, zone)
			g.byZone = append(g.byZone, index{zone: c.zoneNumber(zone)})
		}
	}
	for _, w := range c.workloads {
		if w.Kind == DaemonSet && !slices.Contains(w.NotOn, cfg.Name) {
			g.daemonSets = append(g.daemonSets, w)
		}
	}
	for _, t := range append([]NodeType{{cfg.InstanceType, cfg.MaxPods, cfg.Allocatable}}, cfg.Alternatives...) {
		kind, err := g.roomyType(t)
		if err != nil {
			return nil, err
		}
		g.types = append(g.types, kind)
	}
	g.mixed = len(g.types) > 1
	if err := g.ownTypes(); err != nil {
		return nil, err
	}
	g.pinned = map[pin]int{}
	g.launchingOf = make([]int, len(g.types))
	return g, nil
}

// start lets the first nodes join and follows the steps. Nodes that exist
// before the run join evenly over the first half of the warm-up, in turn over
// the subnets; without a warm-up they are launched.
func (g *Group) start() {
	c := g.cluster
	if warm := c.cfg.WarmUp; warm > 0 {
		g.expected = g.Count
		for i := range g.Count {
			at := warm / 2 / time.Duration(g.Count) * time.Duration(i)
			c.kernel.At(at, func() { g.joinExisting(i) })
		}
	} else {
		g.launchMissing()
	}
	c.follow(newRamp(g.target, g.Steps, c.cfg.kernelTime), g.resize)
	if g.target == 0 {
		g.settle()
	}
}

// settle ends the beginning: all nodes of Count have been Ready once. From
// then on an autoscaler may go below it, down to the latest step.
func (g *Group) settle() {
	if g.settled {
		return
	}
	g.settled = true
	if g.managed {
		g.setFloor(0)
	}
}

// setFloor sets the least size of a group that an autoscaler manages. A
// Karpenter-like one has no desired size beyond that: its nodes are asked for
// one by one.
func (g *Group) setFloor(n int) {
	g.floor = n
	if g.cluster.cfg.Autoscaler.Kind == Karpenter {
		g.target = n
	} else {
		g.target = max(g.target, n)
	}
}

func (g *Group) joinExisting(i int) {
	g.expected--
	for j := range g.subnets {
		s := &g.subnets[(i+j)%len(g.subnets)]
		if inst, err := g.cluster.cloud.Existing(g, s.name); err == nil {
			g.cluster.join(g, inst, des.Never)
			return
		}
	}
	g.cluster.notDelivered(g, 1)
	g.retryLater()
}

// resize is a step of the scenario.
func (g *Group) resize(n int) {
	g.settled = true
	if g.managed {
		g.setFloor(n)
	} else {
		g.target = n
	}
	g.reconcile()
}

// live is the number of nodes that the group has or is about to have.
func (g *Group) live() int {
	return g.nodes.count - g.draining + g.lost + g.launching + g.expected
}

// reconcile lets the group launch what is missing from the target, as an Auto
// Scaling group does: in a pass of its own, some time after the target has
// changed. A group that no autoscaler shrinks drains what is too many, at once.
func (g *Group) reconcile() {
	missing := g.wanted() - g.live()
	if missing > 0 && !g.retrying && !g.due {
		g.launchAfter(g.launchDelay())
	}
	if missing < 0 && !g.managed {
		g.shrink(-missing)
	}
}

// upcoming is the number of nodes that are asked for, or about to be, and have
// not joined.
func (g *Group) upcoming() int {
	n := g.launching + g.expected
	if g.due {
		n += max(0, g.wanted()-g.live())
	}
	return n
}

// shrink drains n nodes: those with the fewest pods first, of equals the
// newest.
func (g *Group) shrink(n int) {
	var nodes []int // by number of pods
	for _, node := range g.nodes.all() {
		if node.state < Draining {
			for len(nodes) <= node.nonDaemonPods() {
				nodes = append(nodes, 0)
			}
			nodes[node.nonDaemonPods()]++
		}
	}
	most := 0 // pods on a node that goes
	for ; most < len(nodes) && nodes[most] < n; most++ {
		n -= nodes[most]
	}
	var victims []*Node
	for _, node := range slices.Backward(g.nodes.all()) {
		switch {
		case node.state >= Draining || node.nonDaemonPods() > most:
			continue
		case node.nonDaemonPods() == most && n == 0:
			continue
		case node.nonDaemonPods() == most:
			n--
		}
		victims = append(victims, node)
	}
	slices.SortStableFunc(victims, func(a, b *Node) int { return cmp.Compare(a.nonDaemonPods(), b.nonDaemonPods()) })
	for _, node := range victims {
		g.cluster.scaleIn(node)
	}
}

// subnet is found by name; an instance may turn out to be in a subnet that
// the group did not name only if the cloud is broken.
func (g *Group) subnet(name string) *subnet {
	for i := range g.subnets {
		if g.subnets[i].name == name {
			return &g.subnets[i]
		}
	}
	panic("cluster: group " + g.Name + " has no subnet " + name)
}

// forget drops a node that is gone.
func (g *Group) forget(n *Node) {
	n.index.remove(n)
	g.subnet(n.Instance.Subnet).nodes--
	g.nodes.remove(n)
}
