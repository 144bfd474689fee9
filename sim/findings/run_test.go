package findings_test

import (
	"context"
	"slices"
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
