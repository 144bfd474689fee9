package cluster

import (
	"math"

	"ipamsim/internal/portable"
)

// bestSpread is best for pods with spread constraints. It looks at every node,
// as kube-scheduler does: a domain that has got more pods than the others is
// out, or has fewer points (pkg/scheduler/framework/plugins/podtopologyspread).
func (cl *class) bestSpread() *Node {
	w := cl.spread
	counts := w.countDomains(cl.groups)
	var best *Node
	high := math.Inf(-1)
	for _, g := range cl.groups {
		for _, n := range g.nodes.all() {
			if !n.schedulable() || !n.room.fits(cl.request) || !counts.allow(n) {
				continue
			}
			fit := float64(w.cluster.cfg.Scoring.score(n.room, n.kind.capacity)) / scoreScale
			if points := fit + counts.points(n); points > high {
				best, high = n, points
			}
		}
	}
	return best
}

// domains are the numbers of a workload's pods by zone, and the fewest of a zone
// and of a node among all that its pods may be on, Ready or not.
type domains struct {
	workload *Workload
	zones    map[string]int
	fewest   [2]int // in a zone, on a host
	most     [2]int
	hosts    int
}

// Places in domains.fewest and most.
const (
	inZone = iota
	onHost
)

func (w *Workload) countDomains(groups []*Group) *domains {
	d := &domains{workload: w, zones: map[string]int{}, fewest: [2]int{math.MaxInt, math.MaxInt}}
	for _, g := range groups {
		for _, n := range g.nodes.all() {
			if n.state > Ready {
				continue
			}
			here := n.replicasOf(w)
			d.zones[w.cluster.cfg.Zones[n.Instance.Subnet]] += here
			d.fewest[onHost], d.most[onHost] = min(d.fewest[onHost], here), max(d.most[onHost], here)
			d.hosts++
		}
	}
	// any order: least and most of numbers
	for _, here := range d.zones {
		d.fewest[inZone], d.most[inZone] = min(d.fewest[inZone], here), max(d.most[inZone], here)
	}
	return d
}

// of is the number of pods in a node's domain, and which kind of domain it is.
func (d *domains) of(n *Node, c SpreadConstraint) (here, kind int) {
	if c.Hosts {
		return n.replicasOf(d.workload), onHost
	}
	return d.zones[d.workload.cluster.cfg.Zones[n.Instance.Subnet]], inZone
}

// allow says whether one more pod on the node keeps to the constraints that are
// conditions.
func (d *domains) allow(n *Node) bool {
	for _, c := range d.workload.Spread {
		if here, kind := d.of(n, c); !c.Soft && here+1-d.fewest[kind] > c.MaxSkew {
			return false
		}
	}
	return true
}

// points are 2, the weight of the plugin, for a node in the domains with the
// fewest pods, and fewer for others. Kubernetes puts the constraints together
// before it normalises; here each has its share.
func (d *domains) points(n *Node) float64 {
	sum, weights := 0.0, 0.0
	for _, c := range d.workload.Spread {
		here, kind := d.of(n, c)
		size := len(d.zones)
		if kind == onHost {
			size = d.hosts
		}
		weight := portable.Log(float64(size + 2))
		share := 1.0
		if d.most[kind] > 0 {
			share = float64(d.most[kind]+d.fewest[kind]-here) / float64(d.most[kind])
		}
		sum, weights = sum+float64(weight*share), weights+weight
	}
	return 2 * sum / weights
}
