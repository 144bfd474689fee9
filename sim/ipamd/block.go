package ipamd

import (
	"cmp"
	"encoding/binary"
	"net/netip"
	"slices"
)

// ip is an IPv4 address as a number. A fleet's books hold millions: this is 4
// bytes where a netip.Addr is 24.
type ip uint32

func ipOf(a netip.Addr) ip {
	b := a.As4()
	return ip(binary.BigEndian.Uint32(b[:]))
}

func (a ip) addr() netip.Addr {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], uint32(a))
	return netip.AddrFrom4(b)
}

// String is the address in dotted decimals.
func (a ip) String() string { return a.addr().String() }

// kind is what a CIDR of an interface is.
type kind uint8

const (
	single kind = iota // a secondary address, /32
	prefix             // a delegated prefix, /28

	kinds
)

// kindOf is the kind that a mode of the daemon uses.
func kindOf(prefixDelegation bool) kind {
	if prefixDelegation {
		return prefix
	}
	return single
}

func (k kind) size() int {
	if k == prefix {
		return addressesPerPrefix
	}
	return 1
}

// block is a CIDR that EC2 gives to an interface.
type block struct {
	base ip
	kind kind
}

func blockOf(p netip.Prefix) block {
	if p.IsSingleIP() {
		return block{ipOf(p.Addr()), single}
	}
	return block{ipOf(p.Addr()), prefix}
}

// singles are secondary addresses as blocks.
func singles(list []netip.Addr) []block {
	out := make([]block, len(list))
	for i, a := range list {
		out[i] = block{ipOf(a), single}
	}
	return out
}

// prefixes are delegated prefixes as blocks.
func prefixes(list []netip.Prefix) []block {
	out := make([]block, len(list))
	for i, p := range list {
		out[i] = block{ipOf(p.Addr()), prefix}
	}
	return out
}

func (b block) size() int { return b.kind.size() }

func (b block) contains(a ip) bool { return a >= b.base && a-b.base < ip(b.size()) }

func (b block) cidr() netip.Prefix {
	if b.kind == prefix {
		return netip.PrefixFrom(b.base.addr(), 28)
	}
	return netip.PrefixFrom(b.base.addr(), 32)
}

// String is the block with its length, as the real log has it.
func (b block) String() string { return b.cidr().String() }

// compare orders by address.
func (b block) compare(c block) int {
	if b.base != c.base {
		return cmp.Compare(b.base, c.base)
	}
	return int(c.kind) - int(b.kind) // the shorter length first
}

// byBlock is a small map with blocks as keys: a list in their order.
type byBlock[V any] []blockEntry[V]

type blockEntry[V any] struct {
	block
	value V
}

func (m byBlock[V]) search(b block) (int, bool) {
	return slices.BinarySearchFunc(m, b, func(e blockEntry[V], b block) int { return e.compare(b) })
}

func (m byBlock[V]) get(b block) (value V, known bool) {
	if i, known := m.search(b); known {
		return m[i].value, true
	}
	return value, false
}

func (m *byBlock[V]) put(b block, value V) {
	i, known := m.search(b)
	if known {
		(*m)[i].value = value
		return
	}
	*m = slices.Insert(*m, i, blockEntry[V]{b, value})
}

func (m *byBlock[V]) remove(b block) {
	if i, known := m.search(b); known {
		*m = slices.Delete(*m, i, i+1)
	}
}
