package cluster

import (
	"slices"
	"testing"
	"time"

	"ipamsim/sim/controlplane"
	"ipamsim/sim/des"
)

func TestInitialReplicasRunBeforeTimeZero(t *testing.T) {
	cfg := Config{WarmUp: 5 * time.Minute, End: time.Minute, Scheduling: controlplane.Rate{PerSecond: 1}, Groups: []GroupConfig{workers(99)},
		Workloads: []WorkloadConfig{{Name: "web", Kind: Deployment, Initial: 693}}}
	w := newWorld(t, cfg)
	w.runTo(0)
	if w.running != 693 {
		t.Fatalf("%d run at time 0", w.running)
	}
	for _, n := range w.nodes {
		if len(n.pods) != 7 {
			t.Errorf("%s has %d pods, want 7 on each", n.Name, len(n.pods))
		}
	}
}

func TestReplicasThatReachTheirLifetimeAreReplaced(t *testing.T) {
	cfg := Config{WarmUp: time.Minute, End: time.Hour, Groups: []GroupConfig{workers(2)},
		Workloads: []WorkloadConfig{{Name: "web", Kind: Deployment, Replicas: []Step{{Count: 5}}, Lifetime: constant(time.Minute)}}}
	w := newWorld(t, cfg)
	w.runTo(time.Hour)
	first := w.pods[0]
	if first.Deleted-first.Running != time.Minute || first.State() != Ended {
		t.Errorf("%s ran from %v to %v", first.Name(), first.Running, first.Deleted)
	}
	if n := len(w.workloads[0].replicas); n != 5 || len(w.pods) < 5*55 {
		t.Errorf("%d replicas, %d pods in an hour", n, len(w.pods))
	}
}

func TestArrivalsKeepTheirSpacing(t *testing.T) {
	created := func(a Arrivals) (at []time.Duration) {
		cfg := Config{WarmUp: time.Minute, End: 1000 * time.Second, Groups: []GroupConfig{workers(0)},
			Workloads: []WorkloadConfig{{Name: "job", Kind: Job, Arrivals: &a}}}
		w := newWorld(t, cfg)
		w.runTo(2000 * time.Second)
		for _, p := range w.pods {
			at = append(at, p.Created-cfg.WarmUp)
		}
		return at
	}
	sec := time.Second
	if got := created(Arrivals{Every: 400 * sec, Batch: 2}); !slices.Equal(got, []time.Duration{0, 0, 400 * sec, 400 * sec, 800 * sec, 800 * sec}) {
		t.Errorf("batches at %v", got)
	}
	if got := created(Arrivals{Rate: 0.5, Constant: true, From: -10 * sec, To: -5 * sec}); !slices.Equal(got, []time.Duration{-10 * sec, -8 * sec, -6 * sec}) {
		t.Errorf("constant, in the warm-up: %v", got)
	}
	if got := created(Arrivals{Rate: 0.5, Constant: true, From: 10 * sec, To: 15 * sec}); !slices.Equal(got, []time.Duration{10 * sec, 12 * sec, 14 * sec}) {
		t.Errorf("constant: %v", got)
	}
	got := created(Arrivals{Rate: 10, From: 500 * sec})
	if n := len(got); n < 4700 || n > 5300 || got[0] < 500*sec || got[n-1] > 1000*sec {
		t.Errorf("Poisson: %d arrivals from %v to %v, want about 5000", n, got[0], got[n-1])
	}
}

func TestTraceIsReplayed(t *testing.T) {
	cfg := Config{WarmUp: time.Minute, End: 10 * time.Minute, Groups: []GroupConfig{workers(1)},
		Workloads: []WorkloadConfig{{Name: "trace", Kind: Trace, Requests: Resources{MilliCPU: 100}, Trace: []TracePod{
			{Created: 0, Lifetime: 10 * time.Second},
			{Created: time.Second, Lifetime: des.Never, Requests: Resources{MilliCPU: 1700}},
			{Created: time.Second, Lifetime: 0, Requests: Resources{MilliCPU: 200}}, // has to wait for the first
		}}}}
	w := newWorld(t, cfg)
	w.runTo(10 * time.Minute)
	w.verify(t)
	a, b, c := w.pods[0], w.pods[1], w.pods[2]
	if a.Deleted != a.Running+10*time.Second || a.class.request.MilliCPU != 100 || a.Name() != "trace-0" {
		t.Errorf("%s runs from %v to %v with %+v", a.Name(), a.Running, a.Deleted, a.class.request)
	}
	if b.Created != 61*time.Second || b.State() != Running {
		t.Errorf("%s was created at %v and is %v", b.Name(), b.Created, b.State())
	}
	if c.State() == Running || c.State() == Ended {
		t.Errorf("%s is %v: with 1700m and 150m of the system only 150m of 2000m are left", c.Name(), c.State())
	}
}

func TestUnboundPodsAreDeletedAtOnce(t *testing.T) {
	cfg := Config{End: time.Minute, Groups: []GroupConfig{workers(0)},
		Workloads: []WorkloadConfig{{Name: "web", Kind: Deployment, Initial: 50, Replicas: []Step{{At: time.Second, Count: 20}}}}}
	w := newWorld(t, cfg)
	w.runTo(time.Minute)
	w.verify(t)
	if got := w.Counts(); got.Pending != 20 || w.waiting() != 20 || len(w.ended) != 30 {
		t.Fatalf("%+v, %d ended", got, len(w.ended))
	}
}

// Rates that are so small that the next arrival lies beyond any time have none,
// however they are spaced.
func TestTheSmallestRatesHaveNoArrivals(t *testing.T) {
	for _, rate := range []float64{1e-12, 1e-15, 1e-20, 1e-300, 5e-324} {
		for _, even := range []bool{false, true} {
			w := newWorld(t, Config{WarmUp: time.Minute, End: 1000 * time.Hour, Groups: []GroupConfig{workers(1)},
				Workloads: []WorkloadConfig{{Name: "job", Kind: Job, Arrivals: &Arrivals{Rate: rate, Constant: even, From: -time.Minute}, Lifetime: constant(time.Second)}}})
			w.runTo(1000 * time.Hour)
			if want := map[bool]int{true: 1}[even]; len(w.pods) != want { // an even spacing begins with one
				t.Errorf("rate %g, even %v: %d pods", rate, even, len(w.pods))
			}
		}
	}
}
