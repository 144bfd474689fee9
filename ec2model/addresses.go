package ec2model

import (
	"net/netip"
	"slices"
)

// AssignPrivateIpAddresses assigns all of the secondary addresses or prefixes
// asked for to an interface, or none.
func (a *Account) AssignPrivateIpAddresses(caller Caller, in AssignPrivateIPAddressesInput, done func(AssignPrivateIPAddressesOutput, error)) {
	check := func() *Error {
		e, err := a.interfaceOf(in.NetworkInterfaceID)
		if err != nil {
			return err
		}
		return a.roomToAssign(e, in.SecondaryPrivateIPAddressCount, in.IPv4PrefixCount)
	}
	apply := func() (AssignPrivateIPAddressesOutput, *Error) {
		e := a.eniByID[in.NetworkInterfaceID]
		return a.assign(e, in.SecondaryPrivateIPAddressCount, in.IPv4PrefixCount, caller), nil
	}
	request(a, caller, AssignPrivateIpAddresses, cost{}, check, apply, done)
}

// assign does what roomToAssign found nothing against.
func (a *Account) assign(e *eni, count, prefixes int, by Caller) AssignPrivateIPAddressesOutput {
	out := AssignPrivateIPAddressesOutput{Addresses: a.addSecondaries(e, count), Prefixes: a.addPrefixes(e, prefixes)}
	e.subnet.note()
	a.changed(e.instance(), by)
	return out
}

// roomToAssign finds what forbids an assignment.
func (a *Account) roomToAssign(e *eni, count, prefixes int) *Error {
	slots, i := mostSlots(), e.instance()
	if i != nil {
		slots = i.limits.IPv4PerENI
	}
	switch {
	case count < 0 || prefixes < 0 || count+prefixes == 0:
		return reject(CodeInvalidParameterValue, "%d addresses and %d prefixes were asked for", count, prefixes)
	case count > 0 && prefixes > 0:
		return reject(CodeInvalidParameterCombination, "addresses and prefixes cannot be assigned in one request")
	case e.subnet.closed > 0:
		return unavailable(e.subnet)
	case prefixes > 0 && i != nil && i.limits.Hypervisor == xen:
		return prefixesUnsupported(i)
	case e.slots()+count+prefixes > slots:
		return reject(CodePrivateIPAddressLimitExceeded, "the network interface '%s' can have %d addresses and has %d", e.id, slots, e.slots())
	case e.subnet.freeSingles() < count:
		return insufficientAddresses(e.subnet)
	case e.subnet.freeBlocks() < prefixes:
		return insufficientBlocks(e.subnet)
	case e.at != nil && a.nau+count+prefixes > a.quotas.NAU:
		return a.nauExceeded()
	}
	return nil
}

// UnassignPrivateIpAddresses takes secondary addresses and prefixes from an
// interface, all of those named or none. They are free at once.
func (a *Account) UnassignPrivateIpAddresses(caller Caller, in UnassignPrivateIPAddressesInput, done func(error)) {
	check := func() *Error {
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
		return missing(e, in.PrivateIPAddresses, in.IPv4Prefixes)
	}
	apply := func() (nothing, *Error) {
		e := a.eniByID[in.NetworkInterfaceID]
		a.remove(e, present(e.secondaries, in.PrivateIPAddresses), present(e.prefixes, in.IPv4Prefixes))
		a.changed(e.instance(), caller)
		return nothing{}, nil
	}
	request(a, caller, UnassignPrivateIpAddresses, cost{}, check, apply, ignoring(done))
}

// missing rejects what an interface does not have, and what is named twice.
func missing(e *eni, addrs []netip.Addr, prefixes []netip.Prefix) *Error {
	for k, addr := range addrs {
		if !slices.Contains(e.secondaries, addr) || slices.Contains(addrs[:k], addr) {
			return reject(CodeInvalidParameterValue, "the address %v is not assigned to the network interface '%s'", addr, e.id)
		}
	}
	for k, p := range prefixes {
		if !slices.Contains(e.prefixes, p) || slices.Contains(prefixes[:k], p) {
			return reject(CodeInvalidParameterValue, "the prefix %v is not assigned to the network interface '%s'", p, e.id)
		}
	}
	return nil
}

// present is what of the wanted ones is in the list, in the order of wanted.
func present[T comparable](list, wanted []T) []T {
	if !slices.ContainsFunc(wanted, func(x T) bool { return !slices.Contains(list, x) }) {
		return wanted
	}
	var found []T
	for _, x := range wanted {
		if slices.Contains(list, x) {
			found = append(found, x)
		}
	}
	return found
}
