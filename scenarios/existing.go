package scenarios

import (
	"cmp"
	"slices"
)

// ExistingNode is a node that is there before the run, or a number of equal ones,
// with what it is and holds at time 0. Together such nodes are a snapshot of a
// cluster. Until time 0 nothing about them changes; then ipamd goes on from its
// checkpoint, as after a restart, and does what its settings say.
type ExistingNode struct {
	Name         string              `yaml:"name" pattern:"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$" doc:"Name of the node, of one alone. Unless given, nodes are called after their group, with a number."`
	Count        int                 `yaml:"count" default:"1" min:"1" max:"200000" doc:"How many such nodes. Names and addresses can be given of a single one only."`
	InstanceType string              `yaml:"instanceType" names:"instance" doc:"Its EC2 instance type, which need not be one of the group's: a group that has got another one keeps the nodes that it has. The group's, the first of several, unless given."`
	MaxPods      *int                `yaml:"maxPods" min:"1" max:"2000" doc:"Its kubelet's max pods; the group's unless given, or what instanceType has."`
	Resources    *Resources          `yaml:"resources" doc:"Its allocatable CPU and memory; the group's unless given, or derived from instanceType."`
	Subnet       string              `yaml:"subnet" doc:"Subnet of its first interface, one of the group's; it may be left out where the group has one."`
	Cordoned     bool                `yaml:"cordoned" doc:"It is cordoned, for the whole run: nothing is scheduled on it, and ipamd attaches nothing."`
	Interfaces   []ExistingInterface `yaml:"interfaces" max:"128" doc:"Its interfaces, the first one first. Without any it has its first interface, with nothing on it."`
	Pods         []ExistingPods      `yaml:"pods" max:"1000" doc:"Pods that run on it, aws-node and kube-proxy aside."`
	Cooling      []ExistingCooling   `yaml:"cooling" max:"1000" doc:"Addresses that a pod has left less than IP_COOLDOWN_PERIOD before time 0. All others on interfaces of kind pods are free."`
}

// ExistingInterface is an interface of a node that is there before the run.
type ExistingInterface struct {
	Kind         string   `yaml:"kind" enum:"pods,trunk,branch,efa,efa-only,other" default:"pods" doc:"pods: ipamd's. trunk: of security groups for pods; it takes a place of the instance type. branch: one on the trunk, which takes none and has one address, its own; it goes with the node. efa: an Elastic Fabric Adapter with an ENA device; on the first network card ipamd gives its addresses to pods as well, and never gives it back. efa-only: one without, which has no address and takes a place of its card. other: attached, and not ipamd's. ipamd leaves trunks, branches, efa-only, other, and all on other network cards alone."`
	Count        int      `yaml:"count" default:"1" min:"1" max:"128" doc:"How many such interfaces."`
	Subnet       string   `yaml:"subnet" doc:"Its subnet, in the node's zone; the node's unless given."`
	Device       *int     `yaml:"device" min:"0" max:"127" doc:"Device index: the lowest free one unless given, 0 for the first."`
	Card         int      `yaml:"card" min:"0" max:"63" doc:"Network card."`
	Address      *Prefix  `yaml:"address" doc:"Its own address; one that EC2 chooses unless given."`
	AddressCount int      `yaml:"addressCount" min:"0" max:"1000" doc:"How many secondary addresses it has, besides those in addresses. Where they lie EC2 chooses."`
	Addresses    []Prefix `yaml:"addresses" max:"1000" doc:"Secondary addresses by name."`
	PrefixCount  int      `yaml:"prefixCount" min:"0" max:"1000" doc:"How many /28 prefixes it has, besides those in prefixes."`
	Prefixes     []Prefix `yaml:"prefixes" max:"1000" doc:"Delegated /28 prefixes by name."`
}

// ExistingPods are pods of one workload on a node that is there before the run.
type ExistingPods struct {
	Workload  string   `yaml:"workload" required:"true" doc:"Name of the workload that they belong to."`
	Count     int      `yaml:"count" min:"0" max:"2000" doc:"How many, besides those of addresses. They have addresses of the node's interfaces, in the order of those, as far as there are any."`
	Addresses []Prefix `yaml:"addresses" max:"2000" doc:"Addresses of pods by name, one pod each. One that is on no interface of the node is believed: the pod runs, and nobody holds the address for it."`
	Branch    bool     `yaml:"branch" doc:"The counted ones have addresses of the node's branch interfaces."`
}

// ExistingCooling are addresses in cooldown on a node that is there before the
// run. Give count, or addresses.
type ExistingCooling struct {
	Count     int      `yaml:"count" min:"0" max:"2000" doc:"How many."`
	Addresses []Prefix `yaml:"addresses" max:"2000" doc:"Addresses by name."`
	Since     Duration `yaml:"since" doc:"How long before time 0 a pod left them."`
}

// As is the group as though all its nodes were like one that is there before the
// run.
func (g *NodeGroup) As(n *ExistingNode) *NodeGroup {
	if !n.Differs() {
		return g
	}
	like, limit := *g, g.PodLimit()
	if n.InstanceType == "" {
		like.MaxPods = &limit // of several types it is the lowest
	} else {
		like.InstanceType = n.InstanceType
		if !slices.Contains(g.Types(), n.InstanceType) {
			like.Resources = nil // those of the group's own types
		}
	}
	like.InstanceTypes = nil
	if n.MaxPods != nil {
		like.MaxPods = n.MaxPods
	}
	if n.Resources != nil {
		both := *n.Resources
		if of := like.Resources; of != nil {
			both.CPU, both.Memory = cmp.Or(both.CPU, of.CPU), cmp.Or(both.Memory, of.Memory)
		}
		like.Resources = &both
	}
	return &like
}

// Differs says whether the node is another than those that the group launches.
func (n *ExistingNode) Differs() bool {
	return n.InstanceType != "" || n.MaxPods != nil || n.Resources != nil
}

// Total is how many pods the entry has.
func (p *ExistingPods) Total() int { return p.Count + len(p.Addresses) }

// total is how many addresses the entry has.
func (c *ExistingCooling) total() int { return c.Count + len(c.Addresses) }

// Carries says whether the interface carries pods, as ipamd has it.
func (e *ExistingInterface) Carries() bool {
	return e.Kind == "pods" || e.Kind == "efa" && e.Card == 0
}

// own is how many addresses of its own the interface has.
func (e *ExistingInterface) own() int {
	if e.Kind == "efa-only" {
		return 0
	}
	return 1
}

// secondary is how many addresses the interface has besides its own.
func (e *ExistingInterface) secondary() int {
	return e.AddressCount + len(e.Addresses) + 16*(e.PrefixCount+len(e.Prefixes))
}

// slots is how many of the type's addresses per interface it takes.
func (e *ExistingInterface) slots() int {
	return e.own() + e.AddressCount + len(e.Addresses) + e.PrefixCount + len(e.Prefixes)
}

// SubnetOf is the subnet of one of a node's interfaces.
func (e *ExistingInterface) SubnetOf(n *ExistingNode) string {
	if e.Subnet != "" {
		return e.Subnet
	}
	return n.Subnet
}

// Existing is how many nodes of the group are there before the run.
func (g *NodeGroup) Existing() (n int) {
	for i := range g.Nodes {
		n += g.Nodes[i].Count
	}
	return n
}

// snapshot says whether the scenario has nodes that are there before the run.
func (s *Scenario) snapshot() bool {
	for i := range s.NodeGroups {
		if len(s.NodeGroups[i].Nodes) > 0 {
			return true
		}
	}
	return false
}

// ExistingPods are the pods of each workload that run on existing nodes.
func (s *Scenario) ExistingPods() map[string]int {
	pods := map[string]int{}
	for i := range s.NodeGroups {
		for j := range s.NodeGroups[i].Nodes {
			n := &s.NodeGroups[i].Nodes[j]
			for k := range n.Pods {
				pods[n.Pods[k].Workload] += n.Count * n.Pods[k].Total()
			}
		}
	}
	return pods
}

// take fills in what a snapshot says of numbers that were not given: a group has
// the nodes that it has, a Deployment the pods, a node's subnet is the only one,
// and it has a first interface.
func (s *Scenario) take(given func(format string, args ...any) bool) {
	if !s.snapshot() {
		return
	}
	for i := range s.NodeGroups {
		g := &s.NodeGroups[i]
		if !given("nodeGroups.%d.count", i) {
			g.Count = min(g.Existing(), maxGroup)
		}
		only := ""
		switch {
		case len(g.Subnets) == 1:
			only = g.Subnets[0]
		case len(g.Subnets) == 0 && len(s.VPC.Subnets) == 1:
			only = s.VPC.Subnets[0].Name
		}
		for j := range g.Nodes {
			n := &g.Nodes[j]
			if n.Subnet == "" {
				n.Subnet = only
			}
			if len(n.Interfaces) == 0 {
				n.Interfaces = []ExistingInterface{{Kind: "pods", Count: 1}}
			}
		}
	}
	pods := s.ExistingPods()
	for i := range s.Workloads {
		if w := &s.Workloads[i]; w.Kind == "Deployment" && !given("workloads.%d.initial", i) {
			w.Initial = min(pods[w.Name], maxReplicas)
		}
	}
}

// maxReplicas is the most replicas of a Deployment, as its initial has it.
const maxReplicas = 2_000_000
