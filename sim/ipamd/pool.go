package ipamd

import (
	"net/netip"
	"time"
)

// Intervals of the pool manager (pkg/ipamd/ipamd.go).
const (
	halfPass          = 2500 * time.Millisecond
	reconcileInterval = 60 * time.Second
	decreaseInterval  = 30 * time.Second
	insufficientPause = 120 * time.Second
	refusedFor        = 60 * time.Second // a CIDR that was given back is not re-entered earlier
	minimumENILife    = 60 * time.Second
)

// RunPool is the pool manager. It never returns: its process is killed. All
// of it is sequential and blocking, so a slow call to EC2 stops the pool,
// while AddNetwork and DelNetwork go on.
func (d *Daemon) RunPool() {
	for {
		if !d.noProvisioning {
			d.sleepHalfPass()
			d.updatePool()
		}
		d.sleepHalfPass()
		d.reconcileIfDue()
		d.parkWhileIdle()
	}
}

func (d *Daemon) sleepHalfPass() { d.sleep(halfPass + d.settings.LoopOverhead) }

// updatePool is one pass. The decision to remove an interface is made on the
// numbers from before the pass acted, as the real daemon does.
func (d *Daemon) updatePool() {
	t, before := d.targets(), d.stock()
	decreased := false
	if t.TooLow(before) {
		_ = d.increase() // only start-up cares
	} else if t.Over(before) > 0 && d.since(d.lastDecrease) > decreaseInterval {
		d.decrease()
		decreased = true
	}
	if t.SpareENI(before) || d.prefixDelegation && d.emptyENI() {
		d.freeOneENI()
	}
	if decreased {
		d.lastDecrease = d.now()
		d.lastAction = d.lastDecrease
	}
}

// emptyENI says whether some secondary interface has no pods.
func (d *Daemon) emptyENI() bool {
	for _, e := range d.store.enis {
		if !e.primary && !e.hasPods() {
			return true
		}
	}
	return false
}

// attachAllowed is false on a cordoned node, unless it is managed all the same.
func (d *Daemon) attachAllowed() bool { return d.manageCordoned || !d.host.Node.Unschedulable() }

// increase grows the pool by one step: addresses on an interface that has
// room, else a new interface.
func (d *Daemon) increase() error {
	if !d.attachAllowed() || d.since(d.lastInsufficient) <= insufficientPause {
		return nil
	}
	grown, err := d.assignCIDRs()
	switch {
	case insufficient(err):
		d.lastInsufficient = d.now()
		return nil
	case err != nil:
		return err
	case grown:
		d.lastAction = d.now()
	case d.roomForENI() && d.allocateENI() == nil:
		d.lastAction = d.now()
	}
	return nil
}

// roomForENI compares with the limit of the instance type or MAX_ENI.
func (d *Daemon) roomForENI() bool { return len(d.store.enis) < d.maxENI-d.unmanagedAttached }

// assignCIDRs asks EC2 for addresses or prefixes on the first interface with
// room: for what is wanted, and if that fails for a single one.
func (d *Daemon) assignCIDRs() (grown bool, err error) {
	wanted := d.targets().Wanted(d.stock())
	if !d.prefixDelegation && wanted == 0 {
		return false, nil
	}
	list := d.allocatable()
	walk(d.host.Picker, len(list), func(i int) bool {
		room := d.slots() - len(list[i].cidrs)
		if room <= 0 && !d.prefixDelegation {
			return true
		}
		grown, err = d.assignOn(list[i], min(room, wanted))
		return !grown && err == nil
	})
	return grown, err
}

// allocatable lists the interfaces that can take more CIDRs, of both kinds
// together.
func (d *Daemon) allocatable() []*eni {
	var list []*eni
	for _, e := range d.store.enis {
		if !e.excluded && !(e.primary && d.customNetworking) && len(e.cidrs) < d.slots() {
			list = append(list, e)
		}
	}
	return list
}

// assignOn returns false without an error when the next interface should be
// tried: the subnet is exhausted, and subnet discovery may still help.
func (d *Daemon) assignOn(e *eni, n int) (grown bool, err error) {
	blocks, err := d.assignCall(e.id, n)
	if err != nil && code(err) != codeLimit {
		blocks, err = d.assignCall(e.id, 1)
	}
	if code(err) == codeLimit {
		// The book is behind EC2: enter what is there.
		blocks, err = d.describeCIDRs(e.id, d.prefixDelegation)
		if err != nil {
			return true, err
		}
	}
	if err != nil {
		d.failed(err)
		if d.subnetDiscovery && insufficient(err) {
			return false, nil
		}
		return false, err
	}
	for _, b := range blocks {
		if current := d.store.find(e.id); current != nil {
			d.store.addCIDR(current, b, d.prefixDelegation)
		}
	}
	d.grew()
	return true, nil
}

func (d *Daemon) assignCall(eni string, n int) ([]netip.Prefix, error) {
	n = min(n, d.settings.IPv4Limit-1)
	if n < 1 {
		return nil, nil
	}
	if d.prefixDelegation {
		return d.host.EC2.AssignIPv4Prefixes(eni, n)
	}
	ips, err := d.host.EC2.AssignPrivateIPAddresses(eni, n)
	return singles(ips), err
}

// describeCIDRs asks EC2 for an interface's prefixes, or for its addresses
// without the primary one.
func (d *Daemon) describeCIDRs(eni string, prefixes bool) ([]netip.Prefix, error) {
	answer, err := d.host.EC2.DescribeNetworkInterfaces([]string{eni})
	if err != nil {
		return nil, err
	}
	var list []netip.Prefix
	if prefixes {
		for _, p := range answer[0].Ipv4Prefixes {
			list = append(list, netip.MustParsePrefix(*p.Ipv4Prefix))
		}
		return list, nil
	}
	for _, a := range answer[0].PrivateIpAddresses {
		if a.Primary == nil || !*a.Primary {
			list = append(list, single(netip.MustParseAddr(*a.PrivateIpAddress)))
		}
	}
	return list, nil
}

func single(ip netip.Addr) netip.Prefix { return netip.PrefixFrom(ip, 32) }

func singles(ips []netip.Addr) []netip.Prefix {
	list := make([]netip.Prefix, len(ips))
	for i, ip := range ips {
		list[i] = single(ip)
	}
	return list
}
