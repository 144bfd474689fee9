package ipamd

import (
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// decrease gives CIDRs over the targets back, from one interface after the
// other. Neither a cooldown nor a cordon protects an address from it.
func (d *Daemon) decrease() {
	d.metrics.begin(decreasing)
	defer d.metrics.end(decreasing)
	t, stats := d.targets(), d.compared()
	over := t.Over(stats)
	if d.logs() {
		d.logDecrease(t, stats, over)
	}
	if over <= 0 {
		return
	}
	d.walkENIs(func(e *eni) bool {
		freeable := e.freeable(ofAnyKind)
		if len(freeable) == 0 {
			log1(d, lineNoneFreeable, e.id)
			return !d.release.overOnEach
		}
		ips, prefixes := d.takeOut(e, d.choose(freeable, over), whenDecreased)
		d.refuse(ips, prefixes)
		_ = d.deallocate(e.id, ips, prefixes, whenDecreased)
		if !d.release.overOnEach {
			over -= len(ips) + len(prefixes)
		}
		return over > 0
	})
}

// choose takes up to n CIDRs in the picker's order.
func (d *Daemon) choose(list []block, n int) []block {
	if n >= len(list) {
		return list
	}
	var chosen []block
	walk(d.host.Picker, len(list), func(i int) bool {
		chosen = append(chosen, list[i])
		return len(chosen) < n
	})
	return chosen
}

// takeOut removes CIDRs without pods from the store.
func (d *Daemon) takeOut(e *eni, list []block, at place) (ips []netip.Addr, prefixes []netip.Prefix) {
	for _, b := range list {
		if _, ok := d.store.removeCIDR(e, b, false); !ok {
			continue
		}
		log2(d, lineDeletedCIDR.from(at), e.id, b)
		if b.kind == prefix {
			prefixes = append(prefixes, b.cidr())
		} else {
			ips = append(ips, b.base.addr())
		}
	}
	return ips, prefixes
}

// refuse keeps reconciles from entering what was just given back, should
// metadata still show it.
func (d *Daemon) refuse(ips []netip.Addr, prefixes []netip.Prefix) {
	until := d.now() + refusedFor
	for _, a := range ips {
		d.refused.put(block{ipOf(a), single}, until)
	}
	for _, p := range prefixes {
		d.refused.put(blockOf(p), until)
	}
}

// deallocate returns addresses to EC2. An error is only logged: they are out
// of the store, and a reconcile finds them again.
func (d *Daemon) deallocate(eni string, ips []netip.Addr, prefixes []netip.Prefix, at place) (failed error) {
	if len(prefixes) > 0 {
		log2(d, lineUnassignPD.from(at), prefixes, eni)
		if err := d.host.EC2.UnassignIPv4Prefixes(eni, prefixes); err != nil {
			log2(d, lineUnassignPDFail.from(at), prefixes, err)
			failed = err
		} else {
			log2(d, lineFreedPD.from(at), prefixes, eni)
		}
	}
	if len(ips) > 0 {
		log2(d, lineUnassignIPs.from(at), ips, eni)
		if err := d.host.EC2.UnassignPrivateIPAddresses(eni, ips); err != nil {
			log1(d, lineUnassignIPsFail.from(at), err)
			failed = err
		} else {
			log2(d, lineFreedIPs.from(at), ips, eni)
		}
	}
	return failed
}

// freeOneENI gives at most one surplus interface back.
func (d *Daemon) freeOneENI() {
	if !d.attachAllowed() {
		d.log(lineNotFreeing)
		return
	}
	e := d.deletable()
	if e == nil {
		return
	}
	d.store.removeENI(e.id, false)
	if !e.served && d.host.Unserved != nil {
		d.host.Unserved()
	}
	if d.logs() {
		d.log(lineRemoveENI, e.id, len(e.cidrs), d.store.total, d.store.assigned(), d.store.running.prefixes)
		d.log(lineFreeing, e.id, networkCard)
	}
	err := d.freeENI(e.id)
	if err != nil {
		d.metrics.ipamd(errFreeENI)
		log2(d, lineFreeFailed, e.id, err)
	}
	if errors.Is(err, errNoAttachmentID) || errors.Is(err, errCannotDetach) {
		return // a reconcile adopts it again
	}
	d.host.Network.RemoveENI(e.primaryIP.addr())
}

// deletable picks an interface that nothing needs, or none.
func (d *Daemon) deletable() *eni {
	var list []*eni
	for _, e := range d.store.enis {
		why, target := d.needed(e)
		if why == noLine {
			list = append(list, e)
		} else if d.logs() {
			d.logNeeded(e, why, target)
		}
	}
	if len(list) == 0 {
		return nil
	}
	e := list[one(d.host.Picker, len(list))]
	log1(d, lineDeletable, e.id)
	return e
}

func (d *Daemon) canDelete(e *eni) bool {
	why, _ := d.needed(e)
	return why == noLine
}

// needed is the line that says why an interface must stay, and the target
// that it names, or none. One may go that is not primary, old enough, without
// pods and cooling addresses, if the others meet the targets without it and it is
// no Elastic Fabric Adapter.
func (d *Daemon) needed(e *eni) (why line, target int) {
	now := d.now()
	d.store.expire(now)
	switch {
	case e.primary:
		return lineIsPrimary, 0
	case now-e.addedAt < minimumENILife:
		return lineTooYoung, 0
	case e.cooling() > 0 || now-e.lastFreed < d.release.coolsENI:
		return lineIsCooling, 0
	case e.pods() > 0:
		return lineHasPods, 0
	}
	if why, target := d.neededForTargets(e); why != noLine || !e.efa {
		return why, target
	}
	return lineIsEFA, 0
}

func (d *Daemon) neededForTargets(e *eni) (why line, target int) {
	warm, total, freeCIDRs := d.store.without(e)
	warmIP, minimumIP := d.WarmIPTarget, d.MinimumIPTarget
	if d.PrefixDelegation {
		warmIP = ceilDiv(warmIP, addressesPerPrefix) * addressesPerPrefix
		minimumIP = ceilDiv(minimumIP, addressesPerPrefix) * addressesPerPrefix
	}
	switch {
	case d.WarmIPTarget != 0 && warm < warmIP:
		return lineForWarmIP, d.WarmIPTarget
	case d.MinimumIPTarget != 0 && total < minimumIP:
		return lineForMinimum, d.MinimumIPTarget
	case d.PrefixDelegation && d.WarmPrefixTarget != 0 && freeCIDRs < d.WarmPrefixTarget:
		return lineForPrefix, d.WarmPrefixTarget
	}
	return noLine, 0
}

// without counts what the other interfaces hold: addresses without a pod and
// addresses in all, of the current mode, and CIDRs of any kind without pods.
func (s *store) without(e *eni) (warm, total, freeCIDRs int) {
	for _, other := range s.enis {
		if other == e || other.excluded {
			continue
		}
		c := other.counts[s.kind()]
		total += int(c.total)
		warm += int(c.total - c.assigned)
		freeCIDRs += other.freeCIDRs()
		if s.config.Policies.CooldownCountsAsUsed {
			warm -= int(c.cooling)
		}
	}
	return warm, total, freeCIDRs
}

const detachSettle = 2 * time.Second // between detach and the first delete

var (
	errNoAttachmentID = errors.New("ENI attachment ID not found")
	//lint:ignore ST1005 the SDK's words
	errNoRequest    = errors.New("operation error EC2: DetachNetworkInterface, 1 validation error(s) found.\n- missing required field, DetachNetworkInterfaceInput.AttachmentId.\n")
	errCannotDetach = errors.New("unable to detach ENI from EC2 instance, giving up")
)

// freeENI detaches and deletes an interface. One that EC2 does not know is
// free already.
func (d *Daemon) freeENI(id string) error {
	log1(d, lineFree, id)
	answer, err := d.host.EC2.DescribeNetworkInterfaces([]string{id})
	if code(err) == codeNotFound {
		log1(d, lineAlreadyFree, id)
		return nil
	}
	if err != nil || len(answer) == 0 {
		d.metrics.utilFailed("getENIAttachmentIDFailed", err)
		if d.logs() {
			d.logNoAttachment(id, err)
		}
		return errNoAttachmentID
	}
	attachment := "" // none: the SDK refuses each try without a request
	if a := answer[0].Attachment; a != nil && a.AttachmentId != nil {
		attachment = *a.AttachmentId
	}
	log2(d, lineAttachID, id, attachment)
	if d.retry(detachBackoff, func() error { return d.detach(id, attachment) }) != nil {
		log2(d, lineNotDetached, id, errCannotDetach)
		return errCannotDetach
	}
	d.sleep(SettlePause, detachSettle)
	if err := d.deleteENI(id, ofFreed); err != nil {
		err = fmt.Errorf("FreeENI: failed to free ENI: %s: %w", id, err)
		d.metrics.utilFailed("FreeENIDeleteErr", err)
		return err
	}
	log1(d, lineFreed, id)
	return nil
}

func (d *Daemon) detach(id, attachment string) error {
	err := errNoRequest
	if attachment == "" {
		d.metrics.unsent(opDetach)
	} else {
		err = d.host.EC2.DetachNetworkInterface(attachment)
	}
	if err != nil {
		log2(d, lineDetachFail, id, err)
		return err
	}
	log1(d, lineDetached, id)
	return nil
}

// deleteENI deletes an interface that is not attached; one that is gone is
// deleted.
func (d *Daemon) deleteENI(id string, at place) error {
	log1(d, lineDelete.from(at), id)
	return d.retry(deleteBackoff, func() error {
		err := d.host.EC2.DeleteNetworkInterface(id)
		if code(err) == codeNotFound {
			log1(d, lineGone, id)
			return nil
		}
		if err != nil {
			log1(d, lineDeleteFail, err)
			return fmt.Errorf("unable to delete ENI: %w", err)
		}
		log1(d, lineDeleted, id)
		return nil
	})
}
