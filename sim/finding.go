package sim

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// findings puts the failure modes of an outcome into words. Each has measured
// evidence; a mode without evidence is not mentioned.
func (o *Outcome) findings() []Finding {
	list := []Finding{}
	for _, look := range []func(*Outcome) (Finding, bool){
		latencyCliff, apiThrottling, subnetExhaustion, fragmentation, eniLimit, cooldownStall, leakedInterfaces, warmPoolOverhead,
	} {
		if f, found := look(o); found {
			list = append(list, f)
		}
	}
	return list
}

// A cliff is a tail that is made of retries: pods whose first ADD found no
// address although the node was going to get one.
func latencyCliff(o *Outcome) (Finding, bool) {
	late := o.Pods.FailedAddCauses["refilling"] + o.Pods.FailedAddCauses["throttled"]
	start := o.Pods.StartSeconds
	if late == 0 || start.Count == 0 || start.P99 < 5 && start.Max < 10 {
		return Finding{}, false
	}
	slow, total := o.Pods.Phases.Slow, o.Pods.Phases.Slow.sum()
	f := Finding{
		Mode: "latency-cliff",
		Summary: fmt.Sprintf("Pods reached nodes faster than ipamd could bring addresses: half started within %s, the slowest 1 %% needed %s and more.",
			seconds(start.P50), seconds(start.P99)),
		Evidence: []string{
			fmt.Sprintf("%d CNI ADDs of %s found the pool empty: %d while it was being refilled, %d while EC2 throttled ipamd.",
				late, plural(o.Pods.Running, "pod"), o.Pods.FailedAddCauses["refilling"], o.Pods.FailedAddCauses["throttled"]),
			fmt.Sprintf("Of the slowest pods' %s, %s are kubelet's 10 to 15 s pause after a failed sandbox and %s the wait for a node.",
				seconds(total), seconds(slow.Backoff), seconds(slow.Node)),
		},
		Remedy: "Have the addresses there before the pods. On nodes that have just booted only what the first call brings counts: ENABLE_PREFIX_DELEGATION=true with a WARM_PREFIX_TARGET for as many pods as a new node gets at once (16 each), or an instance type with more addresses per interface. On nodes that are Ready some time before their pods, MINIMUM_IP_TARGET at that number of pods, with a small WARM_IP_TARGET.",
	}
	if a := o.API["AttachNetworkInterface"]; a != nil && a.Calls > 0 {
		f.Evidence = append(f.Evidence, fmt.Sprintf("%d interfaces had to be attached: a node gets one per pass of ipamd's 5 s loop, each after 6 API calls and a wait for instance metadata.", a.Calls-failures(a)))
	}
	return f, true
}

// failures counts rejected requests that were not throttles: those are tried
// again within the same call.
func failures(a *Action) int {
	n := 0
	for code, k := range a.Errors {
		if code != "RequestLimitExceeded" {
			n += k
		}
	}
	return n
}

func apiThrottling(o *Outcome) (Finding, bool) {
	type row struct {
		name string
		*Action
	}
	var rows []row
	throttled, attempts := 0, 0
	for _, name := range slices.Sorted(maps.Keys(o.API)) {
		a := o.API[name]
		attempts += a.Attempts
		if a.Throttled > 0 {
			rows = append(rows, row{name, a})
			throttled += a.Throttled
		}
	}
	if throttled == 0 {
		return Finding{}, false
	}
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(b.Throttled, a.Throttled) })
	f := Finding{
		Mode:    "api-throttling",
		Summary: fmt.Sprintf("EC2 rejected %d of the fleet's %d requests for their rate: the account's token buckets were empty.", throttled, attempts),
		Remedy:  "Spread the scale-out over time, need fewer calls per node (prefix delegation; a MINIMUM_IP_TARGET that fits the first interface), move other tenants' calls to another account, or ask AWS for larger buckets ahead of the event. Raising WARM_IP_TARGET adds calls.",
	}
	for _, r := range rows[:min(3, len(rows))] {
		f.Evidence = append(f.Evidence, fmt.Sprintf("%s: %d of %d requests throttled (%d %%).", r.name, r.Throttled, r.Attempts, percent(r.Throttled, r.Attempts)))
	}
	other := Tenants{}
	for _, a := range o.API {
		other.Attempts += a.Other.Attempts
		other.Throttled += a.Other.Throttled
	}
	if other.Attempts > 0 {
		f.Evidence = append(f.Evidence, fmt.Sprintf("Other tenants sent %d requests to the same buckets, %d of them throttled.", other.Attempts, other.Throttled))
	}
	return f, true
}

func subnetExhaustion(o *Outcome) (Finding, bool) {
	f := Finding{
		Mode:   "subnet-exhaustion",
		Remedy: "Bound what a node keeps: WARM_IP_TARGET with MINIMUM_IP_TARGET in place of WARM_ENI_TARGET; or give the nodes more address space (a secondary CIDR with custom networking or tagged subnets).",
	}
	refused := o.errors("InsufficientFreeAddressesInSubnet")
	warm, held, dry := 0, 0, 0
	for _, s := range o.Subnets {
		if s.FreeMin > s.Usable/100 && refused == 0 || s.FreeMin > s.Usable/20 {
			continue
		}
		dry++
		warm += s.Worst.Warm + s.Worst.Cooling
		held += s.Usable - s.Worst.Free
		f.Evidence = append(f.Evidence, fmt.Sprintf("%s (%s): %d of %d addresses free at worst; pods had %d, warm pools %d, cooling %d, interfaces' own %d, others %d.",
			s.Name, s.CIDR, s.FreeMin, s.Usable, s.Worst.Assigned, s.Worst.Warm, s.Worst.Cooling, s.Worst.Primaries, s.Worst.Others))
	}
	if dry == 0 {
		return Finding{}, false
	}
	f.Summary = fmt.Sprintf("%s ran out of addresses; %d %% of what was held sat in warm pools without a pod.", plural(dry, "subnet"), percent(warm, held))
	if refused > 0 {
		f.Evidence = append(f.Evidence, fmt.Sprintf("EC2 answered InsufficientFreeAddressesInSubnet %d times.", refused))
	}
	if o.Pods.NeverStarted > 0 {
		f.Evidence = append(f.Evidence, fmt.Sprintf("%d of %d pods never started.", o.Pods.NeverStarted, o.Pods.Wanted))
	}
	if o.Nodes.FailedLaunch > 0 {
		f.Evidence = append(f.Evidence, fmt.Sprintf("Launching an instance failed %d times.", o.Nodes.FailedLaunch))
	}
	return f, true
}

func fragmentation(o *Outcome) (Finding, bool) {
	refused := o.errors("InsufficientCidrBlocks") + o.Pods.FailedAddCauses["no_block"]
	if refused == 0 {
		return Finding{}, false
	}
	f := Finding{
		Mode:   "fragmentation",
		Remedy: "Reserve a part of the subnet for prefixes (create-subnet-cidr-reservation, type prefix), or use a subnet for these nodes alone.",
	}
	for _, s := range o.Subnets {
		if s.FreeBlocksMin == 0 && s.FreeMin >= 16 {
			f.Evidence = append(f.Evidence, fmt.Sprintf("%s (%s): no aligned free /28 was left while at least %d addresses were free.", s.Name, s.CIDR, s.FreeMin))
		}
	}
	if len(f.Evidence) == 0 {
		return Finding{}, false // simply full
	}
	f.Summary = "Prefix delegation found no free /28 in subnets that had room for single addresses."
	return f, true
}

func eniLimit(o *Outcome) (Finding, bool) {
	full := o.Pods.FailedAddCauses["node_full"]
	if full == 0 {
		return Finding{}, false
	}
	return Finding{
		Mode:     "eni-limit",
		Summary:  "Nodes accepted more pods than their interfaces can carry addresses.",
		Evidence: []string{fmt.Sprintf("%d CNI ADDs met a node whose interfaces were all full.", full)},
		Remedy:   "Lower max pods to (ENIs x (addresses - 1)) + 2 for the instance type, or use prefix delegation or a larger type.",
	}, true
}

func cooldownStall(o *Outcome) (Finding, bool) {
	stalled := o.Pods.FailedAddCauses["cooling"]
	if stalled == 0 {
		return Finding{}, false
	}
	return Finding{
		Mode:     "cooldown-stall",
		Summary:  "Pods waited for addresses that had just been freed: ipamd counts an address in its cooldown as available, so the pool does not grow.",
		Evidence: []string{fmt.Sprintf("%d CNI ADDs failed while every address without a pod was cooling down.", stalled)},
		Remedy:   "Keep more warm addresses than pods stop within the cooldown (WARM_IP_TARGET above that, or WARM_ENI_TARGET), or lower IP_COOLDOWN_PERIOD.",
	}, true
}

func leakedInterfaces(o *Outcome) (Finding, bool) {
	n := o.Interfaces
	if n.LeakedPeak == 0 {
		return Finding{}, false
	}
	held := 0
	for _, s := range o.Subnets {
		held += s.End.Unmanaged
	}
	f := Finding{
		Mode:    "leaked-interfaces",
		Summary: fmt.Sprintf("Up to %s had leaked: made by ipamd, attached to nothing, and known to no node.", plural(n.LeakedPeak, "interface")),
		Evidence: []string{
			fmt.Sprintf("%d were left at the end of the run; all nodes together had %d interfaces at the peak, leaked ones included.", n.LeakedEnd, n.Peak),
		},
		Remedy: "An interface leaks when its node or its ipamd goes between creating and attaching it, between attaching it and setting DeleteOnTermination, or between detaching and deleting it. The hourly clean-up of any node of the cluster deletes it (DISABLE_LEAKED_ENI_CLEANUP must not be set).",
	}
	if held > 0 && n.LeakedEnd > 0 {
		f.Evidence = append(f.Evidence, fmt.Sprintf("%d addresses, %d %% of all held ones, were then on interfaces that no ipamd knows, besides the interfaces' own.", held, percent(held, o.held())))
	}
	return f, true
}

func (o *Outcome) held() int {
	n := 0
	for _, s := range o.Subnets {
		n += s.Usable - s.End.Free - s.End.Others
	}
	return n
}

// Overhead is worth a word where pods have less than half of what is held.
func warmPoolOverhead(o *Outcome) (Finding, bool) {
	assigned, warm := 0, 0
	for _, s := range o.Subnets {
		assigned += s.End.Assigned
		warm += s.End.Warm + s.End.Cooling
	}
	if warm <= assigned || warm < 50 {
		return Finding{}, false
	}
	return Finding{
		Mode:    "warm-pool-overhead",
		Summary: fmt.Sprintf("At the end warm pools held %d addresses for %d on pods.", warm, assigned),
		Evidence: []string{fmt.Sprintf("%s per node on average, over %s at the peak.",
			fmt.Sprintf("%.1f warm addresses", float64(warm)/float64(max(1, o.Nodes.Peak))), plural(o.Nodes.Peak, "node"))},
		Remedy: "WARM_ENI_TARGET gives back whole interfaces only, and only empty ones. WARM_IP_TARGET and MINIMUM_IP_TARGET give back single addresses, at the price of more API calls when pods come and go.",
	}, true
}

func (o *Outcome) errors(code string) int {
	n := 0
	for _, a := range o.API {
		n += a.Errors[code]
	}
	return n
}

func (p Phases) sum() float64 {
	return p.Node + p.Scheduling + p.Sandbox + p.AddressWait + p.Backoff + p.Image
}

func percent(part, whole int) int {
	if whole == 0 {
		return 0
	}
	return (100*part + whole/2) / whole
}

func seconds(s float64) string { return fmt.Sprintf("%.1f s", s) }

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
