package machine

import (
	"net/netip"
	"slices"
	"time"

	"ipamsim/ec2model"
	"ipamsim/sim/cluster"
	"ipamsim/sim/des"
	"ipamsim/sim/hostnet"
	"ipamsim/sim/result"
)

// Egress is how a pod's packets leave the node towards the rest of the VPC.
type Egress struct {
	Path  hostnet.Path
	owner ec2model.Place // of their source address
	Kept  bool           // the VPC lets them pass: the interface has their source address
}

// Egress follows a packet from an address to the gateway of the node's
// subnet, which stands for everything in the VPC that is not on the node.
func (m *Machine) Egress(from netip.Addr) Egress {
	return m.leaves(from, m.Primary.SubnetCIDR.Masked().Addr().Next())
}

// leaves follows a packet from an address to one that is not on the node.
func (m *Machine) leaves(from, to netip.Addr) Egress {
	e := Egress{Path: m.Network.Route(from, to, nil)}
	owner, owned := m.Site.Account.PlaceOf(e.Path.Source)
	e.owner = owner
	e.Kept = e.Path.Verdict == hostnet.ByInterface && owned && owner.Instance == m.Node.Instance.ID && owner.Device == e.Path.Device
	return e
}

// examine looks at the pods of an address after something about it has
// changed, or at all for the zero one. On a node where nothing is wrong that
// is one lookup per pod.
func (m *Machine) examine(address netip.Addr) {
	m.endDefects(address)
	m.Network.PodsInService(address, func(p hostnet.Pod) {
		if kind, found := m.diagnose(p); found {
			m.defectBegan(kind, p.Key, p.Address, p.Device)
		}
	})
	if address.IsValid() {
		if m.Network.Orphaned(address) {
			m.defectBegan(result.StaleRule, "", address, 0)
		}
		return
	}
	for _, a := range m.Network.OrphanedAddresses() {
		m.defectBegan(result.StaleRule, "", a, 0)
	}
}

// examineOwners is examine after EC2 has changed who owns the addresses: the
// node's rules and routes are what they were.
func (m *Machine) examineOwners() {
	// Of a pod whose address is back something else may be wrong that the loss
	// had hidden: another has its route.
	calm := len(m.Defects) == 0
	m.endDefects(netip.Addr{})
	m.Network.PodsInService(netip.Addr{}, func(p hostnet.Pod) {
		if owner, owned := m.Site.Account.PlaceOf(p.Address); calm && owned && owner.Instance == m.Node.Instance.ID && owner.Device == p.Device {
			return
		}
		if kind, found := m.diagnose(p); found {
			m.defectBegan(kind, p.Key, p.Address, p.Device)
		}
	})
}

// endDefects ends what is no longer wrong about an address, or about any for
// the zero one.
func (m *Machine) endDefects(address netip.Addr) {
	for i := len(m.Defects) - 1; i >= 0; i-- {
		if d := m.Defects[i]; (!address.IsValid() || d.Address == address) && !m.has(d) {
			m.defectEnded(d)
			m.Defects = slices.Delete(m.Defects, i, i+1)
		}
	}
	m.Network.Calm = len(m.Defects) == 0
}

// diagnose is about one pod.
func (m *Machine) diagnose(p hostnet.Pod) (kind result.DefectKind, found bool) {
	owner, owned := m.Site.Account.PlaceOf(p.Address)
	switch {
	case !owned || owner.Instance != m.Node.Instance.ID:
		return result.LostAddress, true
	case owner.Device == p.Device && m.Network.Sound(p): // next to always, and much sooner known
		return "", false
	case !p.Routed: // which keeps its own packets on the node too
		return result.Unrouted, true
	case !m.Egress(p.Address).Kept:
		return result.WrongInterface, true
	case !m.leaves(p.Address, hostnet.Outside).Kept: // of the first interface, too: by the rule of another pod at its address
		return result.NoWayOut, true
	case !m.Network.Ruled(p):
		return result.MissingRule, true
	}
	return "", false
}

// has says whether the machine still has a defect.
func (m *Machine) has(d *Defect) (has bool) {
	switch d.Kind {
	case result.StaleRule:
		return m.Network.Orphaned(d.Address)
	case result.LeakedAddress:
		return true // the sampler ends it
	}
	m.Network.PodsInService(d.Address, func(p hostnet.Pod) {
		if kind, found := m.diagnose(p); p.Key == d.Pod && found && kind == d.Kind {
			has = true
		}
	})
	return has
}

// defectBegan notes a defect, unless it is known. device is that of the pod's
// interface.
func (m *Machine) defectBegan(kind result.DefectKind, pod string, address netip.Addr, device int) {
	if slices.ContainsFunc(m.Defects, func(d *Defect) bool { return d.Kind == kind && d.Pod == pod && d.Address == address }) {
		return
	}
	d := &Defect{Kind: kind, Node: m.Node.Name, Pod: pod, Address: address, Began: m.Site.Kernel.Now(), Ended: des.Never, Cause: m.cause(kind, address, device)}
	m.Defects = append(m.Defects, d)
	m.watch()
	m.Network.Calm = false
	if m.Site.DefectBegan != nil {
		m.Site.DefectBegan(m, d)
	}
}

func (m *Machine) defectEnded(d *Defect) {
	d.Ended = m.Site.Kernel.Now()
	if m.Site.DefectEnded != nil {
		m.Site.DefectEnded(m, d)
	}
}

// During runs what changes the node's network, as the cause of what comes of
// it.
func (m *Machine) During(what result.NetworkCauseKind, do func()) {
	before := m.doing
	m.doing = what
	do()
	m.doing = before
}

// cause is the event that is under way, or what happened to the address
// before.
func (m *Machine) cause(kind result.DefectKind, address netip.Addr, device int) result.NetworkCause {
	if failed, ok := m.failedSteps[address]; ok && kind.OfWiring() && (m.doing == "" || m.doing == result.IPAMDStart) { // others' doings have nothing to do with it
		return failed
	}
	return m.causeKind(kind, address, device).Of("")
}

func (m *Machine) causeKind(kind result.DefectKind, address netip.Addr, device int) result.NetworkCauseKind {
	switch {
	case kind == result.WrongInterface && m.misdirected(address, device):
		return result.RuleLeftBehind
	case m.doing != "":
		return m.doing
	case kind == result.LeakedAddress:
		return result.DELMissed
	case kind == result.LostAddress:
		return result.AddressNotAssigned
	case kind == result.Unrouted:
		return result.AddressGivenTwice
	case kind == result.NoWayOut:
		return result.MarkRuleLost
	case kind == result.StaleRule:
		return result.PodForgotten
	case kind == result.WrongInterface && !slices.Contains(m.Network.Devices(), device):
		return result.InterfaceNeverSetUp
	case kind == result.WrongInterface && len(m.Network.Routes(hostnet.Table(device))) == 0:
		return result.TableFlushed
	}
	return result.PluginAtWork
}

// misdirected says whether a rule leads what a pod sends to the table of another
// secondary interface than its own.
func (m *Machine) misdirected(address netip.Addr, device int) bool {
	table := m.Egress(address).Path.Table
	return table != hostnet.Table(device) && table != hostnet.TableMain
}

// CheckLeaks compares the daemon's book with the runtime's, and notes addresses
// that are on pods which have gone, once they have been so at two looks.
// assigned is the number of addresses that the daemon has on pods.
func (m *Machine) CheckLeaks(assigned int) {
	var leaked []netip.Addr
	if m.Agent != nil && m.Agent.Serving() && assigned != m.Kubelet.Holding() {
		leaked = m.LeakedAddresses()
	}
	for i := len(m.Defects) - 1; i >= 0; i-- {
		if d := m.Defects[i]; d.Kind == result.LeakedAddress && !slices.Contains(leaked, d.Address) && m.Agent.Serving() {
			m.defectEnded(d)
			m.Defects = slices.Delete(m.Defects, i, i+1)
		}
	}
	m.Network.Calm = len(m.Defects) == 0
	for _, a := range leaked {
		if slices.Contains(m.Suspects, a) {
			m.defectBegan(result.LeakedAddress, "", a, 0)
		}
	}
	m.Suspects = leaked
}

// Wrong says whether something is, or may be, wrong with the node's network,
// when its daemon has so many addresses on pods.
func (m *Machine) Wrong(onPods int) bool {
	return onPods != m.Kubelet.Holding() || len(m.Suspects)+len(m.Defects) > 0
}

// LeakedAddresses are those that the daemon has on pods which hold none. One
// with a veth is on a pod, or was until a moment ago.
func (m *Machine) LeakedAddresses() (list []netip.Addr) {
	m.Daemon.Assigned(func(address netip.Addr) {
		if !m.Network.HasAddress(address) && !m.holds(address) {
			list = append(list, address)
		}
	})
	return list
}

// holds says whether some pod of the node holds an address.
func (m *Machine) holds(address netip.Addr) bool {
	return slices.ContainsFunc(m.Node.Pods(), func(p *cluster.Pod) bool {
		return p.Holds() && p.Address() == address
	})
}

// endAllDefects ends what was wrong with a node that goes.
func (m *Machine) endAllDefects() {
	for _, d := range m.Defects {
		m.defectEnded(d)
	}
	m.Defects = nil
}

// stepFailed notes that a step was refused, or its process killed.
func (m *Machine) stepFailed(step hostnet.Step, address netip.Addr, err error) {
	if m.failedSteps == nil {
		m.failedSteps = map[netip.Addr]result.NetworkCause{}
	}
	kind := result.StepRefused
	switch {
	case err == hostnet.ErrKilled:
		kind = result.StepKilled
	case step == hostnet.StepRefreshRule:
		kind = result.RefreshRefused
	}
	m.failedSteps[address] = kind.Of(step.String())
}

// CheckStaleRules looks whether a stale rule misdirects anybody's packets now: whether a pod of the
// node that sends to the address, which another node's pod has by now, sends
// it out of the wrong interface.
func (m *Machine) CheckStaleRules() {
	for _, d := range m.Defects {
		if d.Kind != result.StaleRule || d.Misdirects {
			continue
		}
		place, owned := m.Site.Account.PlaceOf(d.Address)
		if !owned || place.Instance == m.Node.Instance.ID || place.Instance == "" {
			continue
		}
		m.Network.PodsInService(netip.Addr{}, func(p hostnet.Pod) {
			path := m.Network.Route(p.Address, d.Address, nil)
			owner, ok := m.Site.Account.PlaceOf(path.Source)
			d.Misdirects = d.Misdirects || path.Verdict == hostnet.ByInterface && (!ok || owner.Device != path.Device)
		})
	}
}

// Shown is the defect as results show it, in seconds from a kernel time.
func (d *Defect) Shown(from time.Duration) result.Defect {
	out := result.Defect{
		Kind: d.Kind, Node: d.Node, Pod: d.Pod, Address: d.Address.String(), Cause: d.Cause,
		Began: float64((d.Began-from)/time.Microsecond) / 1e6,
	}
	if d.Ended != des.Never {
		ended := float64((d.Ended-from)/time.Microsecond) / 1e6
		out.Ended = &ended
	}
	return out
}
