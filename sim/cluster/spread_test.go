package cluster

import (
	"testing"
	"time"
)

func zoned(nodes int) Config {
	return Config{WarmUp: time.Minute, End: 10 * time.Minute, Groups: []GroupConfig{workers(nodes)}, Zones: map[string]string{"a": "a", "b": "b", "c": "c"}}
}

func perNode(w *world) (most, used int) {
	for _, n := range w.groups[0].nodes.all() {
		if n.guests() > 0 {
			used++
		}
		most = max(most, n.guests())
	}
	return most, used
}

// Packing fills one node after the other, the default spreads.
func TestScoringPacksOrSpreads(t *testing.T) {
	for scoring, want := range map[Scoring]int{"": 7, LeastAllocated: 7, MostAllocated: 7, Packing: 2} {
		cfg := zoned(7)
		cfg.Scoring = scoring
		cfg.Workloads = []WorkloadConfig{{Name: "web", Kind: Deployment, Replicas: []Step{{Count: 14}}, Requests: Resources{MilliCPU: 10}}}
		w := newWorld(t, cfg)
		w.runTo(time.Minute)
		w.verify(t)
		if _, used := perNode(w); used != want {
			t.Errorf("%q: 14 pods are on %d nodes, want %d", scoring, used, want)
		}
	}
}

// A constraint is kept whatever the score says: pods that would exceed the skew
// wait until a node in the right place has room.
func TestSpreadConstraintsAreKept(t *testing.T) {
	cfg := zoned(6)
	cfg.Scoring = Packing
	cfg.Workloads = []WorkloadConfig{{Name: "web", Kind: Deployment, Replicas: []Step{{Count: 30}}, Spread: []SpreadConstraint{{MaxSkew: 1}, {Hosts: true, MaxSkew: 2}}}}
	w := newWorld(t, cfg)
	w.runTo(-time.Second)
	closed := w.groups[0].nodes.all()[0]
	w.Cordon([]*Node{closed, w.groups[0].nodes.all()[3]}) // all of zone a
	w.runTo(time.Minute)
	if w.running != 2 {
		t.Errorf("%d run: one in each of two zones was to be, since the third has none", w.running)
	}
	w.Uncordon(w.groups[0].nodes.all())
	w.runTo(2 * time.Minute)
	w.verify(t)
	if most, used := perNode(w); w.running != 30 || used != 6 || most > 6 {
		t.Errorf("%d run on %d nodes, %d at most on one", w.running, used, most)
	}
}
