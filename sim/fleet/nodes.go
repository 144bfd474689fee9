package fleet

import (
	"net/netip"

	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
	"ipamsim/sim/ipamd"
	"ipamsim/sim/machine"
)

// newMachine is the inside of a node that has registered.
func (w *Fleet) newMachine(n *cluster.Node) cluster.Machine {
	m := machine.New(&w.Site, w.kinds[kindOf{n.Group.Name, n.Type()}], n)
	if n.Existing != nil {
		m.Existing = w.holds(n)
	}
	m.Place = len(w.Machines)
	w.Machines = append(w.Machines, m)
	w.Faults.Joined(n)
	return m
}

// machineGone takes the inside of a node that ends off the list.
func (w *Fleet) machineGone(m *machine.Machine) {
	list := w.Machines
	last := list[len(list)-1]
	list[m.Place], last.Place = last, m.Place
	list[len(list)-1] = nil
	w.Machines = list[:len(list)-1]
}

// kindOf is what nodes have in common inside: their group and their type.
type kindOf struct{ group, instanceType string }

func (w *Fleet) newKind(g *scenarios.NodeGroup, instanceType string) *machine.Kind {
	limits, _ := g.Limits(instanceType)
	k := &machine.Kind{
		Timings: timings(g), Cached: g.Launch.SystemImages == scenarios.ImagesCached, Pull: draw(g.Launch.SystemImagePull), ProxyTime: draw(g.Launch.KubeProxy),
		Limits: limits, Start: map[string]cluster.Draw{}, PodSubnet: map[string]string{}, Policies: ipamd.Policies(g.Policies), ParkIdle: w.parkIdle, Release: g.CNIVersion,
	}
	k.SetEnvironment(daemonEnvironment(g), w.VPCCIDRs)
	// any order: names of subnets differ, so a zone has one
	for id, name := range w.subnetName {
		for zone, subnet := range g.ENIConfig {
			if subnet == name {
				k.PodSubnet[zone] = id
			}
		}
	}
	for i := range w.Scenario.Workloads {
		l := &w.Scenario.Workloads[i]
		if d := draw(l.ImagePull); d != nil {
			k.Start[l.Name] = d
		}
	}
	return k
}

// VPCBlocks are the blocks of addresses of the VPC.
func (w *Fleet) VPCBlocks() []netip.Prefix {
	list := make([]netip.Prefix, len(w.Scenario.VPC.CIDRs))
	for i, c := range w.Scenario.VPC.CIDRs {
		list[i] = c.Prefix
	}
	return list
}

func (w *Fleet) zone(subnet string) string {
	for i := range w.Scenario.VPC.Subnets {
		if w.Scenario.VPC.Subnets[i].Name == subnet {
			return w.Scenario.VPC.Subnets[i].AZ
		}
	}
	panic("sim: no subnet " + subnet)
}
