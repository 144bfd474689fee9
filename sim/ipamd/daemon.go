package ipamd

import (
	"fmt"
	"net/netip"
	"time"
)

// never is a time so long ago that every interval since then is over.
const never = time.Duration(-1 << 62)

// Daemon is one process of ipamd. A restart is a new Daemon on the same Host.
type Daemon struct {
	config
	settings Settings
	host     Host
	identity Identity
	maxPods  int
	store    *store
	wanted   map[string]string // tags that every interface of ours carries

	unmanaged         map[string]bool                // interfaces that are left alone
	unmanagedAttached int                            // of those, attached at the last look
	refused           map[netip.Prefix]time.Duration // given back to EC2: not re-entered by a reconcile before that time

	lastAction       time.Duration // of the pool, as the reconcile gate sees it
	lastDecrease     time.Duration
	lastInsufficient time.Duration // EC2 had no room for a new interface

	parked bool

	metrics metrics

	lastFailure string // code of the last call that was to grow the pool and failed, until one succeeds
}

// New returns a daemon that has done nothing yet. env is the process's
// environment: what is absent is unset, so the binary's defaults hold and not
// those of the shipped manifest.
func New(env map[string]string, settings Settings, host Host) *Daemon {
	d := &Daemon{
		config: environment(env).config(settings), settings: settings, host: host,
		unmanaged: map[string]bool{}, refused: map[netip.Prefix]time.Duration{},
		lastAction: never, lastDecrease: never, lastInsufficient: never,
	}
	d.store = newStore(&d.config, settings.Policies)
	d.host.EC2 = &counting{host.EC2, d}
	return d
}

// AddReply is what a successful AddNetwork returns to the CNI plugin.
type AddReply struct {
	Address     netip.Addr
	ENI         string
	DeviceIndex int
}

// ErrNoAddress is AddNetwork's failure when the pool has nothing to give. It
// is immediate: nothing queues inside ipamd.
var ErrNoAddress = fmt.Errorf("no available IP/Prefix addresses")

// ErrUnknownSandbox is DelNetwork's failure for a sandbox without an address.
var ErrUnknownSandbox = fmt.Errorf("unknown pod")

// AddNetwork gives a sandbox of a pod an address. When metadata does not
// answer it fails after that, and the address stays the sandbox's until its
// DEL.
func (d *Daemon) AddNetwork(key SandboxKey, pod string) (AddReply, error) {
	now := d.now()
	d.metrics.adds++
	known := false
	if d.logs() {
		d.logAdd(key, pod)
		known = d.store.byKey[key] != nil
	}
	r := d.store.assign(key, pod, now, d.host.Picker)
	if r == nil {
		d.metrics.noAddress++
		if d.logs() {
			d.logNoAddress()
		}
		return AddReply{}, ErrNoAddress
	}
	if d.logs() {
		d.logAssigned(r, known)
	}
	if d.settings.Policies.CooldownSurvivesRestart {
		d.host.Checkpoint.Remove(coolingKey(r.address))
	}
	d.host.Checkpoint.Put(Allocation{Key: key, Pod: pod, Address: r.address, At: r.assignedAt})
	d.Changed()
	if _, err := d.host.Metadata.VPCCIDRs(); err != nil {
		return AddReply{}, err
	}
	return AddReply{Address: r.address, ENI: r.cidr.eni.id, DeviceIndex: r.cidr.eni.device}, nil
}

// DelNetwork takes a sandbox's address back; the address then cools down.
func (d *Daemon) DelNetwork(key SandboxKey, reason DelReason) (AddReply, error) {
	d.metrics.dels[reason]++
	if d.logs() {
		d.logDel(key, reason)
	}
	r := d.store.unassign(key, d.now())
	if r == nil {
		if d.logs() {
			d.logUnknownSandbox(key)
		}
		return AddReply{}, ErrUnknownSandbox
	}
	if d.logs() {
		d.logUnassigned(key, r)
	}
	d.forget(key, r)
	e := r.cidr.eni
	if e.excluded && r.cidr.assigned == 0 {
		log2(d, lineEmptyCIDR, r.cidr.block, e.id)
		d.host.Spawn("excluded-cidr", func() { d.dropExcludedCIDR(e.id, r.cidr.block) })
	}
	log1(d, lineDelCount, 1)
	if !d.prefixDelegation && r.cidr.isPrefix {
		d.log(lineDelPrefix)
		d.host.Spawn("unused-prefixes", func() { d.unassignUnused(e.id, true, unusedPDAfterDel) })
	}
	if d.logs() {
		d.logDeleted(r)
	}
	d.Changed()
	return AddReply{Address: r.address, ENI: e.id, DeviceIndex: e.device}, nil
}

func (d *Daemon) forget(key SandboxKey, r *record) {
	d.host.Checkpoint.Remove(key)
	if d.settings.Policies.CooldownSurvivesRestart {
		d.host.Checkpoint.Put(Allocation{Key: coolingKey(r.address), Address: r.address, Freed: r.freedAt, Cooling: true})
	}
}

// coolingKey names an address's cooldown in the checkpoint: there is at most
// one, whatever sandboxes have had the address.
func coolingKey(a netip.Addr) SandboxKey { return SandboxKey("cooling/" + a.String()) }

// dropExcludedCIDR takes an emptied CIDR of an excluded interface out of the
// store after 5 s, without a call to EC2; a reconcile brings it back.
func (d *Daemon) dropExcludedCIDR(eni string, block netip.Prefix) {
	d.sleep(excludedCIDRDelay)
	e := d.store.find(eni)
	if e == nil || !e.excluded {
		return
	}
	if i, known := e.search(block); !known || e.cidrs[i].assigned > 0 {
		return
	}
	log2(d, lineDropCIDR, block, eni)
	before := d.store.running
	d.store.removeCIDR(e, block, false)
	d.store.running = before // the real daemon leaves its counters as they are
	log2(d, lineDroppedCIDR, block, eni)
	d.Changed()
}

// Changed tells the daemon that something it looks at has changed: its host
// calls it when instance metadata or the node object did. It only matters to
// a daemon that may park.
func (d *Daemon) Changed() {
	if d.parked {
		d.host.Clock.(Parker).Unpark()
	}
}

func (d *Daemon) now() time.Duration                  { return d.host.Clock.Now() }
func (d *Daemon) since(t time.Duration) time.Duration { return d.now() - t }
func (d *Daemon) sleep(t time.Duration)               { d.host.Clock.Sleep(t) }

func (d *Daemon) targets() Targets {
	return Targets{
		WarmENI: d.warmENITarget, WarmIP: d.warmIPTarget, MinimumIP: d.minimumIPTarget, WarmPrefix: d.warmPrefixTarget,
		PrefixDelegation: d.prefixDelegation, MaxIPsPerENI: d.maxIPsPerENI, MaxPods: d.maxPods,
	}
}

// stock is what the decisions are made on.
func (d *Daemon) stock() Stock {
	s := d.store.stock(d.now())
	if d.settings.Policies.CooldownCountsAsUsed {
		s.Assigned += s.Cooling
	}
	return s
}

// Stats describe a daemon's pool.
type Stats struct {
	Stock
	ENIs []ENIStats // by ID
}

// ENIStats describe one interface.
type ENIStats struct {
	ID       string
	SubnetID string
	Total    int // addresses for pods, of both kinds
	Assigned int
	Cooling  int
}

// Stats is the pool as it is now.
func (d *Daemon) Stats() Stats {
	now := d.now()
	s := Stats{Stock: d.store.stock(now), ENIs: make([]ENIStats, 0, len(d.store.enis))}
	d.Holdings(func(e ENIStats) { s.ENIs = append(s.ENIs, e) })
	return s
}

// Holdings visits the interfaces by ID.
func (d *Daemon) Holdings(visit func(ENIStats)) {
	now := d.now()
	for _, e := range d.store.enis {
		es := ENIStats{ID: e.id, SubnetID: e.subnetID, Total: e.total[0] + e.total[1], Assigned: e.assigned[0] + e.assigned[1]}
		es.Cooling = e.cooling(now, d.cooldown, nil)
		visit(es)
	}
}

// LeakedCleanup says whether the hourly job runs.
func (d *Daemon) LeakedCleanup() bool { return d.leakedCleanup }

// Assigned visits the addresses that are on pods.
func (d *Daemon) Assigned(visit func(netip.Addr)) {
	d.store.eachAssigned(func(r *record) { visit(r.address) })
}

// Allocations lists the addresses that are on pods.
func (d *Daemon) Allocations() []Allocation {
	var list []Allocation
	d.store.eachAssigned(func(r *record) {
		list = append(list, Allocation{Key: r.key, Pod: r.pod, Address: r.address, At: r.assignedAt})
	})
	return list
}
