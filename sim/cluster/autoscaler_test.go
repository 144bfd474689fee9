package cluster

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"ipamsim/sim/controlplane"
)

func autoscaled(kind AutoscalerKind, count int, replicas ...Step) Config {
	return Config{WarmUp: time.Minute, End: time.Hour, Scheduling: controlplane.Rate{PerSecond: 1000}, Groups: []GroupConfig{workers(count)},
		Autoscaler: &AutoscalerConfig{Kind: kind, ScaleDown: true},
		Workloads:  []WorkloadConfig{{Name: "web", Kind: Deployment, Replicas: replicas}, {Name: "agent", Kind: DaemonSet}}}
}

// launches are the calls from scenario time 0 on: when, and for how many.
func (w *world) launches() (at []time.Duration, counts []int) {
	for _, r := range w.cloud.requests {
		at = append(at, r.at-w.cfg.WarmUp)
		counts = append(counts, r.Count)
	}
	return at, counts
}

func TestKarpenterWaitsUntilNoPodHasComeForASecond(t *testing.T) {
	// A node has room for 7 pods beside aws-node, kube-proxy and the agent.
	w := newWorld(t, autoscaled(Karpenter, 1, Step{At: 0, Count: 7}, Step{At: 10 * time.Second, Count: 20},
		Step{At: 10*time.Second + 900*time.Millisecond, Count: 22}))
	w.runTo(2 * time.Minute)
	at, counts := w.launches()
	want := 11*time.Second + 900*time.Millisecond + fleetIdle
	if len(at) != 1 || at[0] != want || counts[0] != 3 || !w.cloud.requests[0].Fleet {
		t.Fatalf("launches at %v for %v, want one fleet of 3 at %v", at, counts, want)
	}
	if w.runningOf("web") != 22 {
		t.Fatalf("%d run", w.runningOf("web"))
	}
}

func TestKarpenterWaitsTenSecondsAtMostAndCountsNodesOnTheirWay(t *testing.T) {
	w := newWorld(t, autoscaled(Karpenter, 1, Step{At: 0, Count: 7}, Step{At: 10 * time.Second, Count: 127, Over: time.Minute}))
	w.runTo(3 * time.Minute)
	at, counts := w.launches()
	if at[0] != 20*time.Second+500*time.Millisecond+fleetIdle { // the ramp's first pod comes at 10.5 s
		t.Errorf("first launch at %v", at[0])
	}
	total := 0
	for _, n := range counts {
		total += n
	}
	if total != 18 { // 120 pods, 7 to a node
		t.Errorf("%d nodes for 120 pods: %v at %v", total, counts, at)
	}
}

// Within a zone each NodeClaim goes to the subnet that should have most free
// addresses, less those of the NodeClaims before it.
func TestKarpenterSpreadsNodesOverTheSubnetsOfAZone(t *testing.T) {
	cfg := autoscaled(Karpenter, 0, Step{At: 0, Count: 70})
	cfg.Groups[0].Subnets = []string{"z/a", "z/b", "z/c"}
	w := newWorld(t, cfg)
	w.cloud.room = map[string]int{"z/a": 100, "z/b": 120, "z/c": 100}
	w.runTo(20 * time.Second)
	landed := map[string]int{}
	for _, n := range w.groups[0].nodes.all() {
		landed[n.Instance.Subnet]++
	}
	// Of 10 pods each: two go to b until all have 100, then b, a, c in turn.
	if landed["z/a"] != 3 || landed["z/b"] != 5 || landed["z/c"] != 2 {
		t.Errorf("nodes by subnet: %v", landed)
	}
	if len(w.cloud.requests) != 3 {
		t.Errorf("%d fleets, want one for each subnet", len(w.cloud.requests))
	}
}

// A fleet that finds no address in a zone leaves it out for 3 min, and its pods
// are looked at again.
func TestKarpenterLeavesAZoneThatRefused(t *testing.T) {
	w := newWorld(t, autoscaled(Karpenter, 0, Step{At: 0, Count: 70}))
	w.cloud.room = map[string]int{"a": 3, "b": 90, "c": 40}
	w.runTo(20 * time.Second)
	first, second := w.cloud.requests[0], w.cloud.requests[1]
	if !slices.Equal(first.subnets(), []string{"a", "b", "c"}) || first.Count != 10 {
		t.Errorf("the first fleet is of %d over %v", first.Count, first.subnets())
	}
	if !slices.Equal(second.subnets(), []string{"b", "c"}) || second.Count != 7 {
		t.Errorf("the second fleet is of %d over %v", second.Count, second.subnets())
	}
	if got := w.Counts(); got.FailedLaunches != 7 || got.Nodes != 10 || w.launching() != 0 {
		t.Errorf("%+v", got)
	}
}

// A request that fails otherwise is repeated for the same NodeClaims, after 1, 2,
// 4 s and so on, for 5 min.
func TestANodeClaimThatIsThrottledIsTriedAgain(t *testing.T) {
	w := newWorld(t, autoscaled(Karpenter, 0, Step{At: 0, Count: 7}))
	w.cloud.code["a"] = "RequestLimitExceeded"
	w.runTo(10 * time.Second)
	at, _ := w.launches()
	for i, pause := range []time.Duration{claimRetry, 2 * claimRetry} { // and the call's second
		if want := pause + time.Second + fleetIdle; len(at) < 3 || at[i+1]-at[i] != want {
			t.Fatalf("launches at %v", at)
		}
	}
	delete(w.cloud.code, "a")
	w.runTo(time.Minute)
	if got := w.Counts(); got.Nodes != 1 || got.FailedLaunches != 0 || got.Running != 8 {
		t.Errorf("%+v", got)
	}
}

// The API client writes 300 objects at once and then 200 a second, and a
// NodeClaim needs two of them: a large scale-up takes several fleets.
func TestALargeScaleUpTakesSeveralFleets(t *testing.T) {
	w := newWorld(t, autoscaled(Karpenter, 0, Step{At: 0, Count: 7000}))
	w.runTo(30 * time.Second)
	at, counts := w.launches()
	total := 0
	for i, n := range counts {
		total += n
		if n > 200+1 || i > 0 && at[i]-at[i-1] < fleetWindow {
			t.Errorf("fleet %d is of %d, at %v", i, n, at)
		}
	}
	if total != 1000 || at[0] < 3500*time.Millisecond || at[len(at)-1] > 12*time.Second {
		t.Errorf("%d nodes in fleets of %v at %v", total, counts, at)
	}
}

// After all fleets have landed, the view is what EC2 said less the pods of the
// nodes that have landed since: what was taken off for other zones is given back.
func TestKarpentersViewComesBackToWhatHasLanded(t *testing.T) {
	w := newWorld(t, autoscaled(Karpenter, 0, Step{At: 30 * time.Second, Count: 210}))
	k := w.autoscaler.(*karpenter)
	k.claims.view.look()
	w.runTo(40 * time.Second)
	if got := w.Counts(); got.Nodes != 30 {
		t.Fatalf("%+v", got)
	}
	for _, s := range k.claims.view.seen {
		nodes := 0
		for _, n := range w.groups[0].nodes.all() {
			if n.Instance.Subnet == s.name {
				nodes++
			}
		}
		if s.expected != s.free && s.expected != s.free-nodes*w.groups[0].MaxPods {
			t.Errorf("subnet %s: %d free, %d expected with %d nodes", s.name, s.free, s.expected, nodes)
		}
	}
}

func TestMaxBoundsAGroup(t *testing.T) {
	for _, kind := range []AutoscalerKind{Karpenter, ClusterAutoscaler} {
		cfg := autoscaled(kind, 2, Step{At: 0, Count: 50})
		cfg.Groups[0].Max = 4
		w := newWorld(t, cfg)
		w.runTo(5 * time.Minute)
		if got := w.Counts(); got.Nodes != 4 || w.runningOf("web") != 28 || w.waiting() != 22 || w.launching() != 0 {
			t.Errorf("%s: %+v", kind, got)
		}
	}
}

// Empty nodes go at once, but for the look every 10 s and the second one 15 s
// later; a tenth of the nodes at a time.
func TestKarpenterRemovesEmptyNodesWithinItsBudget(t *testing.T) {
	w := newWorld(t, autoscaled(Karpenter, 10, Step{At: 0, Count: 70}, Step{At: time.Minute, Count: 0}))
	w.runTo(75 * time.Second)
	if got := w.Counts(); got.Nodes != 10 {
		t.Errorf("%d nodes 15 s after the last pod was asked to stop, want 10", got.Nodes)
	}
	w.runTo(86 * time.Second)
	if got := w.Counts(); got.Nodes != 9 {
		t.Errorf("%d nodes after the first command, want one in ten gone", got.Nodes)
	}
	w.runTo(5 * time.Minute)
	if got := w.Counts(); got.Nodes != 0 || len(w.cloud.terminated) != 10 {
		t.Errorf("%+v", got)
	}
}

// About 30 nodes hold 200 pods. When 130 pods have gone, a third of
// the nodes is enough, and consolidation packs them there: no node is empty, and
// no threshold of utilization is asked for.
func TestKarpenterConsolidatesWhatFitsElsewhere(t *testing.T) {
	cfg := autoscaled(Karpenter, 30, Step{At: 0, Count: 200}, Step{At: time.Minute, Count: 70})
	cfg.Autoscaler.Utilization = 1
	w := newWorld(t, cfg)
	most := 0
	for at := time.Minute; at < 20*time.Minute; at += time.Second {
		w.runTo(at)
		most = max(most, w.groups[0].draining)
	}
	if got := w.Counts(); got.Nodes > 11 || w.runningOf("web") != 70 || got.FailedLaunches+w.launching() != 0 {
		t.Errorf("%+v with %d of 70 pods running", got, w.runningOf("web"))
	}
	if most > 3 {
		t.Errorf("%d nodes drained at a time, the budget is 3", most)
	}
	w.verify(t)
	cfg.Autoscaler.Utilization = 0 // WhenEmpty
	w = newWorld(t, cfg)
	w.runTo(20 * time.Minute)
	for _, n := range w.groups[0].nodes.all() {
		if n.nonDaemonPods() == 0 {
			t.Errorf("%s is empty and stays", n.Name)
		}
	}
}

// What a look has found is dropped when it no longer holds 15 s later.
func TestConsolidationIsValidatedAgain(t *testing.T) {
	cfg := autoscaled(Karpenter, 2, Step{At: 0, Count: 14}, Step{At: time.Minute, Count: 7}, Step{At: 75 * time.Second, Count: 14})
	cfg.Autoscaler.Utilization = 1
	w := newWorld(t, cfg)
	w.runTo(5 * time.Minute)
	if got := w.Counts(); got.Nodes != 2 || len(w.cloud.terminated) != 0 {
		t.Errorf("%+v, terminated %v", got, w.cloud.terminated)
	}
}

func TestScaleDownKeepsTheFloorAndCanBeOff(t *testing.T) {
	for _, kind := range []AutoscalerKind{Karpenter, ClusterAutoscaler} {
		cfg := autoscaled(kind, 6)
		cfg.Autoscaler.ScaleDownAfter = 20 * time.Second
		cfg.Groups[0].Steps = []Step{{At: 0, Count: 4}}
		w := newWorld(t, cfg)
		w.runTo(10 * time.Minute)
		if got := w.Counts(); got.Nodes != 4 {
			t.Errorf("%s: %d nodes, the floor is 4", kind, got.Nodes)
		}
		cfg = autoscaled(kind, 6)
		cfg.Autoscaler.ScaleDown = false
		w = newWorld(t, cfg)
		w.runTo(time.Hour)
		if got := w.Counts(); got.Nodes != 6 {
			t.Errorf("%s: %d nodes without scale-down", kind, got.Nodes)
		}
	}
}

func TestClusterAutoscalerScansEveryTenSecondsAndRaisesTheGroup(t *testing.T) {
	w := newWorld(t, autoscaled(ClusterAutoscaler, 1, Step{At: 0, Count: 7}, Step{At: 20 * time.Second, Count: 49}))
	w.runTo(2 * time.Minute)
	at, counts := w.launches()
	if len(at) != 3 || at[0] < 20*time.Second || at[0] > 30*time.Second || counts[0] != 2 || w.cloud.requests[0].Fleet {
		t.Fatalf("launches of %v at %v, want 6 nodes over three subnets within 10 s", counts, at)
	}
	if w.runningOf("web") != 49 || w.groups[0].target != 7 {
		t.Fatalf("%d run, target %d", w.runningOf("web"), w.groups[0].target)
	}
}

func TestClusterAutoscalerBacksOffFromAGroupThatFails(t *testing.T) {
	w := newWorld(t, autoscaled(ClusterAutoscaler, 1, Step{At: 0, Count: 14}))
	for _, s := range w.groups[0].Subnets {
		w.cloud.code[s] = "RequestLimitExceeded"
	}
	w.runTo(17 * time.Minute)
	at, _ := w.launches()
	if len(at) != 3 || at[1]-at[0] < backoffFirst || at[1]-at[0] > backoffFirst+11*time.Second || at[2]-at[1] < 2*backoffFirst {
		t.Fatalf("launches at %v, want pauses of 5 and 10 min", at)
	}
	if w.waiting() != 7 || w.groups[0].target != 1 {
		t.Errorf("%d pods wait, target %d", w.waiting(), w.groups[0].target)
	}
}

func TestClusterAutoscalerRemovesNodesThatWereUnneededForTenMinutes(t *testing.T) {
	w := newWorld(t, autoscaled(ClusterAutoscaler, 4, Step{At: 0, Count: 28}, Step{At: time.Minute, Count: 0}))
	w.runTo(11 * time.Minute)
	if got := w.Counts(); got.Nodes != 4 {
		t.Errorf("%d nodes before ten minutes are over", got.Nodes)
	}
	w.runTo(11*time.Minute + 21*time.Second)
	if got := w.Counts(); got.Nodes != 0 {
		t.Errorf("%d nodes after them", got.Nodes)
	}
}

// With half-empty nodes the Cluster Autoscaler drains one at a time, and only
// while the pods fit elsewhere.
func TestLittleUsedNodesAreDrainedWhenTheirPodsFitElsewhere(t *testing.T) {
	for _, kind := range []AutoscalerKind{Karpenter, ClusterAutoscaler} {
		cfg := autoscaled(kind, 6, Step{At: 0, Count: 12})
		cfg.Autoscaler.Utilization = 0.5
		cfg.Autoscaler.ScaleDownAfter = time.Minute
		w := newWorld(t, cfg)
		w.runTo(time.Hour)
		w.verify(t)
		if got := w.Counts(); got.Nodes != 2 || w.runningOf("web") != 12 {
			t.Errorf("%s: %+v, want 12 pods on 2 nodes of 7 places", kind, got)
		}
	}
}

func TestInitialReplicasCauseNoNodesBeyondTheInitialOnes(t *testing.T) {
	for _, kind := range []AutoscalerKind{Karpenter, ClusterAutoscaler} {
		for _, warm := range []time.Duration{0, time.Minute} {
			cfg := autoscaled(kind, 6)
			cfg.WarmUp = warm
			cfg.Workloads[0].Initial = 42
			w := newWorld(t, cfg)
			w.runTo(5 * time.Minute)
			if got := w.Counts(); got.Nodes != 6 || w.runningOf("web") != 42 {
				t.Errorf("%s after a warm-up of %v: %+v", kind, warm, got)
			}
		}
	}
}

// Both autoscalers terminate an instance whose node does not register within
// 15 min, and launch another one.
func TestAnInstanceThatDoesNotRegisterInTimeIsReplaced(t *testing.T) {
	for _, kind := range []AutoscalerKind{Karpenter, ClusterAutoscaler} {
		cfg := autoscaled(kind, 0, Step{At: time.Minute, Count: 7})
		boots := 0
		cfg.Groups[0].Boot = func(*rand.Rand) time.Duration {
			if boots++; boots == 1 {
				return time.Hour
			}
			return 20 * time.Second
		}
		w := newWorld(t, cfg)
		w.runTo(15 * time.Minute)
		if got := w.Counts(); got.Nodes != 1 || got.Ready != 0 || boots != 1 {
			t.Errorf("%s before 15 min: %+v after %d launches", kind, got, boots)
		}
		w.runTo(25 * time.Minute)
		if got := w.Counts(); got.Nodes != 1 || w.runningOf("web") != 7 || boots != 2 || len(w.cloud.terminated) != 1 {
			t.Errorf("%s after it: %+v after %d launches, terminated %v", kind, got, boots, w.cloud.terminated)
		}
		w.verify(t)
	}
}

// A drain by an autoscaler taints the node with a taint of its own, which
// ipamd does not look for.
func TestOnlyAGroupThatShrinksByItselfCordonsWhatItDrains(t *testing.T) {
	for _, managed := range []bool{true, false} {
		cfg := autoscaled(Karpenter, 1, Step{At: 0, Count: 7})
		if !managed {
			cfg.Autoscaler = nil
		}
		w := newWorld(t, cfg)
		w.runTo(time.Minute)
		n := w.groups[0].nodes.all()[0]
		w.drain(n)
		if n.State() != Draining || n.Unschedulable() == managed {
			t.Errorf("managed %v: %v, unschedulable %v", managed, n.State(), n.Unschedulable())
		}
	}
}
