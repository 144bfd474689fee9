package fleet

import (
	"net/netip"

	"ipamsim/sim/cluster"
	"ipamsim/sim/kubelet"
	"ipamsim/sim/machine"
)

// clusterHooks are what hears of pods and nodes: the fingerprint, the
// measurement, and who else listens.
func (w *Fleet) clusterHooks() cluster.Hooks {
	return cluster.Hooks{
		PodCreated: func(p *cluster.Pod) {
			w.Measured.PodCreated(p)
			if w.Listener.PodCreated != nil {
				w.Listener.PodCreated(p)
			}
		},
		PodsAwaited: w.Measured.PodsAwaited,
		PodRunning: func(p *cluster.Pod) {
			w.fingerprint.Add(uint64(p.Running), uint64(p.Bound), uint64(p.Ordinal), uint64(p.Node.Ordinal))
			w.Measured.PodRunning(p)
			if w.Listener.PodRunning != nil {
				w.Listener.PodRunning(p)
			}
		},
		PodLeaves:        w.Measured.PodLeaves,
		PodEnded:         w.Measured.PodEnded,
		PodUnschedulable: w.Measured.PodUnschedulable,
		NodeReady: func(n *cluster.Node) {
			w.fingerprint.Add(uint64(n.Ready), uint64(n.Ordinal))
			w.Measured.NodeReady(n)
			w.Faults.Ready(n)
			if w.Listener.NodeReady != nil {
				w.Listener.NodeReady(n)
			}
		},
		NodeGone: func(n *cluster.Node) {
			w.Measured.NodeGone(n)
			w.Faults.NodeGone(n)
		},
		NodeForgotten:   func(n *cluster.Node) { w.Faults.Forgotten(n) },
		NodeInterrupted: w.Measured.NodeInterrupted,
		LaunchFailed:    w.Measured.LaunchFailed,
		EvictionRefused: w.Measured.EvictionRefused,
	}
}

// machineHooks are what hears of the insides of nodes. A recording puts itself
// before them.
func (w *Fleet) machineHooks() machine.Hooks {
	return machine.Hooks{
		Added:   w.added,
		Serving: func(m *machine.Machine) { w.Faults.Serving(m.Node) },
		Exited:  func(m *machine.Machine, err error) { w.Measured.AgentExited(m.Node, err) },
		Gone: func(m *machine.Machine) {
			w.Measured.Gone(m)
			w.machineGone(m)
			w.Faults.Gone(m.Node)
		},
		Changed: w.Measured.Changed,
		Vain:    w.Measured.Vain,
		Unready: func(m *machine.Machine, p *kubelet.Pod) { w.Measured.PodUnready(m.Pod(p)) },
		DefectBegan: func(m *machine.Machine, d *machine.Defect) {
			w.Measured.DefectBegan(m, d)
			w.fingerprint.AddString(string(d.Kind) + d.Pod)
			w.fingerprint.Add(uint64(d.Began), uint64(addressWord(d.Address)))
		},
		DefectEnded: w.Measured.DefectEnded,
	}
}

// added hears of every CNI ADD.
func (w *Fleet) added(m *machine.Machine, p *kubelet.Pod, err error) {
	now := w.Kernel.Now()
	if err == nil {
		w.fingerprint.Add(uint64(now), uint64(addressWord(p.Address())))
		w.Measured.AddDone(m.Pod(p))
		return
	}
	w.fingerprint.Add(uint64(now), 0)
	w.Measured.AddFailed(now, m.Pod(p), m.AddCause(err))
}

func addressWord(a netip.Addr) uint32 {
	b := a.As4()
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
}

// Both calls one after the other, as far as there are any.
func Both[T any](first, second func(T)) func(T) {
	if second == nil {
		return first
	}
	return func(v T) {
		first(v)
		second(v)
	}
}
