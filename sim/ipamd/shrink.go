package ipamd

import (
	"errors"
	"net/netip"
	"time"
)

// decrease gives CIDRs over the targets back, from one interface after the
// other. Neither a cooldown nor a cordon protects an address from it.
func (d *Daemon) decrease() {
	over := d.targets().Over(d.stock())
	if over <= 0 {
		return
	}
	d.walkENIs(func(e *eni) bool {
		chosen := d.choose(e.freeable(func(*cidr) bool { return true }), over)
		ips, prefixes := d.takeOut(e, chosen)
		d.refuse(ips, prefixes)
		d.deallocate(e.id, ips, prefixes)
		over -= len(ips) + len(prefixes)
		return over > 0
	})
}

// choose takes up to n CIDRs in the picker's order.
func (d *Daemon) choose(list []*cidr, n int) []*cidr {
	if n >= len(list) {
		return list
	}
	var chosen []*cidr
	walk(d.host.Picker, len(list), func(i int) bool {
		chosen = append(chosen, list[i])
		return len(chosen) < n
	})
	return chosen
}

// takeOut removes CIDRs without pods from the store.
func (d *Daemon) takeOut(e *eni, list []*cidr) (ips []netip.Addr, prefixes []netip.Prefix) {
	for _, c := range list {
		if _, ok := d.store.removeCIDR(e, c.block, false); !ok {
			continue
		}
		if c.isPrefix {
			prefixes = append(prefixes, c.block)
		} else {
			ips = append(ips, c.block.Addr())
		}
	}
	return ips, prefixes
}

// refuse keeps reconciles from entering what was just given back, should
// metadata still show it.
func (d *Daemon) refuse(ips []netip.Addr, prefixes []netip.Prefix) {
	until := d.now() + refusedFor
	for _, ip := range ips {
		d.refused[single(ip)] = until
	}
	for _, p := range prefixes {
		d.refused[p] = until
	}
}

// deallocate returns addresses to EC2. An error is only logged: they are out
// of the store, and a reconcile finds them again.
func (d *Daemon) deallocate(eni string, ips []netip.Addr, prefixes []netip.Prefix) {
	if len(prefixes) > 0 {
		_ = d.host.EC2.UnassignIPv4Prefixes(eni, prefixes)
	}
	if len(ips) > 0 {
		_ = d.host.EC2.UnassignPrivateIPAddresses(eni, ips)
	}
}

// freeOneENI gives at most one surplus interface back.
func (d *Daemon) freeOneENI() {
	if !d.attachAllowed() {
		return
	}
	e := d.deletable()
	if e == nil {
		return
	}
	d.orphaned(d.store.removeENI(e.id, false))
	err := d.freeENI(e.id)
	if errors.Is(err, errNoAttachmentID) || errors.Is(err, errCannotDetach) {
		return // a reconcile adopts it again
	}
	d.host.Network.RemoveENI(e.primaryIP)
}

// deletable picks an interface that nothing needs, or none.
func (d *Daemon) deletable() *eni {
	var list []*eni
	for _, e := range d.store.enis {
		if d.canDelete(e) {
			list = append(list, e)
		}
	}
	if len(list) == 0 {
		return nil
	}
	return list[one(d.host.Picker, len(list))]
}

// canDelete is about one interface: it is not primary, old enough, without
// pods and cooling addresses, and the others meet the targets without it.
func (d *Daemon) canDelete(e *eni) bool {
	now := d.now()
	if e.primary || now-e.addedAt < minimumENILife || e.hasPods() || e.hasCooling(now, d.cooldown) {
		return false
	}
	warm, total, freeCIDRs := d.store.without(e, now)
	warmIP, minimumIP := d.warmIPTarget, d.minimumIPTarget
	if d.prefixDelegation {
		warmIP = ceilDiv(warmIP, addressesPerPrefix) * addressesPerPrefix
		minimumIP = ceilDiv(minimumIP, addressesPerPrefix) * addressesPerPrefix
	}
	switch {
	case d.warmIPTarget != 0 && warm < warmIP:
		return false
	case d.minimumIPTarget != 0 && total < minimumIP:
		return false
	case d.prefixDelegation && d.warmPrefixTarget != 0 && freeCIDRs < d.warmPrefixTarget:
		return false
	}
	return true
}

// without counts what the other interfaces hold: addresses without a pod and
// addresses in all, of the current mode, and CIDRs of any kind without pods.
func (s *store) without(e *eni, now time.Duration) (warm, total, freeCIDRs int) {
	for _, other := range s.enis {
		if other == e || other.excluded {
			continue
		}
		for _, c := range other.cidrs {
			if c.assigned == 0 {
				freeCIDRs++
			}
			if c.isPrefix == s.byPrefix {
				total += c.size()
				warm += c.size() - c.assigned
			}
		}
		if s.policies.CooldownCountsAsUsed {
			warm -= other.cooling(now, s.cooldown, s.inMode)
		}
	}
	return warm, total, freeCIDRs
}

const detachSettle = 2 * time.Second // between detach and the first delete

var (
	errNoAttachmentID = errors.New("attachment id not found")
	errCannotDetach   = errors.New("unable to detach ENI")
)

// freeENI detaches and deletes an interface. One that EC2 does not know is
// free already.
func (d *Daemon) freeENI(id string) error {
	answer, err := d.host.EC2.DescribeNetworkInterfaces([]string{id})
	if code(err) == codeNotFound {
		return nil
	}
	if err != nil || len(answer) == 0 {
		return errNoAttachmentID
	}
	attachment := "" // none: the SDK refuses each try without a request
	if a := answer[0].Attachment; a != nil && a.AttachmentId != nil {
		attachment = *a.AttachmentId
	}
	err = d.retry(detachBackoff, func() error {
		if attachment == "" {
			return errCannotDetach
		}
		return d.host.EC2.DetachNetworkInterface(attachment)
	})
	if err != nil {
		return errCannotDetach
	}
	d.sleep(detachSettle)
	return d.deleteENI(id)
}

// deleteENI deletes an interface that is not attached; one that is gone is
// deleted.
func (d *Daemon) deleteENI(id string) error {
	return d.retry(deleteBackoff, func() error {
		err := d.host.EC2.DeleteNetworkInterface(id)
		if code(err) == codeNotFound {
			return nil
		}
		return err
	})
}
