package fleet

import (
	"maps"
	"time"

	"ipamsim/ec2model"
	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
	"ipamsim/sim/fault"
	"ipamsim/sim/machine"
	"ipamsim/sim/result"
)

// scheduleFaults plans the scenario's disturbances.
func (w *Fleet) scheduleFaults() {
	faults := make([]fault.Fault, len(w.Scenario.Faults))
	for i := range faults {
		faults[i] = w.fault(&w.Scenario.Faults[i])
	}
	w.Faults = fault.New(fault.Target{
		Kernel: w.Kernel, Account: w.Account, Cluster: w.Cluster,
		DaemonSet: fault.DaemonSet{
			Restart: onMachine((*machine.Machine).Restart), Replace: onMachine((*machine.Machine).Replace),
			Retemplate: w.retemplate, Available: available,
		},
		Changed: onMachine((*machine.Machine).Changed),
		LinkGone: func(n *cluster.Node, device int) {
			onMachine(func(m *machine.Machine) {
				m.During(result.InterfaceDetached, func() { m.Network.Detached(device) })
			})(n)
		},
		Flush: onMachine(func(m *machine.Machine) {
			m.During(result.RulesFlushed, m.Network.FlushRules)
		}),
		FlushTable: func(n *cluster.Node, device int) {
			onMachine(func(m *machine.Machine) {
				m.During(result.TableFlushed, func() { m.Network.FlushTable(device) })
			})(n)
		},
	}, faults)
}

func (w *Fleet) fault(s *scenarios.Fault) fault.Fault {
	f := fault.Fault{
		Kind: fault.Kind(s.Kind), At: w.WarmUp + Std(s.At), Until: fault.Forever, Times: s.Times,
		When: fault.Moment(s.When), Step: s.Step, Code: s.Code, Rate: s.Rate, Factor: or(s.Factor, 1),
		Share: or(s.Share, 1), NodeShare: or(s.ShareOfNodes(), 1), Nodes: or(s.CountOfNodes(), -1), Group: s.Group, Node: s.Node, Subnets: w.subnetsOf(s),
		Addresses: or(s.CountOfAddresses(), -1), HiddenInterfaces: s.Interfaces, Device: s.Device,
		Shortage:       shortageOf(s),
		MaxUnavailable: s.MayBeUnavailable(), Environment: s.CNI, Workload: s.Workload,
		Budget: s.MaxUnavailable, Surge: s.MaxSurge, Force: s.Force, DrainTimeout: fault.DrainTimeout,
	}
	if s.Kind == scenarios.FaultRollDeployment {
		for i := range w.Scenario.Workloads {
			if l := &w.Scenario.Workloads[i]; l.Name == s.Workload {
				f.Update = l.Rolling()
			}
		}
	}
	switch {
	case s.Lasts() && s.For == nil:
		f.For = fault.Forever
	case s.Lasts():
		f.For = Std(*s.For)
	case s.For != nil:
		f.Until = f.At + Std(*s.For)
	}
	if s.Every != nil {
		f.Every = Std(*s.Every)
	}
	if s.DrainTimeout != nil {
		f.DrainTimeout = Std(*s.DrainTimeout)
	}
	if s.Add != nil {
		f.Add = Std(*s.Add)
	}
	if s.Action != "" {
		a := action(s.Action)
		f.Action = &a
	}
	return f
}

// shortageOf is what there is too little of.
func shortageOf(s *scenarios.Fault) ec2model.Shortage {
	return ec2model.Shortage{
		InstanceType: s.InstanceType, Zone: s.Zone, Spot: s.CapacityType == "spot", OnDemand: s.CapacityType == "on-demand", Left: or(s.Count, 0),
	}
}

// or is what a key says, or what holds without it.
func or[T any](given *T, otherwise T) T {
	if given == nil {
		return otherwise
	}
	return *given
}

// subnetsOf are the names of the subnets that a fault is about.
func (w *Fleet) subnetsOf(s *scenarios.Fault) (names []string) {
	for _, subnet := range w.Scenario.VPC.Subnets {
		if subnet.Name == s.Subnet || s.Zone != "" && subnet.AZ == s.Zone {
			names = append(names, subnet.Name)
		}
	}
	return names
}

// retemplate changes what the next aws-node pods of a group see.
func (w *Fleet) retemplate(group string, environment map[string]string) {
	// any order: each kind by itself
	for of, k := range w.kinds {
		if group != "" && of.group != group {
			continue
		}
		next := maps.Clone(k.Environment)
		maps.Copy(next, environment)
		k.SetEnvironment(next, w.VPCCIDRs)
	}
}

// onMachine acts on the machines of nodes that have one.
func onMachine(act func(*machine.Machine)) func(*cluster.Node) {
	return func(n *cluster.Node) {
		if m, ok := n.Machine.(*machine.Machine); ok && m.Agent != nil {
			act(m)
		}
	}
}

func available(n *cluster.Node) (from time.Duration, ok bool) {
	if m, is := n.Machine.(*machine.Machine); is && m.Agent != nil {
		return m.Agent.Available()
	}
	return 0, false
}
