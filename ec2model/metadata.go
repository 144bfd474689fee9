package ec2model

import (
	"slices"
	"time"
)

// view is what an instance's metadata shows of one interface.
type view struct {
	eni     *eni
	held    *holding
	device  int16
	card    int8
	primary bool
	shown   bool // false: metadata does not list it
}

// arrival is a view that will show.
type arrival struct {
	at time.Duration
	view
}

// frozen is metadata that keeps its picture, whatever happens.
type frozen struct {
	times   int // that it was frozen and not thawed
	picture []view
}

// show puts the interface's present state on its way into the metadata of an
// instance. Changes of one interface arrive in order.
func (a *Account) show(e *eni, i *instance, lag time.Duration) {
	now := a.clock.Now()
	i.arrive(now) // so that what nobody reads does not pile up
	if a.lagSlowdown != nil {
		lag = a.lagSlowdown(i.id, lag)
	}
	e.visibleAt = max(e.visibleAt, now+lag)
	v := view{eni: e, held: e.held, shown: e.instance() == i}
	if v.shown {
		v.device, v.card, v.primary = e.at.device, e.at.card, i.isPrimary(e)
	}
	place := len(i.coming)
	for place > 0 && i.coming[place-1].at > e.visibleAt {
		place--
	}
	i.coming = slices.Insert(i.coming, place, arrival{e.visibleAt, v})
}

func (i *instance) isPrimary(e *eni) bool {
	return e.at.device == 0 && int(e.at.card) == i.kind.DefaultCard
}

// primary is the interface that the instance was launched with: it cannot be
// detached.
func (i *instance) primary() *eni { return i.device(0, i.kind.DefaultCard) }

// Identity is what an instance's metadata says of the instance itself, which
// never changes.
type Identity struct {
	InstanceID       string
	InstanceType     string
	AvailabilityZone string
	VPCID            string
	PrimaryENI       string
	SubnetID         string // of the primary interface
}

// Identity is an instance's. ok is false for an unknown one.
func (a *Account) Identity(instanceID string) (identity Identity, ok bool) {
	i := a.instance(instanceID)
	if i == nil {
		return Identity{}, false
	}
	return Identity{
		InstanceID: i.id, InstanceType: i.kind.name, AvailabilityZone: i.subnet.az, VPCID: a.vpcID,
		PrimaryENI: i.primary().id(), SubnetID: i.subnet.id,
	}, true
}

// Metadata is what instance metadata lists about an instance's interfaces at
// this moment, in the order of their creation. It lags behind: a change at T
// shows from T plus its lag on, inclusive. It is empty for an unknown
// instance. The answer is the account's and holds until the next call: copy
// what you keep, the addresses too.
func (a *Account) Metadata(instanceID string) []InterfaceMetadata {
	i := a.instance(instanceID)
	if i == nil {
		return nil
	}
	views := i.present(a.clock.Now())
	if i.frozen != nil {
		views = i.frozen.picture
	}
	a.listing = slices.Grow(a.listing[:0], len(views))[:len(views)]
	for k := range views {
		views[k].describe(&a.listing[k])
	}
	return a.listing
}

// describe writes a view over an entry, whose lists it uses again.
func (v *view) describe(m *InterfaceMetadata) {
	e, s := v.eni, v.eni.subnet
	*m = InterfaceMetadata{
		ID: e.id(), MAC: e.mac(), DeviceIndex: int(v.device), NetworkCard: int(v.card), Primary: v.primary, SubnetID: s.id, SubnetCIDR: s.cidr,
		PrivateIPs: m.PrivateIPs[:0], IPv4Prefixes: s.appendBlocks(m.IPv4Prefixes[:0], v.held.prefixes()),
	}
	if e.addressed() {
		m.PrivateIPs = s.appendAddrs(append(m.PrivateIPs, s.addr(int(e.primary))), v.held.addresses())
	}
}

// MetadataSettled says that no change is on its way into an instance's
// metadata: Metadata keeps its answer until the next change in EC2.
func (a *Account) MetadataSettled(instanceID string) bool {
	i := a.instance(instanceID)
	if i == nil {
		return true
	}
	i.arrive(a.clock.Now())
	return len(i.coming) == 0 || i.frozen != nil
}

// SettleMetadata makes all changes of an instance show at once, for what
// happened before the run.
func (a *Account) SettleMetadata(instanceID string) {
	if i := a.instance(instanceID); i != nil {
		a.settle(i)
	}
}

func (a *Account) settle(i *instance) {
	now := a.clock.Now()
	for k := range i.coming {
		i.coming[k].at, i.coming[k].eni.visibleAt = now, now
	}
	i.arrive(now)
}

// present is what metadata shows unless it is frozen.
func (i *instance) present(now time.Duration) []view {
	i.arrive(now)
	return i.views
}

// arrive shows the changes that are due.
func (i *instance) arrive(now time.Duration) {
	due := 0
	for due < len(i.coming) && i.coming[due].at <= now {
		i.turn(i.coming[due].view)
		due++
	}
	if i.coming = slices.Delete(i.coming, 0, due); len(i.coming) == 0 {
		i.coming = nil // a fleet at rest keeps none
	}
}

// turn makes metadata show a view in place of the interface's last one.
func (i *instance) turn(v view) {
	place, found := slices.BinarySearchFunc(i.views, v.eni.number, func(v view, n holder) int { return int(v.eni.number - n) })
	switch {
	case found && v.shown:
		i.views[place] = v
	case found:
		i.views = slices.Delete(i.views, place, place+1)
	case v.shown:
		i.views = slices.Insert(i.views, place, v)
	}
}
