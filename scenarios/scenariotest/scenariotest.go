// Package scenariotest has scenarios for the tests of other packages, as
// net/http/httptest has servers. Only tests import it.
package scenariotest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"ipamsim/scenarios"
)

// Expand reads a scenario and returns its variants; a problem in it is the
// test's mistake and ends the test.
func Expand(t testing.TB, text string, opts scenarios.Options) []scenarios.Expanded {
	t.Helper()
	f, err := scenarios.Load("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	variants, err := f.Variants(opts)
	if err != nil {
		t.Fatal(err)
	}
	return variants
}

// large are shipped scenarios that tests run with a hundredth of the nodes and
// pods; the benchmark of the budgets runs them as they are.
var large = map[string][]string{
	"ultra-scale": {"nodeGroups.workers.max=1000", "workloads.training.replicas.0.count=9000"},
}

// IsLarge says whether tests run a shipped scenario smaller than it is, so that
// its thresholds need not hold.
func IsLarge(name string) bool { return large[name] != nil }

// Shipped returns the variants of a scenario that the program comes with.
func Shipped(t testing.TB, name string, opts scenarios.Options) []scenarios.Expanded {
	t.Helper()
	opts.Set = slices.Concat(large[name], opts.Set)
	f, err := scenarios.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	variants, err := f.Variants(opts)
	if err != nil {
		t.Fatal(err)
	}
	return variants
}

// Setting is a small scenario: m5.large nodes, named nodes-0 and so on, with
// one Deployment, web. It goes on for 6 h after a warm-up of 5 min.
type Setting struct {
	Nodes, Pods int
	CNI         string   // WARM_IP_TARGET: 3, ...
	Replicas    string   // {at: 1m, count: 5}, ...
	EC2         string   // of the ec2 section, in flow style
	Group       string   // more keys of the node group
	Faults      []string // {kind: ...}
}

// String is the scenario's text.
func (s Setting) String() string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	p("apiVersion: ipamsim/v1\nkind: Scenario\nmetadata: {name: lab}\nwarmUp: 5m\nduration: 6h")
	p("vpc: {cidrs: [10.0.0.0/16], subnets: [{name: a, cidr: 10.0.0.0/20, az: a}]}")
	p("ec2: {%s}", s.EC2)
	p("nodeGroups: [{name: nodes, instanceType: m5.large, count: %d, cni: {%s}%s}]", s.Nodes, s.CNI, s.Group)
	p("workloads: [{name: web, initial: %d, replicas: [%s]}]", s.Pods, s.Replicas)
	if len(s.Faults) > 0 {
		p("faults:")
	}
	for _, f := range s.Faults {
		p("  - %s", f)
	}
	return b.String()
}

// Cliff is a small cliff: new nodes, DaemonSets' pods that wait for their
// node's network, jobs with pulls, a daemon that ends, pods that never start.
const Cliff = `
apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: recorded}
warmUp: 1m
duration: 6m
controlPlane: {tier: unlimited, scheduling: {rate: 100}}
vpc:
  cidrs: [10.0.0.0/16]
  subnets: [{name: a, cidr: 10.0.0.0/22, az: a}]
nodeGroups:
  - {name: nodes, instanceType: m5.large, count: 3, max: 12, amiFamily: AL2, launch: {kubeProxy: {min: 1s, max: 7s}}}
autoscaler: {kind: karpenter}
workloads:
  - {name: agents, kind: DaemonSet}
  - {name: exporters, kind: DaemonSet, hostNetwork: true}
  - {name: web, replicas: [{at: 1m, count: 150}, {at: 5m, count: 20}]}
  - {name: pulled, kind: Job, arrivals: {rate: 1}, lifetime: {mean: 20s}, imagePull: {mean: 3s}}
  - {name: huge, replicas: [{at: 30s, count: 2}], resources: {cpu: "30"}}
faults:
  - {kind: restart-ipamd, at: 90s}
  - {kind: api-errors, at: 1m, for: 40s, share: 0.3, action: CreateNetworkInterface, code: RequestLimitExceeded}
`
