package ec2model

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// SubnetState is a subnet's addresses at one moment, and its worst moments
// since the last ResetExtremes. Primaries, Secondary, Others and Free add up
// to Usable.
type SubnetState struct {
	Name, ID, AZ  string
	CIDR          netip.Prefix
	Usable        int // without the five that AWS keeps
	Free          int
	FreeBlocks    int // free aligned /28 blocks that EC2 would choose
	Allocated     int // everything that is not free
	Primaries     int // primary addresses of interfaces
	Secondary     int // secondary addresses, and 16 for each prefix
	Others        int // used by others
	FreeMin       int
	FreeBlocksMin int
	AllocatedPeak int
}

// Subnets are the states of all subnets in the order of the configuration.
func (a *Account) Subnets() []SubnetState {
	states := make([]SubnetState, len(a.subnets))
	for k, s := range a.subnets {
		states[k] = SubnetState{
			Name: s.name, ID: s.id, AZ: s.az, CIDR: s.cidr,
			Usable: s.usable(), Free: s.free, FreeBlocks: s.freeBlocks(), Allocated: s.usable() - s.free,
			Primaries: s.held[primaryAddress], Secondary: s.held[secondaryAddress], Others: s.held[othersAddress],
			FreeMin: s.extremes.freeMin, FreeBlocksMin: s.extremes.freeBlocksMin, AllocatedPeak: s.extremes.allocatedPeak,
		}
	}
	return states
}

// ResetExtremes makes the present the worst moment of every subnet so far.
func (a *Account) ResetExtremes() {
	for _, s := range a.subnets {
		s.resetExtremes()
	}
}

// The owners of addresses that are not interfaces.
const (
	OwnedByNobody = ""       // free
	OwnedByAWS    = "aws"    // one of the five that AWS keeps
	OwnedByOthers = "others" // used by others
)

// Owner is who has an address: an interface's ID or one of the constants. ok
// is false outside all subnets.
func (a *Account) Owner(addr netip.Addr) (owner string, ok bool) {
	for _, s := range a.subnets {
		if !s.cidr.Contains(addr) {
			continue
		}
		switch by := s.holders[s.offset(addr)]; by {
		case nobody:
			return OwnedByNobody, true
		case aws:
			return OwnedByAWS, true
		case others:
			return OwnedByOthers, true
		default:
			return a.enis[by].id, true
		}
	}
	return "", false
}

// InterfaceIDs are the existing interfaces in the order of their creation.
func (a *Account) InterfaceIDs() []string {
	ids := make([]string, 0, a.interfaces)
	for _, e := range a.enis {
		if e != nil {
			ids = append(ids, e.id)
		}
	}
	return ids
}

// Interface is one interface as DescribeNetworkInterfaces answers it now.
func (a *Account) Interface(id string) (types.NetworkInterface, bool) {
	e, ok := a.eniByID[id]
	if !ok {
		return types.NetworkInterface{}, false
	}
	return a.describe(e), true
}

// Instance is one instance as DescribeInstances answers it now.
func (a *Account) Instance(id string) (types.Instance, bool) {
	i, ok := a.instanceByID[id]
	if !ok {
		return types.Instance{}, false
	}
	return a.describeInstance(i), true
}

// CheckBooks recomputes every book from the interfaces and compares: owners,
// counters, free sets, quotas, and the limits of every instance. A difference
// is a fault of the model.
func (a *Account) CheckBooks() error {
	var problems []error
	problem := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("ec2model: books: "+format, args...))
	}
	expected := make(map[*subnet][]holder)
	held := make(map[*subnet]*[purposes]int)
	for _, s := range a.subnets {
		expected[s] = make([]holder, s.size)
		held[s] = new([purposes]int)
	}
	interfaces, nau, attached := 0, 0, 0
	for _, e := range a.enis {
		if e == nil {
			continue
		}
		interfaces++
		if a.eniByID[e.id] != e {
			problem("%s is not found by its ID", e.id)
		}
		own := func(addr netip.Addr) {
			if by := expected[e.subnet][e.subnet.offset(addr)]; by != nobody {
				problem("%v belongs to %s and to %s", addr, e.id, a.enis[by].id)
			}
			expected[e.subnet][e.subnet.offset(addr)] = e.number
		}
		own(e.primary)
		for _, addr := range e.secondaries {
			own(addr)
		}
		for _, p := range e.prefixes {
			for k := range uint32(blockSize) {
				own(fromUint32(toUint32(p.Addr()) + k))
			}
		}
		held[e.subnet][primaryAddress]++
		held[e.subnet][secondaryAddress] += len(e.secondaries) + blockSize*len(e.prefixes)
		if e.at != nil {
			nau += e.nau()
			attached++
			if i := e.at.instance; a.instanceByID[i.id] != i || i.device(e.at.device, e.at.card) != e || a.byAttachment[e.at.id] != e {
				problem("%s is attached to a place that does not know it", e.id)
			}
		}
	}
	if interfaces != a.interfaces || interfaces != len(a.eniByID) {
		problem("%d interfaces exist, %d are counted", interfaces, a.interfaces)
	}
	if attached != len(a.byAttachment) {
		problem("%d interfaces are attached, %d attachments are known", attached, len(a.byAttachment))
	}
	if nau != a.nau || nau > a.quotas.NAU {
		problem("network address usage is %d, counted as %d, of %d", nau, a.nau, a.quotas.NAU)
	}
	for _, s := range a.subnets {
		problems = append(problems, s.check(expected[s], *held[s])...)
	}
	problems = append(problems, a.checkInstances()...)
	return errors.Join(problems...)
}

// check compares a subnet with who should hold its addresses.
func (s *subnet) check(expected []holder, held [purposes]int) (problems []error) {
	problem := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("ec2model: books: subnet %s: %w", s.name, fmt.Errorf(format, args...)))
	}
	free, inBlock := 0, make([]uint8, len(s.inBlock))
	for offset, by := range s.holders {
		reserved := offset < reservedFirst || offset >= s.size-reservedLast
		switch {
		case by == others:
			held[othersAddress]++
		case by == aws && reserved:
		case reserved || by != expected[offset]:
			problem("%v is held by %d, not by %d", s.addr(offset), by, expected[offset])
		}
		if by == others && expected[offset] != nobody {
			problem("%v is held by others and by %d", s.addr(offset), expected[offset])
		}
		if by == nobody {
			free++
		} else {
			inBlock[offset/blockSize]++
		}
		if z := s.zoneOf(offset); z != inExplicitReserv && s.singles[z].has(offset) != (by == nobody) {
			problem("the free set is wrong about %v", s.addr(offset))
		}
	}
	if free != s.free || held != s.held || free+held[0]+held[1]+held[2] != s.usable() {
		problem("%d are free and %v held, counted as %d and %v", free, held, s.free, s.held)
	}
	if !slices.Equal(inBlock, s.inBlock) {
		problem("the counts per block are wrong")
	}
	for block, n := range inBlock {
		if pool := s.poolOf[block]; pool >= 0 && s.pools[pool].has(block) != (n == 0) {
			problem("the free set is wrong about block %v", s.block(block*blockSize))
		}
	}
	return problems
}

// checkInstances compares every instance with the limits of its type.
func (a *Account) checkInstances() (problems []error) {
	for _, i := range a.instances {
		if i == nil {
			continue
		}
		problem := func(format string, args ...any) {
			problems = append(problems, fmt.Errorf("ec2model: books: instance %s: %w", i.id, fmt.Errorf(format, args...)))
		}
		if len(i.enis) > i.limits.ENIs {
			problem("%d interfaces, more than %d", len(i.enis), i.limits.ENIs)
		}
		for card, most := range i.limits.NetworkCards {
			if n := i.onCard(card); n > most {
				problem("%d interfaces on card %d, more than %d", n, card, most)
			}
		}
		for _, e := range i.enis {
			if e.at == nil || e.at.instance != i {
				problem("%s is listed but not attached", e.id)
			} else if e.slots() > i.limits.IPv4PerENI || e.subnet.az != i.subnet.az {
				problem("%s has %d addresses in %s", e.id, e.slots(), e.subnet.az)
			}
		}
	}
	return problems
}

// parseID reads the number of an ID that was made from a counter.
func parseID(kind, id string) (int, bool) {
	digits, ok := strings.CutPrefix(id, kind)
	n, err := strconv.ParseInt(digits, 16, 64)
	return int(n), ok && err == nil && n > 0
}
