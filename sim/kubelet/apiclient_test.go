package kubelet_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ipamsim/sim/kubelet"
)

// client sets kubelet's requests a second, and at once, of before 1.27.
func client(qps, burst int) func(*kubelet.Timings) {
	return func(t *kubelet.Timings) {
		t.APIInterval, t.APIBurst, t.StatusInTurn, t.PodTokens, t.Relist = time.Second/time.Duration(qps), burst, true, true, time.Second
	}
}

// AWS measured 100 pods on a node with Kubernetes 1.23: 67.5 s until all are Ready
// and 22 s until the first is with 5 requests a second, 32.8 and 10 s with 10
// (https://github.com/awslabs/amazon-eks-ami/pull/1030). The ranges, a sixth to both
// sides, were written before the first run.
func TestAHundredPodsAtOnceStartAsOnAWSsImage(t *testing.T) {
	for _, c := range []struct {
		qps, burst  int
		first, last float64
	}{{5, 10, 22, 67.5}, {10, 20, 10, 32.8}} {
		var first, last []float64
		for n := range 31 {
			w := newNamed(fmt.Sprint("node-", n), 100, 0, client(c.qps, c.burst))
			for i := range 100 {
				w.start(i)
			}
			w.kernel.Run(time.Hour)
			if len(w.running) != 100 {
				t.Fatalf("%d run", len(w.running))
			}
			first, last = append(first, w.running[0].Running.Seconds()), append(last, w.running[99].Running.Seconds())
		}
		slices.Sort(first)
		slices.Sort(last)
		t.Logf("%d requests a second: the first after %.1f s (%.1f to %.1f; measured: %v s), all after %.1f s (%.1f to %.1f; %v s)",
			c.qps, first[15], first[0], first[30], c.first, last[15], last[0], last[30], c.last)
		if math.Abs(first[15]-c.first) > c.first/6 {
			t.Errorf("with %d requests a second the first runs after %.1f s", c.qps, first[15])
		}
		if math.Abs(last[15]-c.last) > c.last/6 {
			t.Errorf("with %d requests a second all run after %.1f s", c.qps, last[15])
		}
	}
}

// No request is sent above the client's rate, each pod that starts is told of, and
// those that are stopped meanwhile go.
func TestTheClientsRateHoldsAndEveryPodIsTold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		qps, burst := rapid.IntRange(1, 20).Draw(t, "qps"), rapid.IntRange(1, 30).Draw(t, "burst")
		inTurn, tokens := rapid.Bool().Draw(t, "in turn"), rapid.Bool().Draw(t, "tokens")
		pods := rapid.IntRange(1, 40).Draw(t, "pods")
		w := newNode(pods, 0, client(qps, burst), func(t *kubelet.Timings) { t.StatusInTurn, t.PodTokens = inTurn, tokens })
		stopped := 0
		for i := range pods {
			at := time.Duration(rapid.IntRange(0, 20000).Draw(t, fmt.Sprintf("start %d", i))) * time.Millisecond
			stop := rapid.Bool().Draw(t, "stop")
			after := time.Duration(rapid.IntRange(0, 60000).Draw(t, "after")) * time.Millisecond
			if stop {
				stopped++
			}
			w.kernel.At(at, func() {
				p := w.start(i)
				if stop {
					w.kernel.After(after, func() { w.kubelet.Stop(p) })
				}
			})
		}
		w.kernel.Run(24 * time.Hour)
		if len(w.gone) != stopped || len(w.running) < pods-stopped {
			t.Fatalf("%d of %d are gone, %d of %d ran", len(w.gone), stopped, len(w.running), pods-stopped)
		}
		least := 2 // a read and a patch of the status that says Running
		if tokens {
			least++
		}
		requests := least * (pods - stopped)
		if took := w.kernel.Now(); requests > burst+int(took.Seconds()*float64(qps))+1 {
			t.Fatalf("%d requests at least in %v, with %d a second and %d at once", requests, took, qps, burst)
		}
	})
}

// With tokens nothing waits: a few pods start exactly as without a limit.
func TestAClientWithTokensChangesNothing(t *testing.T) {
	times := func(change func(*kubelet.Timings)) (all []time.Duration) {
		w := newWorld(10, change)
		for i := range 10 {
			w.start(i)
		}
		w.kernel.Run(time.Minute)
		for _, p := range w.running {
			all = append(all, p.Running)
		}
		return all
	}
	without := times(func(*kubelet.Timings) {})
	with := times(func(t *kubelet.Timings) { t.APIInterval, t.APIBurst = 20*time.Millisecond, 100 })
	if fmt.Sprint(with) != fmt.Sprint(without) {
		t.Errorf("%v, without a limit %v", with, without)
	}
}
