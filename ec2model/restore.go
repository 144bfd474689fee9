package ec2model

import (
	"net/netip"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// ExistingInstance is an instance that is there before a run, with all that it
// holds.
type ExistingInstance struct {
	Type       string
	Subnet     string // name, of the primary interface
	Keep       bool   // the primary interface stays when the instance goes
	Interfaces []ExistingInterface
	Branches   []ExistingInterface // of its trunk: attached to nothing, in no slot of the type
}

// ExistingInterface is an interface of such an instance. Addresses that are not
// named are chosen as EC2 chooses.
type ExistingInterface struct {
	Subnet       string                     // name
	Device, Card int                        // the first of an instance is device 0 of the default card
	Type         types.NetworkInterfaceType // empty is an ordinary one; an EFA-only one has no addresses, whatever is said of them
	Address      netip.Addr                 // the primary one
	Addresses    []netip.Addr               // secondary ones by name,
	AddressCount int                        // and more of them
	Prefixes     []netip.Prefix
	PrefixCount  int
	Description  string
	Tags         func(instanceID string) []types.Tag // nil for none
}

// sort is a type of interfaces. The zero value is an ordinary one.
type sort uint8

const (
	ordinary sort = iota
	trunk
	branch
	efa     // with an ENA device beside it
	efaOnly // without
)

// sorts are the types by their sort.
var sorts = [...]types.NetworkInterfaceType{ordinary: types.NetworkInterfaceTypeInterface, trunk: types.NetworkInterfaceTypeTrunk,
	branch: types.NetworkInterfaceTypeBranch, efa: types.NetworkInterfaceTypeEfa, efaOnly: types.NetworkInterfaceTypeEfaOnly}

func sortOf(t types.NetworkInterfaceType) sort {
	return sort(max(0, slices.Index(sorts[:], t)))
}

// Restore makes an instance that has been there for long: its interfaces have
// the addresses that they are to have, and metadata shows all of it. It costs no
// API traffic. Addresses by name must be among the Existing ones of their
// subnet's configuration, or free. Errors are *Error as the API has them; then
// the account is spoilt and must not be used.
func (a *Account) Restore(x ExistingInstance) (instanceID string, err error) {
	k := a.kindOf(x.Type)
	if k == nil {
		return "", reject(CodeInvalidParameterValue, "the instance type '%s' is not known", x.Type)
	}
	s := a.subnetByName[x.Subnet]
	if s == nil || len(x.Interfaces) == 0 {
		return "", reject(CodeSubnetNotFound, "an instance without an interface in the subnet '%s'", x.Subnet)
	}
	i := &instance{id: idOf(instanceKind, len(a.instances)), number: len(a.instances), kind: k, subnet: s}
	a.instances = append(a.instances, i)
	a.running++
	for n := range x.Interfaces {
		if rejected := a.restoreOn(i, &x.Interfaces[n]); rejected != nil {
			return "", rejected
		}
	}
	i.primary().at.deleteOnTermination = !x.Keep
	for n := range x.Branches {
		e, rejected := a.restoreInterface(i, &x.Branches[n], branch)
		if rejected != nil {
			return "", rejected
		}
		i.branches = append(i.branches, e)
	}
	a.settle(i)
	return i.id, nil
}

// restoreOn makes an interface of an instance and attaches it.
func (a *Account) restoreOn(i *instance, x *ExistingInterface) *Error {
	e, err := a.restoreInterface(i, x, sortOf(x.Type))
	if err != nil {
		return err
	}
	if err := a.roomToAttach(e, i, x.Device, x.Card); err != nil {
		return err
	}
	a.attach(e, i, x.Device, x.Card)
	e.at.deleteOnTermination = true
	return nil
}

// restoreInterface makes an interface with its addresses, those by name first.
func (a *Account) restoreInterface(i *instance, x *ExistingInterface, sort sort) (*eni, *Error) {
	s := a.subnetByName[x.Subnet]
	if s == nil {
		return nil, reject(CodeSubnetNotFound, "the subnet '%s' does not exist", x.Subnet)
	}
	if a.interfaces >= a.quotas.NetworkInterfaces {
		return nil, reject(CodeNetworkInterfaceLimitExceeded, "the account has its %d network interfaces", a.quotas.NetworkInterfaces)
	}
	first := 0
	if sort != efaOnly {
		chosen, err := s.claimedOrChosen(x.Address, a.profile.Addresses)
		if err != nil {
			return nil, err
		}
		s.hold(chosen, holder(len(a.enis)))
		first = chosen
	}
	e := a.enter(s, first, sort)
	e.description = x.Description
	if x.Tags != nil {
		e.tags = tagsFrom(x.Tags(i.id))
	}
	if sort == efaOnly {
		s.note()
		return e, nil
	}
	return e, a.restoreAddresses(e, x)
}

// restoreAddresses gives an interface what it has besides its primary address.
func (a *Account) restoreAddresses(e *eni, x *ExistingInterface) *Error {
	s := e.subnet
	if err := a.restoreNamed(e, x); err != nil {
		return err
	}
	switch {
	case s.freeSingles() < x.AddressCount:
		return insufficientAddresses(s)
	case e.slots()+x.AddressCount+x.PrefixCount > a.mostSlots:
		return reject(CodePrivateIPAddressLimitExceeded, "no instance type has so many addresses on one interface")
	}
	a.addSecondaries(e, x.AddressCount)
	kept := min(x.PrefixCount, len(s.kept))
	blocks := x.PrefixCount - kept
	for ; kept > 0; kept-- {
		block := s.kept[0]
		s.kept = s.kept[1:]
		a.restoreBlock(e, block)
	}
	if s.freeBlocks() < blocks {
		return insufficientBlocks(s)
	}
	a.addPrefixes(e, blocks)
	s.note()
	return nil
}

// restoreNamed gives an interface the secondary addresses and prefixes that are
// named.
func (a *Account) restoreNamed(e *eni, x *ExistingInterface) *Error {
	s := e.subnet
	var addresses, prefixes []offset
	for _, addr := range x.Addresses {
		o, err := s.claim(addr)
		if err != nil {
			return err
		}
		s.hold(o, e.number)
		addresses = append(addresses, offset(o))
		a.mark(uint64(o))
	}
	for _, p := range x.Prefixes {
		if p.Bits() != prefixLength || p.Masked() != p {
			return reject(CodeInvalidParameterValue, "%v is not a /%d block", p, prefixLength)
		}
		for k := range blockSize {
			o, err := s.claim(fromUint32(toUint32(p.Addr()) + uint32(k)))
			if err != nil {
				return err
			}
			s.hold(o, e.number)
		}
		o, _ := s.offsetOf(p.Addr())
		prefixes = append(prefixes, o)
		a.mark(uint64(o))
	}
	if n := len(addresses) + len(prefixes); n > 0 {
		s.held[secondaryAddress] += len(addresses) + len(prefixes)*blockSize
		e.held = e.held.with(prefixes, addresses)
		a.addressesChanged(e, n)
	}
	return nil
}

// restoreBlock gives an interface a block that is kept.
func (a *Account) restoreBlock(e *eni, block offset) {
	s := e.subnet
	s.releaseBlock(int(block), claimed)
	s.holdBlock(int(block), e.number)
	s.held[secondaryAddress] += blockSize
	e.held = e.held.with([]offset{block}, nil)
	a.addressesChanged(e, 1)
	a.mark(uint64(block))
}

// keepBlocks keeps blocks for prefixes of existing interfaces, and says whether
// there were so many.
func (s *subnet) keepBlocks(count int, p Policy) bool {
	for range count {
		block, ok := s.chooseBlock(p)
		if !ok {
			return false
		}
		s.holdBlock(block, claimed)
		s.kept = append(s.kept, offset(block))
	}
	return true
}

// claimedOrChosen is the offset of an address by name, or of one that EC2
// chooses for the zero address. It is free afterwards.
func (s *subnet) claimedOrChosen(addr netip.Addr, p Policy) (int, *Error) {
	if addr.IsValid() {
		return s.claim(addr)
	}
	o, ok := s.chooseSingle(p)
	if !ok {
		return 0, insufficientAddresses(s)
	}
	return o, nil
}

// claim frees an address that is kept for an existing interface, and says where
// it is. One that is free will do as well.
func (s *subnet) claim(addr netip.Addr) (int, *Error) {
	o, ok := s.offsetOf(addr)
	if !ok {
		return 0, reject(CodeInvalidParameterValue, "the address %v is not in the subnet '%s'", addr, s.id)
	}
	switch s.holders[o] {
	case nobody:
	case claimed:
		s.release(int(o), claimed)
	default:
		return 0, reject(CodeInvalidParameterValue, "the address %v is in use", addr)
	}
	return int(o), nil
}

// keep keeps addresses for existing interfaces, so that nobody is given them
// before. It returns the first that is not free.
func (s *subnet) keep(list []netip.Prefix) (taken netip.Addr, ok bool) {
	for _, p := range list {
		first := s.offset(p.Addr())
		for o := first; o < first+1<<(32-p.Bits()); o++ {
			if s.holders[o] != nobody {
				return s.addr(o), false
			}
			s.hold(o, claimed)
		}
	}
	return netip.Addr{}, true
}

// Branches are the addresses of an instance's branch interfaces, in their
// order.
func (a *Account) Branches(instanceID string) (list []netip.Addr) {
	if i := a.instance(instanceID); i != nil {
		for _, e := range i.branches {
			list = append(list, e.subnet.addr(int(e.primary)))
		}
	}
	return list
}
