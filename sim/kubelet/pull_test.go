package kubelet_test

import (
	"fmt"
	"testing"
	"time"

	"ipamsim/sim/des"
	"ipamsim/sim/kubelet"
)

// pull takes as long as the start of containers whose image is there.
var pull = kubelet.DefaultTimings().Start.Draw

func TestPullsBeyondTheBurstWaitForTheirBackoff(t *testing.T) {
	w := newWorld(100, func(t *kubelet.Timings) { // all pods come to their image at one instant
		for _, r := range []*kubelet.Range{&t.Sync, &t.Netns, &t.Plugin, &t.Wiring, &t.Pause} {
			*r = kubelet.Range{}
		}
	})
	pods := make([]*kubelet.Pod, 40)
	for i := range pods {
		pods[i] = &kubelet.Pod{Key: fmt.Sprintf("default/p-%d", i)}
		w.kubelet.Start(pods[i], pull)
	}
	warm := &kubelet.Pod{Key: "default/warm"}
	w.kubelet.Start(warm, nil)
	w.run(t, 10*time.Minute)
	first, second := 0, 0
	for _, p := range pods {
		s := w.timesOf(p)
		if p.Running == des.Never || sum(s) != p.Running-p.Bound || s.Attempts != 1 || s.Backoff != 0 {
			t.Fatalf("%s: %+v", p.Key, s)
		}
		switch {
		case s.Image < time.Second:
			first++
		case s.Image >= 10*time.Second && s.Image < 18*time.Second:
			second++
		}
	}
	if first != 10 || second < 15 {
		t.Errorf("%d of 40 at once and %d after one pause, want 10 and most of the others", first, second)
	}
	if w.timesOf(warm).Image >= time.Second {
		t.Errorf("a pod whose image is on the node waited %v", w.timesOf(warm).Image)
	}
}

func TestEachRefusedPullDoublesTheWait(t *testing.T) {
	w := newWorld(1000, func(t *kubelet.Timings) { t.Sync = kubelet.Range{} })
	pods := make([]*kubelet.Pod, 200)
	for i := range pods {
		pods[i] = &kubelet.Pod{Key: fmt.Sprintf("default/p-%d", i)}
		w.kubelet.Start(pods[i], pull)
	}
	w.run(t, time.Hour)
	rounds := [3]int{}
	for _, p := range pods {
		switch s := w.timesOf(p); {
		case p.Running == des.Never:
			t.Errorf("%s never ran", p.Key)
		case s.Image < time.Second:
			rounds[0]++
		case s.Image < 18*time.Second:
			rounds[1]++
		case s.Image < 30*time.Second:
			t.Errorf("%s waited %v: less than 10 s and then 20 s", p.Key, s.Image)
		default:
			rounds[2]++
		}
	}
	if rounds[0] < 10 || rounds[1] < 20 || rounds[2] < 50 {
		t.Errorf("at once, after one and after more refusals: %v", rounds)
	}
}

func TestThePullsTimeReplacesTheDefault(t *testing.T) {
	w := newWorld(10)
	plain := w.start(1)
	w.run(t, 10*time.Second)
	other := newWorld(10)
	p := &kubelet.Pod{Key: plain.Key}
	other.kubelet.Start(p, kubelet.Range{Min: 7 * time.Second, Max: 8 * time.Second}.Draw)
	other.run(t, time.Minute)
	within(t, "image", other.timesOf(p).Image, 7*time.Second, 8*time.Second)
	if other.timesOf(p).AddDone != w.timesOf(plain).AddDone {
		t.Error("it shifts the pod's other draws")
	}
}
