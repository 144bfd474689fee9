package cluster

import "math/bits"

// startReplicas lets the initial replicas come up in the third quarter of the
// warm-up, when the nodes that exist before the run have joined: so they
// spread over them as in a cluster that has been there for long. Without a
// warm-up they are created at time 0.
func (w *Workload) startReplicas() {
	c := w.cluster
	warm := c.cfg.WarmUp
	initial := []Step{{At: warm/2 - warm, Count: w.Initial, Over: warm / 4}}
	c.follow(newRamp(0, append(initial, w.Replicas...), c.cfg.Kernel), w.scale)
}

// scale sets the number of replicas.
func (w *Workload) scale(n int) {
	w.desired = n
	w.adjust()
}

// adjust creates what is missing and deletes what is too many.
func (w *Workload) adjust() {
	if !w.cluster.admits(w.desired - len(w.replicas)) {
		return
	}
	for len(w.replicas) < w.desired {
		p := w.create(w.class, w.drawLifetime())
		if p == nil {
			return
		}
		p.replica = int32(len(w.replicas))
		w.replicas = append(w.replicas, p)
	}
	if n := len(w.replicas) - w.desired; n > 0 {
		for _, p := range w.victims(n) {
			w.dismiss(p)
			w.cluster.stop(p)
		}
	}
}

// dismiss takes a pod from the replicas. It need not be one.
func (w *Workload) dismiss(p *Pod) {
	if p.replica < 0 {
		return
	}
	last := w.replicas[len(w.replicas)-1]
	w.replicas[p.replica], last.replica = last, p.replica
	w.replicas[len(w.replicas)-1] = nil
	w.replicas = w.replicas[:len(w.replicas)-1]
	p.replica = -1
}

// candidate is a replica with its place in the order of deletion.
type candidate struct {
	rank uint64 // lower goes first
	pod  *Pod
}

// victims chooses n replicas to delete, in the order of the ReplicaSet
// controller (pkg/controller, ActivePodsWithRanks): those without a node
// first, then those that do not run, then those that share their node with
// most replicas, then the younger, where ages count as equal when they have
// the same power of two (LogarithmicScaleDown) and the UID decides, which is
// as good as random. Pod deletion costs and restarts do not occur here.
func (w *Workload) victims(n int) []*Pod {
	for _, p := range w.replicas {
		if p.Node != nil {
			p.Node.scratch = 0
		}
	}
	for _, p := range w.replicas {
		if p.Node != nil {
			p.Node.scratch++
		}
	}
	list := w.candidates[:0]
	for _, p := range w.replicas {
		list = append(list, candidate{rank: w.deletionRank(p), pod: p})
	}
	w.candidates = list
	smallest(list, n)
	chosen := make([]*Pod, n)
	for i := range chosen {
		chosen[i] = list[i].pod
	}
	return chosen
}

// deletionRank packs the order into one number: 2 bits of state, 16 of
// neighbours, 6 of age, 40 of UID.
func (w *Workload) deletionRank(p *Pod) uint64 {
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
		neighbours = uint64(min(p.Node.scratch, 1<<16-1))
	}
	age := uint64(bits.Len64(uint64(w.cluster.kernel.Now() - since)))
	uid := mix(w.uidSeed+uint64(p.Ordinal)) >> 24
	return state<<62 | (1<<16-1-neighbours)<<46 | age<<40 | uid
}

// mix is the finaliser of SplitMix64 (Steele, Lea, Flood 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// smallest moves the n candidates with the lowest ranks to the front
// (quickselect): a long ramp down must not sort all replicas each second.
func smallest(list []candidate, n int) {
	for lo, hi := 0, len(list)-1; lo < hi; {
		pivot := list[lo+(hi-lo)/2].rank
		i, j := lo, hi
		for i <= j {
			for list[i].rank < pivot {
				i++
			}
			for list[j].rank > pivot {
				j--
			}
			if i <= j {
				list[i], list[j] = list[j], list[i]
				i++
				j--
			}
		}
		switch {
		case n <= j:
			hi = j
		case n >= i:
			lo = i
		default:
			return
		}
	}
}
