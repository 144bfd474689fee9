package recording

import (
	"testing"
	"time"

	"ipamsim/scenarios"
	"ipamsim/scenarios/scenariotest"
	"ipamsim/sim/fleet"
)

// What is expected is never much more than what comes: nothing is refused that
// would fit. It is less where pods fail and try again.
func TestExpectedEntriesAreAboutThoseThatCome(t *testing.T) {
	for _, name := range scenarios.EmbeddedNames() {
		if name == "ultra-scale" {
			continue // it would not fit
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := scenariotest.Shipped(t, name, scenarios.Options{})[0]
			check := func(want Selection) *Recording {
				w, err := fleet.New(v, fleet.Options{})
				if err != nil {
					t.Fatal(err)
				}
				recorder := Attach(w, want)
				if err := w.Run(t.Context(), w.End, nil); err != nil {
					t.Fatal(err)
				}
				if got, come := Expect(&v, want), recorder.entries; got > come+come/20 || want.Nodes == nil && got < come/5 { // of a chosen node its pods' tries are not in it
					t.Errorf("%d entries expected, %d came, of nodes %v", got, come, want.Nodes)
				}
				return recorder.Finish()
			}
			for _, n := range check(Selection{}).Nodes {
				if n.Registered < 0 && n.Gone == Never {
					check(Selection{Nodes: map[string]Span{n.Name: {From: Never, To: 1<<63 - 1}}, OnNodes: true})
					break
				}
			}
		})
	}
}

func TestAnAutoscalersNodesAreExpected(t *testing.T) {
	f, err := scenarios.Open("ultra-scale")
	if err != nil {
		t.Fatal(err)
	}
	e := expectation{s: f.Scenario}
	for at, want := range map[time.Duration]float64{0: 0, 6 * time.Minute: 100_000. / 8, 50 * time.Minute: 100_000} {
		if got := e.nodes(at); got < want-1 || got > want+1 {
			t.Errorf("%.0f nodes are expected at %v, want %.0f", got, at, want)
		}
	}
}

func TestWaysUpAndDownAreAddedUp(t *testing.T) {
	over := scenarios.Duration(10 * time.Second)
	steps := []scenarios.CountStep{
		{At: scenarios.Duration(10 * time.Second), Count: 20, Over: &over}, // cut short at its middle
		{At: scenarios.Duration(15 * time.Second), Count: 5},
		{At: scenarios.Duration(30 * time.Second), Count: 50},
	}
	for _, c := range []struct {
		until    time.Duration
		up, down float64
	}{
		{0, 10, 0}, {12 * time.Second, 12, 0}, {15 * time.Second, 15, 10}, {time.Minute, 60, 10},
	} {
		if up, down := changes(10, steps, c.until); up != c.up || down != c.down {
			t.Errorf("at %v: up %v, down %v; want %v, %v", c.until, up, down, c.up, c.down)
		}
	}
}

// A recording of a node has all that a recording of everything has of it, and
// nothing of the others.
func TestARecordingOfANodeHasItsPods(t *testing.T) {
	v := scenariotest.Expand(t, scenariotest.Cliff, scenarios.Options{})[0]
	record := func(want Selection) *Recording {
		w, err := fleet.New(v, fleet.Options{})
		if err != nil {
			t.Fatal(err)
		}
		recorder := Attach(w, want)
		if err := w.Run(t.Context(), w.End, nil); err != nil {
			t.Fatal(err)
		}
		return recorder.Finish()
	}
	const name = "nodes-4"
	one := record(Selection{Nodes: map[string]Span{name: {From: Never, To: 1<<63 - 1}}, OnNodes: true})
	if len(one.Nodes) != 1 || len(one.Pods) == 0 {
		t.Fatalf("%d nodes, %d pods", len(one.Nodes), len(one.Pods))
	}
	all, on := record(Selection{}), map[string]*PodRecord{}
	for _, p := range all.Pods {
		if p.Node == name {
			on[p.Name] = p
		}
	}
	for _, p := range one.Pods {
		if q := on[p.Name]; q == nil || len(q.Stages) != len(p.Stages) || len(q.Adds) != len(p.Adds) || q.Running != p.Running || p.On != one.Nodes[0] {
			t.Errorf("%+v, want %+v", p, q)
		}
	}
	if len(on) != len(one.Pods) {
		t.Errorf("%d pods, want %d", len(one.Pods), len(on))
	}
}
