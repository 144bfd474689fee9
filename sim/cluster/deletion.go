package cluster

import "math/bits"

// deletions are a Deployment's replicas in the order in which the ReplicaSet
// controller deletes them (pkg/controller, ActivePodsWithRanks): those without
// a node first, then those that do not run, then those that share their node
// with most replicas, then the younger, where ages count as equal when they
// have the same power of two (LogarithmicScaleDown) and the UID decides, which
// is as good as random. Pod deletion costs and restarts do not occur here.
//
// A long ramp down must not look at all replicas each second. So this is a
// heap by rank in which no entry is behind the place that is its pod's now: as
// time goes by a rank mostly moves back, which is found out when the entry
// comes first. What moves a pod forward is told, and makes a second entry.
type deletions struct {
	workload *Workload
	heap     []deletion // nil until replicas are to be deleted
}

// deletion is a replica with a rank that it has or had.
type deletion struct {
	rank uint64 // lower goes first
	pod  *Pod
}

// first takes out the n replicas to delete first, or as many as there are.
func (d *deletions) first(n int) []*Pod {
	if d.heap == nil {
		for _, p := range d.workload.replicas {
			if d.holds(p) {
				d.heap = append(d.heap, deletion{d.rank(p), p})
			}
		}
		for i := len(d.heap) / 2; i >= 0; i-- {
			d.sink(i)
		}
	}
	chosen := make([]*Pod, 0, n)
	for len(chosen) < n && len(d.heap) > 0 {
		top := &d.heap[0]
		switch rank := d.rank(top.pod); {
		case top.pod.replica < 0 || top.pod.deleting:
			d.pop()
		case rank > top.rank:
			top.rank = rank
			d.sink(0)
		default:
			top.pod.deleting = true
			chosen = append(chosen, top.pod)
			d.pop()
		}
	}
	return chosen
}

// holds says whether a replica is one of those in question: in a rolling update the
// old ones.
func (d *deletions) holds(p *Pod) bool { return d.workload.update == nil || !d.workload.isNew(p) }

// push enters a replica that is new or has moved forward.
func (d *deletions) push(p *Pod) {
	switch {
	case d.heap == nil || !d.holds(p):
		return
	case len(d.heap) > 2*len(d.workload.replicas)+1000: // mostly entries of the past
		d.heap = nil
		return
	}
	d.heap = append(d.heap, deletion{d.rank(p), p})
	for i := len(d.heap) - 1; i > 0 && d.before(i, (i-1)/2); i = (i - 1) / 2 {
		d.heap[i], d.heap[(i-1)/2] = d.heap[(i-1)/2], d.heap[i]
	}
}

// crowd enters the replicas on a node that has got one more.
func (d *deletions) crowd(n *Node) {
	if d.heap == nil {
		return
	}
	for _, p := range n.pods {
		if p.Workload == d.workload && p.replica >= 0 {
			d.push(p)
		}
	}
}

// rank packs the order into one number: 2 bits of state, 16 of neighbours, 6
// of age, 40 of UID.
func (d *deletions) rank(p *Pod) uint64 {
	var state, neighbours uint64
	since := p.Created
	switch {
	case p.Node == nil:
	case p.state == Bound || p.lost:
		state = 1
	default:
		state, since = 2, p.Running
	}
	if p.Node != nil {
		neighbours = uint64(min(p.Node.replicasOf(d.workload), 1<<16-1))
	}
	age := uint64(bits.Len64(uint64(d.workload.cluster.kernel.Now() - since)))
	uid := mix(d.workload.uidSeed+uint64(p.Ordinal)) >> 24
	return state<<62 | (1<<16-1-neighbours)<<46 | age<<40 | uid
}

// mix is the finaliser of SplitMix64 (Steele, Lea, Flood 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func (d *deletions) before(i, j int) bool {
	return d.heap[i].rank < d.heap[j].rank
}

func (d *deletions) pop() {
	last := len(d.heap) - 1
	d.heap[0], d.heap[last] = d.heap[last], deletion{}
	d.heap = d.heap[:last]
	d.sink(0)
}

func (d *deletions) sink(i int) {
	for {
		child := 2*i + 1
		if child >= len(d.heap) {
			return
		}
		if child+1 < len(d.heap) && d.before(child+1, child) {
			child++
		}
		if !d.before(child, i) {
			return
		}
		d.heap[i], d.heap[child] = d.heap[child], d.heap[i]
		i = child
	}
}

// replicaCount is how many replicas of a Deployment are on a node.
type replicaCount struct {
	workload *Workload
	n        int
}

// replicasOf is the number of a Deployment's replicas on the node.
func (n *Node) replicasOf(w *Workload) int {
	for i := range n.replicas {
		if n.replicas[i].workload == w {
			return n.replicas[i].n
		}
	}
	return 0
}

func (n *Node) addReplicas(w *Workload, more int) {
	for i := range n.replicas {
		if n.replicas[i].workload == w {
			w.inZone[n.index.zone].node(n.replicas[i].n, n.replicas[i].n+more)
			n.replicas[i].n += more
			return
		}
	}
	w.inZone[n.index.zone].node(0, more)
	n.replicas = append(n.replicas, replicaCount{w, more})
}
