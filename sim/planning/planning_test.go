package planning_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"ipamsim/scenarios"
	"ipamsim/scenarios/scenariotest"
	"ipamsim/sim/fleet"
	"ipamsim/sim/planning"
)

// cluster is a scenario of m5.large nodes with pods, in a subnet of each zone.
type cluster struct {
	nodes, pods int
	bits        int    // of the subnets
	group, web  string // more keys of the node group and of the workload
	vpc         string // more keys of the VPC
	subnet      string // more keys of the first subnet
}

func (c cluster) String() string {
	return fmt.Sprintf(`
apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: planned}
duration: 1m
vpc:
  cidrs: [10.0.0.0/16]
  subnets: [{name: a, cidr: 10.0.0.0/%d, az: a%s}, {name: b, cidr: 10.0.64.0/%d, az: b}]
%s
nodeGroups: [{name: workers, instanceType: m5.large, count: %d%s}]
workloads: [{name: web, initial: %d%s}]
`, c.bits, c.subnet, c.bits, c.vpc, c.nodes, c.group, c.pods, c.web)
}

func plan(t testing.TB, text string, o planning.Options) *planning.Plan {
	t.Helper()
	p, err := planning.Make(t.Context(), scenariotest.Expand(t, text, scenarios.Options{}), o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func growthOf(t testing.TB, p *planning.Plan, group string, by planning.By) planning.Growth {
	t.Helper()
	for _, g := range p.Variants[0].Growth {
		if g.Group == group && g.By == by {
			return g
		}
	}
	t.Fatalf("no growth of %s by %s", group, by)
	return planning.Growth{}
}

// Each limit is found where it is the nearest, and named.
func TestTheLimitThatBindsIsNamed(t *testing.T) {
	for _, c := range []struct {
		name    string
		cluster cluster
		by      planning.By
		limit   planning.Limit
		more    int // -1: not known beforehand
	}{
		{"a small subnet", cluster{nodes: 4, pods: 40, bits: 25}, planning.ByNodes, planning.Addresses, -1},
		{"a subnet with an address in every block", cluster{nodes: 2, pods: 20, bits: 24, subnet: ", used: [{addresses: [" + everyBlock("10.0.0.") + "]}]",
			group: ", maxPods: 110, subnets: [a], cni: {ENABLE_PREFIX_DELEGATION: true}"}, planning.ByNodes, planning.Blocks, -1},
		{"as many pods as addresses on the interfaces", cluster{nodes: 3, pods: 30, bits: 23}, planning.ByPods, planning.MaxPods, 3*27 - 30},
		{"more max pods than the interfaces hold", cluster{nodes: 4, pods: 40, bits: 23, group: ", maxPods: 110"}, planning.ByPods, planning.Interfaces, 4*27 - 40},
		// The scheduler keeps zones even, and one has one node: it is full first.
		{"the same with two nodes in a zone and one in the other", cluster{nodes: 3, pods: 30, bits: 23, group: ", maxPods: 110"}, planning.ByPods, planning.Interfaces, 37},
		{"large requests for CPU", cluster{nodes: 3, pods: 3, bits: 23, web: ", resources: {cpu: 850m}"}, planning.ByPods, planning.CPU, 3},
		{"large requests for memory", cluster{nodes: 3, pods: 3, bits: 23, web: ", resources: {memory: 3Gi}"}, planning.ByPods, planning.Memory, 3},
		{"a small quota of address usage", cluster{nodes: 3, pods: 30, bits: 23, vpc: "  quotas: {nau: 200}"}, planning.ByNodes, planning.NAU, -1},
		{"a small quota of interfaces", cluster{nodes: 3, pods: 30, bits: 23, vpc: "  quotas: {networkInterfaces: 15}"}, planning.ByNodes, planning.ENIQuota, -1},
		{"a pool that never grows", cluster{nodes: 4, pods: 8, bits: 23, group: ", cni: {MINIMUM_IP_TARGET: 10}"}, planning.ByPods, planning.Settings, 32},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := growthOf(t, plan(t, c.cluster.String(), planning.Options{}), "workers", c.by)
			if got.Binding == nil || *got.Binding != c.limit || !got.Exact || c.more >= 0 && got.UntilFull != c.more {
				text, _ := json.Marshal(got)
				t.Errorf("%s, want %s and %d", text, c.limit, c.more)
			}
		})
	}
}

// everyBlock has an address of each /28 block of a /24 but the first two and the
// last, which AWS has one of.
func everyBlock(network string) string {
	var list []string
	for block := 3; block < 15; block++ {
		list = append(list, fmt.Sprint(network, 16*block+7))
	}
	return strings.Join(list, ", ")
}

// What the plan says of now is what the fleet has at time 0.
func TestNowIsTimeZero(t *testing.T) {
	text := cluster{nodes: 5, pods: 33, bits: 23}.String()
	p := plan(t, text, planning.Options{})
	w, err := fleet.New(scenariotest.Expand(t, text, scenarios.Options{})[0], fleet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Run(t.Context(), w.WarmUp, nil); err != nil {
		t.Fatal(err)
	}
	for i, s := range w.Account.Subnets() {
		if got := p.Variants[0].Subnets[i]; got.FreeNow != s.Free || got.BlocksNow != s.FreeBlocks {
			t.Errorf("%+v, the fleet has %d free and %d blocks", got, s.Free, s.FreeBlocks)
		}
	}
	if v := p.Variants[0]; v.Nodes != 5 || v.Pods != 33 || v.AsOfSeconds != 0 {
		t.Errorf("%d nodes with %d pods at %v", v.Nodes, v.Pods, v.AsOfSeconds)
	}
}

// A plan does not depend on the number of workers.
func TestWorkersDoNotChangeAPlan(t *testing.T) {
	text := cluster{nodes: 4, pods: 40, bits: 25}.String()
	var first string
	for _, workers := range []int{1, 3} {
		out, err := json.Marshal(plan(t, text, planning.Options{Workers: workers}))
		if err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = string(out)
		} else if first != string(out) {
			t.Errorf("%s\n%s", first, out)
		}
	}
}
