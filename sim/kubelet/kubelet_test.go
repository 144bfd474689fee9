package kubelet_test

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"ipamsim/internal/source"
	"ipamsim/sim/des"
	"ipamsim/sim/kubelet"
)

const ms = time.Millisecond

// fakePlugin hands out addresses from a stock and keeps books.
type fakePlugin struct {
	kernel  *des.Kernel
	stock   int // addresses left
	held    map[string]bool
	wired   map[string]bool // pods
	next    int
	adds    []request
	dels    []request
	problem string
}

type request struct {
	at      time.Duration
	sandbox string
	ok      bool
}

var errNoAddress = errors.New("no address")

func newPlugin(k *des.Kernel, stock int) *fakePlugin {
	return &fakePlugin{kernel: k, stock: stock, held: map[string]bool{}, wired: map[string]bool{}}
}

func (f *fakePlugin) Add(p *kubelet.Pod) error {
	if f.held[p.Sandbox()] {
		f.problem = "sandbox " + p.Sandbox() + " was added twice"
	}
	f.adds = append(f.adds, request{f.kernel.Now(), p.Sandbox(), f.stock > 0})
	if f.stock == 0 {
		return errNoAddress
	}
	f.stock--
	f.next++
	f.held[p.Sandbox()] = true
	p.Hold(netip.AddrFrom4([4]byte{10, 1, byte(f.next >> 8), byte(f.next)}), f.next%2)
	return nil
}

func (f *fakePlugin) Wire(p *kubelet.Pod) error {
	f.wired[p.Key] = true
	return nil
}

func (f *fakePlugin) Retire(p *kubelet.Pod) {
	if !f.wired[p.Key] {
		f.problem = p.Key + " was retired without having been wired"
	}
}

func (f *fakePlugin) Del(p *kubelet.Pod) (bool, error) {
	held := f.held[p.Sandbox()]
	if held != p.Holds() {
		f.problem = "the runtime and the plugin do not agree about sandbox " + p.Sandbox()
	}
	p.Release()
	f.dels = append(f.dels, request{f.kernel.Now(), p.Sandbox(), held})
	if held {
		f.stock++
		delete(f.held, p.Sandbox())
	}
	return true, nil
}

func (f *fakePlugin) Dropped(p *kubelet.Pod) { delete(f.wired, p.Key) }

type world struct {
	cores   int // 0 is no bound
	kernel  *des.Kernel
	plugin  *fakePlugin
	kubelet *kubelet.Kubelet
	running []*kubelet.Pod
	gone    []*kubelet.Pod
	times   map[*kubelet.Pod]kubelet.Times // of those that ran
	goneAt  map[*kubelet.Pod]time.Duration
}

// newWorld is a node that is network-ready.
func newWorld(stock int, change ...func(*kubelet.Timings)) *world {
	return newNode(stock, 0, change...)
}

// newNode is one with so many cores.
func newNode(stock, cores int, change ...func(*kubelet.Timings)) *world {
	return newNamed("node-1", stock, cores, change...)
}

// newNamed is one with a name of its own, and so with draws of its own.
func newNamed(name string, stock, cores int, change ...func(*kubelet.Timings)) *world {
	w := &world{cores: cores, kernel: des.New(1, 0, des.Limits{})} // without processes it need not be closed
	w.times, w.goneAt = map[*kubelet.Pod]kubelet.Times{}, map[*kubelet.Pod]time.Duration{}
	w.plugin = newPlugin(w.kernel, stock)
	timings := kubelet.DefaultTimings()
	timings.Relist = 0      // what starts is seen at once; see TestWhatHasStartedIsSeenAtTheNextRelist
	timings.APIInterval = 0 // no request waits; see TestAHundredPodsAtOnceStartAsOnAWSsImage
	for _, c := range change {
		c(&timings)
	}
	w.kubelet = kubelet.New(w.kernel, name, kubelet.Options{
		Plugin: w.plugin, Timings: &timings, Cores: w.cores,
		OnRunning: w.ran, OnGone: w.ended,
	})
	w.kubelet.NetworkReady()
	return w
}

func (w *world) start(i int) *kubelet.Pod {
	p := &kubelet.Pod{Key: fmt.Sprintf("default/p-%d", i)}
	w.kubelet.Start(p, nil)
	return p
}

func (w *world) run(t interface{ Fatal(...any) }, until time.Duration) {
	if err := w.kernel.Run(until); err != nil {
		t.Fatal(err)
	}
	if w.plugin.problem != "" {
		t.Fatal(w.plugin.problem)
	}
}

// ran and ended are the hooks.
func (w *world) ran(p *kubelet.Pod) { w.running, w.times[p] = append(w.running, p), *p.Times() }

func (w *world) ended(p *kubelet.Pod) { w.gone, w.goneAt[p] = append(w.gone, p), w.kernel.Now() }

// timesOf are those of a pod's start, also when it is over.
func (w *world) timesOf(p *kubelet.Pod) kubelet.Times {
	if t, ran := w.times[p]; ran {
		return t
	}
	return *p.Times()
}

// sum is what must equal bound to running.
func sum(t kubelet.Times) time.Duration {
	return t.NetworkWait + t.Sandbox + t.AddressWait + t.Backoff + t.CPU + t.Image
}

func within(t *testing.T, what string, got, low, high time.Duration) {
	t.Helper()
	if got < low || got > high {
		t.Errorf("%s is %v, want %v to %v", what, got, low, high)
	}
}

func TestAPodOnAWarmNodeStartsInUnderTwoSeconds(t *testing.T) {
	w := newWorld(1000)
	for i := range 500 {
		w.start(i)
	}
	w.run(t, time.Minute)
	if len(w.running) != 500 {
		t.Fatalf("%d of 500 run", len(w.running))
	}
	for _, p := range w.running {
		s := w.timesOf(p)
		within(t, p.Key, p.Running-p.Bound, 500*ms, 1999*ms)
		if s.Attempts != 1 || s.FailedAdds != 0 || s.Backoff != 0 || s.AddressWait != 0 || sum(s) != p.Running-p.Bound {
			t.Errorf("%s: %+v", p.Key, s)
		}
		if !(p.Bound < s.FirstAdd && s.FirstAdd < s.AddDone && s.AddDone < p.Running) {
			t.Errorf("%s: moments out of order: %+v", p.Key, s)
		}
	}
	if len(w.plugin.wired) != 500 || len(w.plugin.held) != 500 {
		t.Errorf("%d pods are wired, %d hold an address", len(w.plugin.wired), len(w.plugin.held))
	}
}

func TestAPodWithoutAnAddressIsTriedAgainAsANewSandboxAfterTenToSixteenSeconds(t *testing.T) {
	w := newWorld(0)
	p := w.start(1)
	w.kernel.At(60*time.Second, func() { w.plugin.stock = 1 })
	w.run(t, 5*time.Minute)
	if p.Running == des.Never {
		t.Fatalf("it never ran: %+v", w.timesOf(p))
	}
	adds, dels, seen := w.plugin.adds, w.plugin.dels, map[string]bool{}
	if len(adds) != int(w.timesOf(p).Attempts) || len(dels) != len(adds)-1 || int(w.timesOf(p).FailedAdds) != len(adds)-1 {
		t.Fatalf("%d ADDs, %d DELs, %+v", len(adds), len(dels), w.timesOf(p))
	}
	for i, d := range dels {
		if d.sandbox != adds[i].sandbox || d.at <= adds[i].at {
			t.Errorf("ADD %+v was followed by DEL %+v", adds[i], d)
		}
		within(t, "time from ADD to DEL", d.at-adds[i].at, 10*ms, 60*ms)
		// the pause, up to a tick, and the sandbox's own time
		within(t, "time between ADDs", adds[i+1].at-adds[i].at, 10*time.Second, 16*time.Second+400*ms)
	}
	for _, a := range adds {
		if seen[a.sandbox] {
			t.Errorf("sandbox %s was used again", a.sandbox)
		}
		seen[a.sandbox] = true
	}
	s := w.timesOf(p)
	if sum(s) != p.Running-p.Bound {
		t.Errorf("phases add up to %v, not %v", sum(s), p.Running-p.Bound)
	}
	failed := time.Duration(s.FailedAdds)
	within(t, "back-off", s.Backoff, failed*10*time.Second, failed*16*time.Second)
	within(t, "address wait", s.AddressWait, failed*20*ms, failed*50*ms)
	if s.Sandbox+s.Image > 5*time.Second {
		t.Errorf("sandbox %v and image %v", s.Sandbox, s.Image)
	}
}

func TestRetriesFallOnKubeletsTick(t *testing.T) {
	w := newWorld(0, func(t *kubelet.Timings) { t.Netns = kubelet.Range{}; t.Plugin = kubelet.Range{} })
	for i := range 20 {
		w.start(i)
	}
	w.run(t, 2*time.Minute)
	phase := time.Duration(-1)
	for _, a := range w.plugin.adds[20:] { // after the first attempts
		if phase < 0 {
			phase = a.at % time.Second
		}
		if a.at%time.Second != phase {
			t.Fatalf("retries at phases %v and %v of the second", phase, a.at%time.Second)
		}
	}
}

func TestAPodsDrawsDoNotDependOnOthersOrOnTheWayItTook(t *testing.T) {
	start := func(others, stock int) kubelet.Times {
		w := newWorld(stock)
		for i := range others {
			w.start(100 + i)
		}
		p := w.start(1)
		w.kernel.At(20*time.Second, func() { w.plugin.stock = 1000 })
		w.run(t, 5*time.Minute)
		return w.timesOf(p)
	}
	alone, crowded, late := start(0, 1000), start(50, 1000), start(0, 0)
	if alone != crowded {
		t.Errorf("alone %+v, among others %+v", alone, crowded)
	}
	if late.Attempts < 2 || late.FirstAdd != alone.FirstAdd || late.Image != alone.Image {
		t.Errorf("at once %+v, late %+v", alone, late)
	}
}

func TestWithoutACNIConfigurationOnlyHostNetworkPodsStart(t *testing.T) {
	w := newWorld(10)
	k := kubelet.New(w.kernel, "node-2", kubelet.Options{Plugin: w.plugin, OnRunning: w.ran})
	host := &kubelet.Pod{Key: "kube-system/proxy", HostNetwork: true}
	pod := &kubelet.Pod{Key: "kube-system/agent"}
	k.Start(host, nil)
	k.Start(pod, nil)
	w.kernel.At(20*time.Second, k.NetworkReady)
	w.run(t, time.Minute)
	if h := w.timesOf(host); host.Running < 0 || host.Running > 2*time.Second || h.FirstAdd != des.Never || h.Attempts != 1 || sum(h) != host.Running {
		t.Errorf("host network: %+v", h)
	}
	s := w.timesOf(pod)
	within(t, "network wait", s.NetworkWait, 19*time.Second, 23*time.Second)
	if s.Attempts != 1 || s.Backoff != 0 || sum(s) != pod.Running || len(w.plugin.adds) != 1 {
		t.Errorf("pod network: %+v", s)
	}
}

func TestMisuseOfAPodPanics(t *testing.T) {
	w := newWorld(3)
	other := kubelet.New(w.kernel, "other", kubelet.Options{Plugin: w.plugin})
	p := w.start(1)
	for what, fn := range map[string]func(){
		"started twice":         func() { w.kubelet.Start(p, nil) },
		"stopped by another":    func() { other.Stop(p) },
		"stopped without start": func() { w.kubelet.Stop(&kubelet.Pod{Key: "x/y"}) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", what)
				}
			}()
			fn()
		}()
	}
}

func TestEveryTimingHasASourceAndItsDefaultIsListed(t *testing.T) {
	timings := kubelet.DefaultTimings()
	seen := map[string]bool{}
	for _, c := range timings.Constants() {
		if c.Name == "" || c.Value == "" || c.Unit == "" && !isRule(c.Value) || len(c.Source) < 20 || seen[c.Name] {
			t.Errorf("%+v", c)
		}
		if !slices.Contains(source.Kinds(), c.Kind) {
			t.Errorf("%s is of kind %q", c.Name, c.Kind)
		}
		seen[c.Name] = true
	}
	for _, name := range timings.Fields() {
		if !seen[name] {
			t.Errorf("%s is not listed", name)
		}
	}
}

// isRule says whether a constant is no number but a choice.
func isRule(value string) bool { return value == "true" || value == "false" }

func BenchmarkPod(b *testing.B) {
	w := newWorld(1 << 30)
	pods := make([]kubelet.Pod, b.N)
	for i := range pods {
		pods[i].Key = fmt.Sprintf("default/p-%d", i)
		pods[i].HostNetwork = true // without the fake plugin's maps
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range pods {
		w.kubelet.Start(&pods[i], nil)
		if err := w.kernel.Run(w.kernel.Now() + 10*ms); err != nil {
			b.Fatal(err)
		}
	}
}
