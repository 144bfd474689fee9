package sim

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"ipamsim/ec2model"
	"ipamsim/sim/cluster"
	"ipamsim/sim/hostnet"
	"ipamsim/sim/kubelet"
)

// AilmentKind is what can be wrong with the network of a node.
type AilmentKind string

// The kinds. The first five are of pods in service, from the end of their
// ADD until their containers end; the others of addresses without such a pod.
const (
	// WrongInterface: what the pod sends inside the VPC leaves by an
	// interface that does not have its address, and the VPC drops it.
	WrongInterface AilmentKind = "wrong-interface"
	// NoWayOut: what the pod sends out of the VPC carries the node's address,
	// leaves by another interface than that one's, and the VPC drops it.
	NoWayOut AilmentKind = "no-way-out"
	// LostAddress: no interface of the node has the pod's address any more.
	LostAddress AilmentKind = "lost-address"
	// Unrouted: what comes for the pod's address is not led to the pod,
	// because another pod has the address too, or had it.
	Unrouted AilmentKind = "unrouted"
	// MissingRule: nothing is lost yet, but the rule to the pod (512) is not
	// there: pods of the node whose interface is a secondary one and that have
	// their own rules do not reach it, nor it them.
	MissingRule AilmentKind = "missing-rule"
	// StaleRule: a rule to or from an address that no pod of the node has.
	StaleRule AilmentKind = "stale-rule"
	// LeakedAddress: ipamd has the address on a pod that has gone.
	LeakedAddress AilmentKind = "leaked-address"
)

// dropping says whether a pod that has it loses packets.
func (k AilmentKind) dropping() bool {
	return k == WrongInterface || k == NoWayOut || k == LostAddress || k == Unrouted
}

// ofWiring says whether it may come of a step of wiring that has failed.
func (k AilmentKind) ofWiring() bool {
	return k == WrongInterface || k == StaleRule || k == LeakedAddress
}

// Ailment is something that was wrong with a node's network. Times are in
// seconds from time 0.
type Ailment struct {
	Kind    AilmentKind `json:"kind"`
	Node    string      `json:"node"`
	Pod     string      `json:"pod,omitempty"`
	Address string      `json:"address"`
	Began   float64     `json:"began_seconds"`
	Ended   *float64    `json:"ended_seconds,omitempty"` // absent: it lasts
	Cause   string      `json:"cause"`                   // the event that began it
}

// ailment is one as the run keeps it. Times are kernel times.
type ailment struct {
	kind         AilmentKind
	node         string
	pod          string
	address      netip.Addr
	began, ended time.Duration // ended is cluster.Never while it lasts
	cause        string
	bites        bool // a stale rule that has caught somebody's packets
}

// maxAilments bounds what a run remembers; those beyond are counted only.
const maxAilments = 100_000

// egress is how a pod's packets leave the node towards the rest of the VPC.
type egress struct {
	path  hostnet.Path
	owner ec2model.Place // of their source address
	kept  bool           // the VPC lets them pass: the interface has their source address
}

// egress follows a packet from an address to the gateway of the node's
// subnet, which stands for everything in the VPC that is not on the node.
func (m *machine) egress(from netip.Addr) egress {
	return m.leaves(from, m.primary.SubnetCIDR.Masked().Addr().Next())
}

// outside stands for every address that is not of a VPC: it is one of those
// that documents may use as examples (RFC 5737).
var outside = netip.AddrFrom4([4]byte{198, 51, 100, 1})

// leaves follows a packet from an address to one that is not on the node.
func (m *machine) leaves(from, to netip.Addr) egress {
	e := egress{path: m.network.Route(from, to, nil)}
	owner, owned := m.world.account.PlaceOf(e.path.Source)
	e.owner = owner
	e.kept = e.path.Verdict == hostnet.ByInterface && owned && owner.Instance == m.node.Instance.ID && owner.Device == e.path.Device
	return e
}

// examine looks at the pods of an address after something about it has
// changed, or at all for the zero one. On a node where nothing is wrong that
// is one lookup per pod.
func (m *machine) examine(address netip.Addr) {
	m.discharge(address)
	m.network.PodsInService(address, func(p hostnet.Pod) {
		if kind, ill := m.diagnose(p); ill {
			m.falls(kind, p.Key, p.Address, p.Device)
		}
	})
	if address.IsValid() {
		if m.network.Orphaned(address) {
			m.falls(StaleRule, "", address, 0)
		}
		return
	}
	for _, a := range m.network.OrphanedAddresses() {
		m.falls(StaleRule, "", a, 0)
	}
}

// examineOwners is examine after EC2 has changed who owns the addresses: the
// node's rules and routes are what they were.
func (m *machine) examineOwners() {
	m.discharge(netip.Addr{})
	m.network.PodsInService(netip.Addr{}, func(p hostnet.Pod) {
		if owner, owned := m.world.account.PlaceOf(p.Address); owned && owner.Instance == m.node.Instance.ID && owner.Device == p.Device {
			return
		}
		if kind, ill := m.diagnose(p); ill {
			m.falls(kind, p.Key, p.Address, p.Device)
		}
	})
}

// discharge ends what is no longer wrong about an address, or about any for
// the zero one.
func (m *machine) discharge(address netip.Addr) {
	for i := len(m.ill) - 1; i >= 0; i-- {
		if a := m.ill[i]; (!address.IsValid() || a.address == address) && !m.has(a) {
			a.ended = m.world.kernel.Now()
			m.world.collector.recovered(a)
			m.ill = slices.Delete(m.ill, i, i+1)
		}
	}
	m.network.Calm = len(m.ill) == 0
}

// diagnose is about one pod.
func (m *machine) diagnose(p hostnet.Pod) (kind AilmentKind, ill bool) {
	owner, owned := m.world.account.PlaceOf(p.Address)
	switch {
	case !owned || owner.Instance != m.node.Instance.ID:
		return LostAddress, true
	case owner.Device == p.Device && m.network.Sound(p): // next to always, and much sooner known
		return "", false
	case !p.Routed: // which keeps its own packets on the node too
		return Unrouted, true
	case !m.egress(p.Address).kept:
		return WrongInterface, true
	case p.Device != 0 && !m.leaves(p.Address, outside).kept:
		return NoWayOut, true
	case !m.network.Ruled(p):
		return MissingRule, true
	}
	return "", false
}

// has says whether the machine still has an ailment.
func (m *machine) has(a *ailment) (has bool) {
	switch a.kind {
	case StaleRule:
		return m.network.Orphaned(a.address)
	case LeakedAddress:
		return true // the sampler ends it
	}
	m.network.PodsInService(a.address, func(p hostnet.Pod) {
		if kind, ill := m.diagnose(p); p.Key == a.pod && ill && kind == a.kind {
			has = true
		}
	})
	return has
}

// falls notes an ailment, unless it is known. device is that of the pod's
// interface.
func (m *machine) falls(kind AilmentKind, pod string, address netip.Addr, device int) {
	if slices.ContainsFunc(m.ill, func(a *ailment) bool { return a.kind == kind && a.pod == pod && a.address == address }) {
		return
	}
	a := &ailment{kind: kind, node: m.node.Name, pod: pod, address: address, began: m.world.kernel.Now(), ended: cluster.Never, cause: m.cause(kind, address, device)}
	m.ill = append(m.ill, a)
	m.watch()
	m.network.Calm = false
	m.world.collector.fellIll(a)
	m.world.fingerprint.AddString(string(kind) + pod)
	m.world.fingerprint.Add(uint64(a.began), uint64(addressWord(address)))
}

// during runs what changes the node's network under a name, the cause of what
// comes of it.
func (m *machine) during(what string, do func()) {
	before := m.doing
	m.doing = what
	do()
	m.doing = before
}

// The causes that are not, or not always, events of the moment.
const (
	starting = "the start of ipamd"
	// givenBack: it may be long ago that ipamd asked for it.
	givenBack = "ipamd's return of an address that was on a pod"
	// neverSetUp: in v1.23.1 ipamd enters a new interface, asks EC2 about its
	// subnet, and when that fails leaves it as it is; a later reconcile adds
	// the addresses all the same (ipamd.go: setupENI; mended in v1.23.2).
	neverSetUp = "an interface that ipamd has in its book and never set up, because DescribeSubnets failed"
	notOurs    = "an address that ipamd has in its book and EC2 has not given to the node"
	givenTwice = "an address that ipamd had forgotten and gave to another pod"
	forgotten  = "a DEL of a pod that ipamd no longer knew: then the plugin tears nothing down"
	missedDEL  = "a DEL that ipamd did not hear"
	tableLost  = "the loss of an interface's table (flush-table)"
	leftBehind = "a rule that an earlier pod with the address has left behind"
	unmarked   = "a rule for marked packets (1024) that was lost before: only a start of ipamd writes it"
	thePlugin  = "the CNI plugin"
)

// cause is the event that is under way, or what befell the address before.
func (m *machine) cause(kind AilmentKind, address netip.Addr, device int) string {
	what, struck := m.struck[address]
	switch {
	case struck && kind.ofWiring() && (m.doing == "" || m.doing == starting): // others' doings have nothing to do with it
		return what
	case kind == WrongInterface && m.misled(address, device):
		return leftBehind
	case m.doing != "":
		return m.doing
	case kind == LeakedAddress:
		return missedDEL
	case kind == LostAddress:
		return notOurs
	case kind == Unrouted:
		return givenTwice
	case kind == NoWayOut:
		return unmarked
	case kind == StaleRule:
		return forgotten
	case kind == WrongInterface && !slices.Contains(m.network.Devices(), device):
		return neverSetUp
	case kind == WrongInterface && len(m.network.Routes(hostnet.Table(device))) == 0:
		return tableLost
	}
	return thePlugin
}

// misled says whether a rule leads what a pod sends to the table of another
// secondary interface than its own.
func (m *machine) misled(address netip.Addr, device int) bool {
	table := m.egress(address).path.Table
	return table != hostnet.Table(device) && table != hostnet.TableMain
}

// leaks compares the daemon's book with the runtime's, and notes addresses
// that are on pods which have gone, once they have been so at two looks.
// assigned is the number of addresses that the daemon has on pods.
func (m *machine) leaks(assigned int) {
	var leaked []netip.Addr
	if m.agent != nil && m.agent.Serving() && assigned != m.kubelet.Holding() {
		leaked = m.leakedAddresses()
	}
	for i := len(m.ill) - 1; i >= 0; i-- {
		if a := m.ill[i]; a.kind == LeakedAddress && !slices.Contains(leaked, a.address) && m.agent.Serving() {
			a.ended = m.world.kernel.Now()
			m.world.collector.recovered(a)
			m.ill = slices.Delete(m.ill, i, i+1)
		}
	}
	m.network.Calm = len(m.ill) == 0
	for _, a := range leaked {
		if slices.Contains(m.suspects, a) {
			m.falls(LeakedAddress, "", a, 0)
		}
	}
	m.suspects = leaked
}

// leakedAddresses are those that the daemon has on pods which hold none. One
// with a veth is on a pod, or was until a moment ago.
func (m *machine) leakedAddresses() (list []netip.Addr) {
	m.ipamd.Assigned(func(address netip.Addr) {
		if !m.network.HasAddress(address) && !m.holds(address) {
			list = append(list, address)
		}
	})
	return list
}

// holds says whether some pod of the node holds an address.
func (m *machine) holds(address netip.Addr) bool {
	return slices.ContainsFunc(m.node.Pods(), func(p *cluster.Pod) bool {
		guest, ok := p.Guest.(*kubelet.Pod)
		return ok && guest.Holds() && guest.Address == address
	})
}

// discharged ends what was wrong with a node that goes.
func (m *machine) discharged() {
	for _, a := range m.ill {
		a.ended = m.world.kernel.Now()
		m.world.collector.recovered(a)
	}
	m.ill = nil
}

// strike notes that a step was refused, or its process killed.
func (m *machine) strike(step hostnet.Step, address netip.Addr, err error) {
	if m.struck == nil {
		m.struck = map[netip.Addr]string{}
	}
	how := "which was refused by the kernel"
	if err == hostnet.ErrKilled {
		how = "which was not reached because the plugin was killed"
	}
	m.struck[address] = fmt.Sprintf("the step %v, %s", step, how)
}
