package ec2model

import (
	"math"
	"net/netip"
	"slices"
	"time"
)

// noChange is later than any run.
const noChange = time.Duration(math.MaxInt64)

// view is what an instance's metadata shows of one interface, now and once
// the changes that are on their way have arrived.
type view struct {
	eni     *eni
	shown   snapshot
	waiting []snapshot // in the order of their times
}

// snapshot is one state of an interface on an instance.
type snapshot struct {
	from        time.Duration // when it shows
	attached    bool
	device      int
	primary     bool
	secondaries []netip.Addr
	prefixes    []netip.Prefix
}

// show puts the interface's present state on its way into the metadata of an
// instance. Changes of one interface arrive in order.
func (a *Account) show(e *eni, i *instance, lag time.Duration) {
	i.arrive(a.clock.Now()) // so that what nobody reads does not pile up
	e.visibleAt = max(e.visibleAt, a.clock.Now()+lag)
	s := snapshot{from: e.visibleAt, attached: e.at != nil && e.at.instance == i, secondaries: e.secondaries, prefixes: e.prefixes}
	if s.attached {
		s.device, s.primary = e.at.device, i.isPrimary(e)
	}
	at, found := slices.BinarySearchFunc(i.views, e.number, func(v view, n holder) int { return int(v.eni.number - n) })
	if !found {
		i.views = slices.Insert(i.views, at, view{eni: e})
	}
	i.views[at].waiting = append(i.views[at].waiting, s)
	i.nextView = min(i.nextView, s.from)
}

func (i *instance) isPrimary(e *eni) bool {
	return e.at.device == 0 && e.at.card == i.limits.DefaultCard
}

// Metadata is what instance metadata lists about an instance's interfaces at
// this moment, in the order of their creation. It lags behind: a change at T
// shows from T plus its lag on, inclusive. It is empty for an unknown
// instance. The slice is shared until the next change; do not modify it.
func (a *Account) Metadata(instanceID string) []InterfaceMetadata {
	i, ok := a.instanceByID[instanceID]
	if !ok {
		return nil
	}
	if i.frozen > 0 {
		return i.picture
	}
	return a.presentMetadata(i)
}

func (a *Account) presentMetadata(i *instance) []InterfaceMetadata {
	i.arrive(a.clock.Now())
	if !i.listed {
		i.list()
	}
	return i.listing
}

// MetadataSettled says that no change is on its way into an instance's
// metadata: Metadata keeps its answer until the next change in EC2.
func (a *Account) MetadataSettled(instanceID string) bool {
	i, ok := a.instanceByID[instanceID]
	return !ok || i.arrive(a.clock.Now()) || i.frozen > 0
}

// SettleMetadata makes all changes of an instance show at once, for what
// happened before the run.
func (a *Account) SettleMetadata(instanceID string) {
	if i, ok := a.instanceByID[instanceID]; ok {
		a.settle(i)
	}
}

func (a *Account) settle(i *instance) {
	now := a.clock.Now()
	for k := range i.views {
		v := &i.views[k]
		v.eni.visibleAt = now
		for w := range v.waiting {
			v.waiting[w].from = min(v.waiting[w].from, now)
		}
	}
	i.nextView = now
	i.arrive(now)
}

// arrive shows the changes that are due and says whether none is left.
func (i *instance) arrive(now time.Duration) (settled bool) {
	if now < i.nextView {
		return i.nextView == noChange
	}
	i.nextView = noChange
	for k := range i.views {
		v := &i.views[k]
		due := 0
		for due < len(v.waiting) && v.waiting[due].from <= now {
			due++
		}
		if due > 0 {
			v.shown = v.waiting[due-1]
			v.waiting = append(v.waiting[:0], v.waiting[due:]...)
			i.listed = false
		}
		if len(v.waiting) > 0 {
			i.nextView = min(i.nextView, v.waiting[0].from)
		}
	}
	i.views = slices.DeleteFunc(i.views, func(v view) bool { return !v.shown.attached && len(v.waiting) == 0 })
	return i.nextView == noChange
}

func (i *instance) list() {
	listing := make([]InterfaceMetadata, 0, len(i.views))
	for k := range i.views {
		v := &i.views[k]
		if !v.shown.attached {
			continue
		}
		ips := make([]netip.Addr, 0, 1+len(v.shown.secondaries))
		listing = append(listing, InterfaceMetadata{
			ID:           v.eni.id,
			MAC:          v.eni.mac,
			DeviceIndex:  v.shown.device,
			Primary:      v.shown.primary,
			SubnetID:     v.eni.subnet.id,
			SubnetCIDR:   v.eni.subnet.cidr,
			PrivateIPs:   append(append(ips, v.eni.primary), v.shown.secondaries...),
			IPv4Prefixes: v.shown.prefixes,
		})
	}
	i.listing, i.listed = listing, true
}
