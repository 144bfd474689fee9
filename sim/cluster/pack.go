package cluster

import (
	"cmp"
	"math"
	"slices"
)

// demand is a number of equal pods and the groups that may take them, in the
// order of preference.
type demand struct {
	request Resources
	groups  []int
	count   int
}

// bin is a node of a group with what it has left.
type bin struct {
	group int
	room  room
}

// offer is what a group could add: nodes with this room, so many at most.
type offer struct {
	empty room
	limit int
}

// pack places the demands first-fit, those that ask for the most CPU and then
// memory first, as Karpenter and the Cluster Autoscaler's estimator do: into
// the bins, and what is left into new nodes of the first group that may have
// one. It returns the new nodes by group and the number of pods that fit
// nowhere. The bins are used up.
func pack(demands []demand, bins []bin, offers []offer) (add []int, unmet int) {
	slices.SortStableFunc(demands, func(a, b demand) int {
		return cmp.Or(cmp.Compare(b.request.MilliCPU, a.request.MilliCPU), cmp.Compare(b.request.Memory, a.request.Memory))
	})
	add = make([]int, len(offers))
	for _, d := range demands {
		left := int64(d.count)
		for i := range bins {
			if left == 0 {
				break
			}
			if slices.Contains(d.groups, bins[i].group) {
				left -= bins[i].room.fill(d.request, left)
			}
		}
		for _, g := range d.groups {
			for left > 0 && add[g] < offers[g].limit && offers[g].empty.fits(d.request) {
				b := bin{group: g, room: offers[g].empty}
				left -= b.room.fill(d.request, left)
				bins = append(bins, b)
				add[g]++
			}
		}
		unmet += int(left)
	}
	return add, unmet
}

// fill takes as many of n equal pods as fit and returns their number.
func (r *room) fill(q Resources, n int64) int64 {
	n = max(0, min(n, r.pods, per(r.milliCPU, q.MilliCPU), per(r.memory, q.Memory)))
	r.pods -= n
	r.milliCPU -= n * q.MilliCPU
	r.memory -= n * q.Memory
	return n
}

func per(have, need int64) int64 {
	if need == 0 {
		return math.MaxInt64
	}
	return have / need
}
