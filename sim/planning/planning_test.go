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

// What one node holds is what is published of an m5.large with WARM_ENI_TARGET=1:
// 10 addresses idle, 20 from the first pod on, 30 with ten.
func TestANodeHoldsWhatIsPublished(t *testing.T) {
	for pods, want := range map[int]int{4: 20, 10: 30} { // each by itself
		g := plan(t, cluster{nodes: 1, pods: pods, bits: 24}.String(), planning.Options{}).Variants[0].Groups[0]
		if g.Empty.Addresses != 10 || g.Typical.Addresses != want || g.Typical.Pods != pods || g.Full.Addresses != 30 || g.Full.Pods != 27 {
			t.Errorf("%d pods: %+v %+v %+v", pods, g.Empty, g.Typical, g.Full)
		}
		if g.Calls.Boot["RunInstances"] != 1 || g.Calls.Pods["CreateNetworkInterface"] != want/10-1 || g.Empty.NAU != 10 || g.Typical.Interfaces != want/10 {
			t.Errorf("%d pods: %+v", pods, g)
		}
	}
}

// The pods of a lost zone come back where the others have room, and where they have
// none it is said what they lack.
func TestALostZoneGoesToTheOthers(t *testing.T) {
	v := plan(t, cluster{nodes: 4, pods: 40, bits: 23}.String(), planning.Options{}).Variants[0]
	for _, l := range v.Losses {
		if l.Nodes != 2 || l.Pods != 20 || l.PodsMissing != 0 || l.Binding != nil || len(l.Others) != 1 || l.Others[0].FreeMin > 507-120 || l.Others[0].FreeMin < 507-130 {
			t.Errorf("%+v", l)
		}
	}
	tight := plan(t, cluster{nodes: 4, pods: 40, bits: 26}.String(), planning.Options{}).Variants[0]
	for _, l := range tight.Losses {
		if l.PodsMissing == 0 || l.Binding == nil || *l.Binding != planning.Addresses || l.Others[0].FreeMin > 4 {
			t.Errorf("%+v", l)
		}
	}
	if len(v.Losses) != 2 || len(tight.Losses) != 2 || tight.FirstToBreak == "" {
		t.Errorf("%d and %d losses", len(v.Losses), len(tight.Losses))
	}
}

// All nodes are replaced where there is room for those that come first, and
// without it the update fails as EKS's does.
func TestNodesAreReplacedWhereThereIsRoom(t *testing.T) {
	roomy := cluster{nodes: 4, pods: 40, bits: 24}
	full := roomy
	full.subnet, full.group = ", used: [{count: 195}]", ", subnets: [a], cni: {WARM_ENI_TARGET: 0, WARM_IP_TARGET: 1, MINIMUM_IP_TARGET: 12}"
	two := scenarios.IntOrPercent{Number: 2}
	r := plan(t, roomy.String(), planning.Options{Surge: &two}).Variants[0].Replacement
	if !r.Ready || r.Replaced != 4 || r.Surge != "2" || r.PodsMissing != 0 || r.Seconds < 120 {
		t.Errorf("%+v", r)
	}
	r = plan(t, full.String(), planning.Options{Surge: &scenarios.IntOrPercent{Number: 20}}).Variants[0].Replacement
	if r.Ready || r.Failed != "NodeCreationFailure" || r.Binding == nil || *r.Binding != planning.Addresses {
		t.Errorf("%+v", r)
	}
}

// A scale-out that the account's buckets turn requests of away has a ramp on which
// they do not, and takes no longer without them.
func TestBucketsMakeAScaleOutLonger(t *testing.T) {
	text := cluster{nodes: 5, pods: 50, bits: 22}.String() + "ec2: {throttle: {CreateNetworkInterface: {burst: 2, refillPerSecond: 0.1}}}\n"
	o := plan(t, text, planning.Options{}).Variants[0].ScaleOut
	if o == nil || o.Nodes != 5 || o.Pods != 50 || o.Throttled == 0 || o.Ramp == nil || o.Unfinished || o.SecondsUnthrottled >= o.Seconds {
		t.Fatalf("%+v", o)
	}
	if *o.Ramp < 5 || *o.RampSeconds < *o.Ramp {
		t.Errorf("a ramp of %v s, %v s in all", *o.Ramp, *o.RampSeconds)
	}
	free := plan(t, cluster{nodes: 5, pods: 50, bits: 22}.String(), planning.Options{}).Variants[0].ScaleOut
	if free.Throttled != 0 || free.Ramp != nil {
		t.Errorf("%+v", free)
	}
}

// Each number of a search is bracketed by simulations: so many start, one more
// does not; with full pools EC2 refuses nothing, with one more it does.
func TestNumbersOfASearchAreBracketed(t *testing.T) {
	for _, g := range plan(t, cluster{nodes: 4, pods: 40, bits: 24}.String(), planning.Options{}).Variants[0].Growth {
		tried := map[int]planning.Try{}
		for _, try := range g.Tried {
			tried[try.More] = try
		}
		if last, next := tried[g.UntilFull], tried[g.UntilFull+1]; g.UntilFull > 0 && !last.Started || next.More == 0 || next.Started {
			t.Errorf("%+v", g)
		}
		if g.By == planning.ByNodes && (g.UntilTight == nil || *g.UntilTight >= g.UntilFull) {
			t.Fatalf("%+v", g)
		}
		if n := g.UntilTight; n != nil && (tried[*n].Refused || tried[*n].FreeLeft < 5 || !tried[*n+1].Refused && tried[*n+1].FreeLeft >= 5) {
			t.Errorf("%+v", g)
		}
	}
}

// Pods of DaemonSets go with a zone's nodes and are missed by nobody; a mixture
// that no node could hold as it is scaled does not keep a scale-out from its end.
func TestDaemonSetsAreNotMissed(t *testing.T) {
	text := cluster{nodes: 4, pods: 30, bits: 23, web: ", resources: {cpu: 230m}"}.String() + "autoscaler: {kind: karpenter}\n"
	text = strings.Replace(text, "workloads: [", "workloads: [{name: logs, kind: DaemonSet}, ", 1)
	v := plan(t, text, planning.Options{}).Variants[0]
	for _, l := range v.Losses {
		if l.PodsMissing != 0 {
			t.Errorf("%+v", l)
		}
	}
	if v.ScaleOut == nil || v.ScaleOut.Unfinished {
		t.Errorf("%+v", v.ScaleOut)
	}
}
