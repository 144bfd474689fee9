package ipamd

import (
	"fmt"
	"net/netip"
	"time"
)

// HalfPass is how long the pool manager sleeps between its looks: half of
// ipPoolMonitorInterval (pkg/ipamd/ipamd.go).
const HalfPass = 2500 * time.Millisecond

// Intervals of the pool manager (pkg/ipamd/ipamd.go).
const (
	reconcileInterval = 60 * time.Second
	decreaseInterval  = 30 * time.Second
	insufficientPause = 120 * time.Second
	refusedFor        = 60 * time.Second // a CIDR that was given back is not re-entered earlier
	minimumENILife    = 60 * time.Second
)

// RunPool is the pool manager. All of it is sequential and blocking, so a slow
// call to EC2 stops the pool, while AddNetwork and DelNetwork go on. It ends
// with its process; or it returns because the loop has parked, and goes on by
// itself in another process.
func (d *Daemon) RunPool() {
	if d.logs() {
		d.log(linePoolManager, d.maxPods, d.WarmIPTarget, d.WarmPrefixTarget, d.WarmENITarget, d.MinimumIPTarget)
		d.log(lineServing, d.release.version, socketPath) // by another goroutine at the same time
	}
	if d.NoProvisioning {
		d.loop.next = checking
	}
	d.joinLoop()
	d.goOn()
}

// joinLoop lets a process that continues begin where the one before it may be
// in its passes, which take two pauses each.
func (d *Daemon) joinLoop() {
	c := d.host.Continues
	if c == nil {
		return
	}
	into := c.Phase % (2 * d.pause())
	if into >= d.pause() {
		into -= d.pause()
		d.loop.next = checking
	}
	d.loop.into = into
}

// goOn is the loop, from where it stands.
func (d *Daemon) goOn() {
	for {
		if d.loop.next == updating {
			if !d.sleepHalfPass() {
				return
			}
			d.updatePool()
			d.loop.next = checking
		}
		if !d.sleepHalfPass() {
			return
		}
		d.reconcileIfDue()
		if !d.NoProvisioning {
			d.loop.next = updating
		}
	}
}

// sleepHalfPass says whether its sleep is over. It is not when the loop has
// parked: then the process ends, and the next one is at the end of a sleep
// when it begins.
func (d *Daemon) sleepHalfPass() (over bool) {
	switch {
	case d.loop.resumed:
		d.loop.resumed = false
	case d.mayPark():
		d.park()
		return false
	default:
		d.sleep(LoopPause, d.pause()-d.loop.into)
		d.loop.into = 0
		if p, ok := d.host.Clock.(parker); ok {
			p.Aside()
		}
	}
	return true
}

// updatePool is one pass. The decision to remove an interface is made on the
// numbers from before the pass acted, as the real daemon does.
func (d *Daemon) updatePool() {
	t, before := d.targets(), d.compared()
	decreased, low := never, t.TooLow(before)
	if d.logs() {
		d.logPass(t, before, low)
	}
	if low {
		_ = d.increase(inPass) // only start-up cares
	} else if t.Over(before) > 0 && d.mayDecrease(t, before) {
		started := d.now()
		d.decrease()
		d.logDecreased()
		decreased = started
	}
	if d.mayHaveSpareENI(t, before) {
		d.freeOneENI()
	}
	if decreased != never {
		d.lastDecrease = d.dated(decreased)
		d.lastAction = d.lastDecrease
	}
}

// mayDecrease keeps decreases apart.
func (d *Daemon) mayDecrease(t Targets, before Stats) bool {
	if !t.ByIP() {
		log3(d, lineTooHigh, before.FreePrefixes, t.WarmPrefix, networkCard)
	}
	since := d.since(d.lastDecrease)
	if since <= decreaseInterval {
		log2(d, lineNoDecrease, since, decreaseInterval)
		return false
	}
	return true
}

// mayHaveSpareENI says whether interfaces are worth a closer look.
func (d *Daemon) mayHaveSpareENI(t Targets, before Stats) bool {
	if t.SpareENI(before) {
		if d.logs() && !t.ByIP() {
			d.logSpareENI(t, before)
		}
		return true
	}
	if !d.PrefixDelegation {
		return false
	}
	e := d.firstEmptyENI()
	if e == nil {
		return false
	}
	log1(d, lineEmptyENI, e.id)
	return true
}

// emptyENI says whether some secondary interface has no pods.
func (d *Daemon) emptyENI() bool { return d.firstEmptyENI() != nil }

func (d *Daemon) firstEmptyENI() *eni {
	for _, e := range d.store.enis {
		if !e.primary && !e.efa && e.pods() == 0 {
			return e
		}
	}
	return nil
}

// attachAllowed is false on a cordoned node, unless it is managed all the same.
func (d *Daemon) attachAllowed() bool {
	return d.ManageCordoned || d.release.ignoresCordon || !d.host.Node.Unschedulable()
}

// pauseOver is from when on the pool may grow after EC2 had nothing left.
func (d *Daemon) pauseOver() time.Duration {
	if d.release.noInsufficientPause {
		return never
	}
	return d.lastInsufficient + insufficientPause + 1
}

// increase grows the pool by one step: addresses on an interface that has
// room, else a new interface.
func (d *Daemon) increase(at place) error {
	log1(d, lineIncrease.from(at), networkCard)
	d.metrics.begin(increasing)
	defer d.metrics.end(increasing)
	if !d.attachAllowed() {
		d.log(lineCordoned)
		return nil
	}
	if d.now() < d.pauseOver() {
		log1(d, linePause.from(at), insufficientPause)
		return nil
	}
	grown, err := d.assignCIDRs()
	if err != nil && !d.release.assignsOnOne {
		return d.increaseFailed(err, at)
	}
	if !grown {
		room := d.roomForENI()
		if d.logs() {
			d.logRoom(room)
		}
		if !room {
			d.log(lineMaxENI.from(at))
			return nil
		}
		if err := d.allocateENI(); err != nil {
			log1(d, lineAllocateFailed.from(at), err)
			return nil // a node without a new interface becomes Ready all the same
		}
	}
	d.lastAction = d.now()
	d.logPool(whenGrown)
	return nil
}

// increaseFailed starts the pause after EC2 had nothing left.
func (d *Daemon) increaseFailed(err error, at place) error {
	d.logInsufficient(err, onENI)
	if insufficient(err) {
		d.log(lineIncreaseFull.from(at))
		d.lastInsufficient = d.now()
		return nil
	}
	d.logError(lineIncrease.from(at), err)
	return err
}

// roomForENI compares with the limit of the instance type or MAX_ENI.
func (d *Daemon) roomForENI() bool { return len(d.store.enis) < d.MaxENI-d.unmanagedAttached }

// assignCIDRs asks EC2 for addresses or prefixes on the first interface with
// room: for what is wanted, and if that fails for a single one.
func (d *Daemon) assignCIDRs() (grown bool, err error) {
	wanted := d.targets().wanted(d.compared())
	if !d.PrefixDelegation && wanted == 0 {
		return false, nil
	}
	if d.logs() && d.PrefixDelegation {
		d.logWanted(onENI)
	}
	list := d.allocatable()
	if d.release.assignsOnOne {
		return d.assignOnOne(list, wanted)
	}
	walk(d.host.Picker, len(list), func(i int) bool {
		room := d.slots() - len(list[i].cidrs)
		if room <= 0 && !d.PrefixDelegation {
			return true
		}
		grown, err = d.assignOn(list[i], min(room, wanted))
		return !grown && err == nil
	})
	return grown, err
}

// assignOnOne is assignCIDRs of old releases: whatever becomes of the one
// interface, no other is tried.
func (d *Daemon) assignOnOne(list []*eni, wanted int) (grown bool, err error) {
	if len(list) == 0 {
		return false, nil
	}
	if d.release.fillsInterface {
		return d.assignOn(list[0], d.slots()-len(list[0].cidrs))
	}
	e := list[one(d.host.Picker, len(list))]
	return d.assignOn(e, min(d.slots()-len(e.cidrs), wanted))
}

// allocatable lists the interfaces that can take more CIDRs, of both kinds
// together.
func (d *Daemon) allocatable() []*eni {
	var list []*eni
	for _, e := range d.store.enis {
		if d.takesMore(e) {
			list = append(list, e)
		}
	}
	return list
}

func (d *Daemon) takesMore(e *eni) bool {
	return !e.excluded && !(e.primary && d.CustomNetworking) && len(e.cidrs) < d.slots()
}

// assignOn returns false without an error when the next interface should be
// tried: the subnet is exhausted, and subnet discovery may still help.
func (d *Daemon) assignOn(e *eni, n int) (grown bool, err error) {
	k := d.store.kind()
	at := assigning.of(k)
	log3(d, lineAllocatable.from(at), e.id, len(e.cidrs), d.slots())
	blocks, err := d.assignCall(e.id, n, at)
	if err != nil && code(err) != codeLimit {
		log2(d, notAll[k], e.id, err)
		blocks, err = d.assignCall(e.id, 1, assigningOne.of(k))
		if err != nil && code(err) != codeLimit {
			d.metrics.ipamd(errAllocAddresses)
		}
	}
	if code(err) == codeLimit || err == nil && d.release.describesAfterAssign {
		// The book is behind EC2: enter what is there.
		if err != nil {
			d.log(lineLimitExceeded.from(at))
		}
		blocks, err = d.describeCIDRs(e.id, k, at)
		if err != nil {
			d.metrics.ipamd(errGetAddresses)
			return true, fmt.Errorf("failed to get ENI IP addresses during IP allocation: %w", err)
		}
	}
	if err != nil {
		d.failed(err)
		if d.SubnetDiscovery {
			d.logInsufficient(err, at)
			if insufficient(err) {
				return false, nil
			}
		}
		return false, fmt.Errorf(notOne[k], e.id, err)
	}
	for _, b := range blocks {
		if current := d.store.find(e.id); current != nil {
			d.addCIDR(current, b, entering)
		}
	}
	d.logPool(entering.of(k))
	d.grew()
	return true, nil
}

// What is said when EC2 does not give an interface all of what was asked for,
// and the error when it does not give it even one, by kind.
var (
	notAll = [kinds]line{lineNotAllIPs, lineNotAllPD}
	notOne = [kinds]string{
		"failed to allocate one IP addresses on ENI %s, err : %w",
		"failed to allocate one IPv4 prefix on ENI %[1]s, err: %[2]v: %[2]w",
	}
)

func (d *Daemon) assignCall(eni string, n int, at place) (blocks []block, err error) {
	n = min(n, d.IPv4Limit-1)
	if n < 1 {
		return nil, nil
	}
	log2(d, lineAssign.from(at), n, eni)
	said := lineAssigned
	if d.PrefixDelegation {
		said = lineAssignedPD
		var list []netip.Prefix
		list, err = d.host.EC2.AssignIPv4Prefixes(eni, n)
		blocks = prefixes(list)
	} else {
		var ips []netip.Addr
		ips, err = d.host.EC2.AssignPrivateIPAddresses(eni, n)
		blocks = singles(ips)
	}
	if err != nil {
		log2(d, lineAssignFailed.from(at), eni, err)
		return nil, err
	}
	log1(d, said.from(at), len(blocks))
	return blocks, nil
}

// describeCIDRs asks EC2 for an interface's prefixes, or for its addresses
// without the primary one.
func (d *Daemon) describeCIDRs(eni string, k kind, at place) ([]block, error) {
	answer, err := d.host.EC2.DescribeNetworkInterfaces([]string{eni})
	if err != nil {
		if code(err) != codeNotFound {
			log2(d, lineENINotRead.from(at), eni, err)
		}
		return nil, err
	}
	var list []block
	if k == prefix {
		for _, p := range answer[0].Ipv4Prefixes {
			list = append(list, blockOf(netip.MustParsePrefix(*p.Ipv4Prefix)))
		}
		return list, nil
	}
	for _, a := range answer[0].PrivateIpAddresses {
		if a.Primary == nil || !*a.Primary {
			list = append(list, block{ipOf(netip.MustParseAddr(*a.PrivateIpAddress)), single})
		}
	}
	return list, nil
}
