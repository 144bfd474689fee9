package ipamd

import (
	"fmt"
	"math"
	"net/netip"
)

// Lines of the pool manager that need more than their arguments. Whoever calls
// them has asked logs().

// text is what the real DataStoreStats prints of itself.
func (s Stats) text() string {
	return fmt.Sprintf("Total IPs/Prefixes = %d/%d, AssignedIPs/CooldownIPs: %d/%d", s.Total, s.Prefixes, s.Assigned, s.Cooling)
}

// logPool writes the pool as it is now. It asks for itself whether anybody
// reads it.
func (d *Daemon) logPool(at place) {
	if d.logs() {
		d.logStats(d.Stats(), at)
	}
}

func (d *Daemon) logStats(s Stats, at place) {
	title := "IP pool stats for network card"
	if d.PrefixDelegation {
		title = "Prefix pool stats for network card"
	}
	d.log(linePoolStats.from(at), title, networkCard, s.text(), d.MaxIPsPerENI)
}

func (d *Daemon) logPass(t Targets, s Stats, low bool) {
	d.logTooLow(t, s, low, inPass)
	d.log(linePass, networkCard, s.Total, s.Assigned, s.Cooling)
}

// logTooLow says nothing about a pool that IP targets decide on.
func (d *Daemon) logTooLow(t Targets, s Stats, low bool, at place) {
	if !low || t.ByIP() {
		return
	}
	target, unit := t.WarmENI, t.MaxIPsPerENI
	if t.PrefixDelegation {
		target, unit = t.WarmPrefix, addressesPerPrefix
	}
	d.log(lineTooLow.from(at), networkCard, s.Available(), target, unit)
	d.logStats(s, whenLow)
}

func (d *Daemon) logSpareENI(t Targets, s Stats) {
	target := t.WarmENI + 1
	if t.PrefixDelegation {
		target = t.WarmPrefix + 1
	}
	d.logStats(s, whenSpare)
	d.log(lineSpareENI, s.Available(), target, t.MaxIPsPerENI)
}

// logWanted writes how many prefixes are asked for.
func (d *Daemon) logWanted(at place) {
	t, s := d.targets(), d.compared()
	d.log(linePrefixTarget, t.WarmPrefix, max(t.WarmPrefix-s.FreePrefixes, 0), s.FreePrefixes)
	d.log(lineToAllocate.from(at), t.prefixesNeeded(s), networkCard)
}

func (d *Daemon) logRoom(room bool) {
	excluded := 0
	for _, e := range d.store.enis {
		if e.excluded {
			excluded++
		}
	}
	attached := len(d.store.enis)
	d.log(lineHasRoom, networkCard, attached, attached-excluded, d.MaxENI, d.unmanagedAttached, 0, excluded, room)
}

func (d *Daemon) logInsufficient(err error, at place) {
	if !d.logs() {
		return
	}
	d.log(lineInsufficient.from(at), err)
	if c := code(err); c != "" {
		d.log(lineInsufficientBy.from(at), c)
	}
}

func (d *Daemon) logSubnet(id string, why line) {
	switch {
	case why == lineSubnetOthers:
		d.log(why, id)
	case why != noLine:
		d.log(why, id, tagSubnet)
	case id == d.identity.SubnetID:
		d.log(linePrimaryNoTag, id, tagSubnet)
	}
	if why != noLine && id == d.identity.SubnetID {
		d.log(linePrimaryNotUsed, id)
	}
}

func (d *Daemon) logOnlySome(seen Interface, wanted int) {
	if d.PrefixDelegation {
		d.log(lineOnlySomePD, len(seen.IPv4Prefixes), wanted)
		return
	}
	d.log(lineOnlySomeIPs, len(seen.PrivateIPs), wanted)
}

func (d *Daemon) logDecrease(t Targets, s Stats, over int) {
	d.log(lineDecrease, networkCard)
	if !t.ByIP() {
		d.log(lineExtraPrefix, s.Available(), over, t.WarmPrefix)
		d.logStats(s, whenOver)
	}
}

func (d *Daemon) logDecreased() {
	d.log(lineDecreased)
	d.logPool(whenDecreased)
}

func (d *Daemon) logNeeded(e *eni, why line, target int) {
	if target != 0 {
		d.log(why, e.id, target)
		return
	}
	d.log(why, e.id)
}

func (d *Daemon) logNoAttachment(id string, err error) {
	text := "No network interfaces found for ENI"
	if err != nil {
		d.log(lineENINotRead, id, err)
		text = "failed to describe network interface: " + err.Error()
	}
	d.log(lineNoAttachID, id, text)
}

// logUnused writes the end of giving back unused CIDRs of one kind.
func (d *Daemon) logUnused(id string, ips []netip.Addr, prefixes []netip.Prefix, k kind, at place, err error) {
	switch {
	case len(ips)+len(prefixes) == 0 && k == single:
		d.log(lineNoFreeableIPs.from(at))
	case len(ips)+len(prefixes) == 0 || err != nil:
	case k == prefix:
		d.log(lineGavePDBack.from(at), prefixes, id)
	default:
		d.log(lineGaveIPsBack.from(at), ips, id)
	}
}

// logReconcile: before the first action the real interval is the longest
// there is.
func (d *Daemon) logReconcile() {
	since := d.since(d.lastAction)
	if d.lastAction == never {
		since = math.MaxInt64
	}
	d.log(lineReconcile, since, reconcileInterval)
}

func (d *Daemon) logNoSweep(err error) {
	if err != nil {
		d.log(lineReconcileFail, err)
		return
	}
	d.log(lineReconcileNone)
}

// logMismatch: of metadata the real line has pointers; these are what they
// point to, without the primary address.
func (d *Daemon) logMismatch(known, seen []block, k kind) {
	said := lineMismatch
	if k == prefix {
		said = lineMismatchPD
	}
	d.log(said, named(known), named(seen))
	d.log(lineAskEC2.from(reconcilingENI.of(k)))
}

// logDropped writes that a CIDR goes by force.
func (d *Daemon) logDropped(e *eni, b block) {
	said := lineReconcileDelIP
	if b.kind == prefix {
		said = lineReconcileDelPD
	}
	d.log(said, name(b), e.id)
	if _, known := e.search(b); known {
		d.logLost(e, b, withCIDR)
	}
}

// logForced writes that an interface goes by force.
func (d *Daemon) logForced(id string, at place) {
	e := d.store.find(id)
	if e == nil || e.pods() == 0 {
		return
	}
	d.log(lineForceENI.from(at), id, e.pods())
	for _, c := range e.cidrs {
		d.logLost(e, c.block, withENI)
	}
}

func (d *Daemon) logLost(e *eni, b block, at place) {
	from, to := e.span(b)
	for _, r := range e.records[from:to] {
		if r.key != "" {
			d.log(lineForceIP.from(at), r.address, d.ipamKey(r.key))
		}
	}
}

func (d *Daemon) logPrimaryIPs() {
	for _, e := range d.store.enis {
		d.log(linePrimaryIP, e.id, e.primaryIP)
	}
}

// logStale writes which entries of the checkpoint have no pod any more, and
// that their rules go.
func (d *Daemon) logStale(list []Allocation, stale []bool) {
	var gone []Allocation
	for i, a := range list {
		if stale[i] && !a.Cooling {
			namespace, name := podName(a.Pod)
			container, _ := d.sandbox(a.Key)
			d.log(lineStale, container, a.Address, "", fmt.Sprintf("host-side veth not found for pod %s/%s", namespace, name))
			gone = append(gone, a)
		}
	}
	if len(gone) > 0 {
		d.log(linePruning)
	}
	for _, a := range gone {
		d.log(linePruneTo, a.Address, "")
		d.log(linePruneFrom, a.Address, "")
	}
}

// logRestored writes what became of an entry that is not stale.
func (d *Daemon) logRestored(a Allocation, found bool) {
	if !found {
		d.log(lineUnknownIP, d.ipamKey(a.Key), a.Address)
		return
	}
	d.log(lineAssignIP.from(inRecovery), a.Address, d.ipamKey(a.Key), metadataOf(a.Pod))
	l, _ := d.store.lease(a.Key)
	d.log(lineRecovered, d.ipamKey(a.Key), l.eni.id, a.Address)
}

// name is a block as the reconcile prints it: addresses without a length.
type name block

func (n name) String() string {
	if n.kind == prefix {
		return block(n).String()
	}
	return n.base.String()
}

func named(blocks []block) []name {
	list := make([]name, len(blocks))
	for i, b := range blocks {
		list[i] = name(b)
	}
	return list
}

// kindName is what lines call an interface.
func (e *eni) kindName() string {
	if e.primary {
		return "primary"
	}
	return "secondary"
}
