package ec2model

import (
	"net/netip"
)

// choice is what a request names of a subnet, where EC2 would otherwise choose.
type choice struct {
	primary   netip.Addr
	addresses []netip.Addr
	prefixes  []netip.Prefix
	counts    int // what the request asks for besides without naming it
}

func (c choice) named() bool {
	return c.primary.IsValid() || len(c.addresses)+len(c.prefixes) > 0
}

// checkNew finds what forbids the choice for a new interface.
func (c choice) checkNew(a *Account, s *subnet) *Error {
	if 1+len(c.addresses)+len(c.prefixes) > a.mostSlots {
		return reject(CodePrivateIPAddressLimitExceeded, "no instance type has so many addresses on one interface")
	}
	seen, err := c.check(s)
	if err != nil || c.primary.IsValid() || !c.named() {
		return err
	}
	left := s.freeSingles()
	for o := range seen { // any order: they are counted
		if s.zoneOf(int(o)) != inExplicitReserv {
			left--
		}
	}
	if left < 1 {
		return insufficientAddresses(s)
	}
	return nil
}

// check finds what forbids the choice: what lies elsewhere, is held, or is named
// twice. It is all that is named, too.
func (c choice) check(s *subnet) (seen map[offset]bool, err *Error) {
	if !c.named() {
		return nil, nil
	}
	if c.counts > 0 && len(c.addresses)+len(c.prefixes) > 0 || len(c.addresses) > 0 && len(c.prefixes) > 0 {
		return nil, reject(CodeInvalidParameterCombination, "addresses and prefixes cannot be asked for by name and by count in one request, nor both by name")
	}
	seen = map[offset]bool{}
	take := func(a netip.Addr) *Error {
		o, ok := s.offsetOf(a)
		switch {
		case !ok:
			return reject(CodeInvalidParameterValue, "Address %v does not fall within the subnet's address range", a)
		case s.reserved(int(o)):
			return reject(CodeInvalidParameterValue, "Address %v is in subnet's reserved address range", a)
		case s.holders[o] != nobody || seen[o]:
			return reject(CodeAddressInUse, "Address %v is in use.", a)
		}
		seen[o] = true
		return nil
	}
	for _, a := range c.singles() {
		if err := take(a); err != nil {
			return nil, err
		}
	}
	for _, p := range c.prefixes {
		if p.Bits() != prefixLength || p.Masked() != p || !contains(s.cidr, p) {
			return nil, reject(CodeInvalidParameterValue, "the prefix %v is not a /%d block of the subnet '%s'", p, prefixLength, s.id)
		}
		for a := p.Addr(); p.Contains(a); a = a.Next() {
			if err := take(a); err != nil {
				return nil, err
			}
		}
	}
	return seen, nil
}

// singles are the addresses that are not in prefixes.
func (c choice) singles() (list []netip.Addr) {
	if c.primary.IsValid() {
		list = append(list, c.primary)
	}
	return append(list, c.addresses...)
}

// newChosen makes an interface of what checkNew and roomForInterface found nothing
// against: what is not named is chosen.
func (a *Account) newChosen(s *subnet, count, prefixes int, c choice) (*eni, *Error) {
	switch {
	case !c.named():
		return a.newInterface(s, count, prefixes)
	case !c.primary.IsValid():
		e := a.enter(s, a.chooseBeside(s, c), ordinary)
		a.addChoice(e, c)
		s.note()
		return e, nil
	}
	first, number := s.offset(c.primary), holder(len(a.enis))
	s.hold(first, number)
	if s.freeBlocks() < prefixes || s.freeSingles() < count { // the primary address took the last
		s.release(first, number)
		return nil, insufficientAddresses(s)
	}
	e := a.enter(s, first, ordinary)
	a.addChoice(e, c)
	a.addSecondaries(e, count)
	a.addPrefixes(e, prefixes)
	s.note()
	return e, nil
}

// chooseBeside chooses a primary address that the choice does not name.
func (a *Account) chooseBeside(s *subnet, c choice) int {
	a.holdChoice(s, c, claimed)
	first, ok := s.chooseSingle(a.profile.Addresses)
	if !ok {
		panic("ec2model: the free addresses were counted wrongly")
	}
	s.hold(first, holder(len(a.enis)))
	for _, p := range c.prefixes {
		s.releaseBlock(s.offset(p.Addr()), claimed)
	}
	for _, addr := range c.addresses {
		s.release(s.offset(addr), claimed)
	}
	return first
}

func (a *Account) holdChoice(s *subnet, c choice, by holder) {
	for _, p := range c.prefixes {
		s.holdBlock(s.offset(p.Addr()), by)
	}
	for _, addr := range c.addresses {
		s.hold(s.offset(addr), by)
	}
}

// addChoice gives an interface the secondary addresses or prefixes of a choice.
func (a *Account) addChoice(e *eni, c choice) {
	a.holdChoice(e.subnet, c, e.number)
	var prefixes, addresses []offset
	for _, p := range c.prefixes {
		prefixes = append(prefixes, offset(e.subnet.offset(p.Addr())))
	}
	for _, addr := range c.addresses {
		addresses = append(addresses, offset(e.subnet.offset(addr)))
	}
	for _, o := range append(prefixes, addresses...) {
		a.mark(uint64(o))
	}
	a.added(e, prefixes, addresses)
}
