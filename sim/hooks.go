package sim

import (
	"net/netip"

	"ipamsim/sim/cluster"
	"ipamsim/sim/kubelet"
)

// clusterHooks are what hears of pods and nodes: the fingerprint, the
// measurement, and who else listens.
func (w *world) clusterHooks() cluster.Hooks {
	return cluster.Hooks{
		PodCreated: func(p *cluster.Pod) {
			w.measured.podCreated(p)
			if w.listener.PodCreated != nil {
				w.listener.PodCreated(p)
			}
		},
		PodRunning: func(p *cluster.Pod) {
			w.fingerprint.Add(uint64(p.Running), uint64(p.Bound), uint64(p.Ordinal), uint64(p.Node.Ordinal))
			w.measured.podRunning(p)
			if w.listener.PodRunning != nil {
				w.listener.PodRunning(p)
			}
		},
		PodEnded: w.measured.podEnded,
		NodeReady: func(n *cluster.Node) {
			w.fingerprint.Add(uint64(n.Ready), uint64(n.Ordinal))
			w.measured.nodeReady(n)
		},
		NodeGone: w.measured.nodeGone,
	}
}

// machineHooks are what hears of the insides of nodes. A recording puts itself
// before them.
func (w *world) machineHooks() Hooks {
	return Hooks{
		Added:   w.added,
		Serving: func(m *machine) { w.Faults.Serving(m.node) },
		Exited:  func(_ *machine, err error) { w.measured.agentExited(w.Kernel.Now(), err) },
		Gone: func(m *machine) {
			w.measured.gone(m)
			w.machineGone(m)
			w.Faults.Gone(m.node)
		},
		Changed: w.measured.changed,
		DefectBegan: func(d *defect) {
			w.measured.defectBegan(d)
			w.fingerprint.AddString(string(d.Kind) + d.Pod)
			w.fingerprint.Add(uint64(d.Began), uint64(addressWord(d.Address)))
		},
		DefectEnded: w.measured.defectEnded,
	}
}

// added hears of every CNI ADD.
func (w *world) added(m *machine, p *kubelet.Pod, err error) {
	now := w.Kernel.Now()
	if err == nil {
		w.fingerprint.Add(uint64(now), uint64(addressWord(p.Address())))
		return
	}
	w.fingerprint.Add(uint64(now), 0)
	w.measured.addFailed(now, m.AddCause(err), p.Times().FailedAdds == 1)
}

func addressWord(a netip.Addr) uint32 {
	b := a.As4()
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
}

// both calls one after the other, as far as there are any.
func both[T any](first, second func(T)) func(T) {
	if second == nil {
		return first
	}
	return func(v T) {
		first(v)
		second(v)
	}
}
