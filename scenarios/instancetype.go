package scenarios

import (
	"fmt"

	"ipamsim/ec2model"
	"ipamsim/internal/words"
)

// typePattern is the pattern of names of instance types, as the tag below has it.
const typePattern = `^[a-z0-9-]{1,32}\.[a-z0-9-]{1,32}$`

// Bounds of what a scenario may describe, as the tags below have them.
const (
	mostInterfaces = 1000 // of a type
	mostAddresses  = 1000 // of an interface
	mostCards      = 64
	mostOfCard     = 128 // interfaces
)

// CanDescribe says whether a scenario can describe a type of such limits.
func CanDescribe(l ec2model.InstanceLimits) bool {
	for _, most := range l.NetworkCards {
		if most < 1 || most > mostOfCard {
			return false
		}
	}
	return l.DefaultCard == 0 && l.ENIs <= mostInterfaces && l.IPv4PerENI <= mostAddresses && len(l.NetworkCards) <= mostCards
}

// InstanceType is an EC2 instance type that the scenario describes itself, as
// `aws ec2 describe-instance-types` does: one that is not among the published
// ones, or is there with other limits, whose place it takes.
type InstanceType struct {
	Name                  string `yaml:"name" required:"true" pattern:"^[a-z0-9-]{1,32}\\.[a-z0-9-]{1,32}$" doc:"Its name, as node groups have it."`
	Interfaces            int    `yaml:"interfaces" min:"1" max:"1000" doc:"Most network interfaces, on its one network card. Give this, or networkCards."`
	NetworkCards          []int  `yaml:"networkCards" min:"1" max:"64" doc:"Most interfaces of each network card, from 1 to 128. The first card has the primary interface."`
	AddressesPerInterface int    `yaml:"addressesPerInterface" required:"true" min:"1" max:"1000" doc:"Most addresses and prefixes of an interface, its own address among them."`
	Hypervisor            string `yaml:"hypervisor" enum:"nitro,xen,none" default:"nitro" doc:"none is bare metal. Prefixes want nitro or none."`
	VCPU                  int    `yaml:"vcpu" min:"0" max:"10000" doc:"0 is unknown: then groups of it need resources."`
	Memory                Memory `yaml:"memory" doc:"0 is unknown, likewise."`
	BranchInterfaces      int    `yaml:"branchInterfaces" min:"0" max:"1000" doc:"Most branch interfaces on its trunk; 0 is no trunk."`
}

// limits in the words of the model.
func (t *InstanceType) limits() ec2model.InstanceLimits {
	l := ec2model.InstanceLimits{
		ENIs: t.Interfaces, IPv4PerENI: t.AddressesPerInterface, NetworkCards: t.NetworkCards, Hypervisor: t.Hypervisor, BareMetal: t.Hypervisor == "none",
		Trunk: t.BranchInterfaces > 0, BranchENIs: t.BranchInterfaces, VCPU: t.VCPU, MemoryMiB: int(t.Memory >> 20),
	}
	if l.BareMetal {
		l.Hypervisor = "" // as the published ones have it
	}
	for _, most := range t.NetworkCards {
		l.ENIs += most
	}
	return l
}

// describeTypes lets all groups know the types that the scenario describes.
func (s *Scenario) describeTypes() {
	for i := range s.EC2.InstanceTypes {
		if s.types == nil {
			s.types = ec2model.Catalogue{}
		}
		s.types[s.EC2.InstanceTypes[i].Name] = s.EC2.InstanceTypes[i].limits()
	}
	for i := range s.NodeGroups {
		s.NodeGroups[i].types = s.types
	}
}

// Types are the instance types that the scenario describes itself; nil without
// any. It is shared: do not change it.
func (s *Scenario) Types() ec2model.Catalogue { return s.types }

// Limits are those of an instance type, as the group's scenario has it.
func (g *NodeGroup) Limits(instanceType string) (limits ec2model.InstanceLimits, ok bool) {
	return g.types.Limits(instanceType)
}

// checkTypes checks the types that the scenario describes.
func (c *checker) checkTypes() {
	seen := map[string]bool{}
	for i := range c.s.EC2.InstanceTypes {
		t := &c.s.EC2.InstanceTypes[i]
		path, name := fmt.Sprintf("ec2.instanceTypes.%d", i), fmt.Sprintf("ec2.instanceTypes[%d]", i)
		if seen[t.Name] && c.usable("%s.name", path) {
			c.problem(c.at("%s.name", path), "%s: the instance type %q is described twice", name, t.Name)
		}
		seen[t.Name] = true
		switch one, several := c.given("%s.interfaces", path), c.given("%s.networkCards", path); {
		case one && several:
			c.problem(c.at("%s.networkCards", path), "%s: interfaces and networkCards exclude each other", name)
		case !one && !several:
			c.problem(c.at("%s", path), "%s: how many interfaces it may have was expected: interfaces, or networkCards", name)
		}
		for k, most := range t.NetworkCards {
			if at := fmt.Sprintf("%s.networkCards.%d", path, k); c.usable("%s", at) && (most < 1 || most > mostOfCard) {
				c.problem(c.at("%s", at), "%s: %d interfaces of a network card are out of range: from 1 to %d", name, most, mostOfCard)
			}
		}
	}
}

// suggestInstanceType names the types nearest to a word, however far.
func (c *checker) suggestInstanceType(name string) string {
	names := c.s.types.Names()
	if s := words.DidYouMean(name, names); s != "" {
		return s
	}
	return "; the nearest are " + words.And(words.Nearest(name, names, 3)) + ", and ec2.instanceTypes describes others"
}
