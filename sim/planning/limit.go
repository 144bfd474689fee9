package planning

import (
	"slices"

	"ipamsim/ec2model"
	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
	"ipamsim/sim/fleet"
	"ipamsim/sim/result"
)

// Limit is what keeps the next node or pod from starting.
type Limit string

// The limits.
const (
	Addresses  Limit = "addresses"  // free addresses of a subnet
	Blocks     Limit = "blocks"     // free /28 blocks of a subnet
	Interfaces Limit = "interfaces" // those of the instance type, with their addresses
	MaxPods    Limit = "max_pods"   // kubelet's
	CPU        Limit = "cpu"        // allocatable on the nodes
	Memory     Limit = "memory"     // likewise
	NAU        Limit = "nau"        // the VPC's quota of network address usage
	ENIQuota   Limit = "eni_quota"  // the account's quota of network interfaces
	Settings   Limit = "settings"   // the VPC CNI's: they ask for no more, or leave no subnet
	Capacity   Limit = "capacity"   // EC2's, where the scenario has a shortage
)

// limitOfCode is the limit that EC2 speaks of, with the strongest first.
var limitOfCode = []struct {
	code  string
	limit Limit
}{
	{ec2model.CodeNetworkAddressUsageExceeded, NAU},
	{ec2model.CodeNetworkInterfaceLimitExceeded, ENIQuota},
	{ec2model.CodeInsufficientFreeAddresses, Addresses},
	{ec2model.CodeInsufficientCidrBlocks, Blocks},
	{ec2model.CodeInsufficientInstanceCapacity, Capacity},
	{ec2model.CodeAttachmentLimitExceeded, Interfaces},
	{ec2model.CodePrivateIPAddressLimitExceeded, Interfaces},
}

// limitOfCause is the limit behind the cause of a failed ADD. Others pass with
// time.
var limitOfCause = map[result.Cause]Limit{
	result.CauseSubnetFull:  Addresses,
	result.CauseNoBlock:     Blocks,
	result.CauseNodeFull:    Interfaces,
	result.CauseCoolingFull: Interfaces,
	result.CauseTargetsMet:  Settings,
	result.CauseNoSubnet:    Settings,
}

// shortfall is what is missing in a fleet that stands still.
type shortfall struct {
	nodes    int // that were wanted and have not been launched
	unready  int // that are there and not Ready
	outcome  *result.Outcome
	lacks    []cluster.Lack
	subnets  []ec2model.SubnetState
	troubled []string // zones of nodes that are not Ready, and of pods that have a node and do not run
}

// shortOf looks at a fleet at its end that wants so many nodes.
func shortOf(w *fleet.Fleet, nodes int) *shortfall {
	c := w.Cluster.Counts()
	s := &shortfall{nodes: nodes - c.Nodes, unready: c.Nodes - c.Ready, lacks: w.Cluster.Lacks(), subnets: w.Account.Subnets()}
	in := map[string]bool{}
	for _, p := range w.Cluster.Pending() {
		if p.Node != nil {
			in[w.Zone(p.Node.Instance.Subnet)] = true
		}
	}
	for _, m := range w.Machines {
		if m.Node.State() == cluster.Registered {
			in[w.Zone(m.Node.Instance.Subnet)] = true
		}
	}
	for _, subnet := range s.subnets {
		if zone := w.Zone(subnet.Name); in[zone] && !slices.Contains(s.troubled, zone) {
			s.troubled = append(s.troubled, zone)
		}
	}
	outcome := w.Outcome().Outcome
	s.outcome = &outcome
	return s
}

// limit is what it is short of. A node that is missing explains its pods, and a
// pod without an address is nearer to the cause than one without a node.
func (s *shortfall) limit() (l Limit, ok bool) {
	if s.nodes > 0 {
		if l, ok := s.heard(ec2model.RunInstances); ok {
			return l, true
		}
	}
	if l, ok := s.stuck(); ok {
		return l, true
	}
	if s.unready > 0 {
		if l, ok := s.heard(ec2model.CreateNetworkInterface, ec2model.AttachNetworkInterface, ec2model.AssignPrivateIpAddresses); ok {
			return l, true
		}
	}
	return s.waiting()
}

// heard is the limit that EC2 spoke of most often in its answers to some actions.
func (s *shortfall) heard(actions ...ec2model.Action) (l Limit, ok bool) {
	most := 0
	for _, known := range limitOfCode {
		n := 0
		for _, a := range actions {
			if of := s.outcome.API[a.String()]; of != nil {
				n += of.Errors[known.code]
			}
		}
		if n > most {
			most, l = n, known.limit
		}
	}
	return l, most > 0
}

// refused says whether EC2 has refused anything for want of it.
func (s *shortfall) refused() bool {
	_, is := s.heard(ec2model.RunInstances, ec2model.CreateNetworkInterface, ec2model.AttachNetworkInterface, ec2model.AssignPrivateIpAddresses)
	return is
}

// stuck is the limit behind most of the pods that have a node and no address.
func (s *shortfall) stuck() (l Limit, ok bool) {
	most := 0
	for i := range result.Causes {
		cause := result.Causes[i].Cause
		n := s.outcome.Pods.StuckPods[cause]
		if n <= most {
			continue
		}
		limit, known := limitOfCause[cause]
		if cause == result.CauseAPIError {
			limit, known = s.heard(ec2model.CreateNetworkInterface, ec2model.AttachNetworkInterface, ec2model.AssignPrivateIpAddresses)
		}
		if known {
			most, l = n, limit
		}
	}
	return l, most > 0
}

// waiting is what most of the pods without a node are short of.
func (s *shortfall) waiting() (l Limit, ok bool) {
	most := 0
	for _, lack := range s.lacks {
		if lack.Pods <= most {
			continue
		}
		switch lack.Most() {
		case cluster.LacksPlace:
			most, l = lack.Pods, MaxPods
		case cluster.LacksCPU:
			most, l = lack.Pods, CPU
		case cluster.LacksMemory:
			most, l = lack.Pods, Memory
		}
	}
	return l, most > 0
}

// places are the subnets, in the order of the scenario, that did not give what the
// group's next node or pod wanted: those of the zones where something waits, and
// without any such zone all of the group's.
func (s *shortfall) places(g *scenarios.NodeGroup) (names []string) {
	for _, subnet := range s.subnets {
		of, custom := g.ENIConfig[subnet.AZ]
		switch {
		case len(s.troubled) > 0 && !slices.Contains(s.troubled, subnet.AZ):
		case custom && of == subnet.Name, !custom && g.Uses(subnet.Name):
			names = append(names, subnet.Name)
		}
	}
	return names
}
