package ipamd

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

const (
	setupTries = 6                // per interface at start-up
	setupPause = 10 * time.Second // between them
)

// Init is the real daemon's nodeInit: it learns what is attached, applies
// tags and security groups, recovers the checkpoint and fills the pool once.
// It blocks; an error ends the process, and kubelet starts it again.
func (d *Daemon) Init() error {
	log1(d, lineStarting, d.release.version)
	if err := d.awaitAPIServer(); err != nil {
		return err
	}
	start := d.now()
	if err := d.nodeInit(); err != nil {
		log1(d, lineInitFailed, err)
		return err
	}
	d.metrics.initDone, d.metrics.initTook = true, d.since(start)
	return nil
}

func (d *Daemon) nodeInit() error {
	d.metrics.begin(nodeInit)
	defer d.metrics.end(nodeInit)
	d.log(lineInit)
	log2(d, lineLimits, d.MaxIPsPerENI, d.MaxPrefixes)
	var err error
	if d.identity, err = d.host.Metadata.Identity(); err != nil {
		return err
	}

	found, err := d.describeAll(atStart)
	if err != nil {
		return fmt.Errorf("ipamd init: failed to retrieve attached ENIs info: %w", err)
	}
	log2(d, lineDescribed, len(found.interfaces), len(found.tags))
	d.markUnmanaged(found, atStart)
	managed := d.managed(found.interfaces, atStart)
	log1(d, lineDatastore, networkCard)
	for _, i := range managed {
		if err := d.adoptAtStart(i, found); err != nil {
			return err
		}
	}
	if err := d.takeStock(); err != nil {
		return err
	}
	if !d.NoProvisioning && !d.release.plainStart && !d.release.groupsLast {
		if err := d.applySecurityGroups(); err != nil {
			return err
		}
	}
	d.maxPods = d.host.Node.MaxPods()
	if !d.NoProvisioning {
		if err := d.prescale(); err != nil {
			d.metrics.nodeInit++
			return err
		}
	}
	if d.release.groupsLast {
		if err := d.applySecurityGroups(); err != nil {
			return err
		}
	}
	d.log(lineInitDone)
	return nil
}

// takeStock recovers the pods and gives back what they do not need.
func (d *Daemon) takeStock() error {
	if err := d.recover(); err != nil {
		return err
	}
	d.cleanExcluded()
	d.cleanOtherMode()
	d.refreshPodRules()
	return nil
}

// adoptAtStart tags and enters one attached interface. An interface that
// cannot be set up is skipped after its tries; one that cannot be tagged ends
// the start.
func (d *Daemon) adoptAtStart(i Interface, found attached) error {
	log1(d, lineDiscovered, i.ID)
	if !d.NoProvisioning && !d.release.plainStart {
		if err := d.tag(i.ID, found.tags[i.ID], atStart); err != nil {
			return fmt.Errorf("ipamd init: failed to tag managed ENI %s: %w", i.ID, err)
		}
	}
	for try := 1; ; try++ {
		err := d.setup(i, atStart)
		if err == nil {
			log1(d, lineENISetUp, i.ID)
			return nil
		}
		if try == setupTries {
			log3(d, lineSetupGivenUp, try, setupTries-1, err)
			d.metrics.ipamd(errWaitRetries)
			return nil
		}
		log2(d, lineSetupFailed, i.ID, err)
		if errors.Is(err, ErrNoLink) {
			d.log(lineNoLink)
			return nil
		}
		log2(d, lineSetupAgain, try, setupTries-1)
		d.sleep(RetryPause, setupPause)
	}
}

// recover enters the checkpoint's allocations. An address that is there twice
// ends the start. Those whose pod has lost its
// veth are stale: their rules go, and their address is free at once, without
// a cooldown.
func (d *Daemon) recover() error {
	list := d.host.Checkpoint.Read()
	d.log(lineRecovery)
	if len(list) == 0 {
		d.log(lineNoFile) // or an empty one, of which the real log says nothing
		d.host.Checkpoint.Follow(d)
		return nil
	}
	stale := make([]bool, len(list))
	for i, a := range list {
		stale[i] = a.Pod != "" && !d.host.Network.HasVeth(a.Pod)
		if stale[i] {
			d.host.Network.RemovePodRules(a.Address)
		}
		if a.Cooling {
			stale[i] = d.since(a.Freed) > d.Cooldown
		}
	}
	if d.logs() {
		d.logStale(list, stale)
	}
	for i, a := range list {
		found := false
		if !stale[i] {
			var err error
			if found, err = d.store.restore(a); err != nil {
				return fmt.Errorf("failed ipam state recovery: %w", err)
			}
		}
		if d.logs() && !stale[i] && !a.Cooling {
			d.logRestored(a, found)
		}
	}
	d.host.Checkpoint.Follow(d)
	d.log(lineRecoveryDone)
	return nil
}

// cleanExcluded gives back what interfaces in excluded subnets do not need.
func (d *Daemon) cleanExcluded() {
	d.walkENIs(func(e *eni) bool {
		if !e.excluded {
			return true
		}
		log2(d, lineExcludedENI, e.kindName(), e.id)
		d.unassignUnused(e.id, d.store.kind(), ofExcluded)
		log1(d, lineExcludedDone, e.id)
		return true
	})
}

// cleanOtherMode gives back the unused CIDRs of the kind that the node no
// longer uses, after prefix delegation was switched on or off.
func (d *Daemon) cleanOtherMode() {
	if d.PrefixDelegation {
		d.log(lineTryIPs)
	} else {
		d.log(lineTryPrefixes)
	}
	other := kindOf(!d.PrefixDelegation)
	d.walkENIs(func(e *eni) bool {
		d.unassignUnused(e.id, other, atStart)
		return true
	})
}

// walkENIs visits the interfaces that are in the store now, skipping those
// that have gone by their turn, until visit says that it has seen enough.
func (d *Daemon) walkENIs(visit func(*eni) (more bool)) {
	list := slices.Clone(d.store.enis)
	walk(d.host.Picker, len(list), func(i int) bool {
		e := d.store.find(list[i].id)
		return e == nil || visit(e)
	})
}

// unassignUnused gives an interface's unused addresses or prefixes back to
// EC2, without the reconcile cooldown that a pool decrease sets.
func (d *Daemon) unassignUnused(id string, k kind, at place) {
	e := d.store.find(id)
	if e == nil {
		return
	}
	d.catchUp()
	ips, prefixes := d.takeOut(e, e.freeable(func(b block) bool { return b.kind == k }), unused.of(k))
	d.Changed()
	err := d.deallocate(id, ips, prefixes, unused.of(k))
	if d.logs() {
		d.logUnused(id, ips, prefixes, k, at, err)
	}
}

func (d *Daemon) refreshPodRules() {
	for l := range d.store.leases {
		log2(d, lineUpdateRules, "", block{l.address, single}) // the real one prints all rules
		d.host.Network.RefreshPodRule(l.address.addr())
	}
}

// applySecurityGroups sets the primary interface's groups on every managed
// one. A new process has seen none, so each start does it; only failures of EC2
// are passed over.
func (d *Daemon) applySecurityGroups() error {
	groups, err := d.host.Metadata.SecurityGroups()
	if err != nil {
		return err
	}
	d.groups = groups
	if d.CustomNetworking || len(groups) == 0 || d.host.Continues != nil {
		return nil
	}
	for _, g := range groups {
		log2(d, lineGroup, "primary", g)
	}
	for _, e := range slices.Clone(d.store.enis) {
		log3(d, lineGroups, "Update", e.id, groups)
		if err := d.host.EC2.ModifySecurityGroups(e.id, groups); err != nil {
			log3(d, lineGroupsFailed, "Update", e.id, err)
			if code(err) == codeNotFound {
				d.metrics.apiFailed(outOfSync, err)
			}
		}
	}
	return nil
}

// prescale is the one pass of growth before the daemon serves. Only a failing
// assign fails it: a node whose new interface cannot be had becomes Ready all
// the same.
func (d *Daemon) prescale() error {
	if d.release.fillsAtStart {
		grown, err := d.assignCIDRs()
		if err == nil && grown {
			d.lastAction = d.now()
		}
		return err
	}
	t, stats := d.targets(), d.compared()
	low := t.TooLow(stats)
	if d.logs() {
		d.logTooLow(t, stats, low, atStart)
		d.log(linePoolLow, networkCard, low)
	}
	if !low {
		return nil
	}
	if err := d.increase(atStart); err != nil {
		return fmt.Errorf("error while trying to increase datastore pool: %w", err)
	}
	if d.CustomNetworking && d.compared().Total == 0 {
		return errors.New("failed to attach any ENIs for custom networking")
	}
	return nil
}
