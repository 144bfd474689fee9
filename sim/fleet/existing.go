package fleet

import (
	"net/netip"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/ec2model"
	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
	"ipamsim/sim/ipamd"
	"ipamsim/sim/machine"
)

// This file makes the nodes of a snapshot, which are there before the run.

// existing says a group's snapshot in the words of the cluster. What is wanted
// besides is wanted from time 0 on.
func existing(g *scenarios.NodeGroup, cfg *cluster.GroupConfig) {
	if len(g.Nodes) == 0 {
		return
	}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		e := cluster.ExistingNodes{Count: n.Count, Name: n.Name, Subnet: n.Subnet, Cordoned: n.Cordoned, Place: i}
		if n.Differs() {
			like := g.As(n)
			e.Type = &cluster.NodeType{InstanceType: like.InstanceType, MaxPods: like.PodLimit(), Allocatable: resources(like.Allocatable())}
		}
		for k := range n.Pods {
			e.Pods = append(e.Pods, cluster.ExistingPods{Workload: n.Pods[k].Workload, Count: n.Pods[k].Total()})
		}
		cfg.Existing = append(cfg.Existing, e)
	}
	if g.Count != g.Existing() {
		cfg.Steps = append([]cluster.Step{{Count: g.Count}}, cfg.Steps...)
	}
	cfg.Count = 0
}

// existingAddresses are the addresses in a subnet that a snapshot names, and how
// many prefixes it has there besides.
func existingAddresses(s *scenarios.Scenario, subnet string) (list []netip.Prefix, blocks int) {
	for i := range s.NodeGroups {
		for j := range s.NodeGroups[i].Nodes {
			n := &s.NodeGroups[i].Nodes[j]
			for k := range n.Interfaces {
				e := &n.Interfaces[k]
				if e.SubnetOf(n) != subnet {
					continue
				}
				blocks += n.Count * e.Count * e.PrefixCount
				if e.Address != nil {
					list = append(list, e.Address.Prefix)
				}
				for _, named := range [][]scenarios.Prefix{e.Addresses, e.Prefixes} {
					for _, p := range named {
						list = append(list, p.Prefix)
					}
				}
			}
		}
	}
	return list, blocks
}

// Restore implements cluster.Cloud.
func (c *cloud) Restore(group *cluster.Group, entry *cluster.ExistingNodes) (cluster.Instance, error) {
	w := c.fleet
	n := &w.Scenario.NodeGroups[group.Place].Nodes[entry.Place]
	instanceType := w.Scenario.NodeGroups[group.Place].As(n).InstanceType
	x := ec2model.ExistingInstance{Type: instanceType, Subnet: n.Subnet, Keep: group.KeepInterface}
	kind := w.kinds[kindOf{group.Name, instanceType}]
	devices := map[int]int{} // the next one to try, by card
	for k := range n.Interfaces {
		e := &n.Interfaces[k]
		for range e.Count {
			i := existingInterface(n, e, kind)
			if e.Kind == "branch" {
				x.Branches = append(x.Branches, i)
				continue
			}
			i.Device = freeDevice(n, e, devices)
			x.Interfaces = append(x.Interfaces, i)
		}
	}
	id, err := w.Account.Restore(x)
	return cluster.Instance{ID: id, Subnet: n.Subnet, Type: instanceType}, err
}

// freeDevice is an interface's device index: the one that is given, or the lowest
// on its card that no other has or is given.
func freeDevice(n *scenarios.ExistingNode, e *scenarios.ExistingInterface, next map[int]int) int {
	if e.Device != nil {
		return *e.Device
	}
	d := next[e.Card]
	for given(n, d, e.Card) {
		d++
	}
	next[e.Card] = d + 1
	return d
}

// given says whether an interface of the node names a place.
func given(n *scenarios.ExistingNode, device, card int) bool {
	for k := range n.Interfaces {
		if e := &n.Interfaces[k]; e.Device != nil && *e.Device == device && e.Card == card {
			return true
		}
	}
	return false
}

// Descriptions of interfaces, as whoever makes them has it: the VPC CNI, and the
// VPC resource controller (pkg/aws/ec2/api/helper.go, pkg/config/type.go).
const (
	trunkDescription  = "aws-k8s-trunk-eni"
	branchDescription = "aws-k8s-branch-eni"
)

func existingInterface(n *scenarios.ExistingNode, e *scenarios.ExistingInterface, kind *machine.Kind) ec2model.ExistingInterface {
	i := ec2model.ExistingInterface{Subnet: e.SubnetOf(n), Card: e.Card, AddressCount: e.AddressCount, PrefixCount: e.PrefixCount}
	if e.Address != nil {
		i.Address = e.Address.Addr()
	}
	for _, a := range e.Addresses {
		i.Addresses = append(i.Addresses, a.Addr())
	}
	for _, p := range e.Prefixes {
		i.Prefixes = append(i.Prefixes, p.Prefix)
	}
	switch e.Kind {
	case "pods":
		i.Tags = kind.Tags
	case "trunk":
		i.Type, i.Description, i.Tags = types.NetworkInterfaceTypeTrunk, trunkDescription, notManaged
	case "branch":
		i.Type, i.Description = types.NetworkInterfaceTypeBranch, branchDescription
	case "efa":
		i.Type = types.NetworkInterfaceTypeEfa
		if e.Carries() {
			i.Tags = kind.Tags
		}
	case "efa-only":
		i.Type = types.NetworkInterfaceTypeEfaOnly
	default:
		i.Tags = notManaged
	}
	return i
}

// notManaged are the tags of an interface that ipamd is to leave alone.
func notManaged(string) []types.Tag {
	key, value := ipamd.TagNoManage, "true"
	return []types.Tag{{Key: &key, Value: &value}}
}

// spot is an address for a pod and the interface that it is on.
type spot struct {
	address netip.Addr
	device  int
	taken   bool
}

// holds is what an existing node holds, now that EC2 has chosen what was not
// named.
func (w *Fleet) holds(n *cluster.Node) *machine.Existing {
	entry := &w.Scenario.NodeGroups[n.Group.Place].Nodes[n.Existing.Place]
	spots, managed := w.spots(n, entry)
	x := &machine.Existing{Until: w.WarmUp, Managed: func(device int) bool { return managed[device] }}
	at := func(a netip.Addr) *spot {
		for i := range spots {
			if spots[i].address == a {
				return &spots[i]
			}
		}
		return nil
	}
	for k := range entry.Pods { // named ones go first: counted ones take what is left
		for _, a := range entry.Pods[k].Addresses {
			if s := at(a.Addr()); s != nil {
				s.taken = true
			}
		}
	}
	for k := range entry.Cooling {
		for _, a := range entry.Cooling[k].Addresses {
			at(a.Addr()).taken = true
		}
	}
	next := 0
	free := func() (s spot, ok bool) {
		for next < len(spots) && spots[next].taken {
			next++
		}
		if next == len(spots) {
			return spot{}, false
		}
		next++
		return spots[next-1], true
	}
	w.existingPods(n, entry, x, at, free)
	for k := range entry.Cooling {
		c := &entry.Cooling[k]
		freed := w.WarmUp - Std(c.Since)
		for _, a := range c.Addresses {
			x.Cooling = append(x.Cooling, machine.Cooling{Address: a.Addr(), Freed: freed})
		}
		for range c.Count {
			if s, ok := free(); ok {
				x.Cooling = append(x.Cooling, machine.Cooling{Address: s.address, Freed: freed})
			}
		}
	}
	return x
}

// spots are the addresses that a node's interfaces have for pods, in their order,
// and which devices those are.
func (w *Fleet) spots(n *cluster.Node, entry *scenarios.ExistingNode) (spots []spot, managed map[int]bool) {
	managed = map[int]bool{}
	seen := w.Account.Metadata(n.Instance.ID) // in the order of their creation, and so of the entry
	for k := range entry.Interfaces {
		e := &entry.Interfaces[k]
		if e.Kind == "branch" {
			continue
		}
		for range e.Count {
			i := seen[0]
			seen = seen[1:]
			if !e.Carries() {
				continue
			}
			managed[i.DeviceIndex] = true
			for _, a := range i.PrivateIPs[1:] {
				spots = append(spots, spot{a, i.DeviceIndex, false})
			}
			for _, p := range i.IPv4Prefixes {
				for a := p.Addr(); p.Contains(a); a = a.Next() {
					spots = append(spots, spot{a, i.DeviceIndex, false})
				}
			}
		}
	}
	return spots, managed
}

// existingPods finds the pods' addresses.
func (w *Fleet) existingPods(n *cluster.Node, entry *scenarios.ExistingNode, x *machine.Existing, at func(netip.Addr) *spot, free func() (spot, bool)) {
	branches := w.Account.Branches(n.Instance.ID)
	for k := range entry.Pods {
		p := &entry.Pods[k]
		for _, a := range p.Addresses {
			pod := machine.ExistingPod{Address: a.Addr()}
			if s := at(a.Addr()); s != nil {
				pod.Device, pod.Known = s.device, true
			}
			x.Pods = append(x.Pods, pod)
		}
		for range p.Count {
			var pod machine.ExistingPod
			switch {
			case w.onHost(p.Workload):
			case p.Branch && len(branches) > 0:
				pod.Address, branches = branches[0], branches[1:]
			case !p.Branch:
				if s, ok := free(); ok {
					pod = machine.ExistingPod{Address: s.address, Device: s.device, Known: true}
				}
			}
			x.Pods = append(x.Pods, pod)
		}
	}
}

// onHost says whether a workload's pods are on the host's network.
func (w *Fleet) onHost(workload string) bool {
	for i := range w.Scenario.Workloads {
		if w.Scenario.Workloads[i].Name == workload {
			return w.Scenario.Workloads[i].HostNetwork
		}
	}
	return false
}
