package ipamd

import (
	"slices"
	"time"
)

// reconcileIfDue compares the book with instance metadata once no action has
// been taken for a minute.
func (d *Daemon) reconcileIfDue() {
	if d.since(d.lastAction) > reconcileInterval {
		d.metrics.begin(reconciling)
		d.reconcile()
		d.metrics.end(reconciling)
	}
}

// reconcile enters what is attached and not in the book, and removes by force
// what is in the book and no longer there. Where metadata and the book
// differ, EC2 has the last word on addresses; on interfaces metadata has it.
func (d *Daemon) reconcile() {
	if d.logs() {
		d.logReconcile()
	}
	started := d.now()
	managed, found, ok := d.look()
	if !ok {
		return // at the next pass again
	}
	gone := map[string]bool{}
	for _, e := range d.store.enis {
		gone[e.id] = true
	}
	for _, i := range managed {
		if e := d.store.find(i.ID); e != nil {
			ips, pds := e.blocks(single), e.blocks(prefix)
			log1(d, lineReconcileIPs, i.ID)
			d.reconcileKind(e, ips, singles(i.PrivateIPs[1:]), single)
			log1(d, lineReconcilePD, i.ID)
			d.reconcileKind(e, pds, prefixes(i.IPv4Prefixes), prefix)
			delete(gone, i.ID)
			continue
		}
		d.adopt(i, found)
	}
	for _, e := range slices.Clone(d.store.enis) {
		if gone[e.id] {
			log1(d, lineDetachedENI, e.id)
			d.removeENI(e.id, inReconcile)
			d.metrics.reconciled[reconcileDelENI]++
		}
	}
	d.log(lineReconciled)
	d.logPool(inReconcile)
	d.lastAction = d.dated(started)
	if d.logs() {
		d.logPrimaryIPs()
	}
}

// dated is the time that an action gets which began at a time and ends now.
func (d *Daemon) dated(started time.Duration) time.Duration {
	if d.release.datesFromStart {
		return started
	}
	return d.now()
}

// look reads the managed interfaces from metadata, and asks EC2 about all of
// them when one is new.
func (d *Daemon) look() (managed []Interface, found attached, ok bool) {
	list, tags, err := d.sweep()
	if err != nil || len(list) == 0 {
		d.metrics.ipamd(errReconcileENIs)
		if d.logs() {
			d.logNoSweep(err)
		}
		return nil, found, false
	}
	if d.release.describesEach {
		found = attached{interfaces: list, tags: tags}
		d.markUnmanaged(found, inReconcile)
		return d.managed(list, inReconcile), found, true
	}
	managed = d.managed(list, inReconcile)
	if !d.anyUnknown(managed) {
		return managed, found, true
	}
	d.log(lineNewSeen)
	if found, err = d.describeAll(inReconcile); err != nil {
		log1(d, lineReconcileEC2, err)
		return nil, found, false
	}
	d.markUnmanaged(found, inReconcile)
	return d.managed(found.interfaces, withNewENI), found, true
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
	if !d.NoProvisioning && !d.release.plainStart {
		if err := d.tag(i.ID, found.tags[i.ID], inReconcile); err != nil {
			log2(d, lineReconcileTag, i.ID, err)
			d.metrics.ipamd(errReconcileAdd)
			return
		}
	}
	log1(d, lineReconcileNew, i.ID)
	if err := d.setup(i, inReconcile); err != nil {
		log2(d, lineReconcileSetup, i.ID, err)
		d.metrics.ipamd(errReconcileAdd)
		return
	}
	d.metrics.reconciled[reconcileAddENI]++
}

// reconcileKind enters the blocks of one kind that metadata shows, or EC2
// where metadata differs from the book, and removes the others by force.
func (d *Daemon) reconcileKind(e *eni, known, seen []block, k kind) {
	at := reconcilingENI.of(k)
	trusted := false // EC2 said so, not metadata
	if !d.agree(known, seen) {
		if d.logs() {
			d.logMismatch(known, seen, k)
		}
		var err error
		if seen, err = d.describeCIDRs(e.id, k, at); err != nil {
			log1(d, lineEC2Failed.from(at), e.id)
			return
		}
		trusted = true
	}
	keep := d.enterSeen(e, seen, trusted, k)
	for _, b := range known {
		if !slices.Contains(keep, b) {
			if d.logs() {
				d.logDropped(e, b)
			}
			d.store.removeCIDR(e, b, true)
			log2(d, lineDeletedCIDR.from(at), e.id, b)
			d.metrics.reconciled[reconcileDelCIDR]++
		}
	}
}

// enterSeen returns the blocks that stay. One that was given back less than a
// minute ago is passed over, and with it removed should it be in the book;
// one given back earlier must be confirmed by EC2, with one call per
// interface.
func (d *Daemon) enterSeen(e *eni, seen []block, trusted bool, k kind) (keep []block) {
	at := reconcilingENI.of(k)
	keep = make([]block, 0, len(seen))
	var confirmed []block
	asked := false
	for _, b := range seen {
		if until, refused := d.refused.get(b); refused {
			if d.now() < until {
				log2(d, lineGivenBack.from(at), name(b), e.id)
				continue
			}
			if !trusted {
				d.log(lineVerify.from(at))
				if !asked {
					list, err := d.describeCIDRs(e.id, k, verifying.of(k))
					if err != nil {
						log1(d, lineVerifyFailed.from(at), err)
						keep = append(keep, b)
						continue
					}
					// Asked again for every prefix when there is none: an
					// answer with addresses has at least the primary one.
					confirmed, asked = list, (k == single || len(list) > 0) && !d.release.describesEach
				}
				if !slices.Contains(confirmed, b) {
					log2(d, lineNotVerified.from(at), name(b), e.id)
					continue
				}
				log2(d, lineVerified.from(at), name(b), e.id)
			}
			log1(d, lineOffCache.from(at), name(b))
			d.refused.remove(b)
		}
		if d.logs() && k == single {
			d.log(lineTryAdd, name(b))
		}
		d.addCIDR(e, b, reconcilingENI)
		d.metrics.reconciled[reconcileAddCIDR]++
		keep = append(keep, b)
	}
	return keep
}

// blocks lists an interface's CIDRs of one kind.
func (e *eni) blocks(k kind) []block {
	var list []block
	for _, c := range e.cidrs {
		if c.kind == k {
			list = append(list, c.block)
		}
	}
	return list
}

// agree says whether metadata need not be checked with EC2.
func (d *Daemon) agree(known, seen []block) bool {
	switch {
	case d.release.describesEach: // EC2 it was
		return true
	case d.release.comparesCounts:
		return len(known) == len(seen)
	}
	return sameBlocks(known, seen)
}

// sameBlocks compares sets; both lists are without duplicates.
func sameBlocks(a, b []block) bool {
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
