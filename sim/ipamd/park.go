package ipamd

import (
	"math"
	"slices"
	"time"
)

// forever is a time that does not come.
const forever = time.Duration(math.MaxInt64)

// half is one of the two halves of a pass of the pool loop: what comes after
// its pause.
type half uint8

const (
	updating half = iota // updatePool
	checking             // reconcileIfDue
)

// loop is where the pool loop stands. The halves of its passes come in turn,
// each one pause after the end of the one before. A loop that is parked has no
// process, and its halves are skipped up to the first one that may do
// something. What the skipped ones would have done is that each reconcile that
// was due counts and sets lastAction: that is made good when somebody asks for
// it.
type loop struct {
	next    half          // the half that comes next
	into    time.Duration // how much of the next pause is over already; 0 but for a process that continues
	since   time.Duration // parked: when the last half ended that was not skipped
	parked  bool
	resumed bool // it goes on at the end of the pause of the half that is next
	agrees  bool // parked: a reconcile finds nothing to do until Changed
	stopped bool
	alarm   time.Duration // parked: when the earliest wake comes; 0: none comes
	wake    func()        // bound once, so that a wake allocates nothing
}

// park ends the loop's process, with everything left to a wake.
func (d *Daemon) park() {
	d.loop.since, d.loop.parked, d.loop.agrees = d.now()-d.loop.into, true, false
	d.loop.into = 0
	d.plan(d.now() + 1)
}

// mayPark says whether passes may be skipped. With somebody listening each of
// them writes to the log and tells of its pauses.
func (d *Daemon) mayPark() bool {
	_, parker := d.host.Clock.(parker)
	return d.ParkIdle && parker && !d.release.describesEach && !d.logs() && d.host.Pausing == nil
}

// Changed tells the daemon that something it looks at has changed: its host
// calls it when instance metadata or the node object did. It only matters to
// a daemon that is parked.
func (d *Daemon) Changed() {
	if d.loop.parked {
		d.catchUp()
		d.loop.agrees = false
		d.plan(d.now() + 1)
	}
}

// reconsider is Changed when it is only pods that have come or gone: metadata
// knows nothing of them.
func (d *Daemon) reconsider() {
	if d.loop.parked {
		d.plan(d.now() + 1)
	}
}

// Stop says that the daemon's process has ended: nothing goes on by itself.
func (d *Daemon) Stop() { d.loop.stopped = true }

// plan sets the alarm for the first half, from a time on, that may do
// something.
func (d *Daemon) plan(from time.Duration) {
	at := d.nextUseful(from)
	if at == forever || d.loop.alarm != 0 && d.loop.alarm <= at {
		return
	}
	if d.loop.wake == nil {
		d.loop.wake = d.wake
	}
	d.loop.alarm = at
	d.host.Clock.(parker).WakeAt(at, d.loop.wake)
}

// wake is the alarm. An alarm that was set for an earlier time than another
// leaves that one behind, which then finds nothing to do.
func (d *Daemon) wake() {
	d.host.Clock.(parker).Aside()
	now := d.now()
	if d.loop.alarm != now || !d.loop.parked || d.loop.stopped {
		return
	}
	d.loop.alarm = 0
	d.loop.agrees = d.loop.agrees || d.reconcileDue() <= now && d.reconciled()
	if d.nextUseful(now) > now {
		d.plan(now)
		return
	}
	d.catchUpTo(now)
	d.loop.next = d.halfAt(now)
	d.loop.parked, d.loop.resumed = false, true
	d.host.Clock.(parker).Resume(d.goOn)
}

// nextUseful is when the first half, from a time on, comes that may do
// something; forever if none does until something changes. It may be early:
// then the half does nothing, as it would if no half was ever skipped.
func (d *Daemon) nextUseful(from time.Duration) time.Duration {
	at := forever
	if !d.NoProvisioning {
		at = d.endOfPause(updating, max(from, d.updateUseful()))
	}
	if !d.loop.agrees {
		at = min(at, d.endOfPause(checking, max(from, d.reconcileDue())))
	}
	return at
}

// pause is how long the loop sleeps before each half.
func (d *Daemon) pause() time.Duration { return HalfPass + d.LoopOverhead }

// endOfPause is when the first half of a kind begins, not before a time.
func (d *Daemon) endOfPause(h half, from time.Duration) time.Duration {
	if from == forever {
		return forever
	}
	first, every := d.loop.since+d.pause(), 2*d.pause()
	switch {
	case d.NoProvisioning:
		every = d.pause()
	case h != d.loop.next:
		first += d.pause()
	}
	if from <= first {
		return first
	}
	return first + (from-first+every-1)/every*every
}

// halfAt is which half begins at an instant at which one does.
func (d *Daemon) halfAt(t time.Duration) half {
	if d.endOfPause(checking, t) == t {
		return checking
	}
	return updating
}

// reconcileDue is the first instant at which a reconcile is due.
func (d *Daemon) reconcileDue() time.Duration { return d.lastAction + reconcileInterval + 1 }

// catchUp makes good what the halves up to now have done that were skipped.
func (d *Daemon) catchUp() {
	if d.loop.parked {
		d.catchUpTo(d.now() + 1)
	}
}

// catchUpTo is catchUp for the halves before a time. A reconcile that finds
// everything in its place counts that, and every CIDR.
func (d *Daemon) catchUpTo(t time.Duration) {
	if !d.loop.agrees {
		return // the first reconcile that was due has its alarm
	}
	for at := d.endOfPause(checking, d.reconcileDue()); at < t; at = d.endOfPause(checking, d.reconcileDue()) {
		d.lastAction = at
		d.metrics.begin(reconciling)
		d.metrics.end(reconciling)
		for _, e := range d.store.enis {
			d.metrics.reconciled[reconcileAddCIDR] += uint32(len(e.cidrs))
		}
	}
}

// updateUseful is from when on updatePool may do something, as things stand;
// forever if it does nothing whenever it comes.
func (d *Daemon) updateUseful() time.Duration {
	t, s := d.targets(), d.compared()
	from := forever
	switch {
	case t.TooLow(s):
		switch {
		case !d.metrics.actions[increasing].used:
			return never // the vain try shows in the metrics
		case d.canGrow():
			from = d.pauseOver()
		}
	case t.Over(s) > 0:
		from = d.lastDecrease + decreaseInterval + 1
	}
	if d.attachAllowed() && (t.SpareENI(s) || d.PrefixDelegation && d.emptyENI()) {
		from = min(from, d.firstDeletable())
	}
	if d.Policies.CooldownCountsAsUsed && len(d.store.cooling) > 0 {
		from = min(from, d.store.cooling[0].since+d.Cooldown+1) // the numbers change by themselves
	}
	return from
}

// canGrow says whether an increase of the pool would call EC2.
func (d *Daemon) canGrow() bool {
	if !d.attachAllowed() {
		return false
	}
	if d.CustomNetworking && d.host.ENIConfigSubnetID == "" {
		return slices.ContainsFunc(d.store.enis, d.takesMore)
	}
	return d.roomForENI() || slices.ContainsFunc(d.store.enis, d.takesMore)
}

// firstDeletable is from when on an interface can be deleted that the targets
// do not need.
func (d *Daemon) firstDeletable() time.Duration {
	from := forever
	for _, e := range d.store.enis {
		if e.primary || e.efa || e.pods() > 0 {
			continue
		}
		if why, _ := d.neededForTargets(e); why == noLine {
			from = min(from, max(e.addedAt+minimumENILife, d.store.coolsUntil(e)))
		}
	}
	return from
}

// reconciled says whether a reconcile would find nothing to do.
func (d *Daemon) reconciled() bool {
	if !d.host.Metadata.Settled() {
		return false
	}
	known, left, strange := 0, 0, 0
	err := d.seen(func(i Interface) {
		if why, takesSlot := d.leaves(&i); why != noLine {
			if takesSlot {
				left++
			}
			return
		}
		e := d.store.find(i.ID)
		if e == nil || !e.shows(i) || len(d.refused) > 0 && slices.ContainsFunc(e.cidrs, d.isRefused) {
			strange++
		} else {
			known++
		}
	})
	return err == nil && strange == 0 && known > 0 && known == len(d.store.enis) && left == d.unmanagedAttached
}

func (d *Daemon) isRefused(c cidr) bool {
	_, refused := d.refused.get(c.block)
	return refused
}

// shows says whether metadata lists exactly an interface's CIDRs.
func (e *eni) shows(i Interface) bool {
	if len(e.cidrs) != len(i.PrivateIPs)-1+len(i.IPv4Prefixes) {
		return false
	}
	for _, a := range i.PrivateIPs[1:] {
		if _, known := e.search(block{ipOf(a), single}); !known {
			return false
		}
	}
	for _, p := range i.IPv4Prefixes {
		if _, known := e.search(blockOf(p)); !known {
			return false
		}
	}
	return true
}
