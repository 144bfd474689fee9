package cluster

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ipamsim/sim/controlplane"
)

// Whatever is asked for, a client sends no more than a full bucket and what
// has flowed into it meanwhile.
func TestNoClientSendsMoreThanItsBucketHolds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		rate := func(name string) controlplane.Rate {
			return controlplane.Rate{PerSecond: float64(rapid.IntRange(1, 200).Draw(rt, name)), Burst: rapid.IntRange(1, 50).Draw(rt, "burst")}
		}
		cfg := Config{WarmUp: time.Minute, End: time.Hour, Groups: []GroupConfig{workers(30)}, PodCreation: rate("creation"), Scheduling: rate("scheduling"),
			Workloads: []WorkloadConfig{
				{Name: "web", Kind: Deployment, Initial: 20, Replicas: randomSteps(rt)},
				{Name: "api", Kind: Deployment, Replicas: randomSteps(rt)},
				{Name: "job", Kind: Job, Arrivals: &Arrivals{Every: 20 * time.Second, Batch: 30, To: 2 * time.Minute}, Lifetime: constant(time.Second)},
			}}
		w := newWorld(t, cfg)
		w.runTo(time.Hour)
		w.verify(rt)
		var ofSets, ofJobs, bound []time.Duration
		for _, p := range w.pods {
			if p.Created < cfg.WarmUp {
				continue
			}
			if p.Bound >= cfg.WarmUp {
				bound = append(bound, p.Bound)
			}
			if p.Workload.Kind == Job {
				ofJobs = append(ofJobs, p.Created)
			} else {
				ofSets = append(ofSets, p.Created)
			}
		}
		within(rt, "ReplicaSets", ofSets, cfg.PodCreation)
		within(rt, "Jobs", ofJobs, cfg.PodCreation)
		within(rt, "scheduler", bound, cfg.Scheduling)
		for _, wl := range w.workloads {
			if wl.Kind == Deployment && len(wl.replicas) != wl.desired {
				rt.Fatalf("%s has %d replicas, wants %d", wl.Name, len(wl.replicas), wl.desired)
			}
		}
	})
}

func randomSteps(t *rapid.T) (list []Step) {
	for range rapid.IntRange(0, 4).Draw(t, "steps") {
		list = append(list, Step{At: time.Duration(rapid.IntRange(0, 100).Draw(t, "at")) * time.Second, Count: rapid.IntRange(0, 200).Draw(t, "count")})
	}
	return list
}

func within(t *rapid.T, who string, sent []time.Duration, r controlplane.Rate) {
	slices.Sort(sent)
	for i := range sent {
		for j := i + r.Burst; j < len(sent); j++ {
			if most := float64(r.Burst) + (sent[j]-sent[i]).Seconds()*r.PerSecond*1.001; float64(j-i+1) > most {
				t.Fatalf("%s: %d requests in %v, the bucket allows %v", who, j-i+1, sent[j]-sent[i], most)
			}
		}
	}
}

// Without a bound by tokens the batches of a sync double, each after the
// answers to the one before. After 500 pods the status is written, and a new sync
// begins.
func TestReplicaSetsStartSlowly(t *testing.T) {
	cfg := Config{WarmUp: time.Minute, End: time.Minute, Groups: []GroupConfig{workers(0)}, PodCreation: controlplane.Rate{PerSecond: 10_000, Burst: 10_000},
		Workloads: []WorkloadConfig{{Name: "web", Kind: Deployment, Replicas: []Step{{Count: 503}}}}}
	w := newWorld(t, cfg)
	w.runTo(time.Minute)
	var batches []int
	var pauses []time.Duration
	last := time.Duration(-1)
	for _, p := range w.pods {
		if p.Created != last {
			if last >= 0 {
				pauses = append(pauses, p.Created-last)
			}
			batches = append(batches, 0)
		}
		batches[len(batches)-1]++
		last = p.Created
	}
	if want := []int{1, 2, 4, 8, 16, 32, 64, 128, 245, 1, 2}; !slices.Equal(batches, want) {
		t.Errorf("batches of %v, want %v", batches, want)
	}
	const ms = time.Millisecond
	if want := []time.Duration{10 * ms, 10 * ms, 10 * ms, 10 * ms, 10 * ms, 10 * ms, 10 * ms, 10 * ms, 20 * ms, 10 * ms}; !slices.Equal(pauses, want) {
		t.Errorf("%v between them, want %v", pauses, want)
	}
}

// A scale-in that comes while the controller creates pods waits until its sync
// is done; then the surplus is deleted at the same rate.
func TestScaleInWaitsForTheSyncUnderWay(t *testing.T) {
	cfg := Config{WarmUp: time.Minute, End: 10 * time.Minute, Groups: []GroupConfig{workers(0)}, PodCreation: controlplane.Rate{PerSecond: 20, Burst: 30},
		Workloads: []WorkloadConfig{{Name: "web", Kind: Deployment, Replicas: []Step{{Count: 1000}, {At: time.Second, Count: 0}}}}}
	w := newWorld(t, cfg)
	w.runTo(23 * time.Second) // 500 less 30 at 20 a second take 23.5 s
	if len(w.pods) < 480 || len(w.ended) != 0 {
		t.Fatalf("%d pods, %d deleted", len(w.pods), len(w.ended))
	}
	w.runTo(10 * time.Minute)
	last := time.Duration(0)
	for p := range w.ended {
		last = max(last, p.Deleted)
	}
	// Beside the 1,000 requests there are one update of the status and the events
	// that come to their turn before the last request.
	if len(w.pods) != 500 || len(w.ended) != 500 || last < cfg.WarmUp+48500*time.Millisecond || last > cfg.WarmUp+49800*time.Millisecond {
		t.Errorf("%d pods, %d deleted, the last %v after the start", len(w.pods), len(w.ended), last-cfg.WarmUp)
	}
}

// The warm-up is for settling: no limit holds there.
func TestWarmUpHasNoLimits(t *testing.T) {
	cfg := Config{WarmUp: 4 * time.Second, End: time.Minute, Groups: []GroupConfig{workers(100)},
		PodCreation: controlplane.Rate{PerSecond: 0.1, Burst: 1}, Scheduling: controlplane.Rate{PerSecond: 0.1, Burst: 1},
		Workloads: []WorkloadConfig{{Name: "web", Kind: Deployment, Initial: 300}}}
	w := newWorld(t, cfg)
	w.runTo(0)
	if len(w.pods) != 300 {
		t.Errorf("%d pods exist at time 0", len(w.pods))
	}
}
