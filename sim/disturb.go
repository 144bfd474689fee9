package sim

import (
	"maps"
	"time"

	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
	"ipamsim/sim/fault"
)

// scheduleFaults plans the scenario's disturbances.
func (w *world) scheduleFaults() {
	faults := make([]fault.Fault, len(w.scenario.Faults))
	for i := range faults {
		faults[i] = w.fault(&w.scenario.Faults[i])
	}
	w.faults = fault.New(fault.Target{
		Kernel: w.kernel, Account: w.account, Cluster: w.cluster,
		DaemonSet: fault.DaemonSet{
			Restart: onMachine((*machine).restart), Replace: onMachine((*machine).replace),
			Retemplate: w.retemplate, Available: available,
		},
		Changed: onMachine((*machine).changed),
		LinkGone: func(n *cluster.Node, device int) {
			onMachine(func(m *machine) { m.network.Detached(device) })(n)
		},
	}, faults)
}

// shippedMaxUnavailable is the manifest's: config/master/aws-k8s-cni.yaml of
// amazon-vpc-cni-k8s v1.23.1.
const shippedMaxUnavailable = 0.1

func (w *world) fault(s *scenarios.Fault) fault.Fault {
	f := fault.Fault{
		Kind: fault.Kind(s.Kind), At: w.warmUp + std(s.At), Until: w.end + 1, When: fault.Moment(s.When),
		Code: s.Code, Share: 1, Nodes: -1, Group: s.Group, Addresses: -1,
		HiddenInterfaces: s.Interfaces, MaxUnavailable: shippedMaxUnavailable, Environment: s.CNI,
	}
	if s.For != nil {
		f.Until = min(f.Until, f.At+std(*s.For))
	}
	if s.Every != nil {
		f.Every = std(*s.Every)
	}
	if s.Share != nil {
		f.Share = *s.Share
	}
	if s.Addresses != nil {
		f.Addresses = *s.Addresses
	}
	if s.MaxUnavailable != nil {
		f.MaxUnavailable = *s.MaxUnavailable
	}
	if s.Count != nil {
		f.Nodes = *s.Count
	}
	if s.Subnet != "" {
		f.SubnetID, _ = w.account.SubnetID(s.Subnet)
		f.Nodes, f.Addresses = -1, f.Nodes // there count is of addresses
	}
	if s.Action != "" {
		a := action(s.Action)
		f.Action = &a
	}
	return f
}

// retemplate changes what the next aws-node pods of a group see.
func (w *world) retemplate(group string, environment map[string]string) {
	for name, k := range w.kinds {
		if group != "" && name != group {
			continue
		}
		next := maps.Clone(k.environment)
		maps.Copy(next, environment)
		k.environment = next
	}
}

// onMachine acts on the machines of nodes that have one.
func onMachine(act func(*machine)) func(*cluster.Node) {
	return func(n *cluster.Node) {
		if m, ok := n.Machine.(*machine); ok && m.agent != nil {
			act(m)
		}
	}
}

func (m *machine) restart() { m.agent.Restart() }

// replace ends the aws-node pod and makes a new one from the present template.
func (m *machine) replace() {
	m.environment = m.kind.environment
	m.agent.Replace()
}

func available(n *cluster.Node) (from time.Duration, ok bool) {
	if m, is := n.Machine.(*machine); is && m.agent != nil {
		return m.agent.Available()
	}
	return 0, false
}
