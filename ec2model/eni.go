package ec2model

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// eni is a network interface. Its address slices are replaced, never changed
// in place: metadata and answers share them.
type eni struct {
	id, mac     string
	number      holder // its place in the order of creation, and its name in the subnets
	subnet      *subnet
	description string
	groups      []string
	tags        []types.Tag
	primary     netip.Addr
	secondaries []netip.Addr // in the order of assignment
	prefixes    []netip.Prefix

	at        *attachment   // nil when it is not attached
	detaching *attachment   // the one that ends, until freeAt
	freeAt    time.Duration // from when on it is available, as long as it is not attached
	visibleAt time.Duration // when its latest change shows in metadata
	shape     *types.NetworkInterface
}

// attachment is an interface's place on an instance.
type attachment struct {
	id                  string
	instance            *instance
	device, card        int
	deleteOnTermination bool
}

// slots is how many of the instance type's addresses per interface are taken:
// one per address and one per prefix.
func (e *eni) slots() int { return 1 + len(e.secondaries) + len(e.prefixes) }

// instance is where the interface is attached, or nil.
func (e *eni) instance() *instance {
	if e.at == nil {
		return nil
	}
	return e.at.instance
}

// nau is what the interface adds to Network Address Usage while attached: one
// per address, one per prefix, and one more when it is not the primary one.
func (e *eni) nau() int {
	if e.at.instance.isPrimary(e) {
		return e.slots()
	}
	return e.slots() + 1
}

// status is computed, because a detach ends by itself.
func (e *eni) status(now time.Duration) types.NetworkInterfaceStatus {
	switch {
	case e.at != nil:
		return types.NetworkInterfaceStatusInUse
	case now < e.freeAt:
		return types.NetworkInterfaceStatusDetaching
	}
	return types.NetworkInterfaceStatusAvailable
}

// newInterface makes an interface with its primary address, count secondary
// addresses and prefixes /28 prefixes, all or nothing.
func (a *Account) newInterface(s *subnet, count, prefixes int) (*eni, *Error) {
	if err := a.roomForInterface(s, count, prefixes); err != nil {
		return nil, err
	}
	offset, _ := s.chooseSingle(a.profile.Addresses)
	number := holder(len(a.enis))
	s.hold(offset, number)
	if s.freeBlocks() < prefixes { // the primary address took the last block
		s.release(offset, number)
		return nil, a.noBlockToCreate(s)
	}
	s.held[primaryAddress]++
	e := &eni{
		id:      fmt.Sprintf("eni-%017x", number),
		mac:     fmt.Sprintf("02:00:%02x:%02x:%02x:%02x", byte(number>>24), byte(number>>16), byte(number>>8), byte(number)),
		number:  number,
		subnet:  s,
		groups:  []string{a.SecurityGroupID()},
		primary: s.addr(offset),
		freeAt:  a.clock.Now(),
	}
	a.enis = append(a.enis, e)
	a.eniByID[e.id] = e
	a.loose = append(a.loose, e) // it has the highest number
	a.interfaces++
	a.peak = max(a.peak, a.interfaces)
	a.mark(uint64(number), uint64(offset))
	a.addSecondaries(e, count)
	a.addPrefixes(e, prefixes)
	s.note()
	return e, nil
}

// roomForInterface finds what certainly forbids a new interface.
func (a *Account) roomForInterface(s *subnet, count, prefixes int) *Error {
	switch {
	case count < 0 || prefixes < 0:
		return reject(CodeInvalidParameterValue, "a negative number of addresses")
	case count > 0 && prefixes > 0:
		return reject(CodeInvalidParameterCombination, "secondary addresses and prefixes cannot be asked for by count in one request")
	case a.interfaces >= a.quotas.NetworkInterfaces:
		return reject(CodeNetworkInterfaceLimitExceeded, "the account has its %d network interfaces", a.quotas.NetworkInterfaces)
	case s.closed > 0:
		return unavailable(s)
	case 1+max(count, prefixes) > mostSlots():
		return reject(CodePrivateIPAddressLimitExceeded, "no instance type has so many addresses on one interface")
	case s.freeSingles() < 1+count:
		return insufficientAddresses(s)
	case s.freeBlocks() < prefixes:
		return a.noBlockToCreate(s)
	}
	return nil
}

func insufficientAddresses(s *subnet) *Error {
	return reject(CodeInsufficientFreeAddresses, "subnet '%s' has not enough free addresses", s.id)
}

func (a *Account) noBlockToCreate(s *subnet) *Error {
	if a.profile.CreateSaysCidrBlocks {
		return insufficientBlocks(s)
	}
	return reject(CodeInvalidParameterValue, "there are not sufficient free IPv4 addresses or prefixes in subnet '%s'", s.id)
}

func insufficientBlocks(s *subnet) *Error {
	return reject(CodeInsufficientCidrBlocks, "subnet '%s' has not enough free /%d blocks", s.id, prefixLength)
}

// addSecondaries assigns addresses that are known to be free.
func (a *Account) addSecondaries(e *eni, count int) []netip.Addr {
	if count == 0 {
		return nil
	}
	s := e.subnet
	added := make([]netip.Addr, count)
	for i := range added {
		offset, ok := s.chooseSingle(a.profile.Addresses)
		if !ok {
			panic("ec2model: the free addresses were counted wrongly")
		}
		s.hold(offset, e.number)
		added[i] = s.addr(offset)
		a.mark(uint64(offset))
	}
	s.held[secondaryAddress] += count
	e.secondaries = slices.Concat(e.secondaries, added)
	a.addressesChanged(e, count)
	return added
}

// addPrefixes assigns blocks that are known to be free.
func (a *Account) addPrefixes(e *eni, count int) []netip.Prefix {
	if count == 0 {
		return nil
	}
	s := e.subnet
	added := make([]netip.Prefix, count)
	for i := range added {
		offset, ok := s.chooseBlock(a.profile.Prefixes)
		if !ok {
			panic("ec2model: the free blocks were counted wrongly")
		}
		s.holdBlock(offset, e.number)
		added[i] = s.block(offset)
		a.mark(uint64(offset))
	}
	s.held[secondaryAddress] += count * blockSize
	e.prefixes = slices.Concat(e.prefixes, added)
	a.addressesChanged(e, count)
	return added
}

// remove takes addresses and prefixes that the interface is known to have.
func (a *Account) remove(e *eni, addrs []netip.Addr, prefixes []netip.Prefix) {
	s := e.subnet
	for _, addr := range addrs {
		s.release(s.offset(addr), e.number)
		a.mark(uint64(s.offset(addr)))
	}
	for _, p := range prefixes {
		s.releaseBlock(s.offset(p.Addr()), e.number)
		a.mark(uint64(s.offset(p.Addr())))
	}
	s.held[secondaryAddress] -= len(addrs) + len(prefixes)*blockSize
	e.secondaries = without(e.secondaries, addrs)
	e.prefixes = without(e.prefixes, prefixes)
	a.addressesChanged(e, -len(addrs)-len(prefixes))
	s.note()
}

// without is list less the elements of gone, as a new slice.
func without[T comparable](list, gone []T) []T {
	if len(gone) == 0 {
		return list
	}
	kept := make([]T, 0, len(list))
	for _, x := range list {
		if !slices.Contains(gone, x) {
			kept = append(kept, x)
		}
	}
	return kept
}

// delete removes an interface that is not attached and frees its addresses.
func (a *Account) delete(e *eni) {
	if e.at != nil {
		panic("ec2model: an attached interface is deleted")
	}
	s := e.subnet
	s.release(s.offset(e.primary), e.number)
	s.held[primaryAddress]--
	for _, addr := range e.secondaries {
		s.release(s.offset(addr), e.number)
	}
	for _, p := range e.prefixes {
		s.releaseBlock(s.offset(p.Addr()), e.number)
	}
	s.held[secondaryAddress] -= len(e.secondaries) + len(e.prefixes)*blockSize
	a.enis[e.number] = nil
	delete(a.eniByID, e.id)
	a.loose = withoutENI(a.loose, e)
	a.interfaces--
	a.mark(uint64(e.number))
	s.note()
}

// attach gives an interface its place. Everything has been checked.
func (a *Account) attach(e *eni, i *instance, device, card int) *attachment {
	a.attachments++
	e.at = &attachment{id: fmt.Sprintf("eni-attach-%017x", a.attachments), instance: i, device: device, card: card}
	e.detaching = nil
	e.shape = nil
	a.byAttachment[e.at.id] = e
	i.enis, a.loose = withENI(i.enis, e), withoutENI(a.loose, e)
	a.nau += e.nau()
	a.mark(uint64(e.number), uint64(i.number), uint64(device))
	a.show(e, i, a.profile.InterfaceLag.Sample(a.lags.iface))
	return e.at
}

// detach ends an attachment now; the interface is available after settling.
func (a *Account) detach(e *eni, settling time.Duration) {
	i := e.at.instance
	a.nau -= e.nau()
	delete(a.byAttachment, e.at.id)
	e.detaching, e.at = e.at, nil
	e.freeAt = a.clock.Now() + settling
	e.shape = nil
	i.enis, a.loose = withoutENI(i.enis, e), withENI(a.loose, e)
	a.mark(uint64(e.number), uint64(i.number))
	a.show(e, i, a.profile.InterfaceLag.Sample(a.lags.iface))
}

// withENI and withoutENI keep a list in the order of the numbers.
func withENI(list []*eni, e *eni) []*eni {
	at, _ := slices.BinarySearchFunc(list, e.number, byNumber)
	return slices.Insert(list, at, e)
}

func withoutENI(list []*eni, e *eni) []*eni {
	at, found := slices.BinarySearchFunc(list, e.number, byNumber)
	if !found {
		panic("ec2model: interface " + e.id + " is not in the list that it should be in")
	}
	return slices.Delete(list, at, at+1)
}

func byNumber(e *eni, number holder) int { return int(e.number - number) }

// addressesChanged brings a change of so many addresses and prefixes to the
// books of everybody who looks.
func (a *Account) addressesChanged(e *eni, slots int) {
	e.shape = nil
	if e.at != nil {
		a.nau += slots
	}
	lag := a.profile.AddressLag.Sample(a.lags.addresses)
	if e.at == nil {
		e.visibleAt = max(e.visibleAt, a.clock.Now()+lag)
		return
	}
	a.show(e, e.at.instance, lag)
}
