package kubelet_test

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	_ "ipamsim/internal/properties"
	"ipamsim/sim/des"
	"ipamsim/sim/kubelet"
)

// burst starts so many pods at once on a node and returns how long each took, in order.
func burst(t interface{ Fatal(...any) }, pods, cores int, change ...func(*kubelet.Timings)) (took []time.Duration, w *world) {
	w = newNode(pods, cores, change...)
	for i := range pods {
		w.start(i)
	}
	w.run(t, time.Hour)
	for _, p := range w.running {
		took = append(took, p.Running-p.Bound)
	}
	slices.Sort(took)
	return took, w
}

// What Kubernetes' density test measures: ten pods at once, whose median is 3 to
// 4 s on a machine with one core.
func TestTenPodsAtOnceStartAsInTheDensityTest(t *testing.T) {
	took, _ := burst(t, 10, 1, func(t *kubelet.Timings) { t.Relist = kubelet.DefaultTimings().Relist })
	within(t, "the median", (took[4]+took[5])/2, 3*time.Second, 4500*ms)
	t.Logf("%v", took)
}

func TestABigNodesCoresAreOffTheWay(t *testing.T) {
	free, _ := burst(t, 40, 0)
	big, w := burst(t, 40, 96)
	if !slices.Equal(free, big) {
		t.Errorf("with 96 cores %v, without a bound %v", big, free)
	}
	for _, p := range w.running {
		if cpu := w.timesOf(p).CPU; cpu != 0 {
			t.Errorf("%s waited %v for a core", p.Key, cpu)
		}
	}
}

// A node does no more in a time than it has cores, and the last of a burst ends
// as soon as they can have done the work. Who has more cores is never later.
func TestCoresBoundHowMuchStarts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pods, cores := rapid.IntRange(1, 60).Draw(t, "pods"), rapid.IntRange(1, 16).Draw(t, "cores")
		took, w := burst(t, pods, cores)
		more, _ := burst(t, pods, cores+1)
		free, _ := burst(t, pods, 0)
		timings := kubelet.DefaultTimings()
		work := timings.SandboxCPU + timings.StartCPU
		if least := time.Duration(pods) * work / time.Duration(cores); took[len(took)-1] < least {
			t.Fatalf("%d pods on %d cores started within %v, and their work takes %v", pods, cores, took[len(took)-1], least)
		}
		if most := free[len(free)-1] + 2*time.Duration(pods)*work/time.Duration(cores); took[len(took)-1] > most {
			t.Fatalf("the last of %d pods on %d cores took %v, want %v at most", pods, cores, took[len(took)-1], most)
		}
		for i := range took {
			if took[i] < free[i] {
				t.Fatalf("%d cores start pod %d after %v, cores without end after %v", cores, i, took[i], free[i])
			}
		}
		if len(more) != len(took) || more[len(more)-1] > took[len(took)-1]+work {
			t.Fatalf("the last pod takes %v on %d cores and %v on one more", took[len(took)-1], cores, more[len(more)-1])
		}
		for _, p := range w.running {
			if s := w.timesOf(p); sum(s) != p.Running-p.Bound || s.CPU < 0 {
				t.Fatalf("%s: %+v", p.Key, s)
			}
		}
	})
}

func TestAPodThatIsStoppedWhileItWaitsForACoreGoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newNode(100, 1)
		pods := make([]*kubelet.Pod, 20)
		for i := range pods {
			pods[i] = w.start(i)
			at := time.Duration(rapid.IntRange(0, 12_000).Draw(t, "stop")) * ms
			w.kernel.At(at, func() { w.kubelet.Stop(pods[i]) })
		}
		w.run(t, time.Hour)
		if len(w.gone) != len(pods) || len(w.plugin.held) != 0 || w.kubelet.Holding() != 0 {
			t.Fatalf("%d of %d pods are gone, %d addresses are held", len(w.gone), len(pods), len(w.plugin.held))
		}
	})
}

func TestWhatHasStartedIsSeenAtTheNextRelist(t *testing.T) {
	free, _ := burst(t, 200, 0)
	took, w := burst(t, 200, 0, func(t *kubelet.Timings) { t.Relist = time.Second })
	at := map[time.Duration]int{}
	for _, p := range w.running {
		at[p.Running%time.Second]++
	}
	if len(at) != 1 {
		t.Errorf("a node's relist has one rhythm, and pods were seen at %v", at)
	}
	later := time.Duration(0)
	for i := range took {
		if took[i] < free[i] || took[i] > free[i]+time.Second {
			t.Errorf("%v, and %v when it is seen at once", took[i], free[i])
		}
		later += took[i] - free[i]
	}
	within(t, "the mean", later/200, 250*ms, 750*ms)
}

// Nodes relist at moments that have nothing to do with each other.
func TestNodesRelistAtTheirOwnMoments(t *testing.T) {
	var at []time.Duration
	k := des.New(1, 0, des.Limits{})
	for i := range 200 {
		timings := kubelet.DefaultTimings()
		l := kubelet.New(k, "node-"+string(rune('a'+i/26))+string(rune('a'+i%26)), kubelet.Options{
			Plugin: newPlugin(k, 1), Timings: &timings, OnRunning: func(p *kubelet.Pod) { at = append(at, p.Running%time.Second) },
		})
		l.NetworkReady()
		l.Start(&kubelet.Pod{Key: "default/p-" + string(rune('a'+i/26)) + string(rune('a'+i%26))}, nil)
	}
	if err := k.Run(time.Minute); err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(at, cmp.Compare)
	for i, want := range []time.Duration{250 * ms, 500 * ms, 750 * ms} {
		within(t, "a quartile", at[50*(i+1)], want-100*ms, want+100*ms)
	}
}
