package ec2model

import (
	"iter"
	"net/netip"
	"slices"
	"time"

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
		states[k] = s.state()
	}
	return states
}

// Subnet is the state of the subnet of that name in the configuration.
func (a *Account) Subnet(name string) (state SubnetState, ok bool) {
	s, ok := a.subnetByName[name]
	if !ok {
		return SubnetState{}, false
	}
	return s.state(), true
}

func (s *subnet) state() SubnetState {
	return SubnetState{
		Name: s.name, ID: s.id, AZ: s.az, CIDR: s.cidr,
		Usable: s.usable(), Free: s.free, FreeBlocks: s.freeBlocks(), Allocated: s.usable() - s.free,
		Primaries: s.held[primaryAddress], Secondary: s.held[secondaryAddress], Others: s.held[othersAddress],
		FreeMin: s.extremes.freeMin, FreeBlocksMin: s.extremes.freeBlocksMin, AllocatedPeak: s.extremes.allocatedPeak,
	}
}

// OthersIn counts the addresses of a subnet that others hold by who they are, as
// far as the configuration says it of any; nil when it does not.
func (a *Account) OthersIn(name string) map[string]int {
	s, ok := a.subnetByName[name]
	if !ok {
		return nil
	}
	var by map[string]int
	for who, n := range s.others {
		if n > 0 && len(a.others) > 1 {
			if by == nil {
				by = map[string]int{}
			}
			by[a.others[who]] = n
		}
	}
	return by
}

// ReservedBlocks counts the /28 blocks of a subnet's reservations of type
// prefix, and those of them that hold single addresses, AWS's own included, so
// that no prefix comes of them. It looks at every block.
func (a *Account) ReservedBlocks(name string) (all, shared int) {
	s, ok := a.subnetByName[name]
	if !ok || s.zones == nil {
		return 0, 0
	}
	for block, held := range s.inBlock {
		first := block * blockSize
		if s.poolOf[block] < 0 || s.zones[first] != inPrefixReserve {
			continue
		}
		all++
		if held > 0 && (int(held) < blockSize || s.holders[first] < nobody) {
			shared++
		}
	}
	return all, shared
}

// ResetExtremes makes the present the worst moment of every subnet so far, of all
// of them together, and of the number of interfaces.
func (a *Account) ResetExtremes() {
	a.peak = a.interfaces
	for _, s := range a.subnets {
		s.resetExtremes()
	}
	a.total.peak = a.total.held
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
	switch by, ok := a.holderOf(addr); {
	case by == nobody:
		return OwnedByNobody, ok
	case by == aws:
		return OwnedByAWS, true
	case by < nobody:
		return OwnedByOthers, true
	default:
		return a.enis[by].id(), true
	}
}

// holderOf is nobody, and not ok, outside all subnets.
func (a *Account) holderOf(addr netip.Addr) (by holder, ok bool) {
	if !addr.Is4() {
		return nobody, false
	}
	k, found := slices.BinarySearch(a.firsts, toUint32(addr))
	if !found {
		k-- // it is the last subnet that begins before the address
	}
	if k < 0 {
		return nobody, false
	}
	s := a.byAddress[k]
	if o, ok := s.offsetOf(addr); ok {
		return s.holders[o], true
	}
	return nobody, false
}

// Place is where in EC2 an address is.
type Place struct {
	Interface string
	Instance  string // that the interface is attached to; empty when it is attached to none
	Device    int    // its index there
}

// PlaceOf is the interface that has an address, among its own ones and those
// of its prefixes. ok is false when none has.
func (a *Account) PlaceOf(addr netip.Addr) (place Place, ok bool) {
	by, _ := a.holderOf(addr)
	if by <= nobody {
		return Place{}, false
	}
	e := a.enis[by]
	place.Interface = e.id()
	if e.attached {
		place.Instance, place.Device = e.at.instance.id, int(e.at.device)
	}
	return place, true
}

// Abandoned counts the interfaces with a tag of that key which have been
// attached to nothing for longer than age, those aside that Kept counts.
func (a *Account) Abandoned(tagKey string, age time.Duration) int {
	return a.looseFor(age, func(e *eni) bool { return tagIndex(e.tags, tagKey) >= 0 && !a.left(e) })
}

// Kept counts the first interfaces of terminated instances that were not
// DeleteOnTermination and have been attached to nothing for longer than age.
func (a *Account) Kept(age time.Duration) int { return a.looseFor(age, a.left) }

// looseFor counts the interfaces of a kind that have been attached to nothing
// for longer than age.
func (a *Account) looseFor(age time.Duration, kind func(*eni) bool) int {
	n, now := 0, a.clock.Now()
	for _, e := range a.loose {
		if now-e.freeAt > age && kind(e) {
			n++
		}
	}
	return n
}

// left says whether a terminated instance has left its first interface.
func (a *Account) left(e *eni) bool {
	was := e.at.instance
	return !e.attached && was != nil && was.isPrimary(e)
}

// InterfaceIDs are the existing interfaces in the order of their creation.
func (a *Account) InterfaceIDs() []string {
	ids := make([]string, 0, a.interfaces)
	for _, e := range a.enis {
		if e != nil {
			ids = append(ids, e.id())
		}
	}
	return ids
}

// Interface is one interface as DescribeNetworkInterfaces answers it now.
func (a *Account) Interface(id string) (types.NetworkInterface, bool) {
	e := a.eni(id)
	if e == nil {
		return types.NetworkInterface{}, false
	}
	return *a.describe(e), true
}

// Instance is one instance as DescribeInstances answers it now.
func (a *Account) Instance(id string) (types.Instance, bool) {
	i := a.instance(id)
	if i == nil {
		return types.Instance{}, false
	}
	return *a.describeInstance(i), true
}

// Device is an interface on an instance, in few words.
type Device struct {
	Index      int
	Card       int    // network card
	Interface  string // ID
	MAC        string
	PrimaryIP  netip.Addr // not valid of an EFA-only one
	SubnetCIDR netip.Prefix
}

func (e *eni) asDevice() Device {
	d := Device{Index: int(e.at.device), Card: int(e.at.card), Interface: e.id(), MAC: e.mac(), SubnetCIDR: e.subnet.cidr}
	if e.addressed() {
		d.PrimaryIP = e.subnet.addr(int(e.primary))
	}
	return d
}

// Primary is the interface that an instance was launched with. ok is false for
// an unknown instance.
func (a *Account) Primary(instanceID string) (d Device, ok bool) {
	i := a.instance(instanceID)
	if i == nil {
		return Device{}, false
	}
	return i.primary().asDevice(), true
}

// Devices are the attached interfaces of an instance in the order of their
// creation, none for an unknown instance. Instance says more, and costs more.
func (a *Account) Devices(instanceID string) iter.Seq[Device] {
	return func(yield func(Device) bool) {
		i := a.instance(instanceID)
		if i == nil {
			return
		}
		for _, e := range i.enis {
			if !yield(e.asDevice()) {
				return
			}
		}
	}
}

// SubnetOf is the name of the subnet that an instance was launched in. ok is
// false for an unknown instance.
func (a *Account) SubnetOf(instanceID string) (name string, ok bool) {
	i := a.instance(instanceID)
	if i == nil {
		return "", false
	}
	return i.subnet.name, true
}

// TypeOf is the type of an instance. ok is false for an unknown one.
func (a *Account) TypeOf(instanceID string) (name string, ok bool) {
	i := a.instance(instanceID)
	if i == nil {
		return "", false
	}
	return i.kind.name, true
}

// Cell is a piece of a subnet: how many of its addresses are free, reserved by
// AWS, held by others, and on interfaces.
type Cell struct{ Free, AWS, Others, Interfaces int }

// Cells cuts the i-th subnet into pieces of so many addresses each, of which
// there must be a whole number: a power of two.
func (a *Account) Cells(i, addresses int) []Cell {
	s := a.subnets[i]
	cells := make([]Cell, s.size/addresses)
	for k := range cells {
		c := &cells[k]
		for o := k * addresses; o < (k+1)*addresses; {
			part := min(blockSize, addresses)
			if s.inBlock[o/blockSize] == 0 {
				c.Free += part
			} else {
				c.add(s.holders[o : o+part])
			}
			o += part
		}
	}
	return cells
}

func (c *Cell) add(holders []holder) {
	for _, h := range holders {
		switch {
		case h == nobody:
			c.Free++
		case h == aws:
			c.AWS++
		case h < nobody:
			c.Others++
		default:
			c.Interfaces++
		}
	}
}

// Occupant is who has an address.
type Occupant struct {
	Kind OccupantKind
	Name string // of others, as the configuration has it; may be empty
}

// OccupantKind tells occupants apart.
type OccupantKind uint8

// The kinds.
const (
	Free         OccupantKind = iota
	KeptByAWS                 // one of the five that AWS keeps
	HeldByOthers              // used by others
	Primary                   // the primary address of an interface
	Secondary                 // a secondary one, or one of a prefix
)

// OtherNames are who the others are, sorted, where the configuration says it of
// any.
func (a *Account) OtherNames() []string {
	if len(a.others) <= 1 {
		return nil
	}
	return slices.Sorted(slices.Values(a.others))
}

// Occupants visits the addresses of the i-th subnet in their order.
func (a *Account) Occupants(i int, visit func(address int, by Occupant)) {
	s := a.subnets[i]
	for o, h := range s.holders[:s.size] {
		var by Occupant
		switch {
		case h == nobody:
		case h == aws:
			by.Kind = KeptByAWS
		case h < nobody:
			by = Occupant{HeldByOthers, a.others[h.number()]}
		case int(a.enis[h].primary) == o:
			by.Kind = Primary
		default:
			by.Kind = Secondary
		}
		visit(o, by)
	}
}
