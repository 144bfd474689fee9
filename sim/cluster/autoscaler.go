package cluster

import (
	"math"
	"slices"
	"time"
)

// autoscaler adds nodes to managed groups and removes them.
type autoscaler interface {
	start()
	// launchFailed is told that instances are missing after a launch. It
	// returns whether the group need not try again by itself.
	launchFailed(g *Group, short int) bool
}

// provisioning is what both autoscalers do alike.
type provisioning struct {
	cluster *Cluster
	cfg     *AutoscalerConfig
}

// newAutoscaler marks the groups that the configured autoscaler manages.
func newAutoscaler(c *Cluster) autoscaler {
	cfg := c.cfg.Autoscaler
	if cfg == nil {
		return nil
	}
	for _, g := range c.groups {
		g.managed = len(cfg.Groups) == 0 || slices.Contains(cfg.Groups, g.Name)
	}
	p := provisioning{cluster: c, cfg: cfg}
	if cfg.Kind == Karpenter {
		return newKarpenter(p)
	}
	return newClusterAutoscaler(p)
}

// provisionTime is how long an instance may take until its node registers: then
// both autoscalers terminate it (Karpenter's registrationTimeout, the Cluster
// Autoscaler's --max-node-provision-time). A node that has registered and does
// not become Ready counts on with Karpenter, however long it takes; with the
// Cluster Autoscaler as long again (MaxNodeStartupTime).
const provisionTime = 15 * time.Minute

// awaits says whether pods may be planned onto a node that is not Ready yet.
func (p *provisioning) awaits(n *Node) bool {
	if n.cordons > 0 {
		return false
	}
	return p.cfg.Kind == Karpenter || n.state == Booting || p.cluster.kernel.Now()-n.Registered < provisionTime
}

// giveUp ends an instance whose node has not registered in time.
func (c *Cluster) giveUp(n *Node) {
	if n.state != Booting {
		return
	}
	if c.cfg.Autoscaler.Kind == ClusterAutoscaler {
		n.Group.target--
	}
	c.failedToCome(n.Group, 1)
	c.drain(n)
	n.Group.reconcile()
}

// plan works out how many nodes of each group the pods need that found no
// room, beyond the nodes that are on their way. Groups are preferred in the
// order of the config; limit says which types a group may have more of, and how
// many nodes.
func (p *provisioning) plan(limit func(*Group) (typeSet, int)) (orders []order) {
	c := p.cluster
	var demands []demand
	free := false  // some class may still find room on Ready nodes
	zoned := false // some pods must be in a zone of their own
	for _, cl := range c.scheduler.classes {
		if !cl.starved() {
			continue
		}
		d := demand{request: cl.request, count: cl.waiting}
		constrain(cl, &d)
		for i, g := range c.groups {
			if slices.Contains(cl.groups, g) {
				d.groups = append(d.groups, i)
			}
		}
		byZone := p.byZone(cl, d)
		zoned = zoned || byZone[0].zone != ""
		demands = append(demands, byZone...)
		free = free || cl.state == active
	}
	if len(demands) == 0 {
		return nil
	}
	var bins []bin
	offers := make([]offer, len(c.groups))
	for i, g := range c.groups {
		bins = p.bins(bins, g, i, demands, free || zoned, zoned) // with a constraint, a node may have room that a pod may not take yet
		if g.managed {
			types, most := limit(g)
			offers[i] = g.offer(types, most)
			if p.cfg.Kind == ClusterAutoscaler { // its node for the group has one zone (getAsgTemplate in aws_manager.go)
				offers[i].zones = []string{g.subnets[0].zone}
			}
		}
	}
	orders, _ = pack(demands, bins, offers)
	return orders
}

// offer is nodes of some of the group's types.
func (g *Group) offer(types typeSet, most int) offer {
	o := offer{limit: max(0, most)}
	for i, t := range g.types {
		empty := nowhere
		if types.has(i) {
			empty = t.empty
		}
		o.rooms = append(o.rooms, empty)
	}
	return o
}

// all are all types of the group.
func (g *Group) all() typeSet { return 1<<len(g.types) - 1 }

// bins are the group's nodes on their way, and its Ready ones with room for
// any of the demands when asked for, in the order of their ordinals.
func (p *provisioning) bins(list []bin, g *Group, i int, demands []demand, withReady, zoned bool) []bin {
	zoneOf := func(n *Node) string {
		if !zoned {
			return ""
		}
		return n.zone()
	}
	var ready []*Node
	if withReady {
		ready = g.having(func(r room) bool {
			return slices.ContainsFunc(demands, func(d demand) bool { return r.fits(d.request) })
		})
	}
	kept := g.coming[:0]
	for _, n := range g.coming {
		if n.state > Registered {
			continue
		}
		kept = append(kept, n)
		for ; len(ready) > 0 && ready[0].Ordinal < n.Ordinal; ready = ready[1:] {
			list = addBin(list, bin{group: i, room: ready[0].room, count: 1, zone: zoneOf(ready[0]), taken: zoned})
		}
		if p.awaits(n) {
			list = addBin(list, bin{group: i, room: n.kind.empty, count: 1, zone: zoneOf(n)})
		}
	}
	clear(g.coming[len(kept):])
	g.coming = kept
	for _, n := range ready {
		list = addBin(list, bin{group: i, room: n.room, count: 1, zone: zoneOf(n), taken: zoned})
	}
	rest, zone := g.upcoming(), ""
	if zoned && p.cfg.Kind == ClusterAutoscaler {
		zone = g.subnets[0].zone
	}
	for k, t := range g.types {
		anywhere := g.launchingOf[k]
		for _, z := range g.zones { // claims for one zone
			n := g.pinned[pin{k, z}]
			anywhere -= n
			if !zoned {
				z = ""
			}
			list = addBin(list, bin{group: i, room: t.empty, count: n, zone: z})
			rest -= n
		}
		if k > 0 {
			list = addBin(list, bin{group: i, room: t.empty, count: anywhere})
			rest -= anywhere
		}
	}
	return addBin(list, bin{group: i, room: g.types[0].empty, count: rest, zone: zone})
}

// headroom is the number of nodes that the autoscaler may still add.
func (g *Group) headroom() int {
	if g.Max < 0 {
		return math.MaxInt32
	}
	return g.Max - g.nodes.count + g.draining - g.lost - g.upcoming()
}

// spares are the group's schedulable nodes that are empty but for DaemonSets,
// or ask for less than the configured share of their CPU and of their memory (a
// share of 1 is any node), in the order of their ordinals.
func (p *provisioning) spares(g *Group) []*Node {
	if !g.mixed {
		return g.having(func(r room) bool { return p.spare(g.types[0], r) })
	}
	nodes := g.having(func(room) bool { return true })
	return slices.DeleteFunc(nodes, func(n *Node) bool { return !p.spare(n.kind, n.room) })
}

func (p *provisioning) spare(t *nodeType, left room) bool {
	all := t.Allocatable
	return p.cfg.Utilization >= 1 || left.pods >= t.empty.pods ||
		utilization(all.MilliCPU-left.milliCPU, all.MilliCPU) < p.cfg.Utilization &&
			utilization(all.Memory-left.memory, all.Memory) < p.cfg.Utilization
}

func utilization(used, all int64) float64 {
	if all <= 0 {
		return 0
	}
	return float64(used) / float64(all)
}

// fitElsewhere tries whether the other nodes could take the nodes' pods.
func (p *provisioning) fitElsewhere(nodes ...*Node) bool {
	for _, n := range nodes {
		n.index.set(n.leaf, noVertex)
		defer n.index.update(n)
	}
	var moved []*Pod
	var to []*Node
	fits := true
	for _, n := range nodes {
		for _, pod := range n.leavers() {
			best := pod.class.best(pod.Workload)
			if fits = fits && best != nil; !fits {
				break
			}
			best.room.take(pod.class.request)
			best.index.update(best)
			moved, to = append(moved, pod), append(to, best)
		}
	}
	for i, n := range to {
		n.room.give(moved[i].class.request)
		n.index.update(n)
	}
	return fits
}

// removable says that scale-down may look at the node at all.
func (g *Group) removable(n *Node) bool {
	return g.managed && g.settled && n.schedulable() && g.live() > g.floor && !n.blocked()
}
