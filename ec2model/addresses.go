package ec2model

import (
	"net/netip"
	"slices"
	"time"
)

// AssignPrivateIPAddresses assigns all of the secondary addresses or prefixes
// asked for to an interface, or none.
func (a *Account) AssignPrivateIPAddresses(caller Caller, in AssignPrivateIPAddressesInput, done func(AssignPrivateIPAddressesOutput, error)) (answered time.Duration) {
	return request(a, caller, AssignPrivateIpAddresses, cost{}, in, done)
}

func (in AssignPrivateIPAddressesInput) check(a *Account) *Error {
	e, err := a.interfaceOf(in.NetworkInterfaceID)
	if err != nil {
		return err
	}
	c := in.choice()
	if err := a.roomToAssign(e, in.SecondaryPrivateIPAddressCount, in.IPv4PrefixCount, c); err != nil {
		return err
	}
	_, err = c.check(e.subnet)
	return err
}

func (in AssignPrivateIPAddressesInput) choice() choice {
	return choice{addresses: in.Addresses, prefixes: in.Prefixes, counts: in.SecondaryPrivateIPAddressCount + in.IPv4PrefixCount}
}

func (in AssignPrivateIPAddressesInput) apply(a *Account, by Caller) (AssignPrivateIPAddressesOutput, *Error) {
	e := a.eni(in.NetworkInterfaceID)
	if c := in.choice(); c.named() {
		a.addChoice(e, c)
		e.subnet.note()
		a.changed(e.instance(), by, false)
		return AssignPrivateIPAddressesOutput{Addresses: in.Addresses, Prefixes: in.Prefixes}, nil
	}
	return a.assign(e, in.SecondaryPrivateIPAddressCount, in.IPv4PrefixCount, by), nil
}

// assign does what roomToAssign found nothing against.
func (a *Account) assign(e *eni, count, prefixes int, by Caller) AssignPrivateIPAddressesOutput {
	s := e.subnet
	out := AssignPrivateIPAddressesOutput{
		Addresses: s.appendAddrs(nil, a.addSecondaries(e, count)),
		Prefixes:  s.appendBlocks(nil, a.addPrefixes(e, prefixes)),
	}
	s.note()
	a.changed(e.instance(), by, false)
	return out
}

// roomToAssign finds what forbids an assignment by count, and of what a choice
// names the limits that it would break.
func (a *Account) roomToAssign(e *eni, count, prefixes int, c choice) *Error {
	singles, blocks := count+len(c.addresses), prefixes+len(c.prefixes)
	slots, i := a.mostSlots, e.instance()
	if i != nil {
		slots = i.kind.IPv4PerENI
	}
	switch {
	case count < 0 || prefixes < 0 || singles+blocks == 0:
		return reject(CodeInvalidParameterValue, "%d addresses and %d prefixes were asked for", count, prefixes)
	case singles > 0 && blocks > 0:
		return reject(CodeInvalidParameterCombination, "addresses and prefixes cannot be assigned in one request")
	case e.subnet.closed > 0:
		return unavailable(e.subnet)
	case blocks > 0 && i != nil && i.kind.Hypervisor == xen:
		return prefixesUnsupported(i)
	case e.slots()+singles+blocks > slots:
		return reject(CodePrivateIPAddressLimitExceeded, "the network interface '%s' can have %d addresses and has %d", e.id(), slots, e.slots())
	case e.subnet.freeSingles() < count:
		return insufficientAddresses(e.subnet)
	case e.subnet.freeBlocks() < prefixes:
		return insufficientBlocks(e.subnet)
	case e.attached && a.nau+singles+blocks > a.quotas.NAU:
		return a.nauExceeded()
	}
	return nil
}

// UnassignPrivateIPAddresses takes secondary addresses and prefixes from an
// interface, all of those named or none. They are free at once.
func (a *Account) UnassignPrivateIPAddresses(caller Caller, in UnassignPrivateIPAddressesInput, done func(Nothing, error)) (answered time.Duration) {
	return request(a, caller, UnassignPrivateIpAddresses, cost{}, in, done)
}

func (in UnassignPrivateIPAddressesInput) check(a *Account) *Error {
	e, err := a.interfaceOf(in.NetworkInterfaceID)
	switch {
	case err != nil:
		return err
	case len(in.PrivateIPAddresses)+len(in.IPv4Prefixes) == 0:
		return reject(CodeInvalidParameterValue, "no address is named")
	}
	if a.profile.UnassignIgnoresMissing {
		return nil
	}
	_, _, err = e.named(in.IPv4Prefixes, in.PrivateIPAddresses)
	return err
}

func (in UnassignPrivateIPAddressesInput) apply(a *Account, by Caller) (Nothing, *Error) {
	e := a.eni(in.NetworkInterfaceID)
	prefixes, addresses, _ := e.named(in.IPv4Prefixes, in.PrivateIPAddresses)
	a.remove(e, prefixes, addresses)
	a.changed(e.instance(), by, true)
	return Nothing{}, nil
}

// named finds what of an interface a request names. The error is about the
// first that the interface does not have, or that is named twice; such ones
// are passed over.
func (e *eni) named(prefixes []netip.Prefix, addresses []netip.Addr) (blocks, singles []offset, missing *Error) {
	s := e.subnet
	for _, addr := range addresses {
		if o, ok := s.offsetOf(addr); ok && slices.Contains(e.held.addresses(), o) && !slices.Contains(singles, o) {
			singles = append(singles, o)
		} else if missing == nil {
			missing = reject(CodeInvalidParameterValue, "the address %v is not assigned to the network interface '%s'", addr, e.id())
		}
	}
	for _, p := range prefixes {
		o, ok := s.offsetOf(p.Addr())
		if ok && p.Bits() == prefixLength && slices.Contains(e.held.prefixes(), o) && !slices.Contains(blocks, o) {
			blocks = append(blocks, o)
		} else if missing == nil {
			missing = reject(CodeInvalidParameterValue, "the prefix %v is not assigned to the network interface '%s'", p, e.id())
		}
	}
	return blocks, singles, missing
}
