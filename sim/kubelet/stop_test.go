package kubelet_test

import (
	"testing"
	"time"

	"ipamsim/sim/des"
	"ipamsim/sim/kubelet"
)

func TestAHostNetworkPodIsStoppedWithoutADel(t *testing.T) {
	w := newWorld(0)
	p := &kubelet.Pod{Key: "kube-system/proxy", HostNetwork: true}
	w.kubelet.Start(p, nil)
	w.kernel.At(10*time.Second, func() { w.kubelet.Stop(p) })
	w.run(t, time.Minute)
	if len(w.gone) != 1 || len(w.plugin.dels)+len(w.plugin.adds) != 0 {
		t.Errorf("gone %d, %d requests", len(w.gone), len(w.plugin.dels)+len(w.plugin.adds))
	}
}

func TestShutdownEndsEverythingInSilence(t *testing.T) {
	w := newWorld(3)
	for i := range 6 {
		w.start(i)
	}
	w.kernel.At(1*time.Second, w.kubelet.Shutdown)
	w.run(t, time.Second)
	adds, running := len(w.plugin.adds), len(w.running)
	w.run(t, 10*time.Minute)
	if len(w.plugin.adds) != adds || len(w.running) != running || len(w.gone) != 0 {
		t.Errorf("after the shutdown: %d ADDs, %d ran, %d gone", len(w.plugin.adds)-adds, len(w.running)-running, len(w.gone))
	}
}

func TestAStopDuringImageBackoffWaitsForNothing(t *testing.T) {
	w := newWorld(1000, func(t *kubelet.Timings) { t.PullBurst, t.PullInterval = 1, time.Hour })
	first := &kubelet.Pod{Key: "default/first"}
	p := &kubelet.Pod{Key: "default/second"}
	w.kubelet.Start(first, pull)
	w.run(t, 5*time.Second)
	w.kubelet.Start(p, pull)
	w.kernel.At(40*time.Second, func() { w.kubelet.Stop(p) })
	w.run(t, 2*time.Hour)
	if first.Running == des.Never || p.Running != des.Never || len(w.plugin.held) != 1 {
		t.Errorf("first %+v, second %+v, %d addresses held", w.timesOf(first), w.timesOf(p), len(w.plugin.held))
	}
	within(t, "time to end", w.goneAt[p]-40*time.Second, 70*ms, 200*ms)
}

func TestContainersGetTheirTimeToEndWhenTheyAreStoppedWhileTheyStart(t *testing.T) {
	for _, after := range []time.Duration{0, 100 * ms, 299 * ms} {
		w := newWorld(1, func(t *kubelet.Timings) {
			t.Start = kubelet.Range{Min: 300 * ms, Max: 300 * ms}
			t.Stop = kubelet.Range{Min: 5 * time.Second, Max: 5 * time.Second}
		})
		p := w.start(1)
		for len(w.plugin.wired) == 0 {
			w.run(t, w.kernel.Now()+ms)
		}
		w.run(t, w.timesOf(p).AddDone+250*ms+after) // the longest pause before the containers
		stopped := w.kernel.Now()
		w.kubelet.Stop(p)
		w.run(t, time.Minute)
		within(t, "time to end", w.goneAt[p]-stopped, 5*time.Second+70*ms, 5*time.Second+200*ms)
	}
}

// A stop at any moment: the pod is gone soon, exactly once, and every sandbox
// that asked for an address is released exactly once.
func TestAStopAtAnyMomentReleasesEverySandboxOnce(t *testing.T) {
	for at := time.Duration(0); at < 3*time.Second; at += 11 * ms {
		for _, stock := range []int{0, 5} {
			w := newWorld(stock)
			p := w.start(1)
			w.kernel.At(at, func() { w.kubelet.Stop(p); w.kubelet.Stop(p) })
			w.run(t, 2*time.Minute)
			if len(w.gone) != 1 || w.goneAt[p] < at || w.goneAt[p] > at+2*time.Second {
				t.Fatalf("stopped at %v: gone %d times, last at %v", at, len(w.gone), w.goneAt[p])
			}
			if len(w.plugin.dels) != len(w.plugin.adds) || len(w.plugin.held)+len(w.plugin.wired)+w.kubelet.Holding() != 0 {
				t.Fatalf("stopped at %v: %d ADDs and %d DELs, %d held, %d wired", at, len(w.plugin.adds), len(w.plugin.dels), len(w.plugin.held), len(w.plugin.wired))
			}
		}
	}
}
