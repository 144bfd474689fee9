package findings

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"ipamsim/internal/words"
	"ipamsim/sim/result"
)

// outcome is what is looked at: a run, or several put together.
type outcome struct {
	*result.Outcome
	replications []*result.Outcome // of the replications, where there are several
}

// A look checks an outcome for one failure mode.
type look func(*outcome, *Facts) (result.Finding, bool)

// looks are in the order of the modes.
var looks = []look{
	subnetExhaustion, fragmentation, noSubnet, quota, eniLimit, poolAtMinimum, cordonedNodes, metadataOutage, apiErrors, apiThrottling, ipamdDown,
	waitInVain, cooldownStall, latencyCliff, pluginFailures, unschedulable, controllerBehind, interfaceChurn, leakedInterfaces, keptInterfaces, warmPoolOverhead,
	silentDrop, noWayOut, missingRules, lostAddresses, sharedAddresses, staleRules, leakedAddresses, notRecovered, faultWithoutEffect,
}

// Find puts the failure modes of an outcome into words. Each has measured
// evidence; a mode without evidence is not mentioned. Pods that never started
// are never left without a word. What affects most pods comes first, and
// otherwise the order is that of the modes. The replications are the outcomes of those
// that have been put together, if there are several.
func Find(pooled *result.Outcome, f Facts, replications ...*result.Outcome) []result.Finding {
	o := &outcome{pooled, replications}
	list := []result.Finding{}
	for _, look := range looks {
		if finding, found := look(o, &f); found {
			list = append(list, finding)
		}
	}
	if o.Pods.NeverStarted > o.Pods.NotCreated && !explainedBesides(o.Outcome, list) {
		list = append(list, podsNotStarted(o))
	}
	for i := range list {
		if list[i].Remedies == nil {
			list[i].Remedies = []result.Remedy{}
		}
		guide, _ := GuideTo(list[i].Mode)
		if len(list[i].Remedies) == 0 && guide.Tried != "" && !list[i].Mode.OfNetwork() {
			list[i].Remedy = "No setting is known to cure it here. " + list[i].Remedy
		}
		list[i].Checks, list[i].Alert = guide.checksFor(o.example(list[i].Mode), &f), guide.alert
	}
	slices.SortStableFunc(list, func(a, b result.Finding) int { return cmp.Compare(b.PodsAffected, a.PodsAffected) })
	return list
}

// Explains says whether a finding is a reason for which pods never start.
// Late pods do start, and leaked or warm addresses alone keep none.
func Explains(o *result.Outcome, f result.Finding) bool {
	switch f.Mode {
	case result.ModeLatencyCliff, result.ModeInterfaceChurn, result.ModeLeakedInterfaces, result.ModeKeptInterfaces, result.ModeWarmPoolOverhead,
		result.ModeNotRecovered, result.ModeFaultWithoutEffect:
		return false
	case result.ModeAPIThrottling:
		return o.Pods.FailedAddCauses[result.CauseThrottled] > 0 || o.Nodes.FailedLaunch > 0
	}
	return !f.Mode.OfNetwork()
}

// common is whether so many pods are worth a word: one in a hundred of those
// that wanted to start.
func common(o *outcome, pods int) bool { return pods > 0 && 100*pods >= o.Pods.Asked() }

// notStarted are lines about pods that never started, those on a node apart
// from those that no node had room for.
func notStarted(o *outcome) (lines []string) {
	waiting := o.Pods.WaitingForNode
	stuck := o.Pods.NeverStarted - waiting - o.Pods.NotCreated
	where := o.inReplications(func(o *result.Outcome) int { return o.Pods.NeverStarted - o.Pods.NotCreated })
	switch {
	case stuck > 0 && waiting > 0:
		lines = append(lines, fmt.Sprintf("%s of %s never started on the node that they were bound to, and %s more waited for room on one%s.",
			words.Count(stuck), words.Plural(o.Pods.Wanted, "pod"), words.Count(waiting), where))
	case stuck > 0:
		lines = append(lines, fmt.Sprintf("%s of %s never started%s.", words.Count(stuck), words.Plural(o.Pods.Wanted, "pod"), where))
	}
	return lines
}

// hit is how many pods, of all, had failed ADDs for causes, and how many that
// never started failed for them last.
func (o *outcome) hit(causes ...result.Cause) string {
	text := fmt.Sprintf("It hit %s of %s%s", words.Count(o.met(causes...)), words.Plural(o.Pods.Asked(), "pod"),
		o.inReplications(func(w *result.Outcome) int { return (&outcome{Outcome: w}).met(causes...) }))
	if stuck := o.stuck(causes...); stuck > 0 {
		text += fmt.Sprintf(", and was the latest failure of %s that never started", words.Count(stuck))
	}
	return text + "."
}

// met is how many pods had a failed ADD for any of the causes; one that met
// several of them counts once for the one that most met, so it is a least.
func (o *outcome) met(causes ...result.Cause) (pods int) {
	for _, c := range causes {
		pods = max(pods, o.Pods.MetPods[c])
	}
	return pods
}

func (o *outcome) stuck(causes ...result.Cause) (pods int) {
	for _, c := range causes {
		pods += o.Pods.StuckPods[c]
	}
	return pods
}

// matters says whether causes kept a pod from starting, or made so many late
// that it is worth a word.
func (o *outcome) matters(causes ...result.Cause) bool {
	return o.stuck(causes...) > 0 || common(o, o.met(causes...))
}

// inReplications says in how many replications something happened at all, where it
// did not in each: a mean of all and none says nothing of either.
func (o *outcome) inReplications(read func(*result.Outcome) int) string {
	n := 0
	for _, w := range o.replications {
		if read(w) > 0 {
			n++
		}
	}
	if n == 0 || n == len(o.replications) {
		return ""
	}
	return fmt.Sprintf(" (the mean; it happened in %d of %d replications)", n, len(o.replications))
}

// mostFirst are the keys of counts, the highest count first.
func mostFirst[K ~string](counts map[K]int) []K {
	keys := slices.Sorted(maps.Keys(counts))
	slices.SortStableFunc(keys, func(a, b K) int { return counts[b] - counts[a] })
	return keys
}
