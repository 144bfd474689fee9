package cluster

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"ipamsim/sim/controlplane"
)

// lacking counts what a workload's controller has to make, from what there should be
// and what there is.
func (w *world) lacking(of *Workload) (n int) {
	switch of.Kind {
	case Deployment:
		for set, rs := range of.sets {
			if rs != nil {
				n += max(0, of.wantedOf(set)-of.pods(set))
			}
		}
	case DaemonSet:
		for _, g := range w.groups {
			for _, node := range g.nodes.all() {
				if of.wantedOn(node) && !of.isOn(node) {
					n++
				}
			}
		}
	}
	return n
}

// verifyAwaited compares what is noted as asked for with what is lacking. Of Jobs it is
// what they have not come to, and pods that make up for others.
func (w *world) verifyAwaited(t interface{ Fatalf(string, ...any) }) {
	jobs := 0
	for _, of := range w.workloads {
		sum, before := 0, time.Duration(-1)
		of.Awaited(func(since time.Duration, pods int) {
			if since <= before || since > w.kernel.Now() || pods < 1 {
				t.Fatalf("%s: %d pods since %v, after those since %v", of.Name, pods, since, before)
			}
			sum, before = sum+pods, since
		})
		if sum != of.awaited.pods || w.awaited[of.Name] != sum {
			t.Fatalf("%s: %d pods are awaited, counted %d, told %d", of.Name, sum, of.awaited.pods, w.awaited[of.Name])
		}
		switch of.Kind {
		case Job:
			jobs += sum
		default:
			if lack := w.lacking(of); sum != lack {
				t.Fatalf("%s: %d pods are awaited, %d are lacking at %v", of.Name, sum, lack, w.kernel.Now()-w.cfg.WarmUp)
			}
		}
	}
	if jobs < w.unmade {
		t.Fatalf("%d pods of Jobs are awaited, %d are not made", jobs, w.unmade)
	}
}

// Whatever is scaled, rolled, lost and drained while controllers lag behind, what is
// noted as asked for is what is lacking, at any moment.
func TestPodsThatAreLackingAreAwaited(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		rate := controlplane.Rate{PerSecond: float64(rapid.IntRange(1, 40).Draw(rt, "rate")), Burst: rapid.IntRange(1, 30).Draw(rt, "burst")}
		from := 20 * time.Second
		w := newWorld(t, Config{WarmUp: time.Minute, End: time.Hour, Groups: []GroupConfig{workers(20)}, PodCreation: rate, Workloads: []WorkloadConfig{
			{Name: "web", Kind: Deployment, Initial: 30, Replicas: randomSteps(rt)},
			{Name: "api", Kind: Deployment, Replicas: randomSteps(rt), Lifetime: constant(40 * time.Second)},
			{Name: "job", Kind: Job, Arrivals: &Arrivals{Every: 5 * time.Second, Batch: rapid.IntRange(1, 40).Draw(rt, "batch"), To: time.Minute}, Lifetime: constant(10 * time.Second)},
			{Name: "agent", Kind: DaemonSet}, {Name: "late", Kind: DaemonSet, From: &from},
		}})
		act := map[int]func(){
			0: func() { w.RollDeployment("web", mayBeAway(t, "25%"), mayBeAway(t, "25%"), func(int, bool) {}) },
			1: func() { w.RollDaemonSet("agent", mayBeAway(t, "30%"), "roll") },
			2: func() { w.RecreatePods("", w.Select(nil, 0.5, -1, "some"), mayBeAway(t, "30%"), "recreate") },
			3: func() {
				for _, n := range w.Select(nil, 0.2, -1, "dead") {
					w.Kill(n)
				}
			},
			4: func() { w.PauseDeletes("") },
			5: func() { w.ResumeDeletes("") },
			6: func() {
				for _, n := range w.Select(nil, 0.2, -1, "drained") {
					w.drain(n)
				}
			},
		}
		for at := time.Duration(0); at < 5*time.Minute; at += time.Duration(rapid.IntRange(1, 15_000).Draw(rt, "pause")) * time.Millisecond {
			w.runTo(at)
			w.verifyAwaited(rt)
			if do := rapid.IntRange(0, 20).Draw(rt, "act"); act[do] != nil {
				act[do]()
				w.verifyAwaited(rt)
			}
		}
		w.verify(rt)
		for _, p := range w.pods {
			if p.Asked() > p.Created || p.Created < w.cfg.WarmUp && p.Asked() != p.Created {
				rt.Fatalf("%s was asked for at %v and created at %v", p.Name(), p.Asked(), p.Created)
			}
		}
	})
}

// A replica that is no longer asked for before it was made is none, and the last that
// was asked for is the first that is not.
func TestReplicasThatAreNoLongerAskedForAreNotAwaited(t *testing.T) {
	w := newWorld(t, Config{WarmUp: time.Minute, End: time.Hour, Groups: []GroupConfig{workers(20)}, PodCreation: controlplane.Rate{PerSecond: 1, Burst: 1}, Workloads: []WorkloadConfig{
		{Name: "web", Kind: Deployment, Replicas: []Step{{At: time.Second, Count: 50}, {At: 5 * time.Second, Count: 80}, {At: 10 * time.Second, Count: 40}, {At: 20 * time.Second, Count: 1}}}}})
	web := w.workloads[0]
	for _, step := range []struct {
		at    time.Duration
		since time.Duration
	}{{4 * time.Second, time.Second}, {9 * time.Second, 5 * time.Second}, {15 * time.Second, time.Second}} {
		w.runTo(step.at)
		var last time.Duration
		web.Awaited(func(since time.Duration, _ int) { last = since })
		if last != w.cfg.WarmUp+step.since {
			t.Errorf("at %v the last ones were asked for at %v", step.at, last-w.cfg.WarmUp)
		}
	}
	w.runTo(10 * time.Minute)
	w.verifyAwaited(t)
	if web.awaited.pods != 0 || len(web.replicas) != 1 {
		t.Errorf("%d are awaited, there are %d", web.awaited.pods, len(web.replicas))
	}
}

// Nothing is awaited where nothing holds a controller up, nor of pods that nobody but
// their maker makes.
func TestNothingIsAwaitedWithoutLimits(t *testing.T) {
	for _, rate := range []controlplane.Rate{{}, {PerSecond: 1, Burst: 1}} {
		cfg := Config{WarmUp: time.Minute, End: time.Hour, Groups: []GroupConfig{workers(20)}, PodCreation: rate, Workloads: []WorkloadConfig{
			{Name: "pod", Kind: Bare, Arrivals: &Arrivals{Every: time.Second, Batch: 20, To: time.Minute}, Lifetime: constant(time.Second)}}}
		if rate == (controlplane.Rate{}) {
			cfg.Workloads = append(cfg.Workloads, WorkloadConfig{Name: "web", Kind: Deployment, Initial: 5, Replicas: []Step{{Count: 90}}}, WorkloadConfig{Name: "agent", Kind: DaemonSet},
				WorkloadConfig{Name: "job", Kind: Job, Arrivals: &Arrivals{Every: time.Second, To: time.Minute}, Lifetime: constant(time.Second)})
		}
		w := newWorld(t, cfg)
		w.runTo(2 * time.Minute)
		w.verifyAwaited(t)
		if len(w.awaited) > 0 || len(w.pods) == 0 {
			t.Errorf("%+v: %v were awaited, %d pods", rate, w.awaited, len(w.pods))
		}
	}
}
