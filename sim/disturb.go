package sim

import (
	"ipamsim/sim/cluster"
	"ipamsim/sim/fault"
)

// scheduleFaults plans the scenario's disturbances.
func (w *world) scheduleFaults() {
	var faults []fault.Fault
	for i := range w.scenario.Faults {
		s := &w.scenario.Faults[i]
		f := fault.Fault{
			Kind: fault.Kind(s.Kind), At: w.warmUp + std(s.At), Until: w.end + 1,
			Code: s.Code, Share: 1, Group: s.Group, Addresses: -1,
		}
		if s.For != nil {
			f.Until = min(f.Until, f.At+std(*s.For))
		}
		if s.Share != nil {
			f.Share = *s.Share
		}
		if s.Count != nil {
			f.Addresses = *s.Count
		}
		if s.Action != "" {
			a := action(s.Action)
			f.Action = &a
		}
		if s.Subnet != "" {
			f.SubnetID, _ = w.account.SubnetID(s.Subnet)
		}
		faults = append(faults, f)
	}
	fault.Schedule(fault.Target{
		Kernel: w.kernel, Account: w.account, Cluster: w.cluster,
		Restart: func(n *cluster.Node) {
			if m, ok := n.Machine.(*machine); ok && m.agent != nil {
				m.agent.Restart()
			}
		},
		Changed: func(n *cluster.Node) {
			if m, ok := n.Machine.(*machine); ok {
				m.changed()
			}
		},
	}, faults)
}
