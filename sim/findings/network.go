package findings

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"ipamsim/internal/portable"
	"ipamsim/internal/words"
	"ipamsim/sim/hostnet"
	"ipamsim/sim/result"
)

// These findings are about the nodes' networks: packets that are lost without
// an error anywhere.

// Restarts and flushes are seen by the machine's own metrics; ipamd exports
// none about rules, so that a check on the node has to count them.
const (
	rulesMetric = "aws_cni_pods_without_rule"
	rulesPromQL = `max by (instance) (aws_cni_pods_without_rule) > 0 or changes(node_systemd_unit_start_time_seconds{name="systemd-networkd.service"}[15m]) > 0`

	// introspected begins a check with what ipamd has on pods of some interfaces:
	// %s narrows the interfaces, and says what to print of each address.
	introspected = `curl -s http://localhost:61679/v1/enis | jq -r '.[].ENIs[] | select(%s) | .RouteTableID as $table | .AvailableIPv4Cidrs[].IPAddresses[]? | select(.IPAMKey.networkName != "") | %s'`
)

// silentDrop is the essay's third pattern.
func silentDrop(o *outcome, f *Facts) (result.Finding, bool) {
	list := o.Network.Of(result.WrongInterface)
	if len(list) == 0 {
		return result.Finding{}, false
	}
	found := result.Finding{
		Mode: result.ModeSilentDrop, PodsAffected: total(list),
		Summary: fmt.Sprintf("%s lost what %s sent to other nodes: it left by an interface that does not have %s address, and the VPC dropped it without an error.",
			words.Plural(total(list), "pod"), theyOrIt(total(list)), theirOrIts(total(list))),
		Evidence: story(o, list),
		Remedies: f.repairs(o.Outcome, list, silentDropRepairs(list)),
		Remedy:   adviceFor(list, silentDropAdvice),
	}
	hit := "What they sent on the same node arrived"
	if !f.externalSNAT {
		hit += ", and so did what left the VPC, which goes by the primary interface as the node"
	}
	quiet := ". Nothing of it shows in Kubernetes' events, nor in the logs of ipamd or the plugin."
	if causedBy(list, result.InterfaceNeverSetUp) {
		quiet = ". Kubernetes' events show nothing of it, and ipamd.log one error per interface, when it came."
	}
	if causedBy(list, result.RefreshRefused) {
		quiet = ". Kubernetes' events show nothing of it, and ipamd.log a warning per pod, at its start."
	}
	found.Evidence = append(found.Evidence, hit+quiet)
	e := list[0].Examples[0]
	found.Checks = []result.Check{
		{Command: "ip rule list from " + e.Address, Shows: "on " + e.Node + ": nothing, or a table that is not that of the pod's interface (1536 is the rule that counts)"},
		{Command: "ip route get " + f.resolver + " from " + e.Address + " iif " + hostnet.VethName("eni", e.Pod), Shows: "the interface by which its packets leave"},
		{Command: "curl -s http://localhost:61679/v1/enis | jq '.[].ENIs[] | {DeviceNumber, RouteTableID}'", Shows: "which interfaces ipamd has, and their tables"},
	}
	found.Alert = &result.Alert{
		PromQL: rulesPromQL, Metric: rulesMetric,
		Shell: fmt.Sprintf(introspected, "(.IsPrimary | not)", `"\(.Address) \($table)"`) + ` | while read -r ip table; do ip rule list from "$ip" | grep '^1536:' | head -n 1 | grep -qw "lookup $table" && ip route show table "$table" 2>/dev/null | grep -q '^default ' || echo "no rule to table $table, or no route in it, from $ip"; done`,
	}
	return found, true
}

// advice is what helps against some causes.
type advice struct {
	where  string // those causes have been at work; a remark on another advice says nothing here
	do     string
	causes []result.NetworkCauseKind
}

// silentDropAdvice has a row, besides remarks, for every cause.
var silentDropAdvice = []advice{
	{
		"systemd-networkd has dropped rules",
		"restart ipamd on the node and then recreate all of its pods, those on the primary interface too: only a start of ipamd writes the rule for what leaves the VPC (1024), and only each pod's ADD the rules of the pod (512, 1536). Keep systemd-networkd from dropping what it did not write: ManageForeignRoutingPolicyRules=no and ManageForeignRoutes=no in /etc/systemd/networkd.conf.d.",
		[]result.NetworkCauseKind{result.RulesFlushed},
	},
	{
		"an interface is without its table, or has changed",
		"restart ipamd on the node: its start sets every attached interface up again, with its table. Pods whose interface has gone must be recreated.",
		[]result.NetworkCauseKind{result.TableFlushed, result.InterfaceSetUp, result.InterfaceNeverSetUp, result.InterfaceChanged},
	},
	{
		"", "From v1.23.2 on the VPC CNI sets the interface up all the same.",
		[]result.NetworkCauseKind{result.InterfaceNeverSetUp},
	},
	{
		"pods lack rules of their own, or have another pod's",
		"recreate the pods: each ADD writes the rules of its pod. Restarting ipamd does not help: it never writes a missing rule.",
		[]result.NetworkCauseKind{
			result.StepRefused, result.StepKilled, result.RefreshRefused, result.RuleLeftBehind, result.PluginAtWork, result.IPAMDStart, result.InterfaceDetached, result.InterfaceReleased,
			result.AddressReturned, result.AddressGivenTwice, result.AddressNotAssigned, result.PodForgotten, result.DELMissed, result.MarkRuleLost,
		},
	},
}

// lostAddressAdvice has a row for every cause, too.
var lostAddressAdvice = []advice{
	{
		"somebody else has changed a node's interfaces",
		"recreate the pods. Leave the interfaces and addresses of nodes to ipamd: tag what you attach with node.k8s.amazonaws.com/no_manage=true, and never change what carries its tags.",
		[]result.NetworkCauseKind{result.InterfaceDetached, result.InterfaceChanged, result.RulesFlushed, result.TableFlushed},
	},
	{
		"ipamd did it itself",
		"recreate the pods. Nobody else has touched the addresses: ipamd had lost the pods that have them, or counts on addresses that EC2 has not given. Look for a start or a reconcile of it on instance metadata that was behind, and for a checkpoint (/var/run/aws-node/ipam.json) that was lost or old.",
		[]result.NetworkCauseKind{
			result.AddressReturned, result.AddressNotAssigned, result.AddressGivenTwice, result.InterfaceReleased, result.IPAMDStart, result.InterfaceSetUp, result.InterfaceNeverSetUp,
			result.PodForgotten, result.DELMissed, result.RuleLeftBehind, result.MarkRuleLost, result.StepRefused, result.StepKilled, result.RefreshRefused, result.PluginAtWork,
		},
	},
}

// adviceFor joins what helps against all causes that were at work.
func adviceFor(list []result.Episode, from []advice) string {
	var apply []advice
	ways := 0
	for _, a := range from {
		if causedBy(list, a.causes...) {
			apply = append(apply, a)
			if a.where != "" {
				ways++
			}
		}
	}
	var lines []string
	for _, a := range apply {
		switch {
		case a.where == "":
			lines = append(lines, a.do)
		case ways == 1:
			lines = append(lines, strings.ToUpper(a.do[:1])+a.do[1:])
		default:
			lines = append(lines, "Where "+a.where+": "+a.do)
		}
	}
	return strings.Join(lines, " ")
}

// silentDropRepairs are the ways to mend causes: where none asks for a start of
// ipamd, the pods alone are recreated.
func silentDropRepairs(list []result.Episode) []repair {
	if causedBy(list, silentDropAdvice[0].causes...) || causedBy(list, silentDropAdvice[1].causes...) {
		return bothDone
	}
	return recreated
}

// causedBy says whether some episode had one of the causes.
func causedBy(list []result.Episode, causes ...result.NetworkCauseKind) bool {
	return slices.ContainsFunc(list, func(e result.Episode) bool { return slices.Contains(causes, e.Cause.Kind) })
}

// noWayOut is what is left when the pods of a flush have been recreated and
// ipamd has not been restarted.
func noWayOut(o *outcome, f *Facts) (result.Finding, bool) {
	list := o.Network.Of(result.NoWayOut)
	if len(list) == 0 {
		return result.Finding{}, false
	}
	e := list[0].Examples[0]
	return result.Finding{
		Mode: result.ModeNoWayOut, PodsAffected: total(list),
		Summary: fmt.Sprintf("%s lost what %s sent out of the VPC: it left with the node's address by a secondary interface, and the VPC dropped it without an error.",
			words.Plural(total(list), "pod"), theyOrIt(total(list))),
		Evidence: append(story(o, list), "What they sent inside the VPC arrived."),
		Remedies: f.repairs(o.Outcome, list, restarted),
		Remedy:   "Restart ipamd on the node: its start writes the rule for marked packets anew. Recreating the pods does not help.",
		Checks: []result.Check{
			{Command: "ip rule list fwmark 0x80/0x80", Shows: "on " + e.Node + ": nothing, where 1024 should be"},
			{Command: "ip route get " + hostnet.Outside.String() + " from " + e.Address + " iif " + hostnet.VethName("eni", e.Pod) + " mark 0x80", Shows: "the pod's interface, where eth0 should be"},
		},
		Alert: &result.Alert{PromQL: rulesPromQL, Metric: rulesMetric, Shell: `if iptables-save -t nat | grep -q 'AWS-SNAT-CHAIN-0 .*-j SNAT' && ! ip rule list | grep -q '^1024:'; then echo "no rule for marked packets"; fi`},
	}, true
}

// missingRules is about pods that lose nothing by themselves.
func missingRules(o *outcome, f *Facts) (result.Finding, bool) {
	list := o.Network.Of(result.MissingRule)
	if len(list) == 0 {
		return result.Finding{}, false
	}
	e := list[0].Examples[0]
	return result.Finding{
		Mode:     result.ModeMissingRules,
		Summary:  fmt.Sprintf("%s ran on without the rule to %s (512).", words.Plural(total(list), "pod"), themOrIt(total(list))),
		Evidence: append(story(o, list), "They send and receive as before, except that pods of their node which start later on a secondary interface do not reach them, nor they those."),
		Remedies: f.repairs(o.Outcome, list, recreatedPerhapsRestarted),
		Remedy:   "Recreate the pods: each ADD writes the rules of its pod. ipamd never writes this one.",
		Checks:   []result.Check{{Command: "ip rule list to " + e.Address, Shows: "on " + e.Node + ": nothing, where 512 should be"}},
		Alert: &result.Alert{
			PromQL: rulesPromQL, Metric: rulesMetric,
			Shell: fmt.Sprintf(introspected, "true", ".Address") + ` | while read -r ip; do ip rule list to "$ip" | grep -q '^512:' || echo "no rule to $ip"; done`,
		},
	}, true
}

// lostAddresses is about pods whose address EC2 has given to nobody, or to
// somebody else.
func lostAddresses(o *outcome, f *Facts) (result.Finding, bool) {
	list := o.Network.Of(result.LostAddress)
	if len(list) == 0 {
		return result.Finding{}, false
	}
	e := list[0].Examples[0]
	return result.Finding{
		Mode: result.ModeLostAddresses, PodsAffected: total(list),
		Summary:  fmt.Sprintf("%s ran on with an address that no interface of their node had.", words.Plural(total(list), "pod")),
		Evidence: story(o, list),
		Remedies: f.repairs(o.Outcome, list, recreated),
		Remedy:   adviceFor(list, lostAddressAdvice),
		Checks: []result.Check{
			{Command: "aws ec2 describe-network-interfaces --filters Name=addresses.private-ip-address,Values=" + e.Address, Shows: "the interface that has the address, if any"},
			{Command: "grep -e 'Reconcile and delete' -e 'does not match' /var/log/aws-routed-eni/ipamd.log", Shows: "on " + e.Node + ": when ipamd noticed"},
		},
		Alert: &result.Alert{PromQL: `increase(awscni_force_removed_ips[15m]) > 0 or increase(awscni_force_removed_enis[15m]) > 0`, Shell: fmt.Sprintf(introspected, "true", ".Address") + ` | sort | comm -13 - <(ip rule list | awk '$1 == "512:" {print $5}' | sort) | sed 's/^/wired, and unknown to ipamd: /'`},
	}, true
}

// sharedAddresses is about pods whose packets another pod gets.
func sharedAddresses(o *outcome, f *Facts) (result.Finding, bool) {
	list := o.Network.Of(result.Unrouted)
	if len(list) == 0 {
		return result.Finding{}, false
	}
	e := list[0].Examples[0]
	return result.Finding{
		Mode: result.ModeSharedAddresses, PodsAffected: total(list),
		Summary:  fmt.Sprintf("%s got none of the packets for %s address: another pod of the node was given the same one.", words.Plural(total(list), "pod"), theirOrIts(total(list))),
		Evidence: story(o, list),
		Remedies: f.repairs(o.Outcome, list, recreated),
		Remedy:   "Recreate the pods of the address, both of them. ipamd had lost the first one: look for a start or a reconcile of it on stale instance metadata, or a start that could not look at its subnets (DescribeSubnets).",
		Checks: []result.Check{
			{Command: "kubectl get pods -A -o wide --field-selector status.podIP=" + e.Address, Shows: "two pods"},
			{Command: "ip route get " + e.Address, Shows: "on " + e.Node + ": the veth of the pod that gets the packets"},
		},
		Alert: &result.Alert{PromQL: `count by (pod_ip) (kube_pod_info{host_network="false"}) > 1`, Shell: `ls /sys/class/net | grep -c '^eni' | while read -r veths; do routes=$(ip route show scope link | grep -c ' dev eni'); [ "$veths" = "$routes" ] || echo "$veths veths, $routes routes to them"; done`},
	}, true
}

// staleRules is about what ended pods have left behind.
func staleRules(o *outcome, f *Facts) (result.Finding, bool) {
	list := o.Network.Of(result.StaleRule)
	misdirecting := 0
	for _, e := range list {
		misdirecting += e.Misdirecting
	}
	if len(list) == 0 || misdirecting == 0 && o.Network.StaleRulesEnd == 0 {
		return result.Finding{}, false
	}
	found := result.Finding{
		Mode:     result.ModeStaleRules,
		Summary:  fmt.Sprintf("Rules of %s stayed behind when the pod had gone.", words.Plural(total(list), "address")),
		Evidence: story(o, list),
		Remedies: f.repairs(o.Outcome, list, restarted),
		Remedy:   "Delete the rules by hand, or replace the node. Neither ipamd nor the plugin looks for them; they only matter once the address is used again.",
	}
	if misdirecting > 0 {
		found.Summary = fmt.Sprintf("Rules of %s stayed behind when the pod had gone, and %s caught what pods of the node sent to the next pod with that address, elsewhere.", words.Plural(total(list), "address"), words.Count(misdirecting))
	}
	e := list[0].Examples[0]
	found.Checks = []result.Check{
		{Command: "ip rule list to " + e.Address, Shows: "on " + e.Node + ": a rule 512"},
		{Command: "ip route show " + e.Address, Shows: "nothing: no pod of the node has it"},
	}
	found.Alert = &result.Alert{
		PromQL: `max by (instance) (aws_cni_stale_rules) > 0`, Metric: "aws_cni_stale_rules",
		Shell: `ip rule list | awk '$1 == "512:" {print $5} $1 == "1536:" {print $3}' | sort -u | while read -r ip; do ip route show "$ip" | grep -q . || echo "stale rule for $ip"; done`,
	}
	return found, true
}

// leakedPromQL holds what ipamd has on pods against the pods that the API
// server has on the same host. The aws-node pod is on the host's network, so
// that the address in its target is kube-state-metrics' host_ip. Pods that are
// over keep their row there and have no address any more.
const (
	leakedPromQL = `max by (host_ip) (label_replace(awscni_assigned_ip_addresses, "host_ip", "$1", "instance", "(.+):[0-9]+")) - on (host_ip) ` +
		`count by (host_ip) (kube_pod_info{host_network="false"} unless on (namespace, pod) kube_pod_status_phase{phase=~"Succeeded|Failed"} == 1) > 0`
	leakedNeeds = "the rule needs kube-state-metrics, and the label instance as scraping sets it, the host's address and port: no relabelling. Where instance is the node's name, " +
		"join on node, with label_replace from (.+). Let it hold for 5 minutes: pods that come and go are counted a scrape apart. A node without any pod of the pod network is not seen"
)

// leakedAddresses is about what only ipamd believes to be in use.
func leakedAddresses(o *outcome, f *Facts) (result.Finding, bool) {
	list := o.Network.Of(result.LeakedAddress)
	if len(list) == 0 || o.Network.LeakedEnd == 0 {
		return result.Finding{}, false
	}
	e := list[0].Examples[0]
	return result.Finding{
		Mode:     result.ModeLeakedAddresses,
		Summary:  fmt.Sprintf("ipamd keeps %s on pods that have gone: %s never heard of their end.", words.Plural(o.Network.LeakedEnd, "address"), theyOrIt(1)),
		Evidence: story(o, list),
		Remedies: f.repairs(o.Outcome, list, restarted),
		Remedy:   "Restart ipamd on the node: at its start it drops the entries of its checkpoint whose pod has no veth any more. It looks at no other time.",
		Checks: []result.Check{
			{Command: "jq -r '.allocations[].ipv4' /var/run/aws-node/ipam.json", Shows: "on " + e.Node + ": " + e.Address + " among them"},
			{Command: "ip route show " + e.Address, Shows: "nothing: no pod has it"},
		},
		Alert: &result.Alert{
			PromQL: leakedPromQL, Needs: leakedNeeds,
			Shell: fmt.Sprintf(introspected, "true", ".Address") + ` | while read -r ip; do ip route show "$ip" | grep -q . || echo "assigned, and no pod has it: $ip"; done`,
		},
	}, true
}

// notRecovered is the second phase of a scenario with faults.
func notRecovered(o *outcome, _ *Facts) (result.Finding, bool) {
	if len(o.Network.Broken) == 0 {
		return result.Finding{}, false
	}
	return result.Finding{
		Mode:     result.ModeNotRecovered,
		Summary:  "The faults are over and the fleet has not recovered.",
		Evidence: o.Network.Broken,
		Remedy:   "What stays broken by itself needs a hand: the findings above say which.",
	}, true
}

// faultWithoutEffect is about faults that a reader would believe to have
// happened.
func faultWithoutEffect(o *outcome, f *Facts) (result.Finding, bool) {
	found := result.Finding{Mode: result.ModeFaultWithoutEffect, Remedy: "Look at the fault's time and target: no node came to that point, or none was there, or nobody called the API then."}
	for i, hits := range o.FaultHits {
		if hits == 0 {
			found.Evidence = append(found.Evidence, f.faults[i]+" hit nothing.")
		}
	}
	found.Summary = words.Plural(len(found.Evidence), "fault") + " of the scenario had no effect: the result is that of a run without."
	return found, len(found.Evidence) > 0
}

// total is the number of pods, or addresses, of episodes of one kind.
func total(list []result.Episode) (n int) {
	for _, e := range list {
		n += e.Count - e.Again
	}
	return n
}

// mostStories bounds the lines of evidence that are about episodes.
const mostStories = 3

// story says when each episode began, by what, where and until when. Of several
// replications it is about the one in which most pods lost packets.
func story(o *outcome, list []result.Episode) (lines []string) {
	for i, e := range list {
		if i == mostStories {
			lines = append(lines, fmt.Sprintf("%s besides.", words.Plural(len(list)-i, "other cause")))
			break
		}
		until := "it lasts"
		if e.Lasting == 0 {
			until = "over by " + clockTime(*e.Ended)
		} else if e.Lasting < e.Count {
			until = fmt.Sprintf("%s of them at the end still", words.Count(e.Lasting))
		}
		var who []string
		for _, x := range e.Examples {
			name := x.Address
			if x.Pod != "" {
				name = x.Pod + " (" + x.Address + ")"
			}
			who = append(who, name+" on "+x.Node)
		}
		more := ""
		if e.Count > len(e.Examples) {
			more = " and others"
		}
		lines = append(lines, fmt.Sprintf("From %s, by %s: %s on %s, %s. %s%s.",
			clockTime(e.Began), e.Cause, words.Count(e.Count), words.Plural(e.Nodes, "node"), until, strings.Join(who, ", "), more))
	}
	if len(o.worlds) > 1 {
		lines = append(lines, fmt.Sprintf("These are the numbers of the replication in which most pods lost packets; it happened in %d of %d.", o.worldsWith(list[0].Kind), len(o.worlds)))
	}
	return lines
}

// worldsWith is in how many replications there was a defect.
func (o *outcome) worldsWith(kind result.DefectKind) (n int) {
	for _, w := range o.worlds {
		if len(w.Network.Of(kind)) > 0 {
			n++
		}
	}
	return n
}

// clockTime is a moment of a run, such as 1m0s.
func clockTime(seconds float64) string {
	return time.Duration(portable.Int64(seconds * float64(time.Second))).Round(100 * time.Millisecond).String()
}

func theyOrIt(n int) string {
	if n == 1 {
		return "it"
	}
	return "they"
}

func themOrIt(n int) string {
	if n == 1 {
		return "it"
	}
	return "them"
}

func theirOrIts(n int) string {
	if n == 1 {
		return "its"
	}
	return "their"
}
