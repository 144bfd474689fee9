package findings

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"ipamsim/internal/words"
	"ipamsim/sim/result"
)

// A look checks an outcome for one failure mode.
type look func(*result.Outcome, *Facts) (result.Finding, bool)

// Find puts the failure modes of an outcome into words. Each has measured
// evidence; a mode without evidence is not mentioned. Pods that never started
// are never left without a word. What affects most pods comes first, and
// otherwise the order is that of the modes.
func Find(o *result.Outcome, f Facts) []result.Finding {
	list := []result.Finding{}
	for _, look := range []look{
		latencyCliff, apiThrottling, subnetExhaustion, fragmentation, quota, eniLimit, cooldownStall, apiErrors,
		pluginFailures, unschedulable, leakedInterfaces, keptInterfaces, warmPoolOverhead,
		silentDrop, noWayOut, missingRules, lostAddresses, sharedAddresses, staleRules, leakedAddresses, notRecovered, faultWithoutEffect,
	} {
		if finding, found := look(o, &f); found {
			list = append(list, finding)
		}
	}
	if o.Pods.NeverStarted > 0 && !slices.ContainsFunc(list, func(f result.Finding) bool { return Explains(o, f) }) {
		list = append(list, podsNotStarted(o))
	}
	for i := range list {
		if list[i].Remedies == nil {
			list[i].Remedies = []result.Remedy{}
		}
	}
	slices.SortStableFunc(list, func(a, b result.Finding) int { return cmp.Compare(b.PodsAffected, a.PodsAffected) })
	return list
}

// failedFor is how many pods had their first failed ADD for one of the causes.
func failedFor(o *result.Outcome, causes ...result.Cause) (pods int) {
	for _, cause := range causes {
		pods += o.Pods.FailedAddPods[cause]
	}
	return pods
}

// Explains says whether a finding is a reason for which pods never start.
// Late pods do start, and leaked or warm addresses alone keep none.
func Explains(o *result.Outcome, f result.Finding) bool {
	switch f.Mode {
	case result.ModeLatencyCliff, result.ModeLeakedInterfaces, result.ModeKeptInterfaces, result.ModeWarmPoolOverhead,
		result.ModeSilentDrop, result.ModeNoWayOut, result.ModeMissingRules, result.ModeLostAddresses, result.ModeSharedAddresses, result.ModeStaleRules, result.ModeLeakedAddresses,
		result.ModeNotRecovered, result.ModeFaultWithoutEffect:
		return false
	case result.ModeAPIThrottling:
		return o.Pods.FailedAddCauses[result.CauseThrottled] > 0 || o.Nodes.FailedLaunch > 0
	}
	return true
}

// common is whether so many pods are worth a word: one in a hundred of those
// that wanted to start.
func common(o *result.Outcome, pods int) bool { return pods > 0 && 100*pods >= o.Pods.Asked() }

// notStarted is the line about pods that never started, or none.
func notStarted(o *result.Outcome) []string {
	if o.Pods.NeverStarted == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%s of %s never started.", words.Count(o.Pods.NeverStarted), words.Plural(o.Pods.Wanted, "pod"))}
}

// mostFirst are the keys of counts, the highest count first.
func mostFirst[K ~string](counts map[K]int) []K {
	keys := slices.Sorted(maps.Keys(counts))
	slices.SortStableFunc(keys, func(a, b K) int { return counts[b] - counts[a] })
	return keys
}
