package findings

import (
	"fmt"
	"strings"

	"ipamsim/ec2model"
	"ipamsim/internal/words"
	"ipamsim/sim/result"
)

// These findings are about who holds the addresses of the subnets.

// A subnet ran out when next to nothing of it was free, or when EC2 refused
// an address and so little was free that one request asks for more.
func subnetExhaustion(o *outcome, f *Facts) (result.Finding, bool) {
	refused := o.Errors(ec2model.CodeInsufficientFreeAddresses)
	short := refused > 0 || o.Pods.FailedAddCauses[result.CauseSubnetFull] > 0
	noBlock := blocksRefused(o, f) > 0 || o.Pods.FailedAddCauses[result.CauseNoBlock] > 0
	found := result.Finding{Mode: result.ModeSubnetExhaustion, PodsAffected: o.met(result.CauseSubnetFull, result.CauseNoBlock) + withoutNode(o)}
	var dry, other []string
	var dryOnes, rest []result.Subnet
	warm, held, outOfReach := 0, 0, 0
	for _, s := range o.Subnets {
		line := f.atWorst(&s)
		if !f.isDry(&s, short, noBlock) {
			other = append(other, line)
			rest = append(rest, s)
			continue
		}
		dry = append(dry, line)
		dryOnes = append(dryOnes, s)
		outOfReach += min(s.FreeMin, f.explicit[s.Name])
		warm += s.Worst.Warm + s.Worst.Cooling
		held += s.Usable - s.Worst.Free
	}
	switch {
	case len(dry) > 0:
		found.Evidence = dry
		found.Summary = words.Plural(len(dry), "subnet") + " ran out of addresses."
		if warm > 0 {
			found.Summary = fmt.Sprintf("%s ran out of addresses; %s of what was held sat in warm pools without a pod.", words.Plural(len(dry), "subnet"), words.Percent(warm, held))
		}
	case short:
		found.Evidence = other[:min(3, len(other))]
		found.Summary = "EC2 refused addresses for want of free ones, although no subnet was near its end."
	default:
		return result.Finding{}, false
	}
	if refused > 0 {
		found.Evidence = append(found.Evidence, f.answered(ec2model.CodeInsufficientFreeAddresses, refused))
	}
	found.Evidence = append(found.Evidence, notStarted(o)...)
	if n := o.Nodes.FailedLaunch; n > 0 {
		found.Evidence = append(found.Evidence, failedLaunches(n))
	}
	siblings, elsewhere := f.siblings(dryOnes, rest)
	found.Evidence = append(found.Evidence, siblings...)
	var list []environment
	found.Remedy, list = exhaustionRemedy(o, f, 10*warm >= held && warm > 0, outOfReach > 0, elsewhere)
	found.Remedies = f.candidates(list...)
	return found, true
}

// atWorst says who had a subnet's addresses when fewest were free.
func (f *Facts) atWorst(s *result.Subnet) string {
	line := fmt.Sprintf("%s (%s): %s of %s addresses free at worst; pods had %s, warm pools %s, cooling %s, interfaces' own %s, others %s.",
		s.Name, s.CIDR, words.Count(s.FreeMin), words.Count(s.Usable), words.Count(s.Worst.Assigned), words.Count(s.Worst.Warm), words.Count(s.Worst.Cooling), words.Count(s.Worst.Primaries), words.Count(s.Worst.Others))
	if n := f.explicit[s.Name]; n > 0 {
		line += fmt.Sprintf(" CIDR reservations of type explicit keep %s of its addresses from automatic use.", words.Count(n))
	}
	return line
}

// isDry says whether next to nothing of a subnet was free. Where EC2 was short of
// addresses, or of blocks, less than one request asks for is enough.
func (f *Facts) isDry(s *result.Subnet, short, noBlock bool) bool {
	switch {
	case s.FreeMin <= s.Usable/100:
		return true
	case short:
		return s.FreeMin-f.explicit[s.Name] <= max(s.Usable/20, f.perInterface)
	}
	return noBlock && s.FreeMin < 16 // no block, but no addresses either
}

// withoutNode is how many pods no node had room for, where launches failed.
func withoutNode(o *outcome) int {
	if o.Nodes.FailedLaunch == 0 {
		return 0
	}
	return o.Pods.WaitingForNode
}

// siblings are subnets with room beside those that ran dry: evidence, and what
// to do with them.
func (f *Facts) siblings(dry, rest []result.Subnet) (evidence, do []string) {
	if len(dry) == 0 {
		return nil, nil
	}
	zones := map[string]bool{}
	for _, s := range dry {
		zones[f.subnets[s.Name].zone] = true
	}
	var nodes, pods []string
	for _, s := range rest {
		if s.FreeMin-f.explicit[s.Name] <= max(s.Usable/10, f.perInterface) {
			continue
		}
		about := f.subnets[s.Name]
		used := "no node group uses it"
		if len(about.groups) > 0 {
			used = "nodes of " + words.And(about.groups) + " are made in it, too"
			nodes = append(nodes, s.Name)
		} else if zones[about.zone] {
			pods = append(pods, s.Name)
		}
		evidence = append(evidence, fmt.Sprintf("%s (%s, zone %s) had %s of %s addresses free at worst; %s.",
			s.Name, s.CIDR, about.zone, words.Count(s.FreeMin), words.Count(s.Usable), used))
	}
	if len(pods) > 0 {
		do = append(do, fmt.Sprintf("let ipamd make interfaces in %s, in the same zone (tag kubernetes.io/role/cni=1)", words.Or(pods)))
	}
	if len(nodes) > 0 {
		do = append(do, fmt.Sprintf("make new nodes in %s, and none in %s while it is full: a node joins with a handful of addresses and is Ready, whatever its pods need", words.Or(nodes), words.Or(names(dry))))
	}
	return evidence[:min(3, len(evidence))], do
}

func names(list []result.Subnet) (names []string) {
	for _, s := range list {
		names = append(names, s.Name)
	}
	return names
}

func exhaustionRemedy(o *outcome, f *Facts, warm, reserved bool, elsewhere []string) (string, []environment) {
	var parts []string
	var set []environment
	if warm {
		set = f.smallerPools(o.Outcome, o.Nodes.AssignedP90)
	}
	switch {
	case warm && f.ipTargets:
		parts = append(parts, "bound what a node keeps: lower WARM_IP_TARGET and MINIMUM_IP_TARGET to what a node's pods need")
	case warm && f.prefixes:
		parts = append(parts, "bound what a node keeps: WARM_IP_TARGET with MINIMUM_IP_TARGET in place of WARM_PREFIX_TARGET, or no prefix delegation (a prefix is 16 addresses at a time)")
	case warm:
		parts = append(parts, "bound what a node keeps: WARM_IP_TARGET with MINIMUM_IP_TARGET in place of WARM_ENI_TARGET")
	}
	if reserved {
		parts = append(parts, "delete the CIDR reservations of type explicit, or make the nodes' subnet larger than what they keep")
	}
	parts = append(parts, elsewhere...)
	parts = append(parts, "give the nodes more address space (a secondary CIDR with custom networking or tagged subnets)")
	all := strings.Join(parts, "; or ")
	return strings.ToUpper(all[:1]) + all[1:] + ".", set
}

// blocksRefused is how often EC2 had no block for a prefix. Of a new interface it
// says so with a code of its own.
func blocksRefused(o *outcome, f *Facts) int {
	n := o.Errors(ec2model.CodeInsufficientCidrBlocks)
	if a := o.API[ec2model.CreateNetworkInterface.String()]; a != nil && inPassing(ec2model.CreateNetworkInterface.String(), ec2model.CodeInvalidParameterValue, f) {
		n += a.Errors[ec2model.CodeInvalidParameterValue]
	}
	return n
}

func fragmentation(o *outcome, f *Facts) (result.Finding, bool) {
	refused := blocksRefused(o, f)
	if refused+o.Pods.FailedAddCauses[result.CauseNoBlock] == 0 {
		return result.Finding{}, false
	}
	found := result.Finding{
		Mode: result.ModeFragmentation, PodsAffected: o.met(result.CauseNoBlock),
		Summary: "Prefix delegation found no free /28 in subnets that had room for single addresses.",
		Remedy:  "Reserve a part of the subnet for prefixes (create-subnet-cidr-reservation, type prefix), or use a subnet for these nodes alone.",
	}
	if f.reserved {
		found.Remedy = "The CIDR reservations of type prefix are used up: enlarge them, or use a subnet for these nodes alone."
	}
	for _, s := range o.Subnets {
		if s.FreeBlocksMin == 0 && s.FreeMin >= 16 && !f.subnets[s.Name].nodes {
			if s.ReservedShared > 0 {
				found.Evidence = append(found.Evidence, fmt.Sprintf("%s: %s of the %s of its prefix reservations held single addresses.", s.Name, words.Count(s.ReservedShared), words.Plural(s.ReservedBlocks, "/28 block")))
				found.Remedy = "A reservation does not move what is in it, and no prefix comes of a block in which any address is in use: what is reserved must be empty. Reserve a part that is, or move those who hold addresses there, or use a subnet for these nodes alone."
			}
			found.Evidence = append(found.Evidence, fmt.Sprintf("%s (%s): no aligned free /28 was left while at least %s addresses were free.", s.Name, s.CIDR, words.Count(s.FreeMin)))
		}
	}
	if len(found.Evidence) == 0 {
		return result.Finding{}, false // simply full
	}
	if looping(o) && refused >= o.Nodes.AgentRestarts {
		found.Evidence = append(found.Evidence, "A start of ipamd that gets no prefix for its node ends the container: such a node does not become Ready, and is tried again and again.")
	}
	found.Remedies = f.candidates(environment{"ENABLE_PREFIX_DELEGATION": "false"})
	found.Evidence = append(found.Evidence, notStarted(o)...)
	return found, true
}

// keptInterfaces is about those that no clean-up deletes: ipamd has tagged them,
// but their description is not one of its own.
func keptInterfaces(o *outcome, f *Facts) (result.Finding, bool) {
	n := o.Interfaces.KeptEnd
	if n == 0 {
		return result.Finding{}, false
	}
	var remedies []result.Remedy
	if len(f.keepers) > 0 {
		remedies = []result.Remedy{{}}
	}
	for _, group := range f.keepers {
		remedies[0].Set = append(remedies[0].Set, "nodeGroups."+group+".launch.deleteOnTermination=true")
	}
	return result.Finding{
		Mode:     result.ModeKeptInterfaces,
		Summary:  fmt.Sprintf("Terminated instances have left %s behind, each with an address of its subnet.", words.Plural(n, "first interface")),
		Evidence: []string{"Their launch template says DeleteOnTermination: false for the first interface. The VPC CNI's hourly clean-up deletes only interfaces that ipamd has made: these stay until somebody deletes them."},
		Remedy:   "Set DeleteOnTermination: true for the interface in the launch template (launch.deleteOnTermination here), and delete those that are available and belong to no instance.",
		Remedies: remedies,
	}, true
}

func leakedInterfaces(o *outcome, f *Facts) (result.Finding, bool) {
	n := o.Interfaces
	if n.LeakedPeak == 0 {
		return result.Finding{}, false
	}
	held, all := 0, 0
	for _, s := range o.Subnets {
		held += s.Held.Unmanaged
		all += s.Usable - s.FreeAtEnd - s.Held.Others
	}
	found := result.Finding{
		Mode:    result.ModeLeakedInterfaces,
		Summary: fmt.Sprintf("Up to %s had leaked: made by ipamd, attached to nothing, and known to no node.", words.Plural(n.LeakedPeak, "interface")),
		Evidence: []string{
			fmt.Sprintf("%s left at the end of the run; all nodes together had %s at the peak, leaked ones included.", were(n.LeakedEnd), words.Plural(n.Peak, "interface")),
		},
		Remedy: "An interface leaks when its node or its ipamd goes between creating and attaching it, between attaching it and setting DeleteOnTermination, or between detaching and deleting it. The hourly clean-up of any node of the cluster deletes it (DISABLE_LEAKED_ENI_CLEANUP must not be set).",
	}
	if f.noCleanUp {
		found.Remedies = f.candidates(environment{"DISABLE_LEAKED_ENI_CLEANUP": "false"})
	}
	if held > 0 && n.LeakedEnd > 0 {
		found.Evidence = append(found.Evidence, fmt.Sprintf("%s, %s of all held ones, were then on interfaces that no ipamd knows, besides the interfaces' own.",
			words.Plural(held, "address"), words.Percent(held, all)))
	}
	return found, true
}

func were(n int) string {
	if n == 1 {
		return "1 was"
	}
	return words.Count(n) + " were"
}

// Overhead is worth a word where pods have less than half of what is held.
func warmPoolOverhead(o *outcome, f *Facts) (result.Finding, bool) {
	assigned, warm := 0, 0
	for _, s := range o.Subnets {
		assigned += s.Held.Assigned
		warm += s.Held.Warm + s.Held.Cooling
	}
	if warm <= assigned || warm < 50 {
		return result.Finding{}, false
	}
	found := result.Finding{
		Mode:    result.ModeWarmPoolOverhead,
		Summary: fmt.Sprintf("At the end warm pools held %s addresses for %s on pods.", words.Count(warm), words.Count(assigned)),
		Evidence: []string{fmt.Sprintf("%.1f warm addresses per node on average, over %s at the peak.",
			float64(warm)/float64(max(1, o.Nodes.Peak)), words.Plural(o.Nodes.Peak, "node"))},
	}
	switch {
	case f.prefixes:
		found.Remedy = "A prefix is 16 addresses, and only one without a pod is given back. WARM_IP_TARGET and MINIMUM_IP_TARGET in place of WARM_PREFIX_TARGET keep fewer prefixes in reserve; single addresses in place of prefixes can be given back one by one, at the price of more API calls."
		if f.ipTargets {
			found.Remedy = "A prefix is 16 addresses, and only one without a pod is given back. Lower WARM_IP_TARGET and MINIMUM_IP_TARGET to what a node's pods need, or take single addresses in place of prefixes, at the price of more API calls."
		}
	case f.ipTargets:
		found.Remedy = "WARM_IP_TARGET and MINIMUM_IP_TARGET are set, and each node keeps what they ask for: lower them to what a node's pods need. What is in its cooldown or was moved by a smaller target is given back as ipamd's loop comes to it."
	default:
		found.Remedy = "WARM_ENI_TARGET gives back whole interfaces only, and only empty ones. WARM_IP_TARGET and MINIMUM_IP_TARGET give back single addresses, at the price of more API calls when pods come and go."
	}
	nodes := max(1, o.Nodes.Peak)
	found.Remedies = f.candidates(f.smallerPools(o.Outcome, (assigned+nodes-1)/nodes)...)
	return found, true
}
