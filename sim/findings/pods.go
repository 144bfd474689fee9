package findings

import (
	"fmt"

	"ipamsim/internal/words"
	"ipamsim/sim/result"
)

// These findings are about pods: late ones, and those that never started.

// A cliff is a tail that is made of retries: pods whose first ADD found no
// address although the node was going to get one. The pods of DaemonSets that
// are bound while a node starts are part of its start, and one pod is no tail.
func latencyCliff(o *outcome, f *Facts) (result.Finding, bool) {
	refilling, throttled := o.Pods.FailedAddCauses[result.CauseRefilling], o.Pods.FailedAddCauses[result.CauseThrottled]
	read := func(o *result.Outcome) int {
		return o.Pods.LatePods[result.CauseRefilling] + o.Pods.LatePods[result.CauseThrottled]
	}
	late, start := read(o.Outcome), o.Pods.Start
	if late < 2 || !common(o, late) {
		return result.Finding{}, false
	}
	slow := o.Pods.Phases.Slow
	found := result.Finding{
		Mode: result.ModeLatencyCliff, PodsAffected: late,
		Summary: "Pods reached nodes faster than ipamd could bring addresses: " + startsTook(&start) + ".",
		Evidence: []string{
			fmt.Sprintf("%s found the pool empty: %s while it was being refilled, %s while EC2 throttled ipamd. %s of %s ran late after it%s.",
				words.Plural(refilling+throttled, "CNI ADD"), words.Count(refilling), words.Count(throttled), words.Count(late), words.Plural(o.Pods.Asked(), "pod"), o.inReplications(read)),
			fmt.Sprintf("Of the slowest pods' %s, %s are kubelet's 10 to 15 s pause after a failed sandbox and %s the wait for a node.",
				words.Seconds(slow.Sum(), 1), words.Seconds(slow.Backoff, 1), words.Seconds(slow.Node, 1)),
		},
	}
	if a := o.API["AttachNetworkInterface"]; a != nil && a.Successes() > 0 {
		found.Evidence = append(found.Evidence, fmt.Sprintf("%s had to be attached: a node gets one per pass of ipamd's 5 s loop, each after %s and a wait for instance metadata.",
			words.Plural(a.Successes(), "interface"), f.callsOfAnInterface()))
	}
	var list []environment
	found.Remedy, list = cliffRemedy(o.Outcome, f)
	found.Remedies = f.candidates(append(list, f.largerPools(o.Outcome)...)...)
	return found, true
}

// callsOfAnInterface is how many it takes to make one and to attach it.
func (f *Facts) callsOfAnInterface() string {
	if f.discovers {
		return "6 API calls"
	}
	return "several API calls" // old releases tag, assign and describe by calls of their own
}

// startsTook says how long pods took to start.
func startsTook(q *result.Quantiles) string {
	switch {
	case !q.P50.Reached():
		return "half of them or more never started"
	case !q.P99.Reached():
		return fmt.Sprintf("half started within %s, the last 1 %% or more never did", words.Seconds(float64(q.P50), 1))
	}
	return fmt.Sprintf("half started within %s, the slowest 1 %% needed %s and more", words.Seconds(float64(q.P50), 1), words.Seconds(float64(q.P99), 1))
}

// CliffRemedy is what changes a latency cliff, in words.
func CliffRemedy(o *result.Outcome, f *Facts) string {
	text, _ := cliffRemedy(o, f)
	return text
}

func cliffRemedy(o *result.Outcome, f *Facts) (string, []environment) {
	const ahead = "Have the addresses there before the pods. "
	const booted = "On nodes that have just booted only what the first call brings counts: "
	const larger = "an instance type with more addresses per interface"
	const ready = "On nodes that are Ready some time before their pods, MINIMUM_IP_TARGET at that number of pods, with a small WARM_IP_TARGET."
	pods := o.Nodes.AssignedP90
	prefixes := max(1, (pods+15)/16)
	switch {
	case f.prefixes && f.ipTargets && pods > f.minimumIP:
		return ahead + "Prefix delegation is on: raise MINIMUM_IP_TARGET to as many pods as a new node gets at once, or have nodes Ready ahead of their pods.",
			[]environment{{"MINIMUM_IP_TARGET": fmt.Sprint(pods)}}
	case f.prefixes && !f.ipTargets && prefixes > f.warmPrefix:
		return ahead + "Prefix delegation is on: raise WARM_PREFIX_TARGET to as many pods as a new node gets at once (16 each), or have nodes Ready ahead of their pods.",
			[]environment{{"WARM_PREFIX_TARGET": fmt.Sprint(prefixes)}}
	case f.prefixes:
		return ahead + "Prefix delegation is on, and what it keeps would do for the pods of most nodes: have nodes Ready ahead of their pods, or spread the scale-out over more nodes or more time.", nil
	case f.canPrefix && f.ipTargets: // they override WARM_PREFIX_TARGET
		return ahead + booted + "ENABLE_PREFIX_DELEGATION=true with the MINIMUM_IP_TARGET at as many pods as a new node gets at once, or " + larger + ". " + ready,
			[]environment{{"ENABLE_PREFIX_DELEGATION": "true", "MINIMUM_IP_TARGET": fmt.Sprint(max(pods, f.minimumIP))}}
	case f.canPrefix:
		return ahead + booted + "ENABLE_PREFIX_DELEGATION=true with a WARM_PREFIX_TARGET for as many pods as a new node gets at once (16 each), or " + larger + ". " + ready,
			[]environment{{"ENABLE_PREFIX_DELEGATION": "true", "WARM_PREFIX_TARGET": fmt.Sprint(prefixes)}}
	}
	return ahead + booted + larger + ", or one on Nitro, which can use prefix delegation. " + ready, nil
}

func failedLaunches(n int) string {
	return fmt.Sprintf("Launching an instance failed %s.", words.Plural(n, "time"))
}

// podsNotStarted says what is known where no other finding says why.
func podsNotStarted(o *outcome) result.Finding {
	p := &o.Pods
	created := func(o *result.Outcome) int { return o.Pods.NeverStarted - o.Pods.NotCreated }
	found := result.Finding{
		Mode: result.ModePodsNotStarted, PodsAffected: created(o.Outcome),
		Summary: fmt.Sprintf("%s of %s never started%s, and no single failure mode explains it.",
			words.Count(created(o.Outcome)), words.Plural(p.Wanted, "pod"), o.inReplications(created)),
		Remedy: "Look at what happened in the last minutes of the run: a longer one shows whether the pods start later, and -o json has the causes by replication.",
	}
	for _, cause := range mostFirst(p.FailedAddCauses) {
		if n := p.FailedAddCauses[cause]; n > 0 {
			found.Evidence = append(found.Evidence, fmt.Sprintf("%s failed: %s.", words.Plural(n, "CNI ADD"), cause.About().Clause))
		}
	}
	if n := o.Nodes.FailedLaunch; n > 0 {
		found.Evidence = append(found.Evidence, failedLaunches(n))
	}
	if n := o.Nodes.AgentRestarts; n > 0 {
		found.Evidence = append(found.Evidence, fmt.Sprintf("aws-node containers ended %s.", words.Plural(n, "time")))
	}
	if len(found.Evidence) == 0 {
		found.Evidence = []string{fmt.Sprintf("No CNI ADD failed; the fleet had %s at the peak.", words.Plural(o.Nodes.Peak, "node"))}
	}
	return found
}

// pluginFailures are about ADDs that had their address.
func pluginFailures(o *outcome, _ *Facts) (result.Finding, bool) {
	failed := o.Pods.FailedAddCauses[result.CausePlugin]
	if !o.matters(result.CausePlugin) {
		return result.Finding{}, false
	}
	return result.Finding{
		Mode: result.ModePluginFailures, PodsAffected: o.met(result.CausePlugin),
		Summary: fmt.Sprintf("%s had an address and failed in the wiring of the pod.", words.Plural(failed, "CNI ADD")),
		Evidence: append([]string{
			o.hit(result.CausePlugin) + " Each gives its address back, which then cools down, and kubelet tries again after 10 to 15 s.",
		}, notStarted(o)...),
		Remedy: "Look into the plugin's log for the step at which it ended, and into the kernel's for why: memory, limits on the number of routes or rules, or whoever killed the process. No warm-pool setting changes it.",
	}, true
}
