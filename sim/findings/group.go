package findings

import (
	"fmt"
	"slices"

	"ipamsim/ec2model"
	"ipamsim/internal/words"
	"ipamsim/scenarios"
	"ipamsim/sim/ipamd"
	"ipamsim/sim/nodeadm"
)

// group is the arithmetic of a node group's instance type: how many addresses
// its nodes can have for pods.
type group struct {
	*ipamd.Config
	name, instanceType string
	mixed              bool // it has other types, too
	maxPods, vcpu      int
	hostPods           int               // of each node, that need no address
	excluded           bool              // the nodes' subnet is tagged away from pods
	unconfigured       []string          // zones of its nodes without an ENIConfig, with custom networking
	inZone             map[string]string // the nodes' subnet, by such a zone
}

func groupOf(s *scenarios.Scenario, g *scenarios.NodeGroup, t scenarios.NodeType, env map[string]string, limits ec2model.InstanceLimits) group {
	out := group{
		Config: ipamd.ParseEnvironment(env, ipamd.Settings{ENILimit: limits.DefaultCardENIs(), IPv4Limit: limits.IPv4PerENI, Nitro: limits.Nitro(), Release: g.CNIVersion}),
		name:   g.Name, inZone: map[string]string{}, instanceType: t.InstanceType, mixed: len(g.Types()) > 1, maxPods: t.MaxPods, vcpu: limits.VCPU, hostPods: nodeadm.SystemPods,
	}
	for i := range s.Workloads {
		if w := &s.Workloads[i]; w.Kind == "DaemonSet" && w.HostNetwork && w.RunsOn(g) {
			out.hostPods++
		}
	}
	for i := range s.VPC.Subnets {
		if sub := &s.VPC.Subnets[i]; sub.Tags[ipamd.TagSubnet] == "0" && g.Uses(sub.Name) {
			out.excluded = true
		}
		if sub := &s.VPC.Subnets[i]; out.CustomNetworking && g.Uses(sub.Name) && g.ENIConfig[sub.AZ] == "" && !slices.Contains(out.unconfigured, sub.AZ) {
			out.unconfigured = append(out.unconfigured, sub.AZ)
			out.inZone[sub.AZ] = sub.Name
		}
	}
	return out
}

// nodes are the group's nodes in words, of which type where there are others.
func (g *group) nodes() string {
	if g.mixed {
		return g.name + " of type " + g.instanceType
	}
	return g.name
}

// oneOfEach are the groups, each once: for what their types do not change.
func (f *Facts) oneOfEach() (list []group) {
	for i, g := range f.groups {
		if i == 0 || f.groups[i-1].name != g.name {
			list = append(list, g)
		}
	}
	return list
}

// maxPodsOf are overrides of max pods, which all types of a group share: the
// lowest of what is said for them.
func maxPodsOf(groups []group, pods func(*group) (most int, change bool)) (set []string) {
	var names []string
	least, changed := map[string]int{}, map[string]bool{}
	for i := range groups {
		g := &groups[i]
		most, change := pods(g)
		if known, again := least[g.name]; !again {
			names = append(names, g.name)
			least[g.name] = most
		} else {
			least[g.name] = min(known, most)
		}
		changed[g.name] = changed[g.name] || change
	}
	for _, name := range names {
		if changed[name] {
			set = append(set, fmt.Sprintf("nodeGroups.%s.maxPods=%d", name, least[name]))
		}
	}
	return set
}

// firstUnused says whether pods never use the first interface.
func (g *group) firstUnused() bool { return g.CustomNetworking || g.excluded }

// enis are the interfaces that carry pods.
func (g *group) enis() int {
	if g.firstUnused() {
		return g.MaxENI - 1
	}
	return g.MaxENI
}

// podsAtMost is how many pods a node can run, those without an address of
// their own included.
func (g *group) podsAtMost() int { return g.enis()*g.MaxIPsPerENI + g.hostPods }

// sensiblePods is that, as far as AWS's own tools go for its type.
func (g *group) sensiblePods() int {
	if pods, known := nodeadm.Recommended(g.podsAtMost(), g.vcpu); known {
		return pods
	}
	return g.podsAtMost()
}

// overfull says whether a node accepts more.
func (g *group) overfull() bool { return g.maxPods > g.podsAtMost() }

// sum is how podsAtMost comes about.
func (g *group) sum() string {
	enis := fmt.Sprint(g.MaxENI)
	if g.firstUnused() {
		enis = fmt.Sprintf("(%d - 1)", g.MaxENI)
	}
	perPrefix := ""
	if g.PrefixDelegation {
		perPrefix = " x 16"
	}
	return fmt.Sprintf("%s x (%d - 1)%s + %d, for interfaces, the addresses of each but its own, and pods on the host's network", enis, g.IPv4Limit, perPrefix, g.hostPods)
}

// whySum says why the first interface does not count.
func (g *group) whySum() string {
	switch {
	case g.CustomNetworking:
		return " (under custom networking the first interface carries no pods)"
	case g.excluded:
		return " (the nodes' subnet is tagged kubernetes.io/role/cni=0, so that the first interface carries no pods)"
	}
	return ""
}

// minimumOnly says whether the pool never grows beyond MINIMUM_IP_TARGET.
func (g *group) minimumOnly() bool { return g.MinimumIPTarget > 0 && g.WarmIPTarget == 0 }

// minimumHeld is what the pool then holds.
func (g *group) minimumHeld() string {
	if !g.PrefixDelegation {
		return words.Plural(g.MinimumIPTarget, "address")
	}
	prefixes := (g.MinimumIPTarget + 15) / 16
	return fmt.Sprintf("%s (%s)", words.Plural(prefixes, "prefix"), words.Plural(16*prefixes, "address"))
}

// churns says whether nodes whose interfaces have no free address make and
// free another for ever: without it the pool is too low, and with it one is
// too many.
func (g *group) churns() bool {
	t := ipamd.Targets{
		WarmENI: g.WarmENITarget, WarmIP: g.WarmIPTarget, MinimumIP: g.MinimumIPTarget, WarmPrefix: g.WarmPrefixTarget,
		PrefixDelegation: g.PrefixDelegation, MaxIPsPerENI: g.MaxIPsPerENI, MaxPods: g.maxPods,
	}
	without, with := ipamd.Stats{}, ipamd.Stats{Total: g.MaxIPsPerENI}
	return !t.ByIP() && !t.PrefixDelegation && t.TooLow(without) && t.SpareENI(with)
}
