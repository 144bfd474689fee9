package kubelet_test

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"ipamsim/internal/source"
	"ipamsim/sim/des"
	"ipamsim/sim/hostnet"
	"ipamsim/sim/ipamd"
	"ipamsim/sim/kubelet"
)

const ms = time.Millisecond

// fakeIPAM hands out addresses from a stock and keeps books of both sides.
type fakeIPAM struct {
	kernel  *des.Kernel
	down    bool
	stock   int // addresses left
	held    map[string]netip.Addr
	pods    map[string]string // of the sandboxes that hold one
	next    int
	adds    []request
	dels    []request
	reasons []ipamd.DelReason // of the DELs
	failure error             // of every ADD
	problem string
}

type request struct {
	at      time.Duration
	sandbox string
	ok      bool
}

func newIPAM(k *des.Kernel, stock int) *fakeIPAM {
	return &fakeIPAM{kernel: k, stock: stock, held: map[string]netip.Addr{}, pods: map[string]string{}}
}

func (f *fakeIPAM) Serving() bool { return !f.down }

func (f *fakeIPAM) AddNetwork(sandbox, pod string) (netip.Addr, int, error) {
	if f.down {
		f.problem = "an ADD while it was down"
	}
	if _, again := f.held[sandbox]; again {
		f.problem = "sandbox " + sandbox + " was added twice"
	}
	if f.failure != nil {
		return netip.Addr{}, 0, f.failure
	}
	f.adds = append(f.adds, request{f.kernel.Now(), sandbox, f.stock > 0})
	if f.stock == 0 {
		return netip.Addr{}, 0, ipamd.ErrNoAddress
	}
	f.stock--
	f.next++
	f.held[sandbox] = netip.AddrFrom4([4]byte{10, 1, byte(f.next >> 8), byte(f.next)})
	f.pods[sandbox] = pod
	return f.held[sandbox], f.next % 2, nil
}

func (f *fakeIPAM) DelNetwork(sandbox, _ string, why ipamd.DelReason) (netip.Addr, int, error) {
	if f.down {
		f.problem = "a DEL while it was down"
	}
	a, ok := f.held[sandbox]
	f.reasons = append(f.reasons, why)
	f.dels = append(f.dels, request{f.kernel.Now(), sandbox, ok})
	if !ok {
		return netip.Addr{}, 0, ipamd.ErrUnknownSandbox
	}
	f.stock++
	delete(f.held, sandbox)
	delete(f.pods, sandbox)
	last := a.As4()
	return a, (int(last[2])<<8 | int(last[3])) % 2, nil
}

type world struct {
	kernel  *des.Kernel
	ipam    *fakeIPAM
	network *hostnet.Network
	kubelet *kubelet.Kubelet
	running []*kubelet.Pod
	gone    []*kubelet.Pod
}

// newWorld is a node that is network-ready, and whose log nobody reads.
func newWorld(stock int, change ...func(*kubelet.Timings)) *world {
	return newHeardWorld(stock, nil, change...)
}

func newHeardWorld(stock int, onLog func(*kubelet.Pod, ipamd.Line), change ...func(*kubelet.Timings)) *world {
	w := &world{kernel: des.New(1, 0, des.Limits{})} // without processes it need not be closed
	w.ipam = newIPAM(w.kernel, stock)
	config := hostnet.Config{}.Environment(nil)
	w.network = hostnet.New(&config, netip.MustParseAddr("10.0.0.10"), netip.MustParsePrefix("10.0.0.0/24"))
	timings := kubelet.DefaultTimings()
	for _, c := range change {
		c(&timings)
	}
	w.kubelet = kubelet.New(w.kernel, "node-1", kubelet.Options{
		IPAM: w.ipam, Network: w.network, Timings: &timings,
		OnRunning: func(p *kubelet.Pod) { w.running = append(w.running, p) },
		OnGone:    func(p *kubelet.Pod) { w.gone = append(w.gone, p) },
		OnLog:     onLog,
	})
	w.kubelet.NetworkReady()
	return w
}

func (w *world) start(i int) *kubelet.Pod {
	p := &kubelet.Pod{Key: fmt.Sprintf("default/p-%d", i)}
	w.kubelet.Start(p)
	return p
}

func (w *world) run(t interface{ Fatal(...any) }, until time.Duration) {
	if err := w.kernel.Run(until); err != nil {
		t.Fatal(err)
	}
	if w.ipam.problem != "" {
		t.Fatal(w.ipam.problem)
	}
}

// sum is what must equal bound to running.
func sum(t kubelet.Times) time.Duration {
	return t.NetworkWait + t.Sandbox + t.AddressWait + t.Backoff + t.Image
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
		s := p.Times
		within(t, p.Key, s.Running-s.Bound, 500*ms, 1999*ms)
		if s.Attempts != 1 || s.FailedAdds != 0 || s.Backoff != 0 || s.AddressWait != 0 || sum(s) != s.Running-s.Bound {
			t.Errorf("%s: %+v", p.Key, s)
		}
		if !(s.Bound < s.FirstAdd && s.FirstAdd < s.AddDone && s.AddDone < s.Running) {
			t.Errorf("%s: moments out of order: %+v", p.Key, s)
		}
	}
	if w.network.Pods() != 500 || len(w.ipam.held) != 500 {
		t.Errorf("%d pods are wired, %d hold an address", w.network.Pods(), len(w.ipam.held))
	}
}

func TestAPodWithoutAnAddressIsTriedAgainAsANewSandboxAfterTenToSixteenSeconds(t *testing.T) {
	w := newWorld(0)
	p := w.start(1)
	w.kernel.At(60*time.Second, func() { w.ipam.stock = 1 })
	w.run(t, 5*time.Minute)
	if p.Times.Running == kubelet.Never {
		t.Fatalf("it never ran: %+v", p.Times)
	}
	adds, dels, seen := w.ipam.adds, w.ipam.dels, map[string]bool{}
	if len(adds) != p.Times.Attempts || len(dels) != len(adds)-1 || p.Times.FailedAdds != len(adds)-1 {
		t.Fatalf("%d ADDs, %d DELs, %+v", len(adds), len(dels), p.Times)
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
	s := p.Times
	if sum(s) != s.Running-s.Bound {
		t.Errorf("phases add up to %v, not %v", sum(s), s.Running-s.Bound)
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
	for _, a := range w.ipam.adds[20:] { // after the first attempts
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
		w.kernel.At(20*time.Second, func() { w.ipam.stock = 1000 })
		w.run(t, 5*time.Minute)
		return p.Times
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
	k := kubelet.New(w.kernel, "node-2", kubelet.Options{IPAM: w.ipam})
	host := &kubelet.Pod{Key: "kube-system/proxy", HostNetwork: true}
	pod := &kubelet.Pod{Key: "kube-system/agent"}
	k.Start(host)
	k.Start(pod)
	w.kernel.At(20*time.Second, k.NetworkReady)
	w.run(t, time.Minute)
	if h := host.Times; h.Running < 0 || h.Running > 2*time.Second || h.FirstAdd != kubelet.Never || h.Attempts != 1 || sum(h) != h.Running {
		t.Errorf("host network: %+v", h)
	}
	s := pod.Times
	within(t, "network wait", s.NetworkWait, 19*time.Second, 23*time.Second)
	if s.Attempts != 1 || s.Backoff != 0 || sum(s) != s.Running || len(w.ipam.adds) != 1 {
		t.Errorf("pod network: %+v", s)
	}
}

func TestADaemonThatIsDownFailsTheAddAtOnce(t *testing.T) {
	w := newWorld(10)
	w.ipam.down = true
	p := w.start(1)
	w.kernel.At(5*time.Second, func() { w.ipam.down = false })
	w.run(t, time.Minute)
	s := p.Times
	if s.FailedAdds != 1 || s.Attempts != 2 || s.Running == kubelet.Never || len(w.ipam.adds) != 1 || sum(s) != s.Running-s.Bound {
		t.Errorf("%+v with %d ADDs", s, len(w.ipam.adds))
	}
	within(t, "address wait", s.AddressWait, 20*ms, 50*ms)
}

func TestMisuseOfAPodPanics(t *testing.T) {
	w := newWorld(3)
	other := kubelet.New(w.kernel, "other", kubelet.Options{IPAM: w.ipam})
	p := w.start(1)
	for what, fn := range map[string]func(){
		"started twice":         func() { w.kubelet.Start(p) },
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
		if c.Name == "" || c.Value == "" || c.Unit == "" || len(c.Source) < 20 || seen[c.Name] {
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

func BenchmarkPod(b *testing.B) {
	w := newWorld(1 << 30)
	pods := make([]kubelet.Pod, b.N)
	for i := range pods {
		pods[i].Key = fmt.Sprintf("default/p-%d", i)
		pods[i].HostNetwork = true // without the fake daemon's maps
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range pods {
		w.kubelet.Start(&pods[i])
		if err := w.kernel.Run(w.kernel.Now() + 10*ms); err != nil {
			b.Fatal(err)
		}
	}
}
