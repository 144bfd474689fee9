package cluster

import (
	"testing"
	"time"

	"ipamsim/sim/controlplane"
)

func pods(n int) *controlplane.IntOrPercent { return &controlplane.IntOrPercent{Number: n} }

func percent(n int) *controlplane.IntOrPercent {
	return &controlplane.IntOrPercent{Number: n, Percent: true}
}

// How many pods must stay is what the disruption controller works out: all
// percentages are rounded up.
func TestBudgetsAreRoundedAsKubernetesDoes(t *testing.T) {
	for _, test := range []struct {
		budget          DisruptionBudget
		wanted, healthy int
	}{
		{DisruptionBudget{MaxUnavailable: pods(1)}, 20, 19}, {DisruptionBudget{MaxUnavailable: pods(30)}, 20, 0}, {DisruptionBudget{MaxUnavailable: pods(0)}, 20, 20},
		{DisruptionBudget{MaxUnavailable: percent(10)}, 21, 18}, {DisruptionBudget{MinAvailable: percent(10)}, 21, 3}, {DisruptionBudget{MinAvailable: pods(30)}, 20, 30},
		{DisruptionBudget{MinAvailable: percent(100)}, 7, 7}, {DisruptionBudget{MinAvailable: percent(0)}, 7, 0},
	} {
		if got := test.budget.healthy(test.wanted); got != test.healthy {
			t.Errorf("%+v of %d: %d, want %d", test.budget, test.wanted, got, test.healthy)
		}
	}
}

// A drain moves every pod, and never are more missing than the budget allows,
// whether pods become ready at once or after a while; a budget that allows
// nothing keeps them.
func TestADrainKeepsToTheBudget(t *testing.T) {
	for _, test := range []struct {
		budget  *DisruptionBudget
		ready   time.Duration
		away    int
		drained bool
	}{
		{nil, 0, 20, true}, {&DisruptionBudget{MaxUnavailable: pods(1)}, 0, 1, true}, {&DisruptionBudget{MinAvailable: percent(90)}, 20 * time.Second, 2, true},
		{&DisruptionBudget{MaxUnavailable: percent(0)}, 0, 0, false}, {&DisruptionBudget{MinAvailable: pods(20)}, 0, 0, false},
	} {
		w := newWorld(t, Config{WarmUp: 4 * time.Minute, End: time.Hour, Groups: []GroupConfig{workers(10)}, Workloads: []WorkloadConfig{
			{Name: "web", Kind: Deployment, Initial: 20, Budget: test.budget, ReadyAfter: test.ready}}})
		w.runTo(0)
		web, before := w.workloads[0], w.created
		if web.up != 20 {
			t.Fatalf("%d pods are ready", web.up)
		}
		nodes := w.Select(nil, 0.4, -1, "")
		w.Taint(nodes)
		vacant := 0
		for _, n := range nodes {
			w.Vacate(n, func() { vacant++ })
		}
		for at := time.Duration(0); at < 10*time.Minute; at += 500 * time.Millisecond {
			w.runTo(at)
			if away := 20 - web.up; away > test.away {
				t.Fatalf("%+v: %d pods are missing", test.budget, away)
			}
		}
		if (vacant == len(nodes)) != test.drained || (w.refused > 0) != (test.budget != nil) || test.drained && (w.created-before == 0 || web.up != 20) {
			t.Errorf("%+v: %d of %d nodes are vacant, %d evictions were refused, %d pods made, %d ready", test.budget, vacant, len(nodes), w.refused, w.created-before, web.up)
		}
		if !test.drained {
			w.StopVacating(nodes[0])
			refused := w.refused
			for _, n := range nodes[1:] {
				w.Expel(n)
			}
			w.runTo(11 * time.Minute)
			if vacant != len(nodes)-1 || w.refused != refused || len(nodes[0].Pods()) == 0 {
				t.Errorf("%+v: %d nodes are vacant, %d more evictions were refused, %d pods stayed", test.budget, vacant, w.refused-refused, len(nodes[0].Pods()))
			}
			w.Untaint(nodes)
		}
		w.verify(t)
	}
}

// Pods that are not ready go while enough others are, as the API server has it.
func TestUnreadyPodsGoWhileEnoughOthersAreReady(t *testing.T) {
	for missing, may := range map[int]bool{0: true, 1: true, 2: false} {
		w := newWorld(t, Config{WarmUp: time.Minute, End: time.Hour, Groups: []GroupConfig{workers(10)}, Workloads: []WorkloadConfig{
			{Name: "web", Kind: Deployment, Initial: 10, Budget: &DisruptionBudget{MaxUnavailable: pods(1)}}}})
		w.runTo(0)
		web := w.workloads[0]
		for _, p := range web.replicas[:missing] {
			web.notReady(p)
		}
		if missing > 0 && web.mayEvict(web.replicas[0]) != may {
			t.Errorf("with %d unready pods one of them may go: %v", missing, !may)
		}
		if ready := web.replicas[9]; web.mayEvict(ready) != (missing == 0) {
			t.Errorf("with %d unready pods a ready one may go: %v", missing, web.mayEvict(ready))
		}
	}
}

// Karpenter asks again after 0.1 s, doubling up to 10 s; kubectl every 5 s.
func TestRefusedEvictionsAreAskedForAgain(t *testing.T) {
	k := newWorld(t, Config{Groups: []GroupConfig{workers(1)}, Autoscaler: &AutoscalerConfig{Kind: Karpenter}})
	n := &Node{Group: k.groups[0]}
	for refusals, want := range map[int]time.Duration{1: 100 * time.Millisecond, 2: 200 * time.Millisecond, 7: 6400 * time.Millisecond, 8: 10 * time.Second, 900: 10 * time.Second} {
		if got := n.retry(refusals); got != want {
			t.Errorf("after %d refusals Karpenter waits %v, want %v", refusals, got, want)
		}
	}
	n.Group.managed = false
	if got := n.retry(8); got != 5*time.Second {
		t.Errorf("kubectl waits %v", got)
	}
}
