package live

import (
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"ipamsim/scenarios"
	"ipamsim/validation"
)

// written is a scenario of a few nodes in two zones, with more lines.
func written(t *testing.T, lines string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "scenario.yaml")
	text := `apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: mine}
duration: 10m
vpc:
  cidrs: [10.0.0.0/16, 100.64.0.0/16]
  subnets:
    - {name: a, cidr: 10.0.0.0/24, az: a}
    - {name: b, cidr: 10.0.1.0/24, az: b}
    - {name: pods-a, cidr: 100.64.0.0/20, az: a}
    - {name: pods-b, cidr: 100.64.16.0/20, az: b}
workloads:
  - {name: web, initial: 12, replicas: [{at: 3m, count: 60}]}
nodeGroups:
  - name: workers
    instanceType: m5.large
    subnets: [a, b]
    count: 4
` + lines
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

func extracted(t *testing.T, file, variant string) *Extracted {
	t.Helper()
	e, err := Extract(t.Context(), file, variant, 4)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// A block has all its addresses, wherever it lies.
func TestABlockIsARangeFromItsFirstAddressToItsLast(t *testing.T) {
	for block, want := range map[string]string{
		"10.0.0.37/32": "10.0.0.37-10.0.0.37", "10.0.0.36/32": "10.0.0.36-10.0.0.36", "10.0.0.16/28": "10.0.0.16-10.0.0.31", "10.0.0.32/28": "10.0.0.32-10.0.0.47",
	} {
		if got := rangeOf(netip.MustParsePrefix(block)); got != want {
			t.Errorf("%s is %s, not %s", block, got, want)
		}
	}
}

// kinds are a world's events, without their times.
func kinds(s *validation.Scenario) (list []string) {
	for _, e := range s.Events {
		list = append(list, e.Kind)
	}
	return list
}

// A node's world has the subnets of its own zone, its own subnet first.
func TestANodeIsInTheSubnetThatItIsIn(t *testing.T) {
	e := extracted(t, written(t, `    cni: {AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: true}
    eniConfig: {a: pods-a, b: pods-b}
`), "")
	met := map[string]bool{}
	for _, n := range e.Nodes {
		var list []string
		for _, s := range n.Subnets {
			list = append(list, s.CIDR)
		}
		met[strings.Join(list, " ")+" "+n.Subnets[n.ENIConfig].CIDR] = true
		if _, err := validation.Simulate(n, 1); err != nil {
			t.Errorf("%s: %v", n.Name, err)
		}
	}
	if !met["10.0.0.0/24 100.64.0.0/20 100.64.0.0/20"] || !met["10.0.1.0/24 100.64.16.0/20 100.64.16.0/20"] || len(met) != 2 {
		t.Errorf("nodes are in %v", met)
	}
	if len(e.Left) > 0 || e.Variant != "default" {
		t.Errorf("variant %s without %v", e.Variant, e.Left)
	}
}

// What a daemon meets in a scenario it meets in its own world.
func TestWhatHappensInAScenarioHappensInANodesWorld(t *testing.T) {
	e := extracted(t, written(t, `faults:
  - {kind: restart-ipamd, at: 1m, every: 1m, times: 2, group: workers}
  - {kind: roll-aws-node, at: 5m, cni: {WARM_IP_TARGET: "3"}}
  - {kind: api-errors, at: 2m, for: 1m, action: AssignPrivateIpAddresses, code: InternalError}
  - {kind: throttle-storm, at: 2m, for: 30s, action: CreateNetworkInterface, rate: 50}
  - {kind: stale-metadata, at: 90s, for: 1m, interfaces: 1}
  - {kind: cordon, at: 6m, node: workers-0}
  - {kind: subnet-occupy, at: 3m, subnet: a, count: 20}
  - {kind: subnet-release, at: 4m, subnet: a}
  - {kind: recreate-pods, at: 7m}
ec2:
  background: [{action: DescribeInstances, rate: 2, from: 1m, to: 2m}]
variants:
  - {name: other, set: {nodeGroups.workers.cni.WARM_IP_TARGET: 2}}
  - {name: second, set: {nodeGroups.workers.cni.WARM_IP_TARGET: 7}}
`), "second")
	if len(e.Left) > 0 || e.Variant != "second" {
		t.Errorf("variant %s without %v", e.Variant, e.Left)
	}
	for _, n := range e.Nodes {
		if _, err := validation.Simulate(n, 1); err != nil {
			t.Errorf("%s: %v", n.Name, err)
		}
		own := kinds(n)
		count := func(kind string) (k int) {
			for _, each := range own {
				if each == kind {
					k++
				}
			}
			return k
		}
		inA := n.Subnets[0].CIDR == "10.0.0.0/24"
		if count(validation.Restart) != 3 || count("metadata_freeze") != 1 || count("metadata_thaw") != 1 ||
			(count("node_unschedulable") > 0) != (n.Name == "workers-0") || (count("subnet_occupy") == 1) != inA || (count("subnet_release") == 1) != inA {
			t.Errorf("%s in %s: %v", n.Name, n.Subnets[0].CIDR, own)
		}
		last := n.Events[slices.IndexFunc(n.Events, func(e validation.Event) bool { return len(e.Env) > 0 })]
		if n.Env["WARM_IP_TARGET"] != "7" || last.Kind != validation.Restart || last.Env["WARM_IP_TARGET"] != "3" {
			t.Errorf("%s: %v, then %+v", n.Name, n.Env, last)
		}
		if f := n.Faults; len(f) != 1 || f[0].Op != "AssignPrivateIpAddresses" || *f[0].ToMS-*f[0].FromMS != 60_000 {
			t.Errorf("%s: %+v", n.Name, f)
		}
		if len(n.Tenants) != 2 || n.Tenants[0].PerSec != 2 || n.Tenants[1].ToMS-n.Tenants[1].FromMS != 30_000 {
			t.Errorf("%s: %+v", n.Name, n.Tenants)
		}
	}
}

// What is not played is said, by its key.
func TestWhatIsLeftOfAScenarioIsSaid(t *testing.T) {
	e := extracted(t, written(t, `    policies: {longestFreeFirst: true}
faults:
  - {kind: api-slow, at: 2m, for: 1m, factor: 2}
  - {kind: cordon, at: 2m, share: 0.5}
  - {kind: restart-ipamd, at: 3m}
ec2:
  latency: {AssignPrivateIpAddresses: {constant: 1s}}
  allocation: {addresses: lowest}
`), "")
	got := strings.Join(e.Left, ", ")
	if got != "faults[0] (api-slow), faults[1] (cordon), ec2.latency, ec2.allocation, nodeGroups.workers.policies" {
		t.Errorf("left are %s", got)
	}
}

// Each key of ec2 is played, or said not to be, or concerns no daemon.
func TestNoSettingOfEC2IsForgotten(t *testing.T) {
	played, elsewhere := []string{"background"}, []string{"resourceThrottle", "shutdownTime"} // instances' own
	source, err := os.ReadFile("surround.go")
	if err != nil {
		t.Fatal(err)
	}
	for f := range reflect.TypeFor[scenarios.EC2]().Fields() {
		key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if !slices.Contains(played, key) && !slices.Contains(elsewhere, key) && !strings.Contains(string(source), `"ec2.`+key+`"`) {
			t.Errorf("nothing is said of ec2.%s", key)
		}
	}
}
