package findings

import (
	"fmt"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/sim/result"
)

// These findings are about how many pods a node takes, and can have addresses
// for.

func eniLimit(o *outcome, f *Facts) (result.Finding, bool) {
	full := o.Pods.FailedAddCauses[result.CauseNodeFull]
	if full == 0 {
		return result.Finding{}, false
	}
	found := result.Finding{
		Mode: result.ModeENILimit, PodsAffected: o.met(result.CauseNodeFull),
		Summary:  "Nodes accepted more pods than their interfaces can carry addresses.",
		Evidence: []string{words.Plural(full, "CNI ADD") + " met a node whose interfaces were all full."},
	}
	var lower []string
	for _, g := range f.groups {
		if !g.overfull() {
			continue
		}
		found.Evidence = append(found.Evidence, fmt.Sprintf("Nodes of %s (%s) take %s (max pods), and %s of them can run: %s%s.",
			g.name, g.instanceType, words.Plural(g.maxPods, "pod"), words.Count(g.podsAtMost()), g.sum(), g.whySum()))
		lower = append(lower, fmt.Sprintf("%s on nodes of %s", words.Count(g.podsAtMost()), g.nodes()))
	}
	fewer := maxPodsOf(f.groups, func(g *group) (int, bool) { return min(g.maxPods, g.podsAtMost()), g.overfull() })
	found.Evidence = append(found.Evidence, notStarted(o)...)
	remedy := "Lower max pods to what the interfaces can carry"
	if len(lower) > 0 {
		remedy = "Lower max pods to " + words.And(lower)
	}
	if f.maxENI {
		found.Evidence = append(found.Evidence, "MAX_ENI allows fewer interfaces than the instance type.")
		remedy = "Raise or remove MAX_ENI, or l" + strings.TrimPrefix(remedy, "L")
	}
	switch {
	case f.prefixes:
		found.Remedy = remedy + ", or use a larger type."
	case f.canPrefix:
		found.Remedy = remedy + ", or use prefix delegation or a larger type."
		found.Remedies = f.candidates(environment{"ENABLE_PREFIX_DELEGATION": "true"})
	default:
		found.Remedy = remedy + ", or use a larger type or one on Nitro with prefix delegation."
	}
	if len(fewer) > 0 {
		found.Remedies = append(found.Remedies, Remedy(fewer))
	}
	return found, true
}

func unschedulable(o *outcome, f *Facts) (result.Finding, bool) {
	waiting := o.Pods.WaitingForNode
	if waiting == 0 {
		return result.Finding{}, false
	}
	found := result.Finding{
		Mode: result.ModeUnschedulable, PodsAffected: waiting,
		Summary: fmt.Sprintf("%s of %s still waited for room on a node at the end of the run%s.", words.Count(waiting), words.Plural(o.Pods.Wanted, "pod"),
			o.inReplications(func(o *result.Outcome) int { return o.Pods.WaitingForNode })),
		Evidence: []string{fmt.Sprintf("The fleet had %s at the peak.", words.Plural(o.Nodes.Peak, "node"))},
		Remedy:   "No autoscaler adds nodes: give the node group more of them or a larger type, or let the pods request less.",
	}
	place := o.Pods.WaitingForPlace
	if place > 0 {
		found.Evidence = append(found.Evidence, fmt.Sprintf("What binds is max pods (%s): for %s of them a node had CPU and memory, and no place.", f.maxPods(), words.Count(place)))
		found.Remedy = "No autoscaler adds nodes: give the node group more of them or a larger type" + f.morePlaces(o) + "."
		if raise := f.higherMaxPods(); len(raise) > 0 && o.Pods.FailedAddCauses[result.CauseNodeFull] == 0 {
			found.Remedies = []result.Remedy{Remedy(raise)}
		}
	}
	switch n := o.Nodes.FailedLaunch; {
	case o.Nodes.Peak == 0 && o.Nodes.AgentRestarts > 0:
		found.Evidence = []string{"No node became Ready."}
		found.Remedy = "Nodes came and did not become Ready: more of them change nothing before what keeps these does."
	case n > 0:
		found.Evidence = append(found.Evidence, failedLaunches(n))
		found.Remedy = "Nodes were asked for and did not come: what made the launches fail must change first."
	case f.autoscaled:
		found.Remedy = "The autoscaler added no node for them: see whether a node of its groups could take one such pod (requests, nodeSelector), whether the groups' bounds (max) were reached, and whether launches failed."
	}
	return found, true
}

// higherMaxPods raises max pods to what the interfaces carry, as overrides.
func (f *Facts) higherMaxPods() (set []string) {
	return maxPodsOf(f.groups, func(g *group) (int, bool) { return max(g.maxPods, g.sensiblePods()), g.sensiblePods() > g.maxPods })
}

// maxPods are the groups' limits in words.
func (f *Facts) maxPods() string {
	var list []string
	for _, g := range f.groups {
		list = append(list, fmt.Sprintf("%s on nodes of %s", words.Count(g.maxPods), g.nodes()))
	}
	return words.And(list)
}

// morePlaces is what to do where max pods binds: raise it only as far as there
// are addresses, and not at all where nodes have taken too many already.
func (f *Facts) morePlaces(o *outcome) string {
	var raise []string
	for _, g := range f.groups {
		if most := g.sensiblePods(); most > g.maxPods {
			raise = append(raise, fmt.Sprintf("%s on nodes of %s", words.Count(most), g.nodes()))
		}
	}
	switch {
	case o.Pods.FailedAddCauses[result.CauseNodeFull] > 0:
		return "; a higher max pods would not help, because the interfaces are full"
	case len(raise) > 0:
		return ", or raise max pods to " + words.And(raise)
	}
	return "; a higher max pods needs addresses that the interfaces do not have"
}
