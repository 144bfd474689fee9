package ipamd

import (
	"net/netip"
	"slices"
)

// reconcileIfDue compares the book with instance metadata once no action has
// been taken for a minute.
func (d *Daemon) reconcileIfDue() {
	if d.since(d.lastAction) > reconcileInterval {
		d.reconcile()
	}
}

// reconcile enters what is attached and not in the book, and removes by force
// what is in the book and no longer there. Where metadata and the book
// differ, EC2 has the last word on addresses; on interfaces metadata has it.
func (d *Daemon) reconcile() {
	list, err := d.seen()
	if err != nil || len(list) == 0 {
		return // at the next pass again
	}
	managed := d.managed(list)
	var found attached
	if d.anyUnknown(managed) {
		if found, err = d.describeAll(); err != nil {
			return
		}
		d.markUnmanaged(found)
		managed = d.managed(found.interfaces)
	}
	gone := map[string]bool{}
	for _, e := range d.store.enis {
		gone[e.id] = true
	}
	for _, i := range managed {
		if e := d.store.find(i.ID); e != nil {
			ips, prefixes := e.blocks(false), e.blocks(true)
			d.reconcileKind(e, ips, singles(i.PrivateIPs[1:]), false)
			d.reconcileKind(e, prefixes, i.IPv4Prefixes, true)
			delete(gone, i.ID)
			continue
		}
		d.adopt(i, found)
	}
	for _, e := range slices.Clone(d.store.enis) {
		if gone[e.id] {
			d.orphaned(d.store.removeENI(e.id, true))
		}
	}
	d.lastAction = d.now()
}

func (d *Daemon) anyUnknown(list []Interface) bool {
	return slices.ContainsFunc(list, func(i Interface) bool { return d.store.find(i.ID) == nil })
}

// inPickedOrder: what EC2 confirmed comes out of a map.
func (d *Daemon) inPickedOrder(list []Interface) []Interface {
	ordered := make([]Interface, 0, len(list))
	walk(d.host.Picker, len(list), func(i int) bool {
		ordered = append(ordered, list[i])
		return true
	})
	return ordered
}

// adopt tags and enters an interface that somebody else attached, or that an
// earlier step left behind.
func (d *Daemon) adopt(i Interface, found attached) {
	if !d.noProvisioning && d.tag(i.ID, found.tags[i.ID]) != nil {
		return
	}
	_ = d.setup(i)
}

// reconcileKind enters the blocks of one kind that metadata shows, or EC2
// where metadata differs from the book, and removes the others by force.
func (d *Daemon) reconcileKind(e *eni, known, seen []netip.Prefix, prefixes bool) {
	trusted := false // EC2 said so, not metadata
	if !sameBlocks(known, seen) {
		var err error
		if seen, err = d.describeCIDRs(e.id, prefixes); err != nil {
			return
		}
		trusted = true
	}
	keep := d.enterSeen(e, seen, trusted, prefixes)
	for _, b := range known {
		if !keep[b] {
			orphans, _ := d.store.removeCIDR(e, b, true)
			d.orphaned(orphans)
		}
	}
}

// enterSeen returns the blocks that stay. One that was given back less than a
// minute ago is passed over, and with it removed should it be in the book;
// one given back earlier must be confirmed by EC2, with one call per
// interface.
func (d *Daemon) enterSeen(e *eni, seen []netip.Prefix, trusted, prefixes bool) map[netip.Prefix]bool {
	keep := make(map[netip.Prefix]bool, len(seen))
	var confirmed []netip.Prefix
	asked := false
	for _, b := range seen {
		if until, refused := d.refused[b]; refused {
			if d.now() < until {
				continue
			}
			if !trusted {
				if !asked {
					list, err := d.describeCIDRs(e.id, prefixes)
					if err != nil {
						keep[b] = true
						continue
					}
					// Asked again for every prefix when there is none: an
					// answer with addresses has at least the primary one.
					confirmed, asked = list, !prefixes || len(list) > 0
				}
				if !slices.Contains(confirmed, b) {
					continue
				}
			}
			delete(d.refused, b)
		}
		d.store.addCIDR(e, b, prefixes)
		keep[b] = true
	}
	return keep
}

// blocks lists an interface's CIDRs of one kind.
func (e *eni) blocks(prefixes bool) []netip.Prefix {
	var list []netip.Prefix
	for _, c := range e.cidrs {
		if c.isPrefix == prefixes {
			list = append(list, c.block)
		}
	}
	return list
}

// sameBlocks compares sets; both lists are without duplicates.
func sameBlocks(a, b []netip.Prefix) bool {
	if len(a) != len(b) {
		return false
	}
	for _, x := range b {
		if !slices.Contains(a, x) {
			return false
		}
	}
	return true
}
