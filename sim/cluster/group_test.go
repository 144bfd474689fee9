package cluster

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ipamsim/sim/controlplane"
	"ipamsim/sim/des"
)

func TestStepsGrowAndShrinkAFixedGroup(t *testing.T) {
	g := workers(2)
	g.Steps = []Step{{At: 10 * time.Second, Count: 12, Over: 10 * time.Second}, {At: 2 * time.Minute, Count: 3}}
	cfg := Config{WarmUp: time.Minute, End: 5 * time.Minute, Groups: []GroupConfig{g},
		Workloads: []WorkloadConfig{{Name: "web", Kind: Deployment, Initial: 4, Replicas: []Step{{At: time.Minute, Count: 20}}}}}
	w := newWorld(t, cfg)
	w.runTo(15 * time.Second)
	if got := w.groups[0].live(); got != 7 {
		t.Errorf("%d nodes half-way up the ramp, want 7", got)
	}
	w.runTo(110 * time.Second)
	if got := w.Counts(); got.Ready != 12 || got.Running != 20 {
		t.Errorf("%+v", got)
	}
	w.runTo(5 * time.Minute)
	w.verify(t)
	if got := w.Counts(); got.Ready != 3 || got.Nodes != 3 || got.Running != 20 || len(w.cloud.terminated) != 9 {
		t.Errorf("%+v, %d terminated", got, len(w.cloud.terminated))
	}
	per := map[string]int{}
	for _, r := range w.cloud.requests {
		per[r.subnets()[0]] += r.Count
	}
	if per["a"]+per["b"]+per["c"] != 10 || max(per["a"], per["b"], per["c"])-min(per["a"], per["b"], per["c"]) > 1 {
		t.Errorf("launches by subnet: %v", per)
	}
}

func TestShrinkTakesEmptyAndNewNodesFirst(t *testing.T) {
	g := workers(3)
	g.Steps = []Step{{At: 30 * time.Second, Count: 5}, {At: 2 * time.Minute, Count: 2}}
	cfg := Config{WarmUp: time.Minute, End: 3 * time.Minute, Groups: []GroupConfig{g},
		Workloads: []WorkloadConfig{{Name: "web", Kind: Deployment, Initial: 24}}}
	w := newWorld(t, cfg)
	w.runTo(3 * time.Minute)
	var names []string
	for _, n := range w.groups[0].nodes.all() {
		names = append(names, n.Name)
	}
	if len(names) != 2 || names[0] != "workers-0" || names[1] != "workers-1" {
		t.Errorf("left: %v", names) // 4 and 3 were empty, 2 is the newest of the full ones
	}
}

func TestLaunchesThatFailGoElsewhereAndAreTriedAgain(t *testing.T) {
	g := workers(0)
	g.Steps = []Step{{At: 0, Count: 9}}
	w := newWorld(t, Config{WarmUp: time.Minute, End: 10 * time.Minute, Groups: []GroupConfig{g}})
	w.cloud.room["a"] = 1
	w.cloud.code["b"] = codeNoCapacity
	w.runTo(5 * time.Second)
	if got := w.Counts(); got.Nodes != 9 || got.FailedLaunches < 2+3 {
		t.Errorf("%+v: the third subnet should have taken the rest at once", got)
	}

	w = newWorld(t, Config{WarmUp: time.Minute, End: 10 * time.Minute, Groups: []GroupConfig{g}})
	for _, s := range g.Subnets {
		w.cloud.code[s] = "RequestLimitExceeded"
	}
	w.runTo(45 * time.Second)
	if n := len(w.cloud.requests); n != 6 || w.Counts().FailedLaunches != 18 {
		t.Errorf("%d calls, %+v; want one for each subnet, and again after 30 s", n, w.Counts())
	}
	clear(w.cloud.code)
	w.runTo(2 * time.Minute)
	if w.Counts().Ready != 9 {
		t.Errorf("%+v", w.Counts())
	}
}

func TestKilledNodeIsReplacedOnceNoticed(t *testing.T) {
	cfg := Config{WarmUp: time.Minute, End: 5 * time.Minute, Groups: []GroupConfig{workers(3)},
		Workloads: []WorkloadConfig{{Name: "web", Kind: Deployment, Initial: 15}, {Name: "agent", Kind: DaemonSet}}}
	w := newWorld(t, cfg)
	w.runTo(0)
	victim := w.groups[0].nodes.all()[1]
	w.Kill(victim)
	w.Kill(victim) // a second time does nothing
	w.verify(t)
	if !w.cloud.terminated[victim.Instance.ID] || w.running != 12 || w.Counts().Pending != 0 {
		t.Fatalf("%+v", w.Counts())
	}
	w.runTo(39 * time.Second) // the grace period less a renewal of the lease
	if got := w.Counts(); got.Nodes != 2 || w.launching() != 0 || got.Lost != 1 {
		t.Fatalf("%+v: it is too early to notice", got)
	}
	w.runTo(61 * time.Second)
	if got := w.Counts(); got.Nodes+w.launching() != 3 || got.Lost != 1 || len(w.pods) != 15+3 {
		t.Fatalf("%+v, %d pods: the node has been deleted, its pods have not", got, len(w.pods))
	}
	w.runTo(121 * time.Second)
	if got := w.Counts(); w.runningOf("web") != 15 || got.Lost != 0 {
		t.Fatalf("%d, %+v", w.runningOf("web"), got)
	}
	w.runTo(5 * time.Minute)
	w.verify(t)
	if w.runningOf("web") != 15 || w.Counts().Ready != 3 {
		t.Fatalf("%+v", w.Counts())
	}
}

// A node that is only cut off keeps its pods' names for as long as pods
// tolerate it.
func TestSilentNodeKeepsItsPodsForTheToleration(t *testing.T) {
	cfg := Config{WarmUp: time.Minute, End: 10 * time.Minute, Groups: []GroupConfig{workers(3)},
		Workloads: []WorkloadConfig{{Name: "web", Kind: Deployment, Initial: 15}}}
	w := newWorld(t, cfg)
	w.runTo(0)
	w.Silence(w.groups[0].nodes.all()[1])
	w.runTo(5*time.Minute + 39*time.Second)
	if len(w.pods) != 15 || w.Counts().Ready != 3 {
		t.Fatalf("%d pods, %+v", len(w.pods), w.Counts())
	}
	w.runTo(5*time.Minute + 57*time.Second)
	if len(w.pods) != 20 || w.runningOf("web") != 15 {
		t.Fatalf("%d pods, %d run", len(w.pods), w.runningOf("web"))
	}
}

func TestLossIsNoticedWithinTheSumOfItsStages(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		span := func(name string, most time.Duration) time.Duration {
			return time.Duration(rapid.Int64Range(0, int64(most)).Draw(rt, name))
		}
		p := passes{span("monitor", controlplane.NodeMonitorPeriod-1), span("cloud", controlplane.NodeMonitorPeriod-1), span("collect", controlplane.PodGCPeriod-1)}
		registered := span("registered", time.Hour)
		died := registered + span("lived", time.Hour)
		_, noticed, missed := p.loss(died, registered, true)
		if d := noticed - died; d < 40*time.Second || d > 60*time.Second {
			rt.Fatalf("noticed after %v", d)
		}
		if d := missed - died; d < 80*time.Second || d > 120*time.Second {
			rt.Fatalf("missed after %v", d)
		}
		if _, _, evicted := p.loss(died, registered, false); evicted-died < 340*time.Second || evicted-died > 355*time.Second {
			rt.Fatalf("evicted after %v", evicted-died)
		}
	})
}

func TestNodeThatFindsNoRoomBeforeTheRunTakesAnotherSubnetOrIsLaunched(t *testing.T) {
	w := newWorld(t, Config{WarmUp: 2 * time.Minute, End: time.Minute, Groups: []GroupConfig{workers(4)}})
	w.cloud.room = map[string]int{"a": 0, "b": 1, "c": 2}
	w.runTo(-46 * time.Second)
	if got := w.Counts(); got.Nodes != 3 || got.FailedLaunches != 1 || len(w.cloud.requests) != 0 {
		t.Fatalf("%+v, %d calls", got, len(w.cloud.requests))
	}
	w.cloud.room["a"] = 1
	w.runTo(0)
	if got := w.Counts(); got.Nodes != 4 || w.groups[0].nodes.all()[3].Launched == des.Never {
		t.Fatalf("%+v", got)
	}
}

// of matches the nodes of a group.
func of(group string) func(*Node) bool {
	return func(n *Node) bool { return n.Group.Name == group }
}

func TestSelectPicksAShareAndTheSameOneEachTime(t *testing.T) {
	red := workers(10)
	red.Name = "red"
	w := newWorld(t, Config{WarmUp: time.Minute, End: time.Minute, Groups: []GroupConfig{workers(10), red}})
	w.runTo(0)
	if all, some, none := w.Select(nil, 1, -1, "s"), w.Select(of("red"), 0.3, -1, "s"), w.Select(of("red"), 0, -1, "s"); len(all) != 20 || len(some) != 3 || len(none) != 0 {
		t.Fatalf("%d, %d, %d nodes", len(all), len(some), len(none))
	}
	if most := w.Select(of("red"), 0.3, 2, "s"); len(most) != 2 {
		t.Errorf("%d nodes of at most 2", len(most))
	}
	a, b, c := w.Select(nil, 0.5, -1, "s"), w.Select(nil, 0.5, -1, "s"), w.Select(nil, 0.5, -1, "t")
	if !slices.Equal(a, b) || slices.Equal(a, c) {
		t.Error("the choice does not follow the stream")
	}
}

// An Auto Scaling group launches in a pass of its own, which takes what is
// missing by then; what it is about to launch counts, so that the Cluster
// Autoscaler asks for nothing twice. Karpenter's nodes wait for no such pass.
func TestAGroupLaunchesAfterItsOwnDelay(t *testing.T) {
	group := func() GroupConfig {
		g := workers(0)
		g.Max, g.Subnets, g.LaunchDelay = 100, []string{"a"}, constant(25*time.Second)
		return g
	}
	fixed := group()
	fixed.Steps = []Step{{At: 0, Count: 2}, {At: 10 * time.Second, Count: 5}, {At: 40 * time.Second, Count: 6}}
	pods := []WorkloadConfig{{Name: "web", Kind: Deployment, Replicas: []Step{{Count: 20}}, Requests: Resources{MilliCPU: 100}}}
	for name, tc := range map[string]struct {
		cfg   Config
		calls []int           // instances
		after []time.Duration // time 0, at least
	}{
		"a fixed group":           {Config{Groups: []GroupConfig{fixed}}, []int{5, 1}, []time.Duration{25 * time.Second, 65 * time.Second}},
		"the Cluster Autoscaler":  {Config{Groups: []GroupConfig{group()}, Workloads: pods, Autoscaler: &AutoscalerConfig{Kind: ClusterAutoscaler}}, []int{3}, []time.Duration{25 * time.Second}},
		"Karpenter does not wait": {Config{Groups: []GroupConfig{group()}, Workloads: pods, Autoscaler: &AutoscalerConfig{Kind: Karpenter}}, []int{3}, []time.Duration{time.Second}},
	} {
		tc.cfg.WarmUp, tc.cfg.End = time.Minute, 10*time.Minute
		w := newWorld(t, tc.cfg)
		w.runTo(2 * time.Minute)
		w.verify(t)
		if len(w.cloud.requests) != len(tc.calls) {
			t.Errorf("%s: %d calls", name, len(w.cloud.requests))
			continue
		}
		for i, r := range w.cloud.requests {
			late := r.at - time.Minute - tc.after[i]
			if r.Count != tc.calls[i] || late < 0 || late > 10*time.Second+time.Millisecond || tc.cfg.Autoscaler == nil && late > 0 {
				t.Errorf("%s: call %d is for %d instances at %v", name, i, r.Count, r.at-time.Minute)
			}
		}
	}
}

// Each instance goes to the zone with the fewest, however many subnets a zone
// has.
func TestAGroupBalancesItsZones(t *testing.T) {
	g := workers(0)
	g.Subnets, g.Steps = []string{"one/a", "one/b", "one/c", "two/a"}, []Step{{At: 0, Count: 8}}
	w := newWorld(t, Config{WarmUp: time.Minute, End: time.Hour, Groups: []GroupConfig{g}})
	w.runTo(5 * time.Minute)
	w.verify(t)
	in := map[string]int{}
	for _, n := range w.nodes {
		in[n.Instance.Subnet]++
	}
	if in["two/a"] != 4 || in["one/a"] != 2 || in["one/b"] != 1 || in["one/c"] != 1 {
		t.Errorf("8 nodes by subnet: %v", in)
	}
}
