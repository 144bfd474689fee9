package findings

import (
	"cmp"
	"fmt"
	"strings"

	"ipamsim/ec2model"
	"ipamsim/internal/portable"
	"ipamsim/internal/words"
	"ipamsim/scenarios"
	"ipamsim/sim/result"
)

// These findings are about pools that do not grow when pods need them to.

// emptyPool is a finding about pools that had no address for a cause, or one of
// several, without what it says of them: how is what the ADDs did, as the rest of
// a sentence.
func (o *outcome) emptyPool(mode result.Mode, how string, causes ...result.Cause) result.Finding {
	failed := 0
	for _, c := range causes {
		failed += o.Pods.FailedAddCauses[c]
	}
	return result.Finding{
		Mode: mode, PodsAffected: o.met(causes...),
		Evidence: append([]string{words.Plural(failed, "CNI ADD") + " " + how + ". " + o.hit(causes...)}, notStarted(o)...),
	}
}

// A pool that meets its targets does not grow, whether or not pods wait.
func poolAtMinimum(o *outcome, f *Facts) (result.Finding, bool) {
	if o.Pods.FailedAddCauses[result.CauseTargetsMet] == 0 {
		return result.Finding{}, false
	}
	found := o.emptyPool(result.ModePoolAtMinimum, "met such a pool", result.CauseTargetsMet)
	found.Summary = "Pools stopped growing with pods waiting: they held what their settings ask for, and all of it was on pods."
	found.Remedy = "See why addresses are on pods that max pods does not count, such as those that have gone: the pool holds as many addresses as max pods and takes no more."
	for _, g := range f.oneOfEach() {
		if g.minimumOnly() {
			found.Evidence = append(found.Evidence, fmt.Sprintf("Nodes of %s have MINIMUM_IP_TARGET %d and no WARM_IP_TARGET: ipamd then ignores WARM_ENI_TARGET and WARM_PREFIX_TARGET, and takes %s and never more.",
				g.name, g.MinimumIPTarget, g.minimumHeld()))
			found.Remedy = "Set WARM_IP_TARGET beside MINIMUM_IP_TARGET: the pool then grows as its addresses go to pods. MINIMUM_IP_TARGET alone is the most that a node ever holds, not the least."
			found.Remedies = f.candidates(environment{"WARM_IP_TARGET": "1"})
		}
	}
	return found, true
}

func cordonedNodes(o *outcome, f *Facts) (result.Finding, bool) {
	if !o.matters(result.CauseCordoned) {
		return result.Finding{}, false
	}
	found := o.emptyPool(result.ModeCordonedNodes, "found no address on a cordoned node", result.CauseCordoned)
	found.Summary = "Pods waited on cordoned nodes, whose pools neither grow nor shrink."
	found.Remedy = "Let ipamd manage the interfaces of cordoned nodes, too (AWS_MANAGE_ENIS_NON_SCHEDULABLE=true), or uncordon the node, or delete the pods that wait there: their successors go elsewhere."
	found.Remedies = f.candidates(environment{"AWS_MANAGE_ENIS_NON_SCHEDULABLE": "true"})
	return found, true
}

// waitInVain is about createAndAttach of package ipamd: the last of its calls
// has failed, the interface is deleted, and the wait for it begins.
func waitInVain(o *outcome, f *Facts) (result.Finding, bool) {
	if !o.matters(result.CauseInVain) {
		return result.Finding{}, false
	}
	found := o.emptyPool(result.ModeWaitInVain, "failed during such a wait", result.CauseInVain)
	found.Summary = "ipamd waited in vain, for up to 3 minutes each time, for interfaces that it had deleted itself; its pool does nothing else meanwhile."
	found.Remedy = "Nothing in ipamd's settings ends the wait; a restart of ipamd on the node does. Keep ModifyNetworkInterfaceAttribute from failing: the permission, and the rate of calls."
	found.Remedies = append(f.fewerInterfaces(), f.restarts(scenarios.FaultAPIErrors, scenarios.FaultThrottleStorm)...)
	if a := o.API[ec2model.ModifyNetworkInterfaceAttribute.String()]; a != nil {
		for _, code := range mostFirst(a.Errors) {
			found.Evidence = append(found.Evidence, fmt.Sprintf("It begins when ModifyNetworkInterfaceAttribute fails on a new interface: EC2 answered it %s %s.", code, words.Plural(a.Errors[code], "time")))
			break
		}
	}
	return found, true
}

// fewerInterfaces is prefix delegation, with which a node needs one at boot and
// seldom another.
func (f *Facts) fewerInterfaces() []result.Remedy {
	if !f.canPrefix || f.prefixes {
		return nil
	}
	return f.candidates(environment{"ENABLE_PREFIX_DELEGATION": "true"})
}

func cooldownStall(o *outcome, f *Facts) (result.Finding, bool) {
	if !o.matters(result.CauseCooling, result.CauseCoolingFull) {
		return result.Finding{}, false
	}
	growing, full := o.Pods.FailedAddCauses[result.CauseCooling], o.Pods.FailedAddCauses[result.CauseCoolingFull]
	found := o.emptyPool(result.ModeCooldownStall, "failed while every address without a pod was cooling down", result.CauseCooling, result.CauseCoolingFull)
	found.Summary = "Pods waited for addresses that had just been freed: ipamd counts an address in its cooldown as available, so the pool does not grow."
	var remedies []string
	var list []environment
	if growing > 0 {
		keep := "Keep more warm addresses than pods stop within the cooldown (WARM_IP_TARGET above that, or WARM_ENI_TARGET)"
		if f.cooldown {
			keep += ", or lower IP_COOLDOWN_PERIOD"
		}
		remedies = append(remedies, keep+".")
		list = f.againstStalls(o.Outcome)
	}
	if full > 0 {
		found.Evidence = append(found.Evidence, fmt.Sprintf("%s of them met a node that can hold no more addresses: there no warm target changes anything.", words.Count(full)))
		remedies = append(remedies, f.fullNode())
		list = append(list, f.whereFull()...)
		if full > growing {
			list = f.whereFull()
		}
	}
	found.Remedies = f.candidates(list...)
	found.Remedy = strings.Join(remedies, " ")
	return found, true
}

// whereFull is what the settings can do for a full node.
func (f *Facts) whereFull() (list []environment) {
	if f.canPrefix && !f.prefixes {
		list = append(list, environment{"ENABLE_PREFIX_DELEGATION": "true"})
	}
	if f.cooldown {
		list = append(list, environment{"IP_COOLDOWN_PERIOD": "0"})
	}
	return list
}

// fullNode is what helps a full node whose freed addresses cool down.
func (f *Facts) fullNode() string {
	var ways []string
	if f.canPrefix && !f.prefixes {
		ways = append(ways, "use prefix delegation, which gives its interfaces 16 times as many")
	}
	ways = append(ways, "lower max pods, so that some addresses are always to spare")
	if f.cooldown {
		ways = append(ways, "set IP_COOLDOWN_PERIOD=0, at the risk that a new pod gets packets for the last one with its address")
	}
	return "On full nodes: " + strings.Join(ways, "; or ") + "."
}

// interfaceChurn is a loop of the daemon with itself: without an interface to
// spare the pool is too low, and with it one is too many.
func interfaceChurn(o *outcome, f *Facts) (result.Finding, bool) {
	nodes := o.Interfaces.ChurningNodes
	if nodes == 0 {
		return result.Finding{}, false
	}
	calls := 0
	for _, action := range interfaceActions {
		if a := o.API[action.String()]; a != nil {
			calls += a.Calls
		}
	}
	found := result.Finding{
		Mode:    result.ModeInterfaceChurn,
		Summary: fmt.Sprintf("%s made and freed an interface again and again, without any pod on it.", words.Plural(nodes, "node")),
		Evidence: []string{
			words.Plural(o.Interfaces.Vain, "interface") + " went back to EC2 and had never had a pod.",
		},
		Remedy: "Look at what makes the pool too low without the interface, and gives it back once it is there.",
	}
	if hours := o.Nodes.ReadyHours; hours > 0 {
		found.Evidence = append(found.Evidence, fmt.Sprintf("The fleet sent %s about interfaces: %s per node and hour.", words.Plural(calls, "call"), words.Count(portable.Int(float64(calls)/hours+0.5))))
	}
	for _, g := range f.groups {
		if g.churns() {
			found.Evidence = append(found.Evidence, fmt.Sprintf("Nodes of %s have WARM_ENI_TARGET 0: ipamd takes an interface when no address is free, and gives one back as soon as an interface's worth (%d) is.", g.nodes(), g.MaxIPsPerENI))
			found.Remedy = "Keep something free: WARM_ENI_TARGET=1, or WARM_IP_TARGET=1 where an interface's worth of addresses is too many."
			found.Remedies = f.candidates(environment{"WARM_ENI_TARGET": "1"}, environment{"WARM_IP_TARGET": "1"})
		}
	}
	return found, true
}

// interfaceActions are the calls of an interface's life.
var interfaceActions = []ec2model.Action{
	ec2model.DescribeSubnets, ec2model.CreateNetworkInterface, ec2model.DescribeInstances, ec2model.AttachNetworkInterface,
	ec2model.ModifyNetworkInterfaceAttribute, ec2model.DescribeNetworkInterfaces, ec2model.DetachNetworkInterface, ec2model.DeleteNetworkInterface,
}

// noSubnet is about settings and tags that leave no subnet for interfaces.
func noSubnet(o *outcome, f *Facts) (result.Finding, bool) {
	if o.Pods.FailedAddCauses[result.CauseNoSubnet] == 0 {
		return result.Finding{}, false
	}
	found := o.emptyPool(result.ModeNoSubnet, "found an empty pool for that reason", result.CauseNoSubnet)
	found.Summary = "ipamd had no subnet in which it may make an interface."
	if len(f.excluded) > 0 {
		found.Evidence = append(found.Evidence, fmt.Sprintf("%s is tagged kubernetes.io/role/cni=0, which keeps ipamd from making interfaces in it.", words.And(f.excluded)))
		var set []string
		for _, name := range f.excluded {
			set = append(set, fmt.Sprintf(`vpc.subnets.%s.tags.kubernetes\.io/role/cni=1`, name))
		}
		found.Remedies = []result.Remedy{Remedy(set)}
	}
	custom, discovery := false, false
	for _, g := range f.groups {
		custom = custom || g.CustomNetworking
		discovery = discovery || !g.CustomNetworking
	}
	var ways []string
	if custom {
		ways = append(ways, "Give each zone that nodes are in an ENIConfig (eniConfig), named as the zone is")
	}
	if discovery {
		ways = append(ways, "Tag a subnet of each zone that nodes are in with kubernetes.io/role/cni=1, and let ipamd look for it (ENABLE_SUBNET_DISCOVERY=true)")
	}
	found.Remedy = cmp.Or(strings.Join(ways, ". "), "Give the nodes a subnet for interfaces") + "."
	return found, true
}
