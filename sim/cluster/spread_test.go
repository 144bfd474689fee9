package cluster

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ipamsim/sim/controlplane"
)

func zoned(nodes int) Config {
	return Config{WarmUp: time.Minute, End: 10 * time.Minute, Groups: []GroupConfig{workers(nodes)}}
}

func perNode(w *world) (most, used int) {
	for _, n := range w.groups[0].nodes.all() {
		if n.nonDaemonPods() > 0 {
			used++
		}
		most = max(most, n.nonDaemonPods())
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

// Points as scoring.go computes them, by its own words: the hosts' counts times
// log(hosts+2) and maxSkew-1, the zones' likewise, rounded; then 100 for the
// least of all, and what that leaves of the most for the others.
func TestPointsOfTheDefaultConstraints(t *testing.T) {
	in := weightsOf(systemDefaults, topologyWeight(3), topologyWeight(6))
	// log(5) = 1.6094, log(8) = 2.0794: 10 and 2 make 20.25 and 6 more, 13 and 1 make 23.00 and 6 more.
	if a, b := in.raw(10, 2), in.raw(13, 1); a != 26 || b != 29 {
		t.Errorf("raw scores %d and %d, want 26 and 29", a, b)
	}
	if a, b := normalised(26, 26, 29), normalised(29, 26, 29); a != 100 || b != 89 {
		t.Errorf("%d and %d points, want 100 and 89", a, b)
	}
	if none := weightsOf([]SpreadConstraint{{MaxSkew: 1}, {Hosts: true, MaxSkew: 1}}, 1, 1); !none.none() {
		t.Error("conditions give points")
	}
}

// A Deployment's pods go where the plugins of kube-scheduler, asked about every
// node, have the most points for them. Nodes here are alike and never full, and no
// pod ends, so that what is simplified (the most of all, and which node of a zone)
// makes no difference.
func TestDefaultConstraintsAreThoseOfThePlugins(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		cfg := Config{WarmUp: time.Minute, End: time.Hour, Scheduling: controlplane.Rate{PerSecond: 20}}
		for _, zone := range []string{"a", "b", "c"} {
			g := workers(rapid.IntRange(0, 4).Draw(rt, "nodes"))
			g.Name, g.Subnets, g.MaxPods = zone, []string{zone}, 200
			g.Steps = []Step{{At: 2 * time.Minute, Count: g.Count + rapid.IntRange(0, 2).Draw(rt, "more")}}
			cfg.Groups = append(cfg.Groups, g)
		}
		before := rapid.IntRange(0, 60).Draw(rt, "before")
		cfg.Workloads = []WorkloadConfig{{Name: "web", Kind: Deployment, Requests: Resources{MilliCPU: rapid.Int64Range(0, 30).Draw(rt, "cpu")},
			Replicas: []Step{{Count: before}, {At: 4 * time.Minute, Count: rapid.IntRange(before, 120).Draw(rt, "after")}}}}
		w := newWorld(t, cfg)
		web := w.workloads[0]
		w.runTo(4 * time.Minute)
		for at := 4 * time.Minute; at < 4*time.Minute+5*time.Second; at += 300 * time.Millisecond {
			w.runTo(at)
			all := web.class.allowed(web.countDomains(web.on.groups))
			got := web.class.best(web)
			points := pluginPoints(web, all)
			for _, n := range all {
				if points[n] > points[got] {
					rt.Fatalf("%s with %d points, though %s has %d", got.Name, points[got], n.Name, points[n])
				}
			}
		}
		w.verify(rt)
	})
}

// pluginPoints are the sums over the plugins for every node with room, as
// scoring.go goes about it: domains counted from the pods.
func pluginPoints(w *Workload, nodes []*Node) map[*Node]int64 {
	inZone, onNode := map[string]int{}, map[*Node]int{}
	for _, n := range nodes {
		for _, p := range n.pods {
			if p.Workload == w && p.state != Stopping {
				inZone[n.zone()]++
				onNode[n]++
			}
		}
		inZone[n.zone()] += 0
	}
	raw, least, most := map[*Node]int64{}, int64(math.MaxInt64), int64(0)
	for _, n := range nodes {
		raw[n] = int64(math.Round(float64(onNode[n])*math.Log(float64(len(nodes)+2)) + 2 + float64(inZone[n.zone()])*math.Log(float64(len(inZone)+2)) + 4))
		least, most = min(least, raw[n]), max(most, raw[n])
	}
	points := map[*Node]int64{}
	for _, n := range nodes {
		spread := int64(100)
		if most > 0 {
			spread = 100 * (most + least - raw[n]) / most
		}
		all := n.kind.capacity
		cpu, memory := n.room.milliCPU*100/all.milliCPU, n.room.memory*100/all.memory
		points[n] = (cpu+memory)/2 + 2*spread
	}
	return points
}
