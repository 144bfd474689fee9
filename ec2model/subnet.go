package ec2model

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// The address plan of EC2; Constants has the sources.
const (
	reservedFirst  = 4  // addresses at the start of a subnet that AWS keeps
	reservedLast   = 1  // and at its end
	blockSize      = 16 // addresses of a /28 prefix
	prefixLength   = 28
	largestSubnet  = 16 // prefix length
	smallestSubnet = 28
)

// holder is who has an address: nobody, AWS, others, or the interface with
// this number.
type holder int32

const (
	nobody holder = 0
	aws    holder = -1
	others holder = -2
	// claimed is kept for an interface that is about to be restored.
	claimed holder = -3
)

// others are told apart by who they are: others itself is who has no name, and
// below it each name has a number.
const firstNamed holder = -16

func (h holder) isOthers() bool { return h == others || h <= firstNamed }

// purpose is what an address is held for.
type purpose uint8

const (
	primaryAddress purpose = iota
	secondaryAddress
	othersAddress
	purposes
)

// zone is the part of a subnet that an address lies in.
type zone uint8

const (
	general          zone = iota
	inPrefixReserve       // a CIDR reservation of type prefix
	inExplicitReserv      // one of type explicit: never chosen automatically
)

// subnet is a range of addresses in one Availability Zone. Addresses are
// offsets from its first.
type subnet struct {
	name, id, az string
	cidr         netip.Prefix
	text         string // cidr
	base         uint32
	size         int
	tags         []tag
	choice       *rand.Rand

	holders  []holder
	zones    []zone  // nil without reservations
	inBlock  []uint8 // held addresses per aligned block
	free     int     // addresses that nobody holds
	held     [purposes]int
	others   []int      // of held, by the number of who they are
	singles  [2]freeSet // free addresses outside reservations, and in those of type prefix
	kept     []offset   // blocks for prefixes of existing interfaces
	pools    []freeSet  // free blocks: the general space, then one pool per prefix reservation
	poolOf   []int16    // pool of each block; -1 is none
	extremes extremes
	total    *total        // of all subnets
	counted  int           // of total: this subnet's part
	closed   int           // times that it was closed and not opened again
	shape    *types.Subnet // see describeSubnet
	audit    *audit

	reservations []reserved
}

// extremes are the worst moments since the last reset.
type extremes struct{ freeMin, freeBlocksMin, allocatedPeak int }

// total are the addresses that anybody holds in all subnets, and the most of them
// at once since the last reset.
type total struct{ held, peak int }

func newSubnet(cfg SubnetConfig, id string, choice *rand.Rand, all *total) *subnet {
	s := &subnet{
		total: all,
		name:  cfg.Name, id: id, az: cfg.AZ, cidr: cfg.CIDR, text: cfg.CIDR.String(), tags: tagsFrom(cfg.Tags), choice: choice,
		base: toUint32(cfg.CIDR.Addr()),
		size: 1 << (32 - cfg.CIDR.Bits()),
	}
	s.holders = make([]holder, s.size)
	s.inBlock = make([]uint8, s.size/blockSize)
	s.poolOf = make([]int16, s.size/blockSize)
	s.singles[general] = newFreeSet(s.size)
	s.pools = []freeSet{newFreeSet(s.size / blockSize)}
	s.reserve(cfg.Reservations)
	for block := range s.inBlock {
		if pool := s.poolOf[block]; pool >= 0 {
			s.pools[pool].add(block)
		}
	}
	s.freeAll()
	for offset := range reservedFirst {
		s.hold(offset, aws)
	}
	for offset := s.size - reservedLast; offset < s.size; offset++ {
		s.hold(offset, aws)
	}
	s.resetExtremes()
	return s
}

// freeAll makes all addresses free, one stretch of a zone after the other.
func (s *subnet) freeAll() {
	s.free = s.size
	for from := 0; from < s.size; {
		z, to := s.zoneOf(from), s.size
		if s.zones != nil {
			for to = from + 1; to < s.size && s.zones[to] == z; {
				to++
			}
		}
		if z != inExplicitReserv {
			s.singles[z].addAll(from, to)
		}
		from = to
	}
}

// reserve marks the zones of the CIDR reservations. Automatic prefixes come
// from blocks that lie wholly inside one reservation of type prefix, or
// wholly outside all reservations.
func (s *subnet) reserve(reservations []Reservation) {
	if len(reservations) == 0 {
		return
	}
	s.zones = make([]zone, s.size)
	s.singles[inPrefixReserve] = newFreeSet(s.size)
	byAddress := slices.SortedFunc(slices.Values(reservations), func(a, b Reservation) int {
		return a.CIDR.Addr().Compare(b.CIDR.Addr())
	})
	for _, r := range byAddress {
		first := int(toUint32(r.CIDR.Addr()) - s.base)
		size := 1 << (32 - r.CIDR.Bits())
		pool, z := int16(-1), inExplicitReserv
		if r.Type == ReservePrefix {
			pool, z = int16(len(s.pools)), inPrefixReserve
			s.pools = append(s.pools, newFreeSet(len(s.inBlock)))
		}
		for offset := first; offset < first+size; offset++ {
			s.zones[offset] = z
			if size >= blockSize {
				s.poolOf[offset/blockSize] = pool
			} else {
				s.poolOf[offset/blockSize] = -1
			}
		}
	}
}

func (s *subnet) zoneOf(offset int) zone {
	if s.zones == nil {
		return general
	}
	return s.zones[offset]
}

// hold gives a free address to a holder.
func (s *subnet) hold(offset int, by holder) {
	if s.holders[offset] != nobody {
		panic(fmt.Sprintf("ec2model: %v of subnet %s is given to two owners", s.addr(offset), s.name))
	}
	s.audit.touchAddress(s, offset, by, 1)
	s.holders[offset] = by
	s.free--
	if z := s.zoneOf(offset); z != inExplicitReserv {
		s.singles[z].remove(offset)
	}
	block := offset / blockSize
	if s.inBlock[block]++; s.inBlock[block] == 1 && s.poolOf[block] >= 0 {
		s.pools[s.poolOf[block]].remove(block)
	}
}

// release takes an address from its holder.
func (s *subnet) release(offset int, from holder) {
	if s.holders[offset] != from || from == nobody {
		panic(fmt.Sprintf("ec2model: %v of subnet %s is released by one who does not hold it", s.addr(offset), s.name))
	}
	s.audit.touchAddress(s, offset, from, -1)
	s.holders[offset] = nobody
	s.free++
	if z := s.zoneOf(offset); z != inExplicitReserv {
		s.singles[z].add(offset)
	}
	block := offset / blockSize
	if s.inBlock[block]--; s.inBlock[block] == 0 && s.poolOf[block] >= 0 {
		s.pools[s.poolOf[block]].add(block)
	}
}

// reserved says whether an address is one of those that AWS keeps.
func (s *subnet) reserved(offset int) bool {
	return offset < reservedFirst || offset >= s.size-reservedLast
}

func (s *subnet) usable() int { return s.size - reservedFirst - reservedLast }

// freeSingles is how many single addresses EC2 would still choose.
func (s *subnet) freeSingles() int { return s.singles[0].length + s.singles[1].length }

// freeBlocks is how many /28 blocks EC2 would still choose.
func (s *subnet) freeBlocks() int {
	n := 0
	for i := range s.pools {
		n += s.pools[i].length
	}
	return n
}

// note updates the extremes after a change is complete.
func (s *subnet) note() {
	e := &s.extremes
	e.freeMin = min(e.freeMin, s.free)
	e.freeBlocksMin = min(e.freeBlocksMin, s.freeBlocks())
	e.allocatedPeak = max(e.allocatedPeak, s.usable()-s.free)
	s.count()
	s.total.peak = max(s.total.peak, s.total.held)
}

// count brings the sum over the subnets up to date.
func (s *subnet) count() {
	held := s.usable() - s.free
	s.total.held += held - s.counted
	s.counted = held
}

func (s *subnet) resetExtremes() {
	s.count()
	s.extremes = extremes{freeMin: s.free, freeBlocksMin: s.freeBlocks(), allocatedPeak: s.usable() - s.free}
}

func (s *subnet) addr(offset int) netip.Addr { return fromUint32(s.base + uint32(offset)) }

func (s *subnet) offset(a netip.Addr) int { return int(toUint32(a) - s.base) }

// offsetOf is for an address that may be of another subnet, or of none.
func (s *subnet) offsetOf(a netip.Addr) (o offset, ok bool) {
	if !s.cidr.Contains(a) {
		return 0, false
	}
	return offset(s.offset(a)), true
}

func (s *subnet) block(offset int) netip.Prefix {
	return netip.PrefixFrom(s.addr(offset), prefixLength)
}

func toUint32(a netip.Addr) uint32 {
	b := a.As4()
	return binary.BigEndian.Uint32(b[:])
}

func fromUint32(u uint32) netip.Addr {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], u)
	return netip.AddrFrom4(b)
}
