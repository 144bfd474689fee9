package ipamd

import (
	"errors"
	"net/netip"
	"time"
)

// Book is a daemon's book of interfaces, CIDRs and addresses without the
// daemon's loops. It exists for conformance tests: they put it beside the real
// datastore, do the same to both, one operation at a time, and compare. Each
// operation is the daemon's own.
type Book struct{ daemon *Daemon }

// Failures of a Book's operations, besides ErrNoAddress and ErrUnknownSandbox.
var (
	ErrDuplicateENI = errors.New("duplicate ENI")
	ErrUnknownENI   = errors.New("unknown ENI")
	ErrENIInUse     = errors.New("ENI has pods")
	ErrKnownCIDR    = errors.New("CIDR is already there")
	ErrUnknownCIDR  = errors.New("unknown CIDR")
	ErrCIDRInUse    = errors.New("CIDR has pods")
)

// NewBook returns an empty book. Of env, a daemon's environment, the mode and
// the cooldown count; of the host, Clock, Checkpoint, Picker and Spawn.
func NewBook(env map[string]string, host Host) *Book {
	spawn := host.Spawn
	host.Spawn = func(name string, fn func()) {
		if name == "excluded-cidr" { // the rest is the RPC handler's, not the datastore's
			spawn(name, fn)
		}
	}
	return &Book{New(ParseEnvironment(env, Settings{Nitro: true}), host)}
}

// AddENI enters an interface without addresses.
func (b *Book) AddENI(id string, device int, primary bool) error {
	e := &eni{id: id, device: int32(device), primary: primary, addedAt: b.daemon.now()}
	if b.daemon.store.addENI(e) != e {
		return ErrDuplicateENI
	}
	return nil
}

// RemoveENI takes an interface out; forced, it may have pods.
func (b *Book) RemoveENI(id string, forced bool) error {
	if b.daemon.store.find(id) == nil {
		return ErrUnknownENI
	}
	b.daemon.store.removeENI(id, forced)
	if b.daemon.store.find(id) != nil {
		return ErrENIInUse
	}
	return nil
}

// Exclude marks an interface as one whose subnet is tagged away from pods.
func (b *Book) Exclude(id string, on bool) error {
	e := b.daemon.store.find(id)
	if e == nil {
		return ErrUnknownENI
	}
	e.excluded = on
	return nil
}

// AddCIDR enters a secondary address (/32) or a prefix (/28) on an interface.
func (b *Book) AddCIDR(id string, cidr netip.Prefix) error {
	e := b.daemon.store.find(id)
	if e == nil {
		return ErrUnknownENI
	}
	if !b.daemon.store.addCIDR(e, blockOf(cidr)) {
		return ErrKnownCIDR
	}
	return nil
}

// RemoveCIDR takes a CIDR out; forced, it may have pods.
func (b *Book) RemoveCIDR(id string, cidr netip.Prefix, forced bool) error {
	e := b.daemon.store.find(id)
	if e == nil {
		return ErrUnknownENI
	}
	if _, known := e.search(blockOf(cidr)); !known {
		return ErrUnknownCIDR
	}
	if _, ok := b.daemon.store.removeCIDR(e, blockOf(cidr), forced); !ok {
		return ErrCIDRInUse
	}
	return nil
}

// Assign gives a sandbox an address, as the picker has it.
func (b *Book) Assign(key SandboxKey) (AddReply, error) { return b.daemon.AddNetwork(key, "") }

// Unassign takes it back.
func (b *Book) Unassign(key SandboxKey) (AddReply, error) {
	return b.daemon.DelNetwork(key, PodDeleted)
}

// Recover enters the checkpoint's allocations; the interfaces and their CIDRs
// are there by then.
func (b *Book) Recover() error { return b.daemon.recover() }

// RemoveUnused takes one deletable interface out, as the picker has it, and
// returns its ID, or "" when there is none.
func (b *Book) RemoveUnused(t Targets) string {
	e := b.with(t).deletable()
	if e == nil {
		return ""
	}
	b.daemon.store.removeENI(e.id, false)
	return e.id
}

// Deletable lists the interfaces that RemoveUnused chooses from, by ID.
func (b *Book) Deletable(t Targets) []string {
	d := b.with(t)
	return b.list(d.canDelete)
}

// with is the daemon under other IP and prefix targets.
func (b *Book) with(t Targets) *Daemon {
	c := *b.daemon.Config
	c.WarmIPTarget, c.MinimumIPTarget, c.WarmPrefixTarget = t.WarmIP, t.MinimumIP, t.WarmPrefix
	d := *b.daemon
	d.Config = &c
	return &d
}

// Allocatable lists the interfaces that take more CIDRs when each has so many
// slots, by ID. Under custom networking the primary one is none of them.
func (b *Book) Allocatable(slots int, customNetworking bool) []string {
	c := *b.daemon.Config
	c.MaxIPsPerENI, c.MaxPrefixes, c.CustomNetworking = slots, slots, customNetworking
	d := *b.daemon
	d.Config = &c
	var list []string
	for _, e := range d.allocatable() {
		list = append(list, e.id)
	}
	return list
}

// EmptyENI says whether a secondary interface has no pods.
func (b *Book) EmptyENI() bool { return b.daemon.emptyENI() }

// Stats are what the targets are compared with.
func (b *Book) Stats() Stats { return b.daemon.Stats() }

// Checkpoint is what the file of a daemon with the book says.
func (b *Book) Checkpoint() []Allocation { return b.daemon.Checkpoint() }

// ENIs lists the interfaces by ID.
func (b *Book) ENIs() []string { return b.list(func(*eni) bool { return true }) }

// CIDRs lists an interface's addresses, then its prefixes.
func (b *Book) CIDRs(id string) []netip.Prefix {
	e := b.daemon.store.find(id)
	return cidrs(append(e.blocks(single), e.blocks(prefix)...))
}

// Freeable lists an interface's CIDRs that could be given back, by address.
func (b *Book) Freeable(id string) []netip.Prefix {
	return cidrs(b.daemon.store.find(id).freeable(ofAnyKind))
}

func cidrs(blocks []block) (list []netip.Prefix) {
	for _, b := range blocks {
		list = append(list, b.cidr())
	}
	return list
}

// Record is an address that is or was on a pod and is not yet forgotten.
type Record struct {
	ENI        string
	Block      netip.Prefix
	Address    netip.Addr
	Key        SandboxKey    // "" when it is on none
	AssignedAt time.Duration // the last time it was assigned
	Freed      bool          // FreedAt is set
	FreedAt    time.Duration
}

// Records lists the book's records by interface, CIDR and address.
func (b *Book) Records() []Record {
	var list []Record
	for _, e := range b.daemon.store.enis {
		for _, c := range e.cidrs {
			from, to := e.span(c.block)
			for _, r := range e.records[from:to] {
				list = append(list, Record{e.id, c.cidr(), r.address.addr(), r.key, r.assignedAt, r.freed, r.freedAt})
			}
		}
	}
	return list
}

func (b *Book) list(keep func(*eni) bool) []string {
	var ids []string
	for _, e := range b.daemon.store.enis {
		if keep(e) {
			ids = append(ids, e.id)
		}
	}
	return ids
}
