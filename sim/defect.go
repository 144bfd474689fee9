package sim

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

// leaves follows a packet from an address to one that is not on the node.
func (m *machine) leaves(from, to netip.Addr) egress {
	e := egress{path: m.network.Route(from, to, nil)}
	owner, owned := m.site.Account.PlaceOf(e.path.Source)
	e.owner = owner
	e.kept = e.path.Verdict == hostnet.ByInterface && owned && owner.Instance == m.node.Instance.ID && owner.Device == e.path.Device
	return e
}

// examine looks at the pods of an address after something about it has
// changed, or at all for the zero one. On a node where nothing is wrong that
// is one lookup per pod.
func (m *machine) examine(address netip.Addr) {
	m.endDefects(address)
	m.network.PodsInService(address, func(p hostnet.Pod) {
		if kind, found := m.diagnose(p); found {
			m.defectBegan(kind, p.Key, p.Address, p.Device)
		}
	})
	if address.IsValid() {
		if m.network.Orphaned(address) {
			m.defectBegan(result.StaleRule, "", address, 0)
		}
		return
	}
	for _, a := range m.network.OrphanedAddresses() {
		m.defectBegan(result.StaleRule, "", a, 0)
	}
}

// examineOwners is examine after EC2 has changed who owns the addresses: the
// node's rules and routes are what they were.
func (m *machine) examineOwners() {
	m.endDefects(netip.Addr{})
	m.network.PodsInService(netip.Addr{}, func(p hostnet.Pod) {
		if owner, owned := m.site.Account.PlaceOf(p.Address); owned && owner.Instance == m.node.Instance.ID && owner.Device == p.Device {
			return
		}
		if kind, found := m.diagnose(p); found {
			m.defectBegan(kind, p.Key, p.Address, p.Device)
		}
	})
}

// endDefects ends what is no longer wrong about an address, or about any for
// the zero one.
func (m *machine) endDefects(address netip.Addr) {
	for i := len(m.defects) - 1; i >= 0; i-- {
		if d := m.defects[i]; (!address.IsValid() || d.Address == address) && !m.has(d) {
			m.defectEnded(d)
			m.defects = slices.Delete(m.defects, i, i+1)
		}
	}
	m.network.Calm = len(m.defects) == 0
}

// diagnose is about one pod.
func (m *machine) diagnose(p hostnet.Pod) (kind result.DefectKind, found bool) {
	owner, owned := m.site.Account.PlaceOf(p.Address)
	switch {
	case !owned || owner.Instance != m.node.Instance.ID:
		return result.LostAddress, true
	case owner.Device == p.Device && m.network.Sound(p): // next to always, and much sooner known
		return "", false
	case !p.Routed: // which keeps its own packets on the node too
		return result.Unrouted, true
	case !m.egress(p.Address).kept:
		return result.WrongInterface, true
	case p.Device != 0 && !m.leaves(p.Address, hostnet.Outside).kept:
		return result.NoWayOut, true
	case !m.network.Ruled(p):
		return result.MissingRule, true
	}
	return "", false
}

// has says whether the machine still has a defect.
func (m *machine) has(d *defect) (has bool) {
	switch d.Kind {
	case result.StaleRule:
		return m.network.Orphaned(d.Address)
	case result.LeakedAddress:
		return true // the sampler ends it
	}
	m.network.PodsInService(d.Address, func(p hostnet.Pod) {
		if kind, found := m.diagnose(p); p.Key == d.Pod && found && kind == d.Kind {
			has = true
		}
	})
	return has
}

// defectBegan notes a defect, unless it is known. device is that of the pod's
// interface.
func (m *machine) defectBegan(kind result.DefectKind, pod string, address netip.Addr, device int) {
	if slices.ContainsFunc(m.defects, func(d *defect) bool { return d.Kind == kind && d.Pod == pod && d.Address == address }) {
		return
	}
	d := &defect{Kind: kind, Node: m.node.Name, Pod: pod, Address: address, Began: m.site.Kernel.Now(), Ended: des.Never, Cause: m.cause(kind, address, device)}
	m.defects = append(m.defects, d)
	m.watch()
	m.network.Calm = false
	if m.site.DefectBegan != nil {
		m.site.DefectBegan(d)
	}
}

func (m *machine) defectEnded(d *defect) {
	d.Ended = m.site.Kernel.Now()
	if m.site.DefectEnded != nil {
		m.site.DefectEnded(d)
	}
}

// during runs what changes the node's network, as the cause of what comes of
// it.
func (m *machine) during(what result.NetworkCauseKind, do func()) {
	before := m.doing
	m.doing = what
	do()
	m.doing = before
}

// cause is the event that is under way, or what happened to the address
// before.
func (m *machine) cause(kind result.DefectKind, address netip.Addr, device int) result.NetworkCause {
	if failed, ok := m.failedSteps[address]; ok && kind.OfWiring() && (m.doing == "" || m.doing == result.IPAMDStart) { // others' doings have nothing to do with it
		return failed
	}
	return m.causeKind(kind, address, device).Of("")
}

func (m *machine) causeKind(kind result.DefectKind, address netip.Addr, device int) result.NetworkCauseKind {
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
	case kind == result.WrongInterface && !slices.Contains(m.network.Devices(), device):
		return result.InterfaceNeverSetUp
	case kind == result.WrongInterface && len(m.network.Routes(hostnet.Table(device))) == 0:
		return result.TableFlushed
	}
	return result.PluginAtWork
}

// misdirected says whether a rule leads what a pod sends to the table of another
// secondary interface than its own.
func (m *machine) misdirected(address netip.Addr, device int) bool {
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
	for i := len(m.defects) - 1; i >= 0; i-- {
		if d := m.defects[i]; d.Kind == result.LeakedAddress && !slices.Contains(leaked, d.Address) && m.agent.Serving() {
			m.defectEnded(d)
			m.defects = slices.Delete(m.defects, i, i+1)
		}
	}
	m.network.Calm = len(m.defects) == 0
	for _, a := range leaked {
		if slices.Contains(m.suspects, a) {
			m.defectBegan(result.LeakedAddress, "", a, 0)
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
		return p.Holds() && p.Address() == address
	})
}

// endAllDefects ends what was wrong with a node that goes.
func (m *machine) endAllDefects() {
	for _, d := range m.defects {
		m.defectEnded(d)
	}
	m.defects = nil
}

// stepFailed notes that a step was refused, or its process killed.
func (m *machine) stepFailed(step hostnet.Step, address netip.Addr, err error) {
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

// checkStaleRules looks whether a stale rule misdirects anybody's packets now: whether a pod of the
// node that sends to the address, which another node's pod has by now, sends
// it out of the wrong interface.
func (m *machine) checkStaleRules() {
	for _, d := range m.defects {
		if d.Kind != result.StaleRule || d.Misdirects {
			continue
		}
		place, owned := m.site.Account.PlaceOf(d.Address)
		if !owned || place.Instance == m.node.Instance.ID || place.Instance == "" {
			continue
		}
		m.network.PodsInService(netip.Addr{}, func(p hostnet.Pod) {
			path := m.network.Route(p.Address, d.Address, nil)
			owner, ok := m.site.Account.PlaceOf(path.Source)
			d.Misdirects = d.Misdirects || path.Verdict == hostnet.ByInterface && (!ok || owner.Device != path.Device)
		})
	}
}

// Shown is the defect as results show it, in seconds from a kernel time.
func (d *defect) Shown(from time.Duration) result.Defect {
	out := result.Defect{
		Kind: d.Kind, Node: d.Node, Pod: d.Pod, Address: d.Address.String(), Cause: d.Cause,
		Began: result.Rounded((d.Began - from).Seconds()),
	}
	if d.Ended != des.Never {
		ended := result.Rounded((d.Ended - from).Seconds())
		out.Ended = &ended
	}
	return out
}
