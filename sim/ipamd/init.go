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
	d.identity = d.host.Metadata.Identity()
	d.wanted = d.tags()

	found, err := d.describeAll()
	if err != nil {
		return fmt.Errorf("failed to retrieve attached ENIs info: %w", err)
	}
	d.markUnmanaged(found)
	for _, i := range d.managed(found.interfaces) {
		if err := d.adoptAtStart(i, found); err != nil {
			return err
		}
	}
	if err := d.recover(); err != nil {
		return err
	}
	d.cleanExcluded()
	d.cleanOtherMode()
	d.refreshPodRules()
	if !d.noProvisioning {
		d.applySecurityGroups()
	}
	d.maxPods = d.host.Node.MaxPods()
	if d.noProvisioning {
		return nil
	}
	return d.prescale()
}

// adoptAtStart tags and enters one attached interface. An interface that
// cannot be set up is skipped after its tries; one that cannot be tagged ends
// the start.
func (d *Daemon) adoptAtStart(i Interface, found attached) error {
	if !d.noProvisioning {
		if err := d.tag(i.ID, found.tags[i.ID]); err != nil {
			return fmt.Errorf("failed to tag managed ENI %s: %w", i.ID, err)
		}
	}
	for try := 1; ; try++ {
		err := d.setup(i)
		if err == nil || try == setupTries || errors.Is(err, ErrNoLink) {
			return nil
		}
		d.sleep(setupPause)
	}
}

// recover enters the checkpoint's allocations. An address that is there twice
// ends the start. Those whose pod has lost its
// veth are stale: their rules go, and their address is free at once, without
// a cooldown.
func (d *Daemon) recover() error {
	for _, a := range d.host.Checkpoint.Read() {
		stale := a.Pod != "" && !d.host.Network.HasVeth(a.Pod)
		if stale {
			d.host.Network.RemovePodRules(a.Address)
		}
		if a.Cooling {
			stale = d.since(a.Freed) > d.cooldown
		}
		found := false
		if !stale {
			var err error
			if found, err = d.store.restore(a); err != nil {
				return fmt.Errorf("failed ipam state recovery: %w", err)
			}
		}
		if !found {
			d.host.Checkpoint.Remove(a.Key)
		}
	}
	return nil
}

// cleanExcluded gives back what interfaces in excluded subnets do not need.
func (d *Daemon) cleanExcluded() {
	d.walkENIs(func(e *eni) bool {
		if e.excluded {
			d.unassignUnused(e.id, func(c *cidr) bool { return c.isPrefix == d.prefixDelegation })
		}
		return true
	})
}

// cleanOtherMode gives back the unused CIDRs of the kind that the node no
// longer uses, after prefix delegation was switched on or off.
func (d *Daemon) cleanOtherMode() {
	d.walkENIs(func(e *eni) bool {
		d.unassignUnused(e.id, func(c *cidr) bool { return c.isPrefix != d.prefixDelegation })
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

func isPrefix(c *cidr) bool { return c.isPrefix }

// unassignUnused gives an interface's unused CIDRs back to EC2, without the
// reconcile cooldown that a pool decrease sets.
func (d *Daemon) unassignUnused(id string, which func(*cidr) bool) {
	e := d.store.find(id)
	if e == nil {
		return
	}
	ips, prefixes := d.takeOut(e, e.freeable(which))
	d.deallocate(id, ips, prefixes)
	d.Changed()
}

func (d *Daemon) refreshPodRules() {
	for _, e := range d.store.enis {
		for _, c := range e.cidrs {
			for _, r := range c.records {
				if r.key != "" {
					d.host.Network.RefreshPodRule(r.address)
				}
			}
		}
	}
}

// applySecurityGroups sets the primary interface's groups on every managed
// one. A new process has seen none, so each start does it; failures are only
// logged.
func (d *Daemon) applySecurityGroups() {
	if d.customNetworking {
		return
	}
	groups := d.host.Metadata.SecurityGroups()
	if len(groups) == 0 {
		return
	}
	for _, e := range slices.Clone(d.store.enis) {
		_ = d.host.EC2.ModifySecurityGroups(e.id, groups)
	}
}

// prescale is the one pass of growth before the daemon serves. Only a failing
// assign fails it: a node whose new interface cannot be had becomes Ready all
// the same.
func (d *Daemon) prescale() error {
	if !d.targets().TooLow(d.stock()) {
		return nil
	}
	if err := d.increase(); err != nil {
		return fmt.Errorf("error while trying to increase datastore pool: %w", err)
	}
	if d.customNetworking && d.stock().Total == 0 {
		return errors.New("failed to attach any ENIs for custom networking")
	}
	return nil
}
