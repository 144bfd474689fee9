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
	zone    string // that they must be in; empty for any
	atMost  int    // on one node, where a constraint keeps them apart; 0 for no bound
	relaxes bool   // what finds no node in the zone goes to another
}

// bin is a number of nodes of a group in a row that have the same left. A
// fleet on its way is one bin, however large it is.
type bin struct {
	group  int
	room   room
	more   []room // of new nodes of a group with several types: what is left of each of the others
	fresh  bool   // a new node
	zone   string // only while some demand has one
	taken  bool   // it may have pods already
	coming bool   // it is on its way, for other pods
	count  int
}

// alike says that nodes of two bins have the same left.
func (b *bin) alike(other *bin) bool {
	return b.group == other.group && b.room == other.room && b.fresh == other.fresh && b.zone == other.zone && b.taken == other.taken && b.coming == other.coming && slices.Equal(b.more, other.more)
}

// addBin adds nodes to a list, to its last bin if they are like those.
func addBin(list []bin, b bin) []bin {
	if b.count == 0 {
		return list
	}
	if n := len(list); n > 0 && list[n-1].alike(&b) {
		list[n-1].count += b.count
		return list
	}
	return append(list, b)
}

// offer is what a group could add: nodes of one of these rooms, each a type's, so
// many at most.
type offer struct {
	rooms []room // in the order of price; nowhere for a type that cannot be had
	limit int
	zones []string // in which a node can be asked for; empty for all
}

// order is a number of new nodes of a group, each of any of these types, which
// all hold what was packed into it.
type order struct {
	group int
	types typeSet
	zone  string // empty for any
	count int
}

// pack places the demands first-fit, those that ask for the most CPU and then
// memory first, as Karpenter and the Cluster Autoscaler's estimator do: into
// the bins, and what is left into new nodes of the first group that may have
// one. A new node takes pods for as long as any of its group's types holds them
// all, as a NodeClaim does. It returns the new nodes and the number of pods that
// fit nowhere. The bins are used up.
func pack(demands []demand, bins []bin, offers []offer) (orders []order, unmet int) {
	slices.SortStableFunc(demands, func(a, b demand) int {
		return cmp.Or(cmp.Compare(b.request.MilliCPU, a.request.MilliCPU), cmp.Compare(b.request.Memory, a.request.Memory))
	})
	add := make([]int, len(offers))
	for _, d := range demands {
		left := int64(d.count)
		bins = place(d, bins, offers, add, &left)
		if d.zone != "" && d.relaxes && left > 0 {
			d.zone = ""
			bins = place(d, bins, offers, add, &left)
		}
		unmet += int(left)
	}
	return ordersOf(bins), unmet
}

// place packs one demand.
func place(d demand, bins []bin, offers []offer, add []int, left *int64) []bin {
	for i := 0; i < len(bins) && *left > 0; i++ {
		b := &bins[i]
		if slices.Contains(d.groups, b.group) && (d.zone == "" || d.zone == b.zone) && !(d.atMost > 0 && b.taken) {
			bins = fill(bins, i, d, left)
		}
	}
	for _, g := range d.groups {
		o := &offers[g]
		if o.limit == 0 || d.zone != "" && len(o.zones) > 0 && !slices.Contains(o.zones, d.zone) {
			continue
		}
		fresh := bin{group: g, room: o.rooms[0], more: o.rooms[1:], fresh: true, zone: d.zone}
		each := fresh.takes(d)
		if *left == 0 || each == 0 {
			continue
		}
		if fresh.count = int(min(int64(o.limit-add[g]), (*left+each-1)/each)); fresh.count > 0 {
			add[g] += fresh.count
			bins = fill(append(bins, fresh), len(bins), d, left)
		}
	}
	return bins
}

// takes is the number of a demand's pods that one of the nodes may have.
func (b *bin) takes(d demand) int64 {
	n := b.holds(d.request)
	if d.atMost > 0 {
		n = min(n, int64(d.atMost))
	}
	return n
}

// ordersOf are the new nodes, by group, the first bins first.
func ordersOf(bins []bin) (orders []order) {
	for i := range bins {
		if b := &bins[i]; b.fresh {
			types := b.types()
			at := slices.IndexFunc(orders, func(o order) bool { return o.group == b.group && o.types == types && o.zone == b.zone })
			if at < 0 {
				at = len(orders)
				orders = append(orders, order{group: b.group, types: types, zone: b.zone})
			}
			orders[at].count += b.count
		}
	}
	slices.SortStableFunc(orders, func(a, b order) int { return cmp.Compare(a.group, b.group) })
	return orders
}

// types are those that hold what is in a new node.
func (b *bin) types() (set typeSet) {
	if b.room.exists() {
		set = 1
	}
	for i, r := range b.more {
		if r.exists() {
			set |= 2 << i
		}
	}
	return set
}

// fill takes as many of the equal pods that are left as fit into the i-th
// bin, first-fit: some of its nodes get as many as they hold, one the rest.
func fill(bins []bin, i int, d demand, left *int64) []bin {
	b, q := bins[i], d.request
	each := b.takes(d)
	if each == 0 {
		return bins
	}
	full := int(min(int64(b.count), *left/each))
	*left -= int64(full) * each
	parts := addBin(make([]bin, 0, 3), b.less(q, each, full))
	if b.count -= full; b.count > 0 && *left > 0 {
		parts = addBin(parts, b.less(q, *left, 1))
		*left, b.count = 0, b.count-1
	}
	return slices.Replace(bins, i, i+1, addBin(parts, b)...)
}

// holds is the number of equal pods that one of the nodes has room for.
func (b *bin) holds(q Resources) int64 {
	most := b.room.holds(q)
	for _, r := range b.more {
		most = max(most, r.holds(q))
	}
	return most
}

// less is so many of the nodes after n equal pods.
func (b *bin) less(q Resources, n int64, count int) bin {
	after := bin{group: b.group, room: b.room.less(q, n), fresh: b.fresh, zone: b.zone, taken: b.taken, coming: b.coming, count: count}
	for _, r := range b.more {
		after.more = append(after.more, r.less(q, n))
	}
	return after
}

// holds is the number of equal pods that fit.
func (r room) holds(q Resources) int64 {
	if !r.exists() {
		return 0
	}
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
