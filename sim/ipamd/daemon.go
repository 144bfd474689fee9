package ipamd

import (
	"fmt"
	"math"
	"net/netip"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// never is a time so long ago that every interval since then is over.
const never = time.Duration(-1 << 62)

// Daemon is one process of ipamd. A restart is a new Daemon on the same Host.
type Daemon struct {
	*Config
	host     Host
	counting counting
	identity Identity
	groups   []string // security groups of the primary interface
	maxPods  int
	store    store

	unmanaged         []string                              // interfaces that are left alone
	unmanagedAttached int                                   // interfaces that take a slot and are left alone, attached at the last look
	adapters          map[string]types.NetworkInterfaceType // Elastic Fabric Adapters by ID; nil without any, and with IMDSOnly
	refused           byBlock[time.Duration]                // given back to EC2: not re-entered by a reconcile before that time

	lastAction       time.Duration // of the pool, as the reconcile gate sees it
	lastDecrease     time.Duration
	lastInsufficient time.Duration // EC2 had no room for a new interface

	loop loop

	metrics metrics

	lastFailure string // code of the last call that was to grow the pool and failed, until one succeeds
	noSubnet    bool   // likewise, for want of a subnet that it may use
	inVain      bool   // waits for an interface that it has deleted again
}

// New returns a daemon that has done nothing yet. It only reads its
// configuration, so that daemons may share one.
func New(c *Config, host Host) *Daemon {
	d := &Daemon{
		Config: c, host: host, store: store{config: c, changed: host.PoolChanged},
		lastAction: never, lastDecrease: never, lastInsufficient: never,
	}
	d.counting = counting{host.EC2, d}
	d.host.EC2 = &d.counting
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
		_, known = d.store.lease(key)
	}
	l, ok := d.store.assign(key, pod, now, d.host.Picker)
	if !ok {
		d.metrics.noAddress++
		if d.logs() {
			d.logNoAddress()
		}
		return AddReply{}, ErrNoAddress
	}
	if d.logs() {
		d.logAssigned(l, known)
	}
	d.reconsider()
	if _, err := d.host.Metadata.VPCCIDRs(); err != nil {
		return AddReply{}, err
	}
	return l.reply(), nil
}

// DelNetwork takes a sandbox's address back; the address then cools down.
func (d *Daemon) DelNetwork(key SandboxKey, reason DelReason) (AddReply, error) {
	d.metrics.dels[reason]++
	if d.logs() {
		d.logDel(key, reason)
	}
	l, known := d.store.unassign(key, d.now())
	if !known {
		if d.logs() {
			d.logUnknownSandbox(key)
		}
		return AddReply{}, ErrUnknownSandbox
	}
	if d.logs() {
		d.logUnassigned(key, l)
	}
	id, b := l.eni.id, l.block
	if l.eni.excluded && l.eni.holder(l.address).assigned == 0 {
		log2(d, lineEmptyCIDR, b, id)
		d.host.Spawn("excluded-cidr", func() { d.dropExcludedCIDR(id, b) })
	}
	log1(d, lineDelCount, 1)
	if !d.PrefixDelegation && b.kind == prefix {
		d.log(lineDelPrefix)
		d.host.Spawn("unused-prefixes", func() { d.unassignUnused(id, prefix, afterDel) })
	}
	if d.logs() {
		d.logDeleted(l)
	}
	d.reconsider()
	return l.reply(), nil
}

func (l lease) reply() AddReply {
	return AddReply{Address: l.address.addr(), ENI: l.eni.id, DeviceIndex: int(l.eni.device)}
}

// dropExcludedCIDR takes an emptied CIDR of an excluded interface out of the
// store after 5 s, without a call to EC2; a reconcile brings it back.
func (d *Daemon) dropExcludedCIDR(eni string, b block) {
	d.sleep(SettlePause, excludedCIDRDelay)
	e := d.store.find(eni)
	if e == nil || !e.excluded {
		return
	}
	if i, known := e.search(b); !known || e.cidrs[i].assigned > 0 {
		return
	}
	log2(d, lineDropCIDR, b, eni)
	d.catchUp()
	before := d.store.running
	d.store.removeCIDR(e, b, false)
	d.store.running = before // the real daemon leaves its counters as they are
	log2(d, lineDroppedCIDR, b, eni)
	d.Changed()
}

func (d *Daemon) now() time.Duration                  { return d.host.Clock.Now() }
func (d *Daemon) since(t time.Duration) time.Duration { return d.now() - t }

// sleep is a pause of the daemon's own.
func (d *Daemon) sleep(why Pause, t time.Duration) {
	if d.host.Pausing != nil {
		d.host.Pausing(why, t)
	}
	d.host.Clock.Sleep(t)
}

func (d *Daemon) targets() Targets {
	maxPods := d.maxPods
	if d.release.ignoresMaxPods {
		maxPods = math.MaxInt
	}
	return Targets{
		WarmENI: d.WarmENITarget, WarmIP: d.WarmIPTarget, MinimumIP: d.MinimumIPTarget, WarmPrefix: d.WarmPrefixTarget,
		PrefixDelegation: d.PrefixDelegation, MaxIPsPerENI: d.MaxIPsPerENI, MaxPods: maxPods,
	}
}

// compared is what the targets are compared with.
func (d *Daemon) compared() Stats {
	s := d.Stats()
	if d.Policies.CooldownCountsAsUsed {
		s.Assigned += s.Cooling
	}
	return s
}

// Stats are the numbers of the pool as it is now.
func (d *Daemon) Stats() Stats { return d.store.stats(d.now()) }

// ENIStats describe one interface.
type ENIStats struct {
	ID       string
	SubnetID string
	Total    int // addresses for pods, of both kinds
	Assigned int
	Cooling  int
}

// ENIs visits the interfaces by ID, until yield returns false. It may be
// ranged over.
func (d *Daemon) ENIs(yield func(ENIStats) bool) {
	d.store.expire(d.now())
	for _, e := range d.store.enis {
		if !yield(ENIStats{
			ID: e.id, SubnetID: e.subnetID, Total: int(e.counts[single].total + e.counts[prefix].total), Assigned: e.pods(), Cooling: e.cooling(),
		}) {
			return
		}
	}
}

// Assigned visits the addresses that are on pods.
func (d *Daemon) Assigned(visit func(netip.Addr)) {
	for _, e := range d.store.enis {
		for i := range e.records {
			if r := &e.records[i]; r.key != "" {
				visit(r.address.addr())
			}
		}
	}
}

// Allocations lists the addresses that are on pods.
func (d *Daemon) Allocations() []Allocation {
	var list []Allocation
	for l := range d.store.leases {
		list = append(list, Allocation{Key: l.key, Pod: l.pod, Address: l.address.addr(), At: l.assignedAt})
	}
	return list
}
