package cluster

import (
	"math"

	"ipamsim/internal/portable"
)

// This file is the score of PodTopologySpread
// (pkg/scheduler/framework/plugins/podtopologyspread/scoring.go): of each node
// with room, the workload's pods in its domains, weighted by how many domains
// there are, and normalised so that the fewest have all points.

// maxNodeScore is the most points that a plugin gives a node (MaxNodeScore);
// spreadWeight is what those of PodTopologySpread count in the default profile,
// where NodeResourcesFit counts 1 (pkg/scheduler/apis/config/v1/default_plugins.go).
const (
	maxNodeScore = 100
	spreadWeight = 2
)

// systemDefaults are the constraints of pods that have none of their own
// (plugin.go). They hold for pods that a ReplicaSet owns; a Job is no owner that
// the plugin asks (plugins/helper/spread.go), and no Service selects pods here.
var systemDefaults = []SpreadConstraint{
	{Hosts: true, MaxSkew: 3, Soft: true},
	{MaxSkew: 5, Soft: true},
}

// topologyWeight is the weight of a pod in a domain, by the number of domains.
func topologyWeight(domains int) float64 { return portable.Log(float64(domains + 2)) }

// weights are those of constraints for a pod that is about to be bound.
type weights struct {
	zone, host float64
	constant   float64 // of all constraints
}

func weightsOf(constraints []SpreadConstraint, zones, hosts float64) (w weights) {
	for _, c := range constraints {
		switch {
		case !c.Soft:
			continue
		case c.Hosts:
			w.host += hosts
		default:
			w.zone += zones
		}
		w.constant += float64(c.MaxSkew - 1)
	}
	return w
}

// none says that no constraint gives points.
func (w weights) none() bool { return w.zone == 0 && w.host == 0 }

// raw is the score of a node before it is normalised: less is better.
func (w weights) raw(inZone, onHost int) int64 {
	sum := float64(w.zone*float64(inZone)) + float64(w.host*float64(onHost))
	return portable.Int64(math.Round(sum + w.constant))
}

// normalised are the points for a raw score, of which the least and the most of
// all nodes with room are known.
func normalised(raw, least, most int64) int64 {
	if most == 0 {
		return maxNodeScore
	}
	return maxNodeScore * (most + least - raw) / most
}

// points are those of NodeResourcesFit, whole ones of each resource
// (pkg/scheduler/framework/plugins/noderesources/least_allocated.go).
func (s Scoring) points(n *Node) int64 {
	all := n.kind.capacity
	cpu, memory := freeShare(n.room.milliCPU, all.milliCPU), freeShare(n.room.memory, all.memory)
	if s != LeastAllocated && s != "" {
		cpu, memory = scoreScale-cpu, scoreScale-memory
	}
	const point = scoreScale / maxNodeScore
	return (cpu/point + memory/point) / 2
}

// zoneReplicas are the replicas of a workload that are bound in a zone.
type zoneReplicas struct {
	count     int
	nodesWith []int // so many, from 1 on
	most      int   // on a node
}

// node counts that a node of the zone has other replicas than before.
func (z *zoneReplicas) node(before, after int) {
	z.count += after - before
	for len(z.nodesWith) <= after {
		z.nodesWith = append(z.nodesWith, 0)
	}
	z.nodesWith[before]--
	z.nodesWith[after]++
	z.most = max(z.most, after)
	for z.most > 0 && z.nodesWith[z.most] == 0 {
		z.most--
	}
}

// zones compares the zones of a class for pods with the default constraints.
type zones struct {
	candidates []candidate
	seen       []bool // by the cluster's zones
	zone, host knownWeight
}

// candidate is the best node of a group in a zone.
type candidate struct {
	node  *Node
	score int64 // in its index
	raw   int64
}

// knownWeight is a topologyWeight that need not be computed again.
type knownWeight struct {
	domains int
	weight  float64
}

func (k *knownWeight) of(domains int) float64 {
	if k.domains != domains || k.weight == 0 {
		*k = knownWeight{domains, topologyWeight(domains)}
	}
	return k.weight
}

// best is the best node for a pod of a workload with the default constraints. In
// a zone a group's index knows it; the zones' best are compared as the plugins
// do. The plugin normalises by all nodes with room: here the most is that of each
// zone's fullest node, with room or not.
func (z *zones) best(cl *class, w *Workload) *Node {
	in := z.collect(cl, w)
	if len(z.candidates) == 0 {
		return nil
	}
	least, most := int64(math.MaxInt64), int64(0)
	for i := range z.candidates {
		c := &z.candidates[i]
		there := &w.inZone[c.node.index.zone]
		c.raw = in.raw(there.count, c.node.replicasOf(w))
		least, most = min(least, c.raw), max(most, in.raw(there.count, there.most))
	}
	best, high := candidate{}, int64(-1)
	for _, c := range z.candidates {
		points := w.cluster.cfg.Scoring.points(c.node) + spreadWeight*normalised(c.raw, least, most)
		if points > high || points == high && c.before(best) {
			best, high = c, points
		}
	}
	return best.node
}

// before decides between nodes with equal points, of which the real scheduler
// takes any.
func (c candidate) before(other candidate) bool {
	return c.score > other.score || c.score == other.score && c.node.leaf < other.node.leaf
}

// collect finds the candidates, and the weights of a pod.
func (z *zones) collect(cl *class, w *Workload) weights {
	z.candidates = z.candidates[:0]
	z.seen = append(z.seen[:0], make([]bool, len(w.inZone))...)
	domains, hosts := 0, 0
	for _, g := range cl.groups {
		hosts += g.ready
		for i := range g.byZone {
			x := &g.byZone[i]
			if n, score := x.find(cl.request); n != nil {
				z.candidates = append(z.candidates, candidate{node: n, score: score})
				if !z.seen[x.zone] {
					z.seen[x.zone] = true
					domains++
				}
			}
		}
	}
	return weightsOf(systemDefaults, z.zone.of(domains), z.host.of(hosts))
}
