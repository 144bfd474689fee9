package hostnet

import (
	"fmt"
	"math"
	"net/netip"
	"slices"
)

// eni is a link with its address and its table, in 20 bytes.
type eni struct {
	primaryIP [4]byte
	base      [4]byte // of the subnet
	link      int32   // its index in the kernel
	order     int32   // in which addresses came: of equal routes the kernel takes, and lists, the older first
	bits      uint8   // of the subnet
	device    uint8
	state     eniState
}

// address is the primary one, or none before it has been set.
func (e *eni) address() netip.Addr {
	if e.primaryIP == [4]byte{} {
		return netip.Addr{}
	}
	return netip.AddrFrom4(e.primaryIP)
}

func (e *eni) subnet() netip.Prefix {
	return netip.PrefixFrom(netip.AddrFrom4(e.base), int(e.bits))
}

func (e *eni) setAddress(primaryIP netip.Addr, subnet netip.Prefix) {
	e.primaryIP, e.base, e.bits = primaryIP.As4(), subnet.Masked().Addr().As4(), uint8(subnet.Bits())
}

// eniState is how far an interface is set up.
type eniState uint8

const (
	addressed eniState = 1 << iota
	connected          // the route to its subnet is in the main table
	routed             // its table has its routes; the primary interface's are in main
)

// Table is the number of an interface's routing table: the main table for
// the primary one, device + 1 for the others.
func Table(device int) int {
	if device == 0 {
		return TableMain
	}
	return device + 1
}

// SetupENI brings an attached interface up: its address, its table with a
// default route, and the rule for packets from its primary address. The
// primary interface needs nothing. It fails when the device index or the
// address is impossible, and where Fate says so; what was done until then
// stays.
func (n *Network) SetupENI(device int, primaryIP netip.Addr, subnet netip.Prefix) error {
	if device == 0 {
		return nil
	}
	if device < 0 || device > maxDevice || !primaryIP.Is4() {
		return fmt.Errorf("cannot set up interface %d with the address %v", device, primaryIP)
	}
	before, rules := n.setUpAs(device)
	err := n.setUpSteps(device, primaryIP, subnet)
	if after, now := n.setUpAs(device); after != before || now != rules {
		n.changed(netip.Addr{})
	}
	return err
}

// setUpAs is what can differ after a set-up: the interface, but for the order
// of its address, and the number of rules that are no pod's.
func (n *Network) setUpAs(device int) (e eni, rules int) {
	e, _ = n.eni(device)
	e.order = 0
	return e, len(n.loose)
}

func (n *Network) setUpSteps(device int, primaryIP netip.Addr, subnet netip.Prefix) error {
	if err := n.attempt(StepENILink, primaryIP); err != nil {
		return err
	}
	e := n.linkUp(device)
	e.state = 0 // an address that is there goes first, and with a link's last one the kernel deletes its routes
	if err := n.attempt(StepENIAddress, primaryIP); err != nil {
		return err
	}
	n.lastOrder++
	e.setAddress(primaryIP, subnet)
	e.order, e.state = n.lastOrder, addressed|connected
	if err := n.attempt(StepENIRoute, primaryIP); err != nil {
		return err
	}
	e.state = addressed | routed
	if err := n.attempt(StepENIRule, primaryIP); err != nil {
		return err
	}
	if r := (rule{priority: priorityENI, table: uint16(Table(device)), address: primaryIP.As4()}); !n.hasRule(r) {
		n.addFrom(r)
	}
	return nil
}

// linkUp finds an interface's link, or notices that it is there.
func (n *Network) linkUp(device int) *eni {
	at, known := slices.BinarySearchFunc(n.enis, device, func(e eni, device int) int { return int(e.device) - device })
	if !known {
		n.enis = slices.Insert(n.enis, at, eni{device: uint8(device), link: n.nextIndex()})
	}
	return &n.enis[at]
}

// RemoveENI is ipamd's clean-up after it has detached an interface: the rules
// from its primary address go, and with the link its table.
func (n *Network) RemoveENI(primaryIP netip.Addr) {
	a := primaryIP.As4()
	n.enis = slices.DeleteFunc(n.enis, func(e eni) bool { return e.primaryIP == a && e.device != 0 })
	n.deleteRules(a, func(r rule) bool { return r.isFrom(a) })
	n.changed(netip.Addr{})
}

// Detached is what the kernel does when an interface disappears: the link's
// routes go, and every rule stays.
func (n *Network) Detached(device int) {
	n.enis = slices.DeleteFunc(n.enis, func(e eni) bool { return int(e.device) == device && device != 0 })
	n.changed(netip.Addr{})
}

// FlushTable empties the table of a secondary interface, or of all of them
// for device 0.
func (n *Network) FlushTable(device int) {
	for i := range n.enis {
		if e := &n.enis[i]; e.device != 0 && (device == 0 || int(e.device) == device) {
			e.state &^= routed
		}
	}
	n.changed(netip.Addr{})
}

// Devices are the indices of the interfaces whose links ipamd has seen.
func (n *Network) Devices() []int {
	list := make([]int, len(n.enis))
	for i := range n.enis {
		list[i] = int(n.enis[i].device)
	}
	return list
}

// connectedTo is the interface by whose address the main table has a route to
// a destination's subnet: of several the one whose address came first.
func (n *Network) connectedTo(dst netip.Addr) (device int, ok bool) {
	order := int32(math.MaxInt32)
	for i := range n.enis {
		if e := &n.enis[i]; e.state&connected != 0 && e.order < order && e.subnet().Contains(dst) {
			device, order, ok = int(e.device), e.order, true
		}
	}
	return device, ok
}

// byOrder are the interfaces with their addresses in the order in which those
// came.
func (n *Network) byOrder() []eni {
	list := slices.Clone(n.enis)
	slices.SortStableFunc(list, func(a, b eni) int { return int(a.order - b.order) })
	return list
}

func (n *Network) eni(device int) (eni, bool) {
	for _, e := range n.enis {
		if int(e.device) == device {
			return e, true
		}
	}
	return eni{}, false
}
