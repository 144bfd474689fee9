package ipamd

import "slices"

// parkWhileIdle suspends the loop while its passes provably change nothing,
// and resumes it at the pass that would have come next. It is called between
// two passes. With somebody reading the log no pass is skipped: each of them
// writes to it.
//
// An idle pass has one effect, which is replayed on resuming: a reconcile
// that finds nothing sets lastAction.
func (d *Daemon) parkWhileIdle() {
	clock, ok := d.host.Clock.(Parker)
	if !d.settings.ParkIdle || !ok || d.logs() || !d.idle() {
		return
	}
	start := d.now()
	d.parked = true
	clock.Park()
	d.parked = false

	half := halfPass + d.settings.LoopOverhead
	updates := !d.noProvisioning
	at := start // a pass begins here
	for {
		if updates {
			at += half
			if at > d.now() {
				d.sleep(at - d.now())
				d.updatePool()
				d.sleepHalfPass()
				break
			}
		}
		at += half
		if at > d.now() {
			d.sleep(at - d.now())
			break
		}
		if at-d.lastAction > reconcileInterval {
			d.lastAction = at
			d.countIdleReconcile()
		}
	}
	d.reconcileIfDue()
}

// countIdleReconcile counts what a reconcile counts that finds everything in
// its place. Until the loop resumes, the metrics are behind.
func (d *Daemon) countIdleReconcile() {
	d.metrics.begin(reconciling)
	d.metrics.end(reconciling)
	for _, e := range d.store.enis {
		d.metrics.reconciled[reconcileAddCIDR] += len(e.cidrs)
	}
}

// idle says whether passes change nothing until Changed is called.
func (d *Daemon) idle() bool {
	now := d.now()
	for _, e := range d.store.enis {
		if e.hasCooling(now, d.cooldown) || !e.primary && now-e.addedAt < minimumENILife {
			return false
		}
	}
	t, s := d.targets(), d.stock()
	switch {
	case d.noProvisioning:
	case t.TooLow(s):
		if d.attachAllowed() && (len(d.allocatable()) > 0 || d.roomForENI()) {
			return false
		}
	case t.Over(s) > 0:
		return false
	}
	spare := t.SpareENI(s) || d.prefixDelegation && d.emptyENI()
	if !d.noProvisioning && d.attachAllowed() && spare && slices.ContainsFunc(d.store.enis, d.canDelete) {
		return false
	}
	return d.reconciled()
}

// reconciled says whether a reconcile would find nothing to do.
func (d *Daemon) reconciled() bool {
	if !d.host.Metadata.Settled() {
		return false
	}
	list, err := d.seen()
	if err != nil {
		return false
	}
	known, unmanaged := 0, 0
	for _, i := range list {
		if d.unmanaged[i.ID] {
			unmanaged++
			continue
		}
		e := d.store.find(i.ID)
		if e == nil || !sameBlocks(e.blocks(false), singles(i.PrivateIPs[1:])) || !sameBlocks(e.blocks(true), i.IPv4Prefixes) {
			return false
		}
		known++
		for _, c := range e.cidrs {
			if _, refused := d.refused[c.block]; refused {
				return false
			}
		}
	}
	return known == len(d.store.enis) && unmanaged == d.unmanagedAttached
}
