package findings_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"ipamsim/scenarios"
	"ipamsim/sim"
	"ipamsim/sim/findings"
	"ipamsim/sim/result"
)

func loaded(t *testing.T, text string) *scenarios.File {
	t.Helper()
	f, err := scenarios.Load("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func opened(t *testing.T, name string) *scenarios.File {
	t.Helper()
	f, err := scenarios.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func ran(t *testing.T, f *scenarios.File, opts scenarios.Options) *result.Result {
	t.Helper()
	variants, err := f.Variants(opts)
	if err != nil {
		t.Fatal(err)
	}
	r, err := sim.Run(context.Background(), variants, sim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// small is a scenario of one m5.large and 40 pods in a minute.
const small = `
apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: small}
duration: 2m
vpc: {cidrs: [10.0.0.0/16], subnets: [{name: s, cidr: 10.0.0.0/24, az: a}]}
nodeGroups: [{name: w, instanceType: m5.large, count: 1, maxPods: 60, cni: {ENABLE_SUBNET_DISCOVERY: false}}]
workloads: [{name: web, replicas: [{at: 10s, count: 40}], resources: {cpu: 10m, memory: 10Mi}}]
variants:
  - {name: tiny-subnet, set: {vpc.subnets.s.cidr: 10.0.0.0/28}}
  - name: explicit
    set: {vpc.subnets.s.reservations: [{cidr: 10.0.0.128/25, type: explicit}, {cidr: 10.0.0.64/26, type: explicit}, {cidr: 10.0.0.32/27, type: explicit}]}
  - {name: usage, set: {vpc.quotas.nau: 2, nodeGroups.w.cni.ENABLE_PREFIX_DELEGATION: true}}
  - {name: interfaces, set: {vpc.quotas.networkInterfaces: 1}}
  - {name: one-interface, set: {nodeGroups.w.cni.MAX_ENI: 1}}
  - {name: large-pods, set: {workloads.web.resources.cpu: 64}}
  - {name: no-nodes, set: {nodeGroups.w.count: 0}}
  - {name: too-many, set: {workloads.web.replicas.0.count: 300, nodeGroups.w.cni.ENABLE_PREFIX_DELEGATION: true, nodeGroups.w.cni.WARM_PREFIX_TARGET: 4}}
  - {name: forbidden, set: {faults: [{kind: api-errors, code: UnauthorizedOperation, action: CreateNetworkInterface}]}}
  - {name: cordoned, set: {faults: [{kind: cordon, at: 12s}]}}
  - {name: fine, set: {workloads.web.replicas.0.count: 9}}
`

// Where pods never start, a finding says why.
func TestFindingsExplainPodsThatNeverStart(t *testing.T) {
	want := map[string]string{
		"tiny-subnet": "subnet-exhaustion", "explicit": "subnet-exhaustion", "usage": "quota", "interfaces": "quota", "one-interface": "eni-limit",
		"large-pods": "unschedulable", "no-nodes": "unschedulable", "too-many": "unschedulable", "forbidden": "api-errors",
		"cordoned": "cordoned-nodes", "fine": "",
	}
	for _, v := range ran(t, loaded(t, small), scenarios.Options{}).Variants {
		t.Run(v.Name, func(t *testing.T) {
			mode := want[v.Name]
			if (v.Pods.NeverStarted > 0) != (mode != "") {
				t.Errorf("%d pods never started", v.Pods.NeverStarted)
			}
			if mode == "" && len(v.Findings) > 0 || mode != "" && !slices.Contains(findings.Modes(v.Findings), mode) {
				t.Errorf("found %v, want %q", findings.Modes(v.Findings), mode)
			}
			for _, f := range v.Findings {
				findings.CheckWords(t, f)
			}
		})
	}
}

// Who does what a finding says does not have it any more.
func TestSettingsOfFindingsHelp(t *testing.T) {
	for scenario, mode := range map[string]string{
		"latency-cliff": "latency-cliff", "cooldown-stall": "cooldown-stall", "subnet-exhaustion": "subnet-exhaustion",
		"scale-out-and-in": "warm-pool-overhead",
	} {
		t.Run(scenario, func(t *testing.T) {
			run := func(set ...string) result.Variant {
				one := 1
				return ran(t, opened(t, scenario), scenarios.Options{Variants: []string{"default"}, Set: set, Replications: &one}).Variants[0]
			}
			before := run()
			i := slices.IndexFunc(before.Findings, func(f result.Finding) bool { return string(f.Mode) == mode })
			if i < 0 || len(before.Findings[i].Remedies) == 0 {
				t.Fatalf("no settings against it: %+v", before.Findings)
			}
			set := before.Findings[i].Remedies[0].Set
			if after := run(set...); slices.Contains(findings.Modes(after.Findings), mode) {
				t.Errorf("with %v there is still %v", set, findings.Modes(after.Findings))
			}
		})
	}
}

// mechanisms are findings with the smallest scenario in which each comes about,
// and what it must say; cured is whether its first candidate ends it.
var mechanisms = []struct {
	name, text string
	mode       result.Mode
	says       []string
	cured      bool
}{
	{"the nodes' subnet tagged away", `
vpc: {cidrs: [10.0.0.0/16], subnets: [{name: a, cidr: 10.0.0.0/20, az: a, tags: {kubernetes.io/role/cni: "0"}}]}
nodeGroups: [{name: workers, instanceType: m5.large, count: 2}]
workloads: [{name: web, replicas: [{at: 1m, count: 20}]}]
`, result.ModeNoSubnet, []string{"a is tagged kubernetes.io/role/cni=0", "20 of 20 pods never started", "role/cni=1"}, true},
	{"an attribute that cannot be set", `
vpc: {cidrs: [10.0.0.0/16], subnets: [{name: a, cidr: 10.0.0.0/20, az: a}]}
nodeGroups: [{name: workers, instanceType: m5.large, count: 2}]
workloads: [{name: web, replicas: [{at: 1m, count: 40}]}]
faults: [{kind: api-errors, at: 30s, for: 2m, action: ModifyNetworkInterfaceAttribute, code: UnauthorizedOperation}]
`, result.ModeWaitInVain, []string{"EC2 answered it UnauthorizedOperation 2 times", "a restart of ipamd on the node does"}, false},
	{"a zone without ENIConfig", `
vpc: {cidrs: [10.0.0.0/16], subnets: [{name: b, cidr: 10.0.16.0/20, az: b}, {name: pods, cidr: 10.0.32.0/20, az: a}]}
nodeGroups: [{name: workers, instanceType: m5.large, count: 2, subnets: [b], cni: {AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: true}, eniConfig: {a: pods}}]
workloads: [{name: web, replicas: [{at: 1m, count: 20}]}]
`, result.ModeIPAMDDown, []string{"no node became Ready", "zone b have no ENIConfig", "Give each zone", "nodeGroups.workers.eniConfig.b=b"}, true},
	{"a start that finds no block", `
vpc: {cidrs: [10.0.0.0/16], subnets: [{name: a, cidr: 10.0.0.0/24, az: a}, {name: pods, cidr: 10.0.1.0/26, az: a, used: [{addresses: [10.0.1.5, 10.0.1.20, 10.0.1.40, 10.0.1.55]}]}]}
nodeGroups: [{name: workers, instanceType: m5.large, count: 2, subnets: [a], cni: {AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: true, ENABLE_PREFIX_DELEGATION: true}, eniConfig: {a: pods}}]
workloads: [{name: web, replicas: [{at: 1m, count: 10}]}]
`, result.ModeFragmentation, []string{"pods (10.0.1.0/26): no aligned free /28", "A start of ipamd that gets no prefix", "ENABLE_PREFIX_DELEGATION=false"}, true},
	{"a loop for want of blocks", `
vpc: {cidrs: [10.0.0.0/16], subnets: [{name: a, cidr: 10.0.0.0/24, az: a}, {name: pods, cidr: 10.0.1.0/26, az: a, used: [{addresses: [10.0.1.5, 10.0.1.20, 10.0.1.40, 10.0.1.55]}]}]}
nodeGroups: [{name: workers, instanceType: m5.large, count: 2, subnets: [a], cni: {AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: true, ENABLE_PREFIX_DELEGATION: true}, eniConfig: {a: pods}}]
workloads: [{name: web, replicas: [{at: 1m, count: 10}]}]
`, result.ModeIPAMDDown, []string{"EC2 had none", "Cure first what EC2 refuses"}, false},
	{"a rolling update of all at once", `
vpc: {cidrs: [10.0.0.0/16], subnets: [{name: a, cidr: 10.0.0.0/20, az: a}]}
nodeGroups: [{name: workers, instanceType: m5.large, count: 20}]
workloads: [{name: jobs, kind: Job, arrivals: {rate: 4, from: 20s, to: 50s}, lifetime: {constant: 20s}, resources: {cpu: 10m, memory: 10Mi}}]
faults: [{kind: roll-aws-node, at: 30s, maxUnavailable: 100%}]
`, result.ModeIPAMDDown, []string{"faults.0.maxUnavailable=10%", `"maxUnavailable":"10%"`}, false},
	{"max pods that binds", `
vpc: {cidrs: [10.0.0.0/16], subnets: [{name: a, cidr: 10.0.0.0/20, az: a}]}
nodeGroups: [{name: workers, instanceType: m5.large, count: 2, maxPods: 12}]
workloads: [{name: web, replicas: [{at: 1m, count: 40}], resources: {cpu: 10m, memory: 10Mi}}]
`, result.ModeUnschedulable, []string{"What binds is max pods (12 on nodes of workers)", "raise max pods to 29", "nodeGroups.workers.maxPods=29"}, true},
	{"a quota of interfaces", `
vpc: {cidrs: [10.0.0.0/16], subnets: [{name: a, cidr: 10.0.0.0/20, az: a}], quotas: {networkInterfaces: 4}}
nodeGroups: [{name: workers, instanceType: m5.large, count: 2}]
workloads: [{name: web, replicas: [{at: 1m, count: 50}], resources: {cpu: 10m, memory: 10Mi}}]
`, result.ModeQuota, []string{"network interfaces per Region (4, L-DF5E4CA3)", "ENABLE_PREFIX_DELEGATION=true"}, true},
	{"a full subnet without warm pools", `
vpc: {cidrs: [10.0.0.0/16], subnets: [{name: a, cidr: 10.0.0.0/24, az: a, used: [{count: 245}]}]}
nodeGroups: [{name: workers, instanceType: m5.large, count: 1}]
workloads: [{name: web, replicas: [{at: 1m, count: 25}], resources: {cpu: 10m, memory: 10Mi}}]
`, result.ModeSubnetExhaustion, []string{"No setting is known to cure it here", "Give the nodes more address space"}, false},
	{"addresses that ipamd gives back", `
vpc: {cidrs: [10.0.0.0/16], subnets: [{name: a, cidr: 10.0.0.0/20, az: a}]}
nodeGroups: [{name: workers, instanceType: m5.large, count: 3, cni: {WARM_IP_TARGET: 1}}]
workloads: [{name: web, initial: 45}]
faults: [{kind: stale-metadata, at: 1m, for: 6m, interfaces: 1}]
`, result.ModeLostAddresses, []string{"ipamd's return of an address that was on a pod", "Nobody else has touched the addresses"}, false},
	{"addresses that somebody else takes away", `
vpc: {cidrs: [10.0.0.0/16], subnets: [{name: a, cidr: 10.0.0.0/20, az: a}]}
nodeGroups: [{name: workers, instanceType: m5.large, count: 3}]
workloads: [{name: web, initial: 45}]
faults: [{kind: unassign-addresses, at: 1m, addresses: 9}]
`, result.ModeLostAddresses, []string{"a change of the node's interfaces from outside", "no_manage=true"}, false},
}

func TestMechanismsAreNamed(t *testing.T) {
	for _, m := range mechanisms {
		t.Run(m.name, func(t *testing.T) {
			f := loaded(t, "apiVersion: ipamsim/v1\nkind: Scenario\nmetadata: {name: small}\nduration: 10m\n"+m.text)
			run := func(set ...string) []result.Finding {
				return ran(t, f, scenarios.Options{Set: set}).Variants[0].Findings
			}
			list := run()
			i := slices.Index(findings.Modes(list), string(m.mode))
			if i < 0 {
				t.Fatalf("found %v", findings.Modes(list))
			}
			for _, phrase := range m.says {
				if said := fmt.Sprint(list[i]); !strings.Contains(said, phrase) {
					t.Errorf("%s does not say %q", said, phrase)
				}
			}
			for _, f := range list {
				findings.CheckWords(t, f)
			}
			if !m.cured {
				return
			}
			if set := list[i].Remedies[0].Set; slices.Contains(findings.Modes(run(set...)), string(m.mode)) {
				t.Errorf("with %v there still is %s", set, m.mode)
			}
		})
	}
}
