package cluster

import "math"

// bestSpread is best for pods with spread constraints of their own, in place of
// the default ones. It looks at every node, as kube-scheduler does: a domain
// that has got more pods than the others is out
// (pkg/scheduler/framework/plugins/podtopologyspread/filtering.go), or has fewer
// points.
func (cl *class) bestSpread() *Node {
	w := cl.spread
	counts := w.countDomains(cl.groups)
	nodes := cl.allowed(counts)
	in := weightsOf(w.Spread, topologyWeight(zonesAmong(nodes)), topologyWeight(len(nodes)))
	least, most := int64(math.MaxInt64), int64(0)
	for _, n := range nodes {
		raw := in.raw(w.inZone[n.index.zone].count, n.replicasOf(w))
		least, most = min(least, raw), max(most, raw)
	}
	scoring := w.cluster.cfg.Scoring
	var best candidate
	high := int64(-1)
	for _, n := range nodes {
		points := scoring.points(n)
		if !in.none() {
			points += spreadWeight * normalised(in.raw(w.inZone[n.index.zone].count, n.replicasOf(w)), least, most)
		}
		if c := (candidate{node: n, score: scoring.fit(n.room, n.kind.capacity)}); points > high || points == high && c.score > best.score {
			best, high = c, points
		}
	}
	return best.node
}

// allowed are the nodes with room on which one more pod keeps to the constraints
// that are conditions.
func (cl *class) allowed(counts *domains) (list []*Node) {
	for _, g := range cl.groups {
		for _, n := range g.nodes.all() {
			if n.schedulable() && n.room.fits(cl.request) && counts.allow(n) {
				list = append(list, n)
			}
		}
	}
	return list
}

// zonesAmong is the number of zones in which the nodes are.
func zonesAmong(nodes []*Node) int {
	seen := map[int]bool{}
	for _, n := range nodes {
		seen[n.index.zone] = true
	}
	return len(seen)
}

// domains are the numbers of a workload's pods by zone, and the fewest of a zone
// and of a node among all that its pods may be on, Ready or not.
type domains struct {
	workload *Workload
	zones    map[string]int
	fewest   [2]int // in a zone, on a host
}

// Places in domains.fewest.
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
			d.zones[n.zone()] += here
			d.fewest[onHost] = min(d.fewest[onHost], here)
		}
	}
	// any order: the least of numbers
	for _, here := range d.zones {
		d.fewest[inZone] = min(d.fewest[inZone], here)
	}
	return d
}

// of is the number of pods in a node's domain, and which kind of domain it is.
func (d *domains) of(n *Node, c SpreadConstraint) (here, kind int) {
	if c.Hosts {
		return n.replicasOf(d.workload), onHost
	}
	return d.zones[n.zone()], inZone
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
