package sim

import (
	"net/netip"

	"ipamsim/ec2model"
	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
	"ipamsim/sim/ipamd"
)

// newMachine is the inside of a node that has registered.
func (w *world) newMachine(n *cluster.Node) cluster.Machine {
	m := newMachine(&w.Site, w.kinds[n.Group.Name], n)
	m.place = len(w.machines)
	w.machines = append(w.machines, m)
	w.Faults.Joined(n)
	return m
}

// machineGone takes the inside of a node that ends off the list.
func (w *world) machineGone(m *machine) {
	list := w.machines
	last := list[len(list)-1]
	list[m.place], last.place = last, m.place
	list[len(list)-1] = nil
	w.machines = list[:len(list)-1]
}

func (w *world) newKind(g *scenarios.NodeGroup) *kind {
	limits, _ := ec2model.Limits(g.InstanceType)
	k := &kind{Limits: limits, Start: map[string]cluster.Draw{}, PodSubnet: map[string]string{}, Policies: ipamd.Policies(g.Policies), ParkIdle: w.parkIdle}
	k.SetEnvironment(daemonEnvironment(g), w.VPCCIDRs)
	for id, name := range w.subnetName {
		for zone, subnet := range g.ENIConfig {
			if subnet == name {
				k.PodSubnet[zone] = id
			}
		}
	}
	for i := range w.scenario.Workloads {
		l := &w.scenario.Workloads[i]
		if d := draw(l.ImagePull); d != nil {
			k.Start[l.Name] = d
		}
	}
	return k
}

func (w *world) vpcCIDRs() []netip.Prefix {
	list := make([]netip.Prefix, len(w.scenario.VPC.CIDRs))
	for i, c := range w.scenario.VPC.CIDRs {
		list[i] = c.Prefix
	}
	return list
}

func (w *world) zone(subnet string) string {
	for i := range w.scenario.VPC.Subnets {
		if w.scenario.VPC.Subnets[i].Name == subnet {
			return w.scenario.VPC.Subnets[i].AZ
		}
	}
	panic("sim: no subnet " + subnet)
}
