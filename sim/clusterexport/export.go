package clusterexport

import (
	"bufio"
	"cmp"
	"io"
	"iter"
	"maps"
	"net/netip"
	"slices"

	"ipamsim/ec2model"
	"ipamsim/scenarios"
	"ipamsim/sim/fleet"
	"ipamsim/sim/inspect"
	"ipamsim/sim/machine"
)

// File is what one command prints.
type File struct {
	Name    string // of the file, without a folder
	Command string // that would print it
	Write   func(io.Writer) error
}

// Export is a cluster at a moment.
type Export struct {
	Files []File
	Notes []string // what these commands cannot say of the simulated cluster
}

// cluster is what is exported.
type cluster struct {
	*fleet.Fleet
	name     string
	managed  map[string]bool       // groups that Karpenter makes nodes for
	trunkOf  map[netip.Addr]string // of a branch interface, by its address
	branchOf map[netip.Addr]string // the interface that has it
	others   []other
	nodeOf   map[string]*machine.Machine // by instance
}

// Of a moment. The cluster is called as aws-node has it (CLUSTER_NAME), or else as
// the scenario.
func Of(m *inspect.Snapshot) *Export {
	c := &cluster{Fleet: m.Fleet, managed: map[string]bool{}, trunkOf: map[netip.Addr]string{}, branchOf: map[netip.Addr]string{}, nodeOf: map[string]*machine.Machine{}}
	c.name = cmp.Or(c.environment()["CLUSTER_NAME"], m.Scenario)
	if a := c.Scenario.Autoscaler; a != nil && a.Kind == "karpenter" {
		for i := range c.Scenario.NodeGroups {
			if name := c.Scenario.NodeGroups[i].Name; len(a.Groups) == 0 || slices.Contains(a.Groups, name) {
				c.managed[name] = true
			}
		}
	}
	for _, each := range c.Machines {
		c.nodeOf[each.Node.Instance.ID] = each
	}
	c.findBranches()
	c.findOthers()
	e := &Export{Notes: c.notes()}
	e.Files = append(c.kubernetes(), c.aws()...)
	return e
}

// notes are what is lost on the way: a real cluster has one DaemonSet aws-node,
// and an ENIConfig for each zone.
func (c *cluster) notes() (list []string) {
	first := c.environment()
	for _, m := range c.Machines {
		if !maps.Equal(m.Kind.Environment, first) || m.Kind.Release != c.release() {
			list = append(list, "node groups have aws-node with different settings or releases, which one DaemonSet cannot have: those of the node group "+c.Scenario.NodeGroups[0].Name+" are written")
			break
		}
	}
	configs := map[string]string{}
	for i := range c.Scenario.NodeGroups {
		// any order: a note is made or not
		for zone, subnet := range c.Scenario.NodeGroups[i].ENIConfig {
			if before, ok := configs[zone]; ok && before != subnet {
				return append(list, "node groups have different ENIConfigs for a zone: those of the first that has one are written")
			}
			configs[zone] = subnet
		}
	}
	return list
}

// environment of aws-node: that which the first group's nodes have, or would.
func (c *cluster) environment() map[string]string {
	return c.Environment(&c.Scenario.NodeGroups[0])
}

func (c *cluster) release() string { return c.Scenario.NodeGroups[0].CNIVersion }

// subnetOf is a subnet of the scenario.
func (c *cluster) subnetOf(s *ec2model.SubnetState) *scenarios.Subnet {
	for i := range c.Scenario.VPC.Subnets {
		if c.Scenario.VPC.Subnets[i].Name == s.Name {
			return &c.Scenario.VPC.Subnets[i]
		}
	}
	panic("clusterexport: no subnet " + s.Name)
}

// object is a JSON object. Its keys are written in their order.
type object = map[string]any

// listed is a file with a list of rows between a head and an end, so that a large
// one is never in memory as a whole.
func listed(name, command, key string, before, after object, rows iter.Seq[any]) File {
	return File{name, command, func(w io.Writer) error {
		out := bufio.NewWriter(w)
		l := lister{out: out}
		l.members(before)
		l.list(key, rows)
		l.members(after)
		l.end()
		if l.err != nil {
			return l.err
		}
		return out.Flush()
	}}
}

// one is a file with an object.
func one(name, command string, doc any) File {
	return File{name, command, func(w io.Writer) error { return write(w, doc, "") }}
}
