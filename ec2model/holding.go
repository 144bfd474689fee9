package ec2model

import (
	"net/netip"
	"slices"
)

// offset is an address of a subnet, counted from its first. The largest
// subnets have 65,536 of them.
type offset uint16

// holding is what an interface has besides its primary address: first the
// prefixes, each by its first address, then the secondary addresses, both in
// the order of their assignment. It is never changed. The interface shares it
// with what metadata shows of it until the next change makes another one; nil
// is nothing.
type holding struct {
	all   []offset
	split int // prefixes
}

func (h *holding) prefixes() []offset {
	if h == nil {
		return nil
	}
	return h.all[:h.split]
}

func (h *holding) addresses() []offset {
	if h == nil {
		return nil
	}
	return h.all[h.split:]
}

// slots is how many of the instance type's addresses per interface are taken:
// one per address and one per prefix.
func (h *holding) slots() int {
	if h == nil {
		return 0
	}
	return len(h.all)
}

func holdingOf(prefixes, addresses []offset) *holding {
	if len(prefixes)+len(addresses) == 0 {
		return nil
	}
	return &holding{all: slices.Concat(prefixes, addresses), split: len(prefixes)}
}

// with is the holding and more.
func (h *holding) with(prefixes, addresses []offset) *holding {
	return holdingOf(slices.Concat(h.prefixes(), prefixes), slices.Concat(h.addresses(), addresses))
}

// without is the holding less some of it.
func (h *holding) without(prefixes, addresses []offset) *holding {
	return holdingOf(without(h.prefixes(), prefixes), without(h.addresses(), addresses))
}

// without is list less the elements of gone, as a new slice.
func without(list, gone []offset) []offset {
	return slices.DeleteFunc(slices.Clone(list), func(x offset) bool { return slices.Contains(gone, x) })
}

// appendAddrs adds addresses of a subnet to a list.
func (s *subnet) appendAddrs(list []netip.Addr, offsets []offset) []netip.Addr {
	list = slices.Grow(list, len(offsets))
	for _, o := range offsets {
		list = append(list, s.addr(int(o)))
	}
	return list
}

// appendBlocks adds /28 blocks of a subnet to a list.
func (s *subnet) appendBlocks(list []netip.Prefix, offsets []offset) []netip.Prefix {
	list = slices.Grow(list, len(offsets))
	for _, o := range offsets {
		list = append(list, s.block(int(o)))
	}
	return list
}
