package ec2model

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// eni is a network interface. A fleet has hundreds of thousands, so that it is
// kept small: 128 bytes, a label, a holding, and its tags.
type eni struct {
	label       string // its ID and its MAC in one text
	number      holder // its place in the order of creation, and its name in the subnets
	primary     offset
	attached    bool // false: it is available, or will be when freeAt comes
	sort        sort
	subnet      *subnet
	description string
	groups      *[]string // shared by all interfaces with the VPC's default group
	tags        []tag
	held        *holding

	at        attachment              // the present one; after a detach the one that ended
	freeAt    time.Duration           // from when on it is available, as long as it is not attached
	visibleAt time.Duration           // when its latest change shows in metadata
	shape     *types.NetworkInterface // as long as it is attached to nothing; see describe
}

// attachment is an interface's place on an instance.
type attachment struct {
	instance            *instance
	number              int32
	device              int16
	card                int8
	deleteOnTermination bool
}

func (at *attachment) id() string { return idOf(attachmentKind, int(at.number)) }

const idLength = len(interfaceKind) + idDigits

func (e *eni) id() string  { return e.label[:idLength] }
func (e *eni) mac() string { return e.label[idLength:] }

// addressed says whether the interface has a primary address: an EFA-only one,
// which has no IP device, has not.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/create-efa.html
func (e *eni) addressed() bool { return e.sort != efaOnly }

// slots is how many of the instance type's addresses per interface are taken.
func (e *eni) slots() int {
	if !e.addressed() {
		return 0
	}
	return 1 + e.held.slots()
}

// instance is where the interface is attached, or nil.
func (e *eni) instance() *instance {
	if !e.attached {
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
	case e.attached || e.sort == branch:
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
	first, _ := s.chooseSingle(a.profile.Addresses)
	number := holder(len(a.enis))
	s.hold(first, number)
	if s.freeBlocks() < prefixes { // the primary address took the last block
		s.release(first, number)
		return nil, a.noBlockToCreate(s)
	}
	e := a.enter(s, first, ordinary)
	a.addSecondaries(e, count)
	a.addPrefixes(e, prefixes)
	s.note()
	return e, nil
}

// enter makes the interface with the next number, which holds its primary
// address already, if it is of a sort that has one.
func (a *Account) enter(s *subnet, first int, sort sort) *eni {
	number := holder(len(a.enis))
	e := &eni{
		label:   labelOf(number),
		number:  number,
		sort:    sort,
		subnet:  s,
		groups:  a.groups,
		primary: offset(first),
		freeAt:  a.clock.Now(),
	}
	if e.addressed() {
		s.held[primaryAddress]++
	}
	a.audit.touch(e)
	a.enis = append(a.enis, e)
	a.loose = append(a.loose, e) // it has the highest number
	a.interfaces++
	a.peak = max(a.peak, a.interfaces)
	a.mark(uint64(number), uint64(first))
	return e
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
	case 1+max(count, prefixes) > a.mostSlots:
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
func (a *Account) addSecondaries(e *eni, count int) []offset {
	added := a.draw(count, func() (int, bool) { return e.subnet.chooseSingle(a.profile.Addresses) },
		func(chosen int) { e.subnet.hold(chosen, e.number) })
	a.added(e, nil, added)
	return added
}

// addPrefixes assigns blocks that are known to be free.
func (a *Account) addPrefixes(e *eni, count int) []offset {
	added := a.draw(count, func() (int, bool) { return e.subnet.chooseBlock(a.profile.Prefixes) },
		func(chosen int) { e.subnet.holdBlock(chosen, e.number) })
	a.added(e, added, nil)
	return added
}

// draw chooses so many addresses or blocks, one after the other, and takes each
// at once, so that the next choice does not find it.
func (a *Account) draw(count int, choose func() (int, bool), take func(int)) []offset {
	if count == 0 {
		return nil
	}
	drawn := make([]offset, count)
	for i := range drawn {
		chosen, ok := choose()
		if !ok {
			panic("ec2model: the free addresses or blocks were counted wrongly")
		}
		take(chosen)
		drawn[i] = offset(chosen)
		a.mark(uint64(chosen))
	}
	return drawn
}

// added enters what an interface has got.
func (a *Account) added(e *eni, prefixes, addresses []offset) {
	if len(prefixes)+len(addresses) == 0 {
		return
	}
	e.subnet.held[secondaryAddress] += len(addresses) + len(prefixes)*blockSize
	e.held = e.held.with(prefixes, addresses)
	a.addressesChanged(e, len(addresses)+len(prefixes))
}

// remove takes addresses and prefixes that the interface is known to have.
func (a *Account) remove(e *eni, prefixes, addresses []offset) {
	s := e.subnet
	for _, o := range addresses {
		s.release(int(o), e.number)
		a.mark(uint64(o))
	}
	for _, o := range prefixes {
		s.releaseBlock(int(o), e.number)
		a.mark(uint64(o))
	}
	s.held[secondaryAddress] -= len(addresses) + len(prefixes)*blockSize
	e.held = e.held.without(prefixes, addresses)
	a.addressesChanged(e, -len(addresses)-len(prefixes))
	s.note()
}

// delete removes an interface that is not attached and frees its addresses.
func (a *Account) delete(e *eni) {
	if e.attached {
		panic("ec2model: an attached interface is deleted")
	}
	a.audit.touch(e)
	s := e.subnet
	if e.addressed() {
		s.release(int(e.primary), e.number)
		s.held[primaryAddress]--
	}
	for _, o := range e.held.addresses() {
		s.release(int(o), e.number)
	}
	for _, o := range e.held.prefixes() {
		s.releaseBlock(int(o), e.number)
	}
	s.held[secondaryAddress] -= len(e.held.addresses()) + len(e.held.prefixes())*blockSize
	a.enis[e.number] = nil
	a.loose = withoutENI(a.loose, e)
	a.interfaces--
	a.mark(uint64(e.number))
	s.note()
}

// attach gives an interface its place. Everything has been checked.
func (a *Account) attach(e *eni, i *instance, device, card int) {
	e.at = attachment{instance: i, number: int32(len(a.attachments)), device: int16(device), card: int8(card)}
	a.audit.touch(e)
	e.attached, e.shape = true, nil
	a.attachments = append(a.attachments, e.number)
	i.enis, a.loose = withENI(i.enis, e), withoutENI(a.loose, e)
	a.nau += e.nau()
	a.mark(uint64(e.number), uint64(i.number), uint64(device))
	a.show(e, i, a.profile.InterfaceLag.Sample(a.lags.iface))
}

// detach ends an attachment now; the interface is available after settling.
func (a *Account) detach(e *eni, settling time.Duration) {
	a.audit.touch(e)
	i := e.at.instance
	a.nau -= e.nau()
	a.attachments[e.at.number] = nobody
	e.attached = false
	e.freeAt = a.clock.Now() + settling
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
		panic("ec2model: interface " + e.id() + " is not in the list that it should be in")
	}
	return slices.Delete(list, at, at+1)
}

func byNumber(e *eni, number holder) int { return int(e.number - number) }

// addressesChanged brings a change of so many addresses and prefixes to the
// books of everybody who looks.
func (a *Account) addressesChanged(e *eni, slots int) {
	a.audit.touch(e)
	e.shape = nil
	lag := a.profile.AddressLag.Sample(a.lags.addresses)
	if !e.attached {
		e.visibleAt = max(e.visibleAt, a.clock.Now()+lag)
		return
	}
	a.nau += slots
	a.show(e, e.at.instance, lag)
}
