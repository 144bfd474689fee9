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
	// unmet is the number of pods that no permitted node could take, when
	// it was last worked out.
	unmet() int
}

// provisioning is what both autoscalers do alike.
type provisioning struct {
	cluster *Cluster
	cfg     *AutoscalerConfig
	missing int // pods that no permitted node could take
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

func (p *provisioning) unmet() int { return p.missing }

// provisionTime is how long a node may take to become Ready before nobody
// counts on it any more: the Cluster Autoscaler's max-node-provision-time and
// Karpenter's registration time-out are both 15 min.
const provisionTime = 15 * time.Minute

// plan works out how many nodes of each group the pods need that found no
// room, beyond the nodes that are on their way. Groups are preferred in the
// order of the config.
func (p *provisioning) plan(limit func(*Group) int) (add []int) {
	c := p.cluster
	var demands []demand
	free := false // some class may still find room on Ready nodes
	for _, cl := range c.scheduler.classes {
		if !cl.starved() {
			continue
		}
		d := demand{request: cl.request, count: cl.waiting}
		for i, g := range c.groups {
			if slices.Contains(cl.groups, g) {
				d.groups = append(d.groups, i)
			}
		}
		demands = append(demands, d)
		free = free || cl.state == active
	}
	p.missing = 0
	if len(demands) == 0 {
		return make([]int, len(c.groups))
	}
	var bins []bin
	offers := make([]offer, len(c.groups))
	for i, g := range c.groups {
		bins = g.bins(bins, i, demands, free)
		if g.managed {
			offers[i] = offer{empty: g.empty, limit: max(0, limit(g))}
		}
	}
	add, p.missing = pack(demands, bins, offers)
	return add
}

// bins are the group's nodes on their way, and its Ready ones with room for
// any of the demands when asked for, in the order of their ordinals.
func (g *Group) bins(list []bin, i int, demands []demand, withReady bool) []bin {
	var ready []*Node
	if withReady {
		ready = g.index.having(func(r room) bool {
			return slices.ContainsFunc(demands, func(d demand) bool { return r.fits(d.request) })
		})
	}
	now := g.cluster.kernel.Now()
	kept := g.coming[:0]
	for _, n := range g.coming {
		if n.state > Registered {
			continue
		}
		kept = append(kept, n)
		for ; len(ready) > 0 && ready[0].Ordinal < n.Ordinal; ready = ready[1:] {
			list = addBin(list, bin{i, ready[0].room, 1})
		}
		if !n.Unschedulable() && now-max(n.Launched, n.Registered) < provisionTime {
			list = addBin(list, bin{i, g.empty, 1})
		}
	}
	clear(g.coming[len(kept):])
	g.coming = kept
	for _, n := range ready {
		list = addBin(list, bin{i, n.room, 1})
	}
	return addBin(list, bin{i, g.empty, g.launching + g.expected})
}

// headroom is the number of nodes that the autoscaler may still add.
func (g *Group) headroom() int {
	if g.Max < 0 {
		return math.MaxInt32
	}
	return g.Max - g.live()
}

// spares are the group's schedulable nodes that are empty but for DaemonSets,
// or ask for less than the configured share of their CPU and of their memory,
// in the order of their ordinals.
func (p *provisioning) spares(g *Group) []*Node {
	all := g.Allocatable
	return g.index.having(func(r room) bool {
		return r.pods >= g.empty.pods ||
			utilised(all.MilliCPU-r.milliCPU, all.MilliCPU) < p.cfg.Utilisation &&
				utilised(all.Memory-r.memory, all.Memory) < p.cfg.Utilisation
	})
}

func utilised(used, all int64) float64 {
	if all <= 0 {
		return 0
	}
	return float64(used) / float64(all)
}

// fitElsewhere tries whether the other nodes could take the node's pods.
func (p *provisioning) fitElsewhere(n *Node) bool {
	n.Group.index.set(n.leaf, noVertex)
	defer n.Group.index.update(n)
	var moved []*Node
	pods := n.leavers()
	for _, pod := range pods {
		to := pod.class.best()
		if to == nil {
			break
		}
		to.room.take(pod.class.request)
		to.Group.index.update(to)
		moved = append(moved, to)
	}
	for i, to := range moved {
		to.room.give(pods[i].class.request)
		to.Group.index.update(to)
	}
	return len(moved) == len(pods)
}

// removable says that scale-down may look at the node at all.
func (g *Group) removable(n *Node) bool {
	return g.managed && g.settled && n.schedulable() && g.live() > g.floor
}
