package findings

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"ipamsim/internal/portable"
	"ipamsim/internal/words"
	"ipamsim/sim/result"
)

// These findings are about the nodes' networks: packets that are lost without
// an error anywhere.

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
	return result.Finding{
		Mode: result.ModeNoWayOut, PodsAffected: total(list),
		Summary: fmt.Sprintf("%s lost what %s sent out of the VPC: it left with the node's address by a secondary interface, and the VPC dropped it without an error.",
			words.Plural(total(list), "pod"), theyOrIt(total(list))),
		Evidence: append(story(o, list), "What they sent inside the VPC arrived."),
		Remedies: f.repairs(o.Outcome, list, restarted),
		Remedy:   "Restart ipamd on the node: its start writes the rule for marked packets anew. Recreating the pods does not help.",
	}, true
}

// missingRules is about pods that lose nothing by themselves.
func missingRules(o *outcome, f *Facts) (result.Finding, bool) {
	list := o.Network.Of(result.MissingRule)
	if len(list) == 0 {
		return result.Finding{}, false
	}
	return result.Finding{
		Mode:     result.ModeMissingRules,
		Summary:  fmt.Sprintf("%s ran on without the rule to %s (512).", words.Plural(total(list), "pod"), themOrIt(total(list))),
		Evidence: append(story(o, list), "They send and receive as before, except that pods of their node which start later on a secondary interface do not reach them, nor they those."),
		Remedies: f.repairs(o.Outcome, list, recreatedPerhapsRestarted),
		Remedy:   "Recreate the pods: each ADD writes the rules of its pod. ipamd never writes this one.",
	}, true
}

// lostAddresses is about pods whose address EC2 has given to nobody, or to
// somebody else.
func lostAddresses(o *outcome, f *Facts) (result.Finding, bool) {
	list := o.Network.Of(result.LostAddress)
	if len(list) == 0 {
		return result.Finding{}, false
	}
	return result.Finding{
		Mode: result.ModeLostAddresses, PodsAffected: total(list),
		Summary:  fmt.Sprintf("%s ran on with an address that no interface of their node had.", words.Plural(total(list), "pod")),
		Evidence: story(o, list),
		Remedies: f.repairs(o.Outcome, list, recreated),
		Remedy:   adviceFor(list, lostAddressAdvice),
	}, true
}

// sharedAddresses is about pods whose packets another pod gets.
func sharedAddresses(o *outcome, f *Facts) (result.Finding, bool) {
	list := o.Network.Of(result.Unrouted)
	if len(list) == 0 {
		return result.Finding{}, false
	}
	return result.Finding{
		Mode: result.ModeSharedAddresses, PodsAffected: total(list),
		Summary:  fmt.Sprintf("%s got none of the packets for %s address: another pod of the node was given the same one.", words.Plural(total(list), "pod"), theirOrIts(total(list))),
		Evidence: story(o, list),
		Remedies: f.repairs(o.Outcome, list, recreated),
		Remedy:   "Recreate the pods of the address, both of them. ipamd had lost the first one: look for a start or a reconcile of it on stale instance metadata, or a start that could not look at its subnets (DescribeSubnets).",
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
	return found, true
}

// leakedAddresses is about what only ipamd believes to be in use.
func leakedAddresses(o *outcome, f *Facts) (result.Finding, bool) {
	list := o.Network.Of(result.LeakedAddress)
	if len(list) == 0 || o.Network.LeakedEnd == 0 {
		return result.Finding{}, false
	}
	return result.Finding{
		Mode:     result.ModeLeakedAddresses,
		Summary:  fmt.Sprintf("ipamd keeps %s on pods that have gone: %s never heard of their end.", words.Plural(o.Network.LeakedEnd, "address"), theyOrIt(1)),
		Evidence: story(o, list),
		Remedies: f.repairs(o.Outcome, list, restarted),
		Remedy:   "Restart ipamd on the node: at its start it drops the entries of its checkpoint whose pod has no veth any more. It looks at no other time.",
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
	if len(o.replications) > 1 {
		lines = append(lines, fmt.Sprintf("These are the numbers of the replication in which most pods lost packets; it happened in %d of %d.", o.replicationsWith(list[0].Kind), len(o.replications)))
	}
	return lines
}

// replicationsWith is in how many replications there was a defect.
func (o *outcome) replicationsWith(kind result.DefectKind) (n int) {
	for _, w := range o.replications {
		if len(w.Network.Of(kind)) > 0 {
			n++
		}
	}
	return n
}

// clockTime is a moment of a run, such as 1m or 2m3.5s.
func clockTime(seconds float64) string {
	return words.Duration(time.Duration(portable.Int64(seconds * float64(time.Second))).Round(100 * time.Millisecond))
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
