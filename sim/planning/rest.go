package planning

import (
	"cmp"
	"net/netip"
	"slices"

	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/ec2model"
	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
	"ipamsim/sim/fleet"
	"ipamsim/sim/ipamd"
	"ipamsim/sim/machine"
)

// groupLabel is a label of all nodes of a group, for pods that are to be there
// and nowhere else.
const groupLabel = "plan.ipamsim/group"

// atRest is a fleet as it stands, as a scenario in which nothing happens any more:
// the nodes with what they hold, the pods that run, and the addresses of all
// others. Each is where it is, so that free blocks are the same. What is still on
// its way, as a node that boots, keeps its addresses and does nothing.
func atRest(w *fleet.Fleet) *scenarios.Scenario {
	s := stopped(w.Scenario)
	if snapshot(w.Scenario) && w.Kernel.Now() <= w.WarmUp {
		return s
	}
	subnets := map[string]string{} // names by ID
	for _, subnet := range w.Account.Subnets() {
		subnets[subnet.ID] = subnet.Name
	}
	for i := range s.NodeGroups {
		s.NodeGroups[i].Nodes, s.NodeGroups[i].Count = nil, 0
	}
	owned := map[string]bool{} // interfaces of nodes
	pods := map[string]int{}   // by workload
	machines := slices.Clone(w.Machines)
	slices.SortFunc(machines, func(a, b *machine.Machine) int {
		return cmp.Or(cmp.Compare(a.Node.Group.Place, b.Node.Group.Place), cmp.Compare(a.Node.Ordinal, b.Node.Ordinal))
	})
	for _, m := range machines {
		if m.Node.State() != cluster.Ready {
			continue
		}
		g := &s.NodeGroups[m.Node.Group.Place]
		g.Nodes = append(g.Nodes, nodeOf(w, m, subnets, owned))
		g.Count++
		for _, p := range g.Nodes[len(g.Nodes)-1].Pods {
			pods[p.Workload] += p.Total()
		}
	}
	for i := range s.Workloads {
		if l := &s.Workloads[i]; l.Kind == string(cluster.Deployment) {
			l.Initial = pods[l.Name]
		}
	}
	s.VPC.Subnets = slices.Clone(s.VPC.Subnets)
	for i := range s.VPC.Subnets {
		s.VPC.Subnets[i].Used = []scenarios.UsedAddresses{{Holder: "other", Addresses: others(w.Account, s.VPC.Subnets[i].CIDR.Prefix, owned)}}
	}
	return s
}

// snapshot says whether a scenario has nodes that are there before the run.
func snapshot(s *scenarios.Scenario) bool {
	return slices.ContainsFunc(s.NodeGroups, func(g scenarios.NodeGroup) bool { return len(g.Nodes) > 0 })
}

// restWarmUp is the warm-up of a fleet at rest: what existing nodes need.
const restWarmUp = scenarios.Duration(60_000_000_000)

// stopped is a scenario without anything that happens: no steps, no autoscaler,
// no faults, no jobs that come and go. Requests are not throttled and the control
// plane is not in the way, since whether something fits is no question of time.
func stopped(of *scenarios.Scenario) *scenarios.Scenario {
	s := *of
	s.Replications, s.WarmUp = 1, restWarmUp
	s.Faults, s.Autoscaler, s.Thresholds, s.Expect, s.Incident, s.Variants = nil, nil, nil, nil, nil, nil
	s.EC2.Background, s.EC2.Throttling = nil, new(false)
	s.ControlPlane.PodCreation, s.ControlPlane.Scheduling = nil, nil
	s.NodeGroups, s.Workloads = slices.Clone(s.NodeGroups), slices.Clone(s.Workloads)
	pods := of.ExistingPods()
	for i := range s.NodeGroups {
		g := &s.NodeGroups[i]
		g.Steps, g.Max, g.Interruptions, g.Count = nil, nil, 0, g.Existing()
		g.Labels = labelled(g.Labels, g.Name)
	}
	for i := range s.Workloads {
		l := &s.Workloads[i]
		if l.Kind != string(cluster.DaemonSet) {
			l.Kind, l.Initial = string(cluster.Deployment), pods[l.Name]
		}
		l.Replicas, l.Arrivals, l.File, l.Lifetime, l.GiveUpAfter = nil, nil, "", nil, nil
	}
	return &s
}

// labelled is a group's labels and the one of groupLabel.
func labelled(labels map[string]string, group string) map[string]string {
	all := map[string]string{groupLabel: group}
	for key, value := range labels {
		all[key] = value
	}
	return all
}

// nodeOf is a node as it stands.
func nodeOf(w *fleet.Fleet, m *machine.Machine, subnets map[string]string, owned map[string]bool) scenarios.ExistingNode {
	n := scenarios.ExistingNode{Count: 1, InstanceType: m.Node.Type(), MaxPods: new(m.Node.MaxPods()), Subnet: m.Node.Instance.Subnet, Cordoned: m.Node.Unschedulable()}
	for d := range w.Account.Devices(m.Node.Instance.ID) {
		owned[d.Interface] = true
		n.Interfaces = append(n.Interfaces, interfaceOf(w.Account, d, subnets))
	}
	at := map[string]int{}
	for _, p := range m.Node.Pods() {
		if p.State() != cluster.Running {
			continue
		}
		k, known := at[p.Workload.Name]
		if !known {
			k = len(n.Pods)
			at[p.Workload.Name] = k
			n.Pods = append(n.Pods, scenarios.ExistingPods{Workload: p.Workload.Name})
		}
		if p.HostNetwork {
			n.Pods[k].Count++
		} else {
			n.Pods[k].Addresses = append(n.Pods[k].Addresses, scenarios.Prefix{Prefix: netip.PrefixFrom(p.Address(), 32)})
		}
	}
	return n
}

func interfaceOf(account *ec2model.Account, d ec2model.Device, subnets map[string]string) scenarios.ExistingInterface {
	shown, _ := account.Interface(d.Interface)
	e := scenarios.ExistingInterface{Kind: kindOf(&shown), Count: 1, Subnet: subnets[*shown.SubnetId], Device: new(d.Index), Card: d.Card}
	if d.PrimaryIP.IsValid() {
		e.Address = &scenarios.Prefix{Prefix: netip.PrefixFrom(d.PrimaryIP, 32)}
	}
	for _, a := range shown.PrivateIpAddresses {
		if !*a.Primary {
			e.Addresses = append(e.Addresses, scenarios.Prefix{Prefix: netip.PrefixFrom(netip.MustParseAddr(*a.PrivateIpAddress), 32)})
		}
	}
	for _, p := range shown.Ipv4Prefixes {
		e.Prefixes = append(e.Prefixes, scenarios.Prefix{Prefix: netip.MustParsePrefix(*p.Ipv4Prefix)})
	}
	return e
}

// kindOf is what an interface of a node is in the language.
func kindOf(i *ec2types.NetworkInterface) string {
	switch i.InterfaceType {
	case ec2types.NetworkInterfaceTypeTrunk:
		return "trunk"
	case ec2types.NetworkInterfaceTypeEfa:
		return "efa"
	case ec2types.NetworkInterfaceTypeEfaOnly:
		return "efa-only"
	}
	for _, t := range i.TagSet {
		if *t.Key == ipamd.TagNoManage && *t.Value == "true" {
			return "other"
		}
	}
	return "pods"
}

// others are the addresses of a subnet that are neither free nor AWS's nor on
// interfaces of nodes.
func others(account *ec2model.Account, cidr netip.Prefix, owned map[string]bool) (list []scenarios.Prefix) {
	for a := cidr.Addr(); cidr.Contains(a); a = a.Next() {
		owner, _ := account.Owner(a)
		if owner != ec2model.OwnedByNobody && owner != ec2model.OwnedByAWS && !owned[owner] {
			list = append(list, scenarios.Prefix{Prefix: netip.PrefixFrom(a, 32)})
		}
	}
	return list
}
