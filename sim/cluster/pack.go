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

// bin is a number of nodes of a group in a row that have the same left. A
// fleet on its way is one bin, however large it is.
type bin struct {
	group int
	room  room
	count int
}

// addBin adds nodes to a list, to its last bin if they are like those.
func addBin(list []bin, b bin) []bin {
	if b.count == 0 {
		return list
	}
	if n := len(list); n > 0 && list[n-1].group == b.group && list[n-1].room == b.room {
		list[n-1].count += b.count
		return list
	}
	return append(list, b)
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
		for i := 0; i < len(bins) && left > 0; i++ {
			if slices.Contains(d.groups, bins[i].group) {
				bins = fill(bins, i, d.request, &left)
			}
		}
		for _, g := range d.groups {
			each := offers[g].empty.holds(d.request)
			if left == 0 || each == 0 {
				continue
			}
			nodes := int(min(int64(offers[g].limit-add[g]), (left+each-1)/each))
			if nodes > 0 {
				add[g] += nodes
				bins = fill(append(bins, bin{group: g, room: offers[g].empty, count: nodes}), len(bins), d.request, &left)
			}
		}
		unmet += int(left)
	}
	return add, unmet
}

// fill takes as many of the equal pods that are left as fit into the i-th
// bin, first-fit: some of its nodes get as many as they hold, one the rest.
func fill(bins []bin, i int, q Resources, left *int64) []bin {
	b := bins[i]
	each := b.room.holds(q)
	if each == 0 {
		return bins
	}
	full := int(min(int64(b.count), *left/each))
	*left -= int64(full) * each
	parts := addBin(make([]bin, 0, 3), bin{b.group, b.room.less(q, each), full})
	if b.count -= full; b.count > 0 && *left > 0 {
		parts = addBin(parts, bin{b.group, b.room.less(q, *left), 1})
		*left, b.count = 0, b.count-1
	}
	return slices.Replace(bins, i, i+1, addBin(parts, b)...)
}

// holds is the number of equal pods that fit.
func (r room) holds(q Resources) int64 {
	return max(0, min(r.pods, per(r.milliCPU, q.MilliCPU), per(r.memory, q.Memory)))
}

// less is what n equal pods leave.
func (r room) less(q Resources, n int64) room {
	return room{pods: r.pods - n, milliCPU: r.milliCPU - n*q.MilliCPU, memory: r.memory - n*q.Memory}
}

func per(have, need int64) int64 {
	if need == 0 {
		return math.MaxInt64
	}
	return have / need
}
