package cluster

import (
	"slices"
	"testing"
	"time"

	"ipamsim/sim/controlplane"
)

// Only a DaemonSet that tolerates a node that is not Ready has pods there
// before it is.
func TestDaemonSetsWaitForReadyUnlessTheyTolerateIt(t *testing.T) {
	w := newWorld(t, Config{End: time.Minute, Groups: []GroupConfig{workers(6)}, Workloads: []WorkloadConfig{
		{Name: "agent", Kind: DaemonSet}, {Name: "log", Kind: DaemonSet, HostNetwork: true, TolerateNotReady: true}}})
	w.runTo(time.Minute)
	w.verify(t)
	for _, n := range w.nodes {
		for _, p := range n.pods {
			want := n.Ready
			if p.Workload.Name == "log" {
				want = n.Registered
			}
			if p.Created != want || p.Bound != want {
				t.Errorf("%s is made at %v; its node registered at %v and was Ready at %v", p.Name(), p.Created, n.Registered, n.Ready)
			}
		}
	}
	if w.running != 12 {
		t.Errorf("%d run", w.running)
	}
}

// aws-node and kube-proxy are two requests of the DaemonSet controller's client
// for each node: many nodes that register at once wait for them.
func TestNodesThatRegisterAtOnceWaitForTheirSystemPods(t *testing.T) {
	g := workers(0)
	g.Steps, g.Boot = []Step{{At: 0, Count: 50}}, constant(20*time.Second)
	w := newWorld(t, Config{WarmUp: time.Minute, End: 3 * time.Minute, Groups: []GroupConfig{g}, PodCreation: controlplane.Rate{PerSecond: 20, Burst: 30}})
	w.runTo(3 * time.Minute)
	w.verify(t)
	var waited []time.Duration // beyond the 5 s that a machine takes to boot
	for _, n := range w.nodes {
		waited = append(waited, n.Ready-n.Registered-5*time.Second)
	}
	slices.Sort(waited)
	// 100 pods, in batches that double, of two DaemonSets at a time; between batches
	// come five events. 30 requests at once, the 75 others at 20 a second
	if len(waited) != 50 || waited[0] != 0 || waited[12] != 50*time.Millisecond || waited[49] != 3750*time.Millisecond {
		t.Errorf("%d nodes waited %v for their pods", len(waited), waited)
	}
}

// One that is created later comes to all nodes at its time, at the controller's
// rate, and to nodes that join afterwards.
func TestDaemonSetThatStartsLaterComesToEveryNode(t *testing.T) {
	from := 10 * time.Second
	g := workers(50)
	g.Steps = []Step{{At: 30 * time.Second, Count: 60}}
	w := newWorld(t, Config{WarmUp: time.Minute, End: 3 * time.Minute, Groups: []GroupConfig{g}, PodCreation: controlplane.Rate{PerSecond: 20, Burst: 30},
		Workloads: []WorkloadConfig{{Name: "late", Kind: DaemonSet, From: &from}}})
	w.runTo(3 * time.Minute)
	w.verify(t)
	if w.running != 60 {
		t.Errorf("%d run", w.running)
	}
	// and five events, between the batches
	if first, fiftieth := w.pods[0].Created, w.pods[49].Created; first != 70*time.Second || fiftieth != 71250*time.Millisecond {
		t.Errorf("made from %v to %v: 30 at once and 20 a second was to be", first, fiftieth)
	}
}

// A rolling update replaces each pod once and keeps to what may be away.
func TestRollReplacesEachPodOnceWithinItsBound(t *testing.T) {
	for text, most := range map[string]int{"1": 1, "3": 3, "1%": 1, "21%": 3, "100%": 10} {
		w := newWorld(t, Config{WarmUp: time.Minute, End: 10 * time.Minute, Groups: []GroupConfig{workers(10)},
			Workloads: []WorkloadConfig{{Name: "agent", Kind: DaemonSet}}})
		w.runTo(0)
		if n := w.RollDaemonSet("agent", mayBeAway(t, text), "roll"); n != 10 {
			t.Fatalf("%d pods are rolled", n)
		}
		if w.RollDaemonSet("nobody", mayBeAway(t, "1"), "roll") != 0 {
			t.Error("a DaemonSet that is not there is rolled")
		}
		for at := time.Duration(0); at < time.Minute; at += 100 * time.Millisecond {
			w.runTo(at)
			if away := 10 - w.running; away > most {
				t.Fatalf("%d pods are away of at most %d", away, most)
			}
		}
		w.verify(t)
		if len(w.pods) != 20 || w.running != 10 || w.workloads[0].roll != nil {
			t.Errorf("%d pods, %d run", len(w.pods), w.running)
		}
	}
}

func mayBeAway(t *testing.T, text string) controlplane.IntOrPercent {
	v, err := controlplane.ParseIntOrPercent(text, 1, controlplane.AllPercent)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Pods on lost nodes are unavailable from when the nodes are NotReady until they
// are deleted: meanwhile a rollout that may have two away, and has three lost,
// waits; then it goes on.
func TestARollWaitsWhileMoreThanMayBeAwayAreLost(t *testing.T) {
	for _, silent := range []bool{true, false} {
		w := newWorld(t, Config{WarmUp: time.Minute, End: 30 * time.Minute, Groups: []GroupConfig{workers(10)},
			Workloads: []WorkloadConfig{{Name: "agent", Kind: DaemonSet}}})
		w.runTo(0)
		isFor := w.workloads[0].isFor
		lost := w.Select(nil, 1, -1, "")[:3]
		for _, n := range lost {
			if silent {
				w.Silence(n)
			} else {
				w.Kill(n)
			}
		}
		if all, away := w.Unreachable(isFor); all != 3 || away != 0 {
			t.Fatalf("%d lost, %d NotReady at once", all, away)
		}
		from, until := time.Duration(-1), time.Duration(-1)
		for at := time.Second; at < 10*time.Minute; at += time.Second {
			w.runTo(at)
			all, away := w.Unreachable(isFor)
			if from < 0 && (away == 3 || all == 0) {
				from = at
				w.RollDaemonSet("agent", mayBeAway(t, "2"), "roll")
				if r := w.workloads[0].roll; all == 3 && len(r.old) < 7 {
					t.Error("a rollout takes pods although three are away")
				}
			}
			if until < 0 && all == 0 {
				until = at
			}
		}
		w.verify(t)
		least, most := time.Duration(0), 11*time.Second
		if silent {
			least, most = controlplane.DefaultToleration-time.Second, controlplane.DefaultToleration+2*time.Second
		}
		if from < 40*time.Second || from > 57*time.Second || until-from < least || until-from > most {
			t.Errorf("silent %v: NotReady after %v, deleted after %v", silent, from, until)
		}
		if w.workloads[0].roll != nil {
			t.Errorf("silent %v: the rollout never ends", silent)
		}
	}
}

func TestPausedDeletesAreMadeUpFor(t *testing.T) {
	w := newWorld(t, Config{WarmUp: time.Minute, End: 10 * time.Minute, Groups: []GroupConfig{workers(10)}, Workloads: []WorkloadConfig{
		{Name: "web", Kind: Deployment, Initial: 20, Replicas: []Step{{At: 10 * time.Second, Count: 5}}},
		{Name: "job", Kind: Job, Arrivals: &Arrivals{Every: time.Hour, Batch: 7}, Lifetime: constant(10 * time.Second)}}})
	w.runTo(5 * time.Second)
	w.PauseDeletes("")
	w.PauseDeletes("job")
	w.runTo(time.Minute)
	if w.runningOf("web") != 20 || w.runningOf("job") != 7 {
		t.Fatalf("%d and %d run in the pause", w.runningOf("web"), w.runningOf("job"))
	}
	w.ResumeDeletes("")
	w.runTo(61 * time.Second)
	if w.runningOf("web") != 5 || w.runningOf("job") != 7 {
		t.Fatalf("%d and %d run when one pause is over", w.runningOf("web"), w.runningOf("job"))
	}
	w.ResumeDeletes("job")
	w.runTo(62 * time.Second)
	w.verify(t)
	if w.runningOf("job") != 0 {
		t.Errorf("%d jobs run", w.runningOf("job"))
	}
}

// A pod that waits in vain is deleted at its deadline, one that runs is not, and
// nobody makes another.
func TestPodsGiveUpAtTheirDeadline(t *testing.T) {
	w := newWorld(t, Config{WarmUp: time.Minute, End: 10 * time.Minute, Groups: []GroupConfig{workers(1)}, Workloads: []WorkloadConfig{
		{Name: "job", Kind: Job, Arrivals: &Arrivals{Every: time.Hour, Batch: 12}, Lifetime: constant(time.Hour), GiveUpAfter: 30 * time.Second}}})
	w.runTo(29 * time.Second)
	if w.running != 8 || len(w.ended) != 0 {
		t.Fatalf("%d run, %d ended", w.running, len(w.ended))
	}
	w.runTo(5 * time.Minute)
	w.verify(t)
	gaveUp := slices.DeleteFunc(slices.Clone(w.pods), func(p *Pod) bool { return !p.GaveUp })
	if w.running != 8 || len(w.ended) != 4 || len(gaveUp) != 4 || len(w.pods) != 12 {
		t.Errorf("%d run, %d ended, %d gave up, %d pods", w.running, len(w.ended), len(gaveUp), len(w.pods))
	}
}
