package machine

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"ipamsim/sim/cluster"
	"ipamsim/sim/ipamd"
	"ipamsim/sim/kubelet"
	"ipamsim/sim/result"
)

// Existing is what a node holds that is there before the run. All of it holds
// unchanged until a moment, its time 0.
type Existing struct {
	Pods    []ExistingPod // in the order of the pods that Resume is given
	Cooling []Cooling
	Managed func(device int) bool // whether ipamd manages the interface with that index
	Until   time.Duration         // kernel time
}

// ExistingPod is where a pod's address comes from.
type ExistingPod struct {
	Address netip.Addr // invalid: nobody knows
	Device  int
	Known   bool // ipamd has given it; otherwise it is a branch interface's, or nobody knows whose
}

// Cooling is an address that a pod has left.
type Cooling struct {
	Address netip.Addr
	Freed   time.Duration // kernel time, up to Until
}

// takeOver is how long before time 0 the daemon's process starts: long enough to
// read what is attached, once, with nobody else in the way.
const takeOver = 30 * time.Second

// phases is how many different places in the passes of its loop a daemon may be at
// when it continues, a microsecond apart: two pauses.
const phases = int64(2*ipamd.HalfPass) / int64(time.Microsecond)

// Resume implements cluster.Machine: the node is there before the run, and its
// pods run. Its daemon starts on what it finds, as after a restart, and comes to
// stand still with its checkpoint read; at time 0 it goes on.
func (m *Machine) Resume(pods []*cluster.Pod) {
	m.Agent = kubelet.NewAgent(m.Site.Kernel, m.Node.Name, kubelet.AgentOptions{
		NewDaemon: m.newDaemon, Kubelet: m.Kubelet, OnServing: m.serving, OnExit: m.exited,
	})
	m.Kubelet.NetworkReady()
	fate := m.Network.Fate
	m.Network.Fate = nil // it was wired long ago
	m.During(result.IPAMDStart, func() {
		m.setUpHost()
		for d := range m.Links() {
			if d.Index > 0 && m.Existing.Managed(d.Index) {
				_ = m.Network.SetupENI(d.Index, d.PrimaryIP, d.SubnetCIDR)
			}
		}
		for i, p := range pods {
			m.adopt(p, m.Existing.Pods[i])
		}
	})
	m.Network.Fate = fate
	for _, c := range m.Existing.Cooling {
		m.Files.before = append(m.Files.before, ipamd.Allocation{Key: ipamd.CoolingKey(c.Address), Address: c.Address, Freed: c.Freed, Cooling: true})
	}
	slices.SortFunc(m.Files.before, func(a, b ipamd.Allocation) int { return cmp.Compare(a.Key, b.Key) })
	until := m.Existing.Until
	m.Files.pause = func() {
		if now := m.Site.Kernel.Now(); now <= until { // whoever looks at time 0 sees what was there
			m.Site.Kernel.Current().Sleep(until - now + time.Microsecond)
		}
	}
	draws := m.Site.Kernel.Rand("node/" + m.Node.Name + "/ipamd/continues")
	m.continues = &ipamd.Continues{
		Phase: time.Duration(draws.Int64N(phases)) * time.Microsecond, Cleanup: time.Duration(draws.Int64N(int64(ipamd.LeakedInterval/time.Second))) * time.Second,
	}
	m.Existing = nil
	m.Site.Kernel.At(max(m.Site.Kernel.Now(), until-takeOver), m.Agent.Continue)
}

// adopt enters a pod that runs.
func (m *Machine) adopt(p *cluster.Pod, e ExistingPod) {
	p.Key = p.Name()
	m.Kubelet.Adopt(&p.Pod, e.Address, e.Device, e.Known)
	if !e.Known {
		return
	}
	_ = m.Network.AddPod(p.Key, e.Address, e.Device) // nothing refuses a step without a Fate
	m.Files.before = append(m.Files.before, ipamd.Allocation{Key: ipamd.SandboxKey(p.Sandbox()), Pod: p.Key, Address: e.Address, At: m.Site.Kernel.Now()})
}
