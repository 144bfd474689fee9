package sim

import (
	"fmt"
	"maps"
	"slices"

	"ipamsim/internal/words"
)

// A look checks an outcome for one failure mode.
type look func(*Outcome, *Facts) (Finding, bool)

// findings puts the failure modes of an outcome into words. Each has measured
// evidence; a mode without evidence is not mentioned. Pods that never started
// are never left without a word.
func Find(o *Outcome, f Facts) []Finding {
	list := []Finding{}
	for _, look := range []look{
		latencyCliff, apiThrottling, subnetExhaustion, fragmentation, quota, eniLimit, cooldownStall, apiErrors,
		pluginFailures, unschedulable, leakedInterfaces, warmPoolOverhead,
		silentDrop, noWayOut, missingRules, lostAddresses, sharedAddresses, staleRules, leakedAddresses, notRecovered, faultWithoutEffect,
	} {
		if finding, found := look(o, &f); found {
			list = append(list, finding)
		}
	}
	if o.Pods.NeverStarted > 0 && !slices.ContainsFunc(list, func(f Finding) bool { return explains(o, f) }) {
		list = append(list, podsNotStarted(o))
	}
	return list
}

// explains says whether a finding is a reason for which pods never start.
// Late pods do start, and leaked or warm addresses alone keep none.
func explains(o *Outcome, f Finding) bool {
	switch f.Mode {
	case "latency-cliff", "leaked-interfaces", "warm-pool-overhead",
		"silent-drop", "no-way-out", "missing-rules", "lost-addresses", "shared-addresses", "stale-rules", "leaked-addresses", "not-recovered", "fault-without-effect":
		return false
	case "api-throttling":
		return o.Pods.FailedAddCauses["throttled"] > 0 || o.Nodes.FailedLaunch > 0
	}
	return true
}

// common is whether so many pods are worth a word: one in a hundred.
func common(o *Outcome, pods int) bool { return pods > 0 && 100*pods >= o.Pods.Wanted }

// notStarted is the line about pods that never started, or none.
func notStarted(o *Outcome) []string {
	if o.Pods.NeverStarted == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%s of %s never started.", words.Count(o.Pods.NeverStarted), words.Plural(o.Pods.Wanted, "pod"))}
}

// mostFirst are the keys of counts, the highest count first.
func mostFirst(counts map[string]int) []string {
	keys := slices.Sorted(maps.Keys(counts))
	slices.SortStableFunc(keys, func(a, b string) int { return counts[b] - counts[a] })
	return keys
}
