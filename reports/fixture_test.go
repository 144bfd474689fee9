package reports

import (
	"fmt"
	"math"
	"slices"
	"time"

	"ipamsim/sim/result"
)

// burst is a result as a scale-out might leave it: two variants, the first in
// trouble. Everything in it is made up by formula.
func burst() *result.Result {
	return &result.Result{
		SchemaVersion: result.SchemaVersion, Version: "v0.1.0", Scenario: result.Scenario{Name: "latency-cliff", Digest: "sha256:00"}, Seed: 18446744073709551615,
		Replications: 2, DurationSeconds: 900, Fingerprint: "7c1d2a90e5b34f68",
		Variants: []result.Variant{inTrouble(), atEase()},
	}
}

func inTrouble() result.Variant {
	start := starts(1500, func(q float64) float64 { return 0.9 + 0.8*q + 28*math.Pow(q, 9) })
	v := result.Variant{
		Name:        "default",
		Description: "The shipped manifest's settings: WARM_ENI_TARGET 1, nothing else.",
		Maps: result.Maps{
			Subnets: []result.MapSubnet{{Name: "private-a", CellAddresses: 1}, {Name: "private-b", CellAddresses: 16}},
			Frames:  []result.Frame{{AtSeconds: 0, Cells: []string{"4r11.1r", "256."}}, {AtSeconds: 900, Cells: []string{"4r2i9.1r", "255.1a"}}},
			End: []result.SubnetMap{
				{Name: "private-a", Zone: "a", CIDR: "10.0.0.0/28", Usable: 11, Free: 9, CellAddresses: 1, Cells: "4r1p1A9.1r", Others: map[string]string{"A": "nat"}, Held: result.Held{Holders: result.Holders{Primaries: 1, Others: 1}, OthersBy: map[string]int{"nat": 1}}},
				{Name: "private-b", Zone: "b", CIDR: "10.0.16.0/20", Usable: 4091, Free: 4076, FreeBlocks: 253, CellAddresses: 16, Cells: "1,254.1a", Held: result.Held{Holders: result.Holders{Assigned: 15}}},
			},
		},
		CNIVersions: map[string]string{"workers": result.DefaultCNIVersion},
		Outcome: result.Outcome{
			Pods: result.Pods{Counts: result.Counts{Wanted: 762, Started: 750, RanBefore: 170, Running: 748, NeverStarted: 12, FailedAdds: 1304,
				AtEnd: result.State{Running: 748, WaitingForAddress: 9, Unschedulable: 3}, Worst: result.State{Running: 170, WaitingForAddress: 311, Unschedulable: 540}},
				FailedAddCauses: map[result.Cause]int{"refilling": 1263, "subnet_full": 41},
				FailedAddPods:   map[result.Cause]int{"refilling": 702, "subnet_full": 7},
				MetPods:         map[result.Cause]int{"refilling": 702, "subnet_full": 9}, LatePods: map[result.Cause]int{"refilling": 650}, StuckPods: map[result.Cause]int{"subnet_full": 7},
				Start: someNever(describe(start), 24), Pending: shift(someNever(describe(start), 24), 31), AddressWait: shift(describe(start), -0.8),
				Phases: result.PhaseTimes{
					Mean: result.Phases{Node: 29.4, Scheduling: 1.62, Sandbox: 0.44, AddressWait: 2.91, Backoff: 3.87, Image: 0.61},
					Slow: result.Phases{Node: 31.02, Scheduling: 2.2, Sandbox: 0.71, AddressWait: 5.4, Backoff: 21.9, Image: 0.84}}},
			Nodes:      result.Nodes{NodeCounts: result.NodeCounts{Peak: 33}, Ready: result.Quantiles{Count: 60, Mean: 30.1, P50: 29.85, P90: 33.4, P99: 36.02, Max: 36.4}},
			Interfaces: result.Interfaces{Peak: 131, LeakedPeak: 4, LeakedEnd: 1},
			Subnets: []result.Subnet{
				{Name: "workers-a", Zone: "a", CIDR: "10.0.0.0/24", Usable: 251, AllocatedPeak: 251, AssignedAtPeak: 97, FreeMin: 0, FreeBlocksMin: 0,
					Worst: result.Addresses{AtSeconds: 151, Holders: result.Holders{Assigned: 97, Cooling: 4, Warm: 112, Primaries: 30, Unmanaged: 3, Others: 5}, Free: 0},
					Held:  result.Held{Holders: result.Holders{Assigned: 97, Warm: 104, Primaries: 30, Others: 5}}, FreeAtEnd: 15},
				{Name: "workers-b", Zone: "b", CIDR: "10.0.16.0/20", Usable: 4091, AllocatedPeak: 1480, AssignedAtPeak: 653, FreeMin: 2611, FreeBlocksMin: 88,
					Worst: result.Addresses{AtSeconds: 203, Holders: result.Holders{Assigned: 653, Warm: 741, Primaries: 86}, Free: 2611},
					Held:  result.Held{Holders: result.Holders{Assigned: 653, Warm: 700, Primaries: 86}}, FreeAtEnd: 2652},
			},
			API: map[string]*result.Action{
				"AssignPrivateIpAddresses": {Calls: 214, Attempts: 541, Throttled: 330, Errors: map[string]int{"RequestLimitExceeded": 330, "InsufficientFreeAddressesInSubnet": 41},
					Other: result.Tenants{Attempts: 1800, Throttled: 402}},
				"AttachNetworkInterface":    {Calls: 62, Attempts: 62, Errors: map[string]int{}},
				"CreateNetworkInterface":    {Calls: 62, Attempts: 71, Throttled: 9, Errors: map[string]int{"RequestLimitExceeded": 9}},
				"DescribeNetworkInterfaces": {Calls: 40, Attempts: 1240},
				"DeleteNetworkInterface":    {},
			},
		},
		Findings: []result.Finding{
			{Mode: result.ModeLatencyCliff, Summary: "Pods that were bound to a new node before its pool had addresses failed their first CNI ADD and waited for kubelet's retry.",
				Evidence: []string{"1,304 CNI ADDs failed for want of an address; each cost 10 to 15 s of back-off", "the slowest 1 % of the pods spent 21.9 s of 61.2 s in retry back-off"},
				Remedy:   "Let each node hold more addresses before the first pods arrive, for example:\n  kubectl set env daemonset aws-node -n kube-system WARM_IP_TARGET=10 MINIMUM_IP_TARGET=30\nor use prefix delegation, where one call brings 16 addresses.", PodsAffected: 1304, Remedies: []result.Remedy{},
				Rejected: []result.Remedy{
					{Set: []string{"nodeGroups.workers.cni.WARM_ENI_TARGET=2"}, Verdict: result.Worsens, Tried: map[string]result.Change{
						"pods_never_started": {Before: ptr(12), After: ptr(400)}, "pod_start_p99_seconds": {Before: ptr(61.2)},
						"addresses_held": {Before: ptr(2214), After: ptr(3010)}, "api_calls": {Before: ptr(1304), After: ptr(1304)}}},
					{Set: []string{"nodeGroups.workers.cni.IP_COOLDOWN_PERIOD=0"}, Verdict: result.Unfinished},
				}},
			{Mode: result.ModeSubnetExhaustion, Summary: "workers-a ran out of addresses while 112 of them were warm.",
				Evidence: []string{"at 2m31s 0 of 251 addresses were free: 97 assigned, 112 warm"}, Remedy: "Set WARM_IP_TARGET and MINIMUM_IP_TARGET in place of WARM_ENI_TARGET.",
				PodsAffected: 12,
				Remedies: []result.Remedy{{Set: []string{"nodeGroups.workers.cni.MINIMUM_IP_TARGET=23", "nodeGroups.workers.cni.WARM_IP_TARGET=2"},
					Kubectl: "kubectl set env daemonset aws-node -n kube-system MINIMUM_IP_TARGET=23 WARM_IP_TARGET=2", AddOn: `{"env":{"MINIMUM_IP_TARGET":"23","WARM_IP_TARGET":"2"}}`, Verdict: result.Cures, Leaves: []result.Mode{result.ModeLatencyCliff},
					Risks: []string{"Max pods are set when a node boots: the nodes that are there keep theirs until they are replaced."},
					Tried: map[string]result.Change{"pods_never_started": {Before: ptr(12), After: ptr(0)}, "pod_start_p99_seconds": {After: ptr(26.71)},
						"addresses_held": {Before: ptr(2214), After: ptr(1800)}, "api_calls": {Before: ptr(1304), After: ptr(904)}}}}},
		},
		Trying: &result.Trying{Advice: result.Tried, Replications: 1, Trials: 3, Events: 81_000, MostEvents: 90_000, Cut: true},
		Thresholds: []result.Threshold{
			{Metric: "pod_start", Expression: "p(99)<5s", Never: true, Unit: "s", Severity: result.Fail, Over: result.Together, Expected: 5, AtSeconds: ptr(372.41), Line: 31, Column: 15,
				Pods: []result.ThresholdPod{{Replication: 1, Name: "web-118", Node: "workers-7"}, {Replication: 1, Name: "web-12", Node: "workers-3", Seconds: ptr(61.7)}}},
			{Metric: "pods_never_started", Expression: "count==0", Value: ptr(12), Severity: result.Fail, Over: result.Mean, Difference: ptr(12), Pods: []result.ThresholdPod{{Replication: 2, Name: "web-119"}}},
			{Metric: "subnet_free{subnet:workers-b}", Expression: "min>=1000", Value: ptr(2611), OK: true, Severity: result.Fail, Over: result.Worst},
			{Metric: "api_throttled{action:UnassignPrivateIpAddresses}", Expression: "count<10", Over: result.CI95, Expected: 10, Note: "never observed in replication 2 of 3", Window: &result.WindowSpan{FromSeconds: 120, ToSeconds: 360}, Severity: result.Warn, Line: 34, Column: 5},
		},
		Distributions: distributions(start),
		Series:        series(900, 251+4091),
	}
	v.Replications = replicate(v.Outcome, "1111aaaa2222bbbb", "3333cccc4444dddd")
	return v
}

func atEase() result.Variant {
	start := starts(1524, func(q float64) float64 { return 0.9 + 0.8*q + 0.1*math.Pow(q, 9) })
	v := allWell("warm-targets", start)
	v.Description = "WARM_IP_TARGET 10 and MINIMUM_IP_TARGET 30, so that a node boots with as many addresses as the burst gives it pods."
	v.Thresholds = []result.Threshold{
		{Metric: "pod_start", Expression: "p(99)<5s", Value: ptr(1.7912), Unit: "s", OK: true, Severity: result.Fail, Over: result.Worst},
		{Metric: "pods_never_started", Expression: "count==0", Value: ptr(0), OK: true, Severity: result.Fail, Over: result.Worst},
		{Metric: "pool_use", Expression: "mean>0.5", Value: ptr(0.8251), OK: true, Severity: result.Fail, Over: result.Worst},
	}
	return v
}

// allWell is a variant in which all went well.
func allWell(name string, start []float64) result.Variant {
	v := result.Variant{
		Name: name, CNIVersions: map[string]string{"spot": "v1.23.2", "workers": result.DefaultCNIVersion},
		Outcome: result.Outcome{
			Pods: result.Pods{Counts: result.Counts{Wanted: 762, Started: 762, RanBefore: 170, Running: 762, AtEnd: result.State{Running: 762}, Worst: result.State{Running: 170, Unschedulable: 540}}, Start: describe(start), Pending: shift(describe(start), 31),
				AddressWait: result.Quantiles{Count: len(start), Mean: 0.02, P50: 0.02, P90: 0.02, P99: 0.03, Max: 0.05},
				Phases: result.PhaseTimes{
					Mean: result.Phases{Node: 30.2, Scheduling: 1.61, Sandbox: 0.44, AddressWait: 0.02, Image: 0.61},
					Slow: result.Phases{Node: 36.1, Scheduling: 2.1, Sandbox: 0.61, AddressWait: 0.03, Image: 0.84}}},
			Nodes: result.Nodes{NodeCounts: result.NodeCounts{Peak: 33}, Ready: result.Quantiles{Count: 60, Mean: 31, P50: 30.7, P90: 34.1, P99: 36.9, Max: 37.1}},
			Subnets: []result.Subnet{
				{Name: "workers-a", Zone: "a", CIDR: "10.0.0.0/24", Usable: 251, AllocatedPeak: 190, AssignedAtPeak: 110, FreeMin: 61, FreeBlocksMin: 1,
					Worst: result.Addresses{AtSeconds: 170, Holders: result.Holders{Assigned: 110, Warm: 45, Primaries: 30, Others: 5}, Free: 61},
					Held:  result.Held{Holders: result.Holders{Assigned: 110, Warm: 45, Primaries: 30, Others: 5}}, FreeAtEnd: 61},
				{Name: "workers-b", Zone: "b", CIDR: "10.0.16.0/20", Usable: 4091, AllocatedPeak: 990, AssignedAtPeak: 652, FreeMin: 3101, FreeBlocksMin: 120,
					Worst: result.Addresses{AtSeconds: 201, Holders: result.Holders{Assigned: 652, Warm: 292, Primaries: 46}, Free: 3101},
					Held:  result.Held{Holders: result.Holders{Assigned: 652, Warm: 292, Primaries: 46}}, FreeAtEnd: 3101},
			},
			API: map[string]*result.Action{
				"AssignPrivateIpAddresses": {Calls: 30, Attempts: 30, Other: result.Tenants{Attempts: 1800, Throttled: 11}},
				"AttachNetworkInterface":   {Calls: 60, Attempts: 60},
				"CreateNetworkInterface":   {Calls: 60, Attempts: 60},
			},
		},
		Distributions: distributions(start),
		Series:        series(900, 4342),
	}
	v.Replications = replicate(v.Outcome, "5555eeee6666ffff", "7777000088881111")
	return v
}

// oneQuiet is one variant in which nothing happened at all.
func oneQuiet() *result.Result {
	quiet := result.Variant{Name: "default", CNIVersions: map[string]string{}}
	new(result.Trends).Describe(&quiet.Outcome)
	return &result.Result{SchemaVersion: result.SchemaVersion, Scenario: result.Scenario{Name: "quiet"}, Seed: 1, Replications: 1, DurationSeconds: 3600, Fingerprint: "0",
		Variants: []result.Variant{quiet}}
}

// many is a result with more variants and subnets than a screen has room for.
func many() *result.Result {
	r := burst()
	r.Variants = nil
	for i := range 7 {
		v := allWell(fmt.Sprintf("warm-ip-target-%d", i+1), starts(100, func(q float64) float64 { return float64(i+1) * (1 + q) }))
		for j := range 14 {
			s := v.Subnets[1]
			s.Name = fmt.Sprintf("pods-%02d", j)
			s.FreeMin = 3000 - 10*j
			s.Worst.Free = s.FreeMin
			v.Subnets = append(v.Subnets, s)
		}
		r.Variants = append(r.Variants, v)
	}
	return r
}

func ptr(v float64) *float64 { return &v }

// starts are n pod starts of a distribution given by its quantiles.
func starts(n int, quantile func(q float64) float64) []float64 {
	list := make([]float64, n)
	for i := range list {
		list[i] = math.Round(1e6*quantile((float64(i)+0.5)/float64(n))) / 1e6
	}
	slices.Sort(list)
	return list
}

func describe(sorted []float64) result.Quantiles {
	n := len(sorted)
	sum := 0.0
	for _, v := range sorted {
		sum += v
	}
	at := func(q float64) result.Seconds { return result.Seconds(sorted[min(n-1, int(q*float64(n)))]) }
	return result.Quantiles{Count: n, Min: result.Seconds(sorted[0]), Mean: result.Seconds(math.Round(1e6*sum/float64(n)) / 1e6), P50: at(0.5), P90: at(0.9), P99: at(0.99), Max: result.Seconds(sorted[n-1])}
}

// someNever is a distribution with n more pods that never started, over 1 %.
func someNever(q result.Quantiles, n int) result.Quantiles {
	q.Never, q.Mean, q.P99, q.Max = n, result.Never, result.Never, result.Never
	return q
}

func distributions(starts []float64) result.Distributions {
	var t result.Trends
	for _, s := range starts {
		t.PodStart.Add(time.Duration(math.Round(s*1e6)) * time.Microsecond)
	}
	return t.Distributions()
}

func shift(q result.Quantiles, by result.Seconds) result.Quantiles {
	for _, v := range []*result.Seconds{&q.Mean, &q.Min, &q.P50, &q.P90, &q.P99, &q.Max} {
		*v = max(0, *v+by)
	}
	return q
}

func replicate(o result.Outcome, fingerprints ...string) []result.Replication {
	var list []result.Replication
	for i, f := range fingerprints {
		list = append(list, result.Replication{Replication: i + 1, Fingerprint: f, Events: uint64(123456 + i), Outcome: o})
	}
	return list
}

// series are samples each second of a fleet that grows for two minutes.
func series(seconds, usable int) result.Series {
	s := result.Series{EverySeconds: 1, Subnets: []result.SubnetSeries{{Name: "all"}}, API: []result.ActionSeries{{Action: "AttachNetworkInterface"}}, FailedAdds: []result.CauseSeries{}}
	for t := range seconds + 1 {
		grown := min(1, max(0, float64(t-60)/120))
		a := result.Addresses{Holders: result.Holders{Assigned: int(50 + 700*grown), Warm: int(100 + 750*grown), Primaries: int(6 + 110*grown), Others: 5}}
		requests, throttled := 0, 0
		if t > 60 && t < 200 {
			a.Cooling, a.Unmanaged = 20+t%7, 2*(t%31)
			requests, throttled = 3+t*37%23, t*37%23/3
		} else if t%30 == 0 {
			requests = 2
		}
		a.Free = usable - a.Assigned - a.Cooling - a.Warm - a.Primaries - a.Unmanaged - a.Others
		s.AtSeconds = append(s.AtSeconds, float64(t))
		of, api := &s.Subnets[0], &s.API[0]
		of.Assigned, of.Cooling, of.Warm = append(of.Assigned, a.Assigned), append(of.Cooling, a.Cooling), append(of.Warm, a.Warm)
		of.Primaries, of.Unmanaged, of.Others = append(of.Primaries, a.Primaries), append(of.Unmanaged, a.Unmanaged), append(of.Others, a.Others)
		of.Free = append(of.Free, a.Free)
		api.Requests, api.Throttled = append(api.Requests, requests), append(api.Throttled, throttled)
	}
	return s
}
