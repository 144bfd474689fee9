package findings

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ipamsim/scenarios"
	"ipamsim/sim/result"
)

// modes of a list of findings, in its order.
func modes(list []result.Finding) []string {
	names := []string{}
	for _, f := range list {
		names = append(names, string(f.Mode))
	}
	return names
}

// failing is an outcome in which ADDs failed for a cause: so many, of so many
// of 1,000 pods.
func failing(cause result.Cause, adds, pods int) result.Outcome {
	return result.Outcome{
		Pods: result.Pods{Counts: result.Counts{Wanted: 1000, Started: 1000, Running: 1000, FailedAdds: adds},
			FailedAddCauses: map[result.Cause]int{cause: adds}, FailedAddPods: map[result.Cause]int{cause: pods}, MetPods: map[result.Cause]int{cause: pods}, LatePods: map[result.Cause]int{cause: pods},
			Start: result.Quantiles{Count: 1000, P50: 1, P99: 30, Max: 40}},
		Nodes: result.Nodes{NodeCounts: result.NodeCounts{Peak: 50}, AssignedP90: 20},
	}
}

func answering(action, code string, errors, attempts int) result.Outcome {
	a := &result.Action{Attempts: attempts, Errors: map[string]int{code: errors}}
	if code == "RequestLimitExceeded" {
		a.Throttled = errors
	}
	return result.Outcome{Pods: result.Pods{Counts: result.Counts{Wanted: 1000, Started: 1000, Running: 1000}}, API: map[string]*result.Action{action: a}}
}

func subnetOf(s result.Subnet) result.Outcome {
	s.Name, s.CIDR = "a", "10.0.0.0/24"
	return result.Outcome{Pods: result.Pods{Counts: result.Counts{Wanted: 1000, Started: 1000, Running: 1000}}, Nodes: result.Nodes{NodeCounts: result.NodeCounts{Peak: 10}}, Subnets: []result.Subnet{s}}
}

func with(o result.Outcome, change func(*result.Outcome)) result.Outcome {
	change(&o)
	return o
}

func never(pods int) func(*result.Outcome) {
	return func(o *result.Outcome) { o.Pods.NeverStarted, o.Pods.Started = pods, o.Pods.Wanted-pods }
}

func stuck(cause result.Cause, pods int) func(*result.Outcome) {
	return func(o *result.Outcome) {
		never(pods)(o)
		o.Pods.StuckPods = map[result.Cause]int{cause: pods}
	}
}

// Each mode has a row in which it is found and one, a little milder, in which
// it is not.
func TestFindingsOfHandMadeOutcomes(t *testing.T) {
	nothing := Facts{canPrefix: true, perInterface: 10}
	for _, c := range []struct {
		name string
		o    result.Outcome
		f    Facts
		want string // modes
	}{
		{"nothing", result.Outcome{}, nothing, ""},
		{"late pods", failing("refilling", 20, 10), nothing, "latency-cliff"},
		{"late pods by throttling", failing("throttled", 20, 10), nothing, "latency-cliff"},
		{"a few late pods", failing("refilling", 15, 9), nothing, ""},
		{"late pods that were quick", with(failing("refilling", 20, 10), func(o *result.Outcome) { o.Pods.LatePods = nil }), nothing, ""},
		{"a single late pod", with(failing("refilling", 20, 1), func(o *result.Outcome) { o.Pods.Wanted = 1 }), nothing, ""},
		{"throttles", answering("AttachNetworkInterface", "RequestLimitExceeded", 1, 10), nothing, "api-throttling"},
		{"no throttles", answering("AttachNetworkInterface", "RequestLimitExceeded", 0, 10), nothing, ""},
		{"a full subnet", subnetOf(result.Subnet{Usable: 251, FreeMin: 2}), nothing, "subnet-exhaustion"},
		{"a nearly full subnet", subnetOf(result.Subnet{Usable: 251, FreeMin: 3}), nothing, ""},
		{"refusals in a subnet with less than an interface's worth", with(answering("CreateNetworkInterface", "InsufficientFreeAddressesInSubnet", 2, 200),
			func(o *result.Outcome) { o.Subnets = subnetOf(result.Subnet{Usable: 11, FreeMin: 9}).Subnets }), nothing, "subnet-exhaustion"},
		{"refusals in a subnet with room", with(answering("CreateNetworkInterface", "InsufficientFreeAddressesInSubnet", 2, 200),
			func(o *result.Outcome) { o.Subnets = subnetOf(result.Subnet{Usable: 251, FreeMin: 200}).Subnets }), nothing, "subnet-exhaustion"},
		{"failed ADDs for want of addresses", with(failing("subnet_full", 9, 1), never(1)), nothing, "subnet-exhaustion"},
		{"no block, but addresses", with(failing("no_block", 5, 5), func(o *result.Outcome) { o.Subnets = subnetOf(result.Subnet{Usable: 251, FreeMin: 16}).Subnets }), nothing, "fragmentation"},
		{"no block and no addresses", with(failing("no_block", 5, 5), func(o *result.Outcome) { o.Subnets = subnetOf(result.Subnet{Usable: 251, FreeMin: 15}).Subnets }), nothing, "subnet-exhaustion"},
		{"interfaces' quota", with(answering("CreateNetworkInterface", "NetworkInterfaceLimitExceeded", 1, 10), never(1)), nothing, "quota"},
		{"addresses' quota", answering("AssignPrivateIpAddresses", "NetworkAddressUsageLimitExceeded", 1, 10), nothing, "quota"},
		{"full nodes", failing("node_full", 1, 1), nothing, "eni-limit"},
		{"stalls", failing("cooling", 10, 10), nothing, "cooldown-stall"},
		{"a few stalls", failing("cooling", 9, 9), nothing, ""},
		{"errors", answering("AssignPrivateIpAddresses", "InternalError", 1, 100), nothing, "api-errors"},
		{"a few errors", answering("AssignPrivateIpAddresses", "InternalError", 1, 101), nothing, ""},
		{"a few errors that keep pods", with(answering("AssignPrivateIpAddresses", "UnauthorizedOperation", 1, 101), func(o *result.Outcome) {
			o.Pods = failing("api_error", 10, 1).Pods
			never(1)(o)
		}), nothing, "api-errors"},
		{"deleting too early", answering("DeleteNetworkInterface", "InvalidParameterValue", 50, 100), nothing, ""},
		{"deleting too early, by a fault", answering("DeleteNetworkInterface", "InvalidParameterValue", 50, 100),
			Facts{injected: map[string]bool{"InvalidParameterValue": true}}, "api-errors"},
		{"no room", with(failing("refilling", 0, 0), func(o *result.Outcome) { never(7)(o); o.Pods.WaitingForNode = 7 }), nothing, "unschedulable"},
		{"leaks", with(result.Outcome{}, func(o *result.Outcome) { o.Interfaces.LeakedPeak = 1 }), nothing, "leaked-interfaces"},
		{"kept", with(result.Outcome{}, func(o *result.Outcome) { o.Interfaces.KeptEnd = 1 }), nothing, "kept-interfaces"},
		{"more warm than assigned", subnetOf(result.Subnet{Usable: 251, FreeMin: 100, Held: result.Held{Holders: result.Holders{Warm: 50, Assigned: 49}}}), nothing, "warm-pool-overhead"},
		{"as much warm as assigned", subnetOf(result.Subnet{Usable: 251, FreeMin: 100, Held: result.Held{Holders: result.Holders{Warm: 50, Assigned: 50}}}), nothing, ""},
		{"a small fleet's warm pool", subnetOf(result.Subnet{Usable: 251, FreeMin: 100, Held: result.Held{Holders: result.Holders{Warm: 49, Assigned: 1}}}), nothing, ""},
		{"pods that never started and nobody knows why", with(failing("ipamd_down", 3, 1), never(1)), nothing, "pods-not-started"},
		{"pools at their targets", failing("targets_met", 1, 1), nothing, "pool-at-minimum"},
		{"pods on cordoned nodes", failing("cordoned", 20, 10), nothing, "cordoned-nodes"},
		{"a few pods on cordoned nodes", failing("cordoned", 20, 9), nothing, ""},
		{"a few pods that stay on cordoned nodes", with(failing("cordoned", 20, 0), stuck("cordoned", 1)), nothing, "cordoned-nodes"},
		{"no subnet for interfaces", failing("no_subnet", 1, 1), nothing, "no-subnet"},
		{"a metadata outage", failing("metadata_down", 20, 10), nothing, "metadata-outage"},
		{"a short metadata outage", failing("metadata_down", 20, 9), nothing, ""},
		{"daemons away", failing("ipamd_down", 20, 10), nothing, "ipamd-down"},
		{"daemons away for a moment", failing("ipamd_down", 20, 9), nothing, ""},
		{"daemons that end again and again", with(result.Outcome{}, func(o *result.Outcome) { o.Nodes.Peak, o.Nodes.AgentRestarts = 10, 30 }), nothing, "ipamd-down"},
		{"daemons that end now and then", with(result.Outcome{}, func(o *result.Outcome) { o.Nodes.Peak, o.Nodes.AgentRestarts = 10, 29 }), nothing, ""},
		{"waits in vain", failing("in_vain", 20, 10), nothing, "wait-in-vain"},
		{"a few waits in vain", failing("in_vain", 20, 9), nothing, ""},
		{"stalls of full nodes", failing("cooling_full", 20, 10), nothing, "cooldown-stall"},
		{"churn", with(result.Outcome{}, func(o *result.Outcome) { o.Interfaces.ChurningNodes, o.Interfaces.Vain = 1, 3 }), nothing, "interface-churn"},
		{"interfaces that came in vain, seldom", with(result.Outcome{}, func(o *result.Outcome) { o.Interfaces.Vain = 3 }), nothing, ""},
		{"late pods are no reason for pods that never start", with(failing("refilling", 20, 10), never(1)), nothing, "latency-cliff pods-not-started"},
		{"throttles of others' calls are no reason either", with(answering("DescribeSubnets", "RequestLimitExceeded", 1, 10), never(1)), nothing, "pods-not-started api-throttling"},
	} {
		t.Run(c.name, func(t *testing.T) {
			list := Find(&c.o, c.f)
			if got := strings.Join(modes(list), " "); got != c.want {
				t.Errorf("found %q, want %q", got, c.want)
			}
			for _, f := range list {
				checkWords(t, f)
			}
		})
	}
}

var negative = regexp.MustCompile(`(^|[ (])-\d`)

// checkWords holds for every finding: it says something, with evidence that
// is grammar, and its settings are variables of the daemon.
func checkWords(t *testing.T, f result.Finding) {
	t.Helper()
	for _, line := range append([]string{f.Summary, f.Remedy}, f.Evidence...) {
		if !strings.HasSuffix(line, ".") || strings.Contains(line, "%!") || negative.MatchString(line) {
			t.Errorf("%s: %q", f.Mode, line)
		}
		for _, wrong := range []string{"1 pods", "1 nodes", "1 interfaces", "1 times", "1 subnets", "1 requests", "1 CNI ADDs"} {
			if strings.HasPrefix(line, wrong) || strings.Contains(line, " "+wrong) {
				t.Errorf("%s: %q", f.Mode, line)
			}
		}
	}
	if len(f.Evidence) == 0 && f.Mode != result.ModeSubnetExhaustion {
		t.Errorf("%s: no evidence", f.Mode)
	}
	for _, r := range f.Remedies {
		path, _, _ := strings.Cut(r.Set[0], "=")
		_, name, variable := strings.Cut(path, ".cni.")
		if variable && !slices.ContainsFunc(scenarios.CNIVariables, func(v scenarios.CNIVariable) bool { return v.Name == name && v.Modelled }) {
			t.Errorf("%s: %s is no setting of the daemon", f.Mode, name)
		}
	}
}

func TestAttachedInterfacesAreTheSuccesses(t *testing.T) {
	o := failing("refilling", 1000, 100)
	o.API = map[string]*result.Action{"AttachNetworkInterface": {Calls: 3, Attempts: 9, Throttled: 6,
		Errors: map[string]int{"RequestLimitExceeded": 6, "AttachmentLimitExceeded": 2}}}
	f, _ := latencyCliff(&outcome{Outcome: &o}, &Facts{})
	if last := f.Evidence[len(f.Evidence)-1]; !strings.HasPrefix(last, "1 interface had to be attached") {
		t.Error(last)
	}
}

// No remedy recommends what the variant has.
func TestRemediesOfFindingsFitTheSettings(t *testing.T) {
	cliff, full := failing("refilling", 100, 100), failing("node_full", 1, 1)
	fragmented := with(failing("no_block", 5, 5), func(o *result.Outcome) { o.Subnets = subnetOf(result.Subnet{Usable: 251, FreeMin: 99}).Subnets })
	overhead := subnetOf(result.Subnet{Usable: 251, FreeMin: 100, Held: result.Held{Holders: result.Holders{Warm: 90}}})
	reserved := with(failing("subnet_full", 5, 5), func(o *result.Outcome) { o.Subnets = subnetOf(result.Subnet{Usable: 251, FreeMin: 231}).Subnets })
	for _, c := range []struct {
		name          string
		o             result.Outcome
		f             Facts
		says, doesNot string // in the remedy
		settings      map[string]string
	}{
		{"cliff", cliff, Facts{canPrefix: true}, "ENABLE_PREFIX_DELEGATION=true", "is on", map[string]string{"ENABLE_PREFIX_DELEGATION": "true", "WARM_PREFIX_TARGET": "2"}},
		{"cliff with targets", cliff, Facts{canPrefix: true, ipTargets: true, minimumIP: 25}, "ENABLE_PREFIX_DELEGATION=true", "WARM_PREFIX_TARGET", map[string]string{"ENABLE_PREFIX_DELEGATION": "true", "MINIMUM_IP_TARGET": "25"}},
		{"cliff with prefixes", cliff, Facts{canPrefix: true, prefixes: true, warmPrefix: 1}, "raise WARM_PREFIX_TARGET", "ENABLE_PREFIX_DELEGATION", map[string]string{"WARM_PREFIX_TARGET": "2"}},
		{"cliff with enough prefixes", cliff, Facts{canPrefix: true, prefixes: true, warmPrefix: 2}, "Ready ahead", "raise", nil},
		{"cliff with prefixes and targets", cliff, Facts{canPrefix: true, prefixes: true, ipTargets: true, minimumIP: 5}, "raise MINIMUM_IP_TARGET", "WARM_PREFIX_TARGET", map[string]string{"MINIMUM_IP_TARGET": "20"}},
		{"cliff on Xen", cliff, Facts{}, "on Nitro", "ENABLE_PREFIX_DELEGATION=true", nil},
		{"fragmentation", fragmented, Facts{prefixes: true}, "create-subnet-cidr-reservation", "", nil},
		{"fragmentation with a reservation", fragmented, Facts{prefixes: true, reserved: true}, "enlarge", "create-subnet-cidr-reservation", nil},
		{"full nodes", full, Facts{canPrefix: true}, "prefix delegation", "MAX_ENI", map[string]string{"ENABLE_PREFIX_DELEGATION": "true"}},
		{"full nodes with MAX_ENI", full, Facts{canPrefix: true, maxENI: true}, "Raise or remove MAX_ENI", "", map[string]string{"ENABLE_PREFIX_DELEGATION": "true"}},
		{"full nodes with prefixes", full, Facts{canPrefix: true, prefixes: true}, "larger type", "prefix delegation", nil},
		{"overhead", overhead, Facts{}, "WARM_ENI_TARGET", "prefix", nil},
		{"overhead with targets", overhead, Facts{ipTargets: true}, "lower them", "WARM_ENI_TARGET", nil},
		{"overhead with prefixes", overhead, Facts{prefixes: true}, "16 addresses", "WARM_ENI_TARGET", nil},
		{"exhaustion by reservations", reserved, Facts{explicit: map[string]int{"a": 224}, perInterface: 10}, "Delete the CIDR reservations", "WARM_ENI_TARGET", nil},
		{"stall", failing("cooling", 99, 99), Facts{}, "WARM_IP_TARGET", "full nodes", nil},
		{"stall of full nodes", failing("cooling_full", 99, 99), Facts{canPrefix: true, cooldown: true}, "prefix delegation", "WARM_IP_TARGET", map[string]string{"ENABLE_PREFIX_DELEGATION": "true"}},
		{"stall of full nodes on Xen", failing("cooling_full", 99, 99), Facts{cooldown: true}, "IP_COOLDOWN_PERIOD=0", "prefix", map[string]string{"IP_COOLDOWN_PERIOD": "0"}},
		{"throttled launches", answering("RunInstances", "RequestLimitExceeded", 5, 10), Facts{}, "Launches have buckets of their own", "calls per node", nil},
		{"throttled launches and interfaces", with(answering("RunInstances", "RequestLimitExceeded", 5, 10), func(o *result.Outcome) {
			o.API["AttachNetworkInterface"] = answering("AttachNetworkInterface", "RequestLimitExceeded", 5, 10).API["AttachNetworkInterface"]
		}), Facts{}, "Launches have buckets of their own", "Cure first", nil},
		{"throttled requests for blocks that are not there", with(answering("AssignPrivateIpAddresses", "RequestLimitExceeded", 5, 10), func(o *result.Outcome) {
			o.API["AssignPrivateIpAddresses"].Errors["InsufficientCidrBlocks"] = 4
		}), Facts{}, "Cure first", "", nil},
		{"stall with targets", with(failing("cooling", 99, 99), func(o *result.Outcome) { o.Nodes.CoolingPeak = 4 }), Facts{ipTargets: true, warmIP: 2, minimumIP: 23}, "WARM_IP_TARGET", "",
			map[string]string{"WARM_IP_TARGET": "6", "MINIMUM_IP_TARGET": "27"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.f.places = []place{{path: "nodeGroups.w", env: map[string]string{}}}
			list := Find(&c.o, c.f)
			list = slices.DeleteFunc(list, func(f result.Finding) bool { return c.o.API != nil && f.Mode != result.ModeAPIThrottling })
			if len(list) != 1 {
				t.Fatalf("found %v", modes(list))
			}
			if r := list[0].Remedy; !strings.Contains(r, c.says) || c.doesNot != "" && strings.Contains(r, c.doesNot) {
				t.Errorf("remedy: %q", r)
			}
			var first, want []string
			if len(list[0].Remedies) > 0 {
				first = list[0].Remedies[0].Set
			}
			for _, name := range slices.Sorted(maps.Keys(c.settings)) {
				want = append(want, "nodeGroups.w.cni."+name+"="+c.settings[name])
			}
			if c.settings != nil && !slices.Equal(first, want) {
				t.Errorf("set %v, want %v", first, want)
			}
			checkWords(t, list[0])
		})
	}
}

// A release that does not read a variable is not recommended to change it, nor
// taken to have what it stands for.
func TestFactsAreWhatTheReleaseMakesOfItsEnvironment(t *testing.T) {
	env := "ENABLE_PREFIX_DELEGATION: true, DISABLE_LEAKED_ENI_CLEANUP: true"
	for version, want := range map[string]bool{"v1.23.1": true, "v1.6.0": false} {
		text := strings.Replace(releaseScenario, "VERSION", version, 1)
		f, err := scenarios.Load("test.yaml", []byte(strings.Replace(text, "ENV", env, 1)))
		if err != nil {
			t.Fatal(err)
		}
		v, err := f.Variants(scenarios.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if facts := FactsOf(v[0].Scenario); facts.prefixes != want || facts.noCleanUp != want {
			t.Errorf("%s: prefixes %v, no clean-up %v", version, facts.prefixes, facts.noCleanUp)
		}
	}
}

const releaseScenario = `
apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: release}
duration: 2m
vpc: {cidrs: [10.0.0.0/16], subnets: [{name: s, cidr: 10.0.0.0/24, az: a}]}
nodeGroups: [{name: w, instanceType: m5.large, count: 1, cniVersion: VERSION, cni: {ENV}}]
workloads: [{name: web, initial: 1, resources: {cpu: 10m, memory: 10Mi}}]
`
