package cluster

import (
	"testing"
	"time"
)

// Each running pod of the Deployment on the nodes is replaced once, and never
// are more away than its share; other workloads' pods stay.
func TestRecreatedPodsAreReplacedOnceWithinTheirBound(t *testing.T) {
	for text, most := range map[string]int{"1": 1, "1%": 1, "29%": 5, "5": 5, "100%": 20} {
		w := newWorld(t, Config{WarmUp: time.Minute, End: 10 * time.Minute, Groups: []GroupConfig{workers(10)}, Workloads: []WorkloadConfig{
			{Name: "web", Kind: Deployment, Initial: 20}, {Name: "other", Kind: Deployment, Initial: 5}, {Name: "agent", Kind: DaemonSet}}})
		w.runTo(0)
		before := w.created
		if n := w.RecreatePods("web", w.Select(nil, 1, -1, ""), mayBeAway(t, text), "recreate"); n != 20 {
			t.Fatalf("%d pods are recreated", n)
		}
		for at := time.Duration(0); at < time.Minute; at += 100 * time.Millisecond {
			w.runTo(at)
			if away := 20 - w.runningOf("web"); away > most {
				t.Fatalf("%d pods are away of at most %d", away, most)
			}
		}
		w.verify(t)
		if w.created-before != 20 || w.runningOf("web") != 20 || w.runningOf("other") != 5 || w.workloads[0].recreation != nil || w.workloads[0].up != 20 {
			t.Errorf("%s: %d pods are made, %d run, %d counted", text, w.created-before, w.runningOf("web"), w.workloads[0].up)
		}
	}
}

// What is asked for again while it goes on, on some nodes, in a pause of ends
// or while the Deployment shrinks ends all the same.
func TestRecreationComesToItsEnd(t *testing.T) {
	w := newWorld(t, Config{WarmUp: time.Minute, End: 10 * time.Minute, Groups: []GroupConfig{workers(10)}, Workloads: []WorkloadConfig{
		{Name: "web", Kind: Deployment, Initial: 20, Replicas: []Step{{At: time.Second, Count: 8}}}}})
	w.runTo(0)
	some := w.Select(nil, 0.5, -1, "some")
	on := 0
	for _, n := range some {
		on += len(n.Pods())
	}
	w.PauseDeletes("web")
	if n := w.RecreatePods("", some, mayBeAway(t, "10%"), "a"); n != on || n == 0 || w.runningOf("web") != 20 {
		t.Fatalf("%d of %d are recreated, %d run", n, on, w.runningOf("web"))
	}
	w.ResumeDeletes("web")
	w.RecreatePods("", w.Select(nil, 1, -1, ""), mayBeAway(t, "10%"), "b")
	w.runTo(2 * time.Minute)
	w.verify(t)
	if w.runningOf("web") != 8 || w.workloads[0].recreation != nil || w.workloads[0].up != 8 {
		t.Errorf("%d run, %d counted, %+v", w.runningOf("web"), w.workloads[0].up, w.workloads[0].recreation)
	}
	for _, p := range w.Pods() {
		if p.Created <= w.cfg.WarmUp-time.Second {
			t.Errorf("%s is an old one", p.Name())
		}
	}
}
