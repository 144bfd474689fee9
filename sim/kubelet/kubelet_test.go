package kubelet_test

import (
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"ipamsim/sim/des"
	"ipamsim/sim/hostnet"
	"ipamsim/sim/kubelet"

	"pgregory.net/rapid"
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
	problem string
}

type request struct {
	at      time.Duration
	sandbox string
	ok      bool
}

var errEmpty = errors.New("no available IP/Prefix addresses")

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
	f.adds = append(f.adds, request{f.kernel.Now(), sandbox, f.stock > 0})
	if f.stock == 0 {
		return netip.Addr{}, 0, errEmpty
	}
	f.stock--
	f.next++
	f.held[sandbox] = netip.AddrFrom4([4]byte{10, 1, byte(f.next >> 8), byte(f.next)})
	f.pods[sandbox] = pod
	return f.held[sandbox], f.next % 2, nil
}

func (f *fakeIPAM) DelNetwork(sandbox, _ string) (netip.Addr, int, error) {
	if f.down {
		f.problem = "a DEL while it was down"
	}
	a, ok := f.held[sandbox]
	f.dels = append(f.dels, request{f.kernel.Now(), sandbox, ok})
	if !ok {
		return netip.Addr{}, 0, errors.New("unknown pod")
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

// newWorld is a node that is network-ready.
func newWorld(stock int, change ...func(*kubelet.Timings)) *world {
	w := &world{kernel: des.New(1, 0, des.Limits{})} // without processes it need not be closed
	w.ipam = newIPAM(w.kernel, stock)
	w.network = hostnet.New(hostnet.Config{PrimaryIP: netip.MustParseAddr("10.0.0.10"), PrimarySubnet: netip.MustParsePrefix("10.0.0.0/24")})
	timings := kubelet.DefaultTimings()
	for _, c := range change {
		c(&timings)
	}
	w.kubelet = kubelet.New(w.kernel, "node-1", kubelet.Options{
		IPAM: w.ipam, Network: w.network, Timings: &timings,
		OnRunning: func(p *kubelet.Pod) { w.running = append(w.running, p) },
		OnGone:    func(p *kubelet.Pod) { w.gone = append(w.gone, p) },
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

func TestAHostNetworkPodIsStoppedWithoutADel(t *testing.T) {
	w := newWorld(0)
	p := &kubelet.Pod{Key: "kube-system/proxy", HostNetwork: true}
	w.kubelet.Start(p)
	w.kernel.At(10*time.Second, func() { w.kubelet.Stop(p) })
	w.run(t, time.Minute)
	if len(w.gone) != 1 || len(w.ipam.dels)+len(w.ipam.adds) != 0 {
		t.Errorf("gone %d, %d requests", len(w.gone), len(w.ipam.dels)+len(w.ipam.adds))
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

func TestADelWhileTheDaemonIsDownSucceedsAndLosesTheAddress(t *testing.T) {
	for _, c := range []struct {
		name string
		back time.Duration // the daemon serves again after the stop
		held int           // addresses in its books at the end
	}{
		{"until kubelet removes the dead sandbox", 3 * time.Second, 0},
		{"for longer", 2 * time.Minute, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(10)
			// The second DEL comes within a minute of the first, but not
			// before it.
			p := w.start(1)
			w.kernel.At(10*time.Second, func() { w.ipam.down = true; w.kubelet.Stop(p) })
			w.run(t, 13*time.Second)
			if len(w.gone) != 1 || w.network.HasVeth(p.Key) || len(w.network.Rules()) != 3 || len(w.ipam.held) != 1 {
				t.Fatalf("gone %d, rules %q, %d in the books", len(w.gone), w.network.Rules(), len(w.ipam.held))
			}
			w.kernel.At(10*time.Second+c.back, func() { w.ipam.down = false })
			w.run(t, 10*time.Minute)
			if len(w.ipam.held) != c.held {
				t.Errorf("%d addresses in the books, want %d", len(w.ipam.held), c.held)
			}
		})
	}
}

// A stop at any moment: the pod is gone soon, exactly once, its sandbox is
// released exactly once if it had one, and nothing of it is left.
func TestStopAtAnyMoment(t *testing.T) {
	stages := map[string]bool{}
	for at := time.Duration(0); at < 30*time.Second; at += 7 * ms {
		if at > 3*time.Second {
			at += 300 * ms
		}
		for _, stock := range []int{0, 5} {
			w := newWorld(stock)
			p := w.start(1)
			w.kernel.At(at, func() { w.kubelet.Stop(p); w.kubelet.Stop(p) })
			w.run(t, 2*time.Minute)
			s := p.Times
			if len(w.gone) != 1 || s.Gone < at || s.Gone > at+2*time.Second {
				t.Fatalf("stopped at %v: gone %d times, last at %v", at, len(w.gone), s.Gone)
			}
			if len(w.ipam.held) != 0 || w.network.Pods() != 0 || len(w.network.Rules()) != 3 {
				t.Fatalf("stopped at %v: %d addresses, %d veths and rules %q are left", at, len(w.ipam.held), w.network.Pods(), w.network.Rules())
			}
			if len(w.ipam.dels) != len(w.ipam.adds) {
				t.Fatalf("stopped at %v: %d ADDs and %d DELs", at, len(w.ipam.adds), len(w.ipam.dels))
			}
			if s.Running != kubelet.Never && s.Running > at {
				t.Fatalf("stopped at %v: ran at %v", at, s.Running)
			}
			stages[fmt.Sprint(len(w.ipam.adds), len(w.running))] = true
		}
	}
	for _, want := range []string{"0 0", "1 0", "1 1", "2 0", "3 0"} { // ADDs, running
		if !stages[want] {
			t.Errorf("no stop fell on a pod with %s", want)
		}
	}
}

func TestShutdownEndsEverythingInSilence(t *testing.T) {
	w := newWorld(3)
	for i := range 6 {
		w.start(i)
	}
	w.kernel.At(1*time.Second, w.kubelet.Shutdown)
	w.run(t, time.Second)
	adds, running := len(w.ipam.adds), len(w.running)
	w.run(t, 10*time.Minute)
	if len(w.ipam.adds) != adds || len(w.running) != running || len(w.gone) != 0 {
		t.Errorf("after the shutdown: %d ADDs, %d ran, %d gone", len(w.ipam.adds)-adds, len(w.running)-running, len(w.gone))
	}
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

func TestPullsBeyondTheBurstWaitForTheirBackoff(t *testing.T) {
	w := newWorld(100, func(t *kubelet.Timings) { // all pods come to their image at one instant
		for _, r := range []*kubelet.Range{&t.Sync, &t.Netns, &t.Plugin, &t.Wiring, &t.Pause} {
			*r = kubelet.Range{}
		}
	})
	pods := make([]*kubelet.Pod, 40)
	for i := range pods {
		pods[i] = &kubelet.Pod{Key: fmt.Sprintf("default/p-%d", i), Pull: true}
		w.kubelet.Start(pods[i])
	}
	warm := &kubelet.Pod{Key: "default/warm"}
	w.kubelet.Start(warm)
	w.run(t, 10*time.Minute)
	first, second := 0, 0
	for _, p := range pods {
		s := p.Times
		if s.Running == kubelet.Never || sum(s) != s.Running-s.Bound || s.Attempts != 1 || s.Backoff != 0 {
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
	if warm.Times.Image >= time.Second {
		t.Errorf("a pod whose image is on the node waited %v", warm.Times.Image)
	}
}

func TestEachRefusedPullDoublesTheWait(t *testing.T) {
	w := newWorld(1000, func(t *kubelet.Timings) { t.Sync = kubelet.Range{} })
	pods := make([]*kubelet.Pod, 200)
	for i := range pods {
		pods[i] = &kubelet.Pod{Key: fmt.Sprintf("default/p-%d", i), Pull: true}
		w.kubelet.Start(pods[i])
	}
	w.run(t, time.Hour)
	rounds := [3]int{}
	for _, p := range pods {
		switch s := p.Times; {
		case s.Running == kubelet.Never:
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

func TestContainersGetTheirTimeToEndWhenTheyAreStoppedWhileTheyStart(t *testing.T) {
	for _, after := range []time.Duration{0, 100 * ms, 299 * ms} {
		w := newWorld(1, func(t *kubelet.Timings) {
			t.Start = kubelet.Range{Min: 300 * ms, Max: 300 * ms}
			t.Stop = kubelet.Range{Min: 5 * time.Second, Max: 5 * time.Second}
		})
		p := w.start(1)
		for w.network.Pods() == 0 {
			w.run(t, w.kernel.Now()+ms)
		}
		w.run(t, p.Times.AddDone+250*ms+after) // the longest pause before the containers
		stopped := w.kernel.Now()
		w.kubelet.Stop(p)
		w.run(t, time.Minute)
		within(t, "time to end", p.Times.Gone-stopped, 5*time.Second+70*ms, 5*time.Second+200*ms)
	}
}

func TestStartTimeReplacesTheDefault(t *testing.T) {
	w := newWorld(10)
	plain := w.start(1)
	w.run(t, 10*time.Second)
	other := newWorld(10)
	p := &kubelet.Pod{Key: plain.Key, StartTime: kubelet.Range{Min: 7 * time.Second, Max: 8 * time.Second}.Draw}
	other.kubelet.Start(p)
	other.run(t, time.Minute)
	within(t, "image", p.Times.Image, 7*time.Second, 8*time.Second)
	if p.Times.AddDone != plain.Times.AddDone {
		t.Error("it shifts the pod's other draws")
	}
}

func TestEveryTimingHasASourceAndItsDefaultIsListed(t *testing.T) {
	timings := kubelet.DefaultTimings()
	seen := map[string]bool{}
	for _, c := range timings.Constants() {
		if c.Name == "" || c.Value == "" || c.Unit == "" || len(c.Source) < 20 || seen[c.Name] {
			t.Errorf("%+v", c)
		}
		switch c.Kind {
		case kubelet.FromCode, kubelet.FromDocs, kubelet.Observed, kubelet.Assumption:
		default:
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

// Pods come and go, the daemon dies and recovers and runs dry: no sandbox is
// released twice or while it lives, and what an ADD gave comes back once the
// pod is gone, unless the daemon missed both DELs.
func TestAddressesFollowTheirSandboxes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(rapid.IntRange(0, 8).Draw(t, "stock"))
		stock := w.ipam.stock
		var pods []*kubelet.Pod
		stopped := map[*kubelet.Pod]bool{}
		outage := false
		for step := range rapid.IntRange(1, 40).Draw(t, "steps") {
			switch rapid.SampledFrom([]string{"start", "start", "stop", "stop", "down", "up", "wait"}).Draw(t, "step") {
			case "start":
				pods = append(pods, w.start(step))
			case "stop":
				if len(pods) > 0 {
					p := pods[rapid.IntRange(0, len(pods)-1).Draw(t, "pod")]
					w.kubelet.Stop(p)
					stopped[p] = true
				}
			case "down":
				w.ipam.down, outage = true, true
			case "up":
				w.ipam.down = false
			}
			w.run(t, w.kernel.Now()+time.Duration(rapid.IntRange(0, 4000).Draw(t, "milliseconds"))*ms)
			w.check(t)
		}
		w.ipam.down = false
		if !outage {
			// whoever has an address and was not stopped runs in the end
			w.run(t, w.kernel.Now()+10*time.Second)
		}
		for _, p := range pods {
			w.kubelet.Stop(p)
		}
		w.run(t, w.kernel.Now()+3*time.Minute)
		w.check(t)
		if len(w.gone) != len(pods) || w.network.Pods() != 0 {
			t.Fatalf("%d of %d pods are gone, %d wired", len(w.gone), len(pods), w.network.Pods())
		}
		for _, p := range pods {
			s := p.Times
			if s.Running != kubelet.Never && sum(s) != s.Running-s.Bound {
				t.Fatalf("%s: phases add up to %v of %+v", p.Key, sum(s), s)
			}
		}
		if !outage && (len(w.ipam.held) != 0 || w.ipam.stock != stock || len(w.network.Rules()) != 3) {
			t.Fatalf("%d addresses are lost, rules %q", len(w.ipam.held), w.network.Rules())
		}
		for _, a := range w.ipam.adds {
			released := 0
			for _, d := range w.ipam.dels {
				if d.sandbox == a.sandbox && d.ok {
					released++
				}
			}
			if _, kept := w.ipam.held[a.sandbox]; a.ok && released != 1 && !(kept && outage) || !a.ok && released != 0 {
				t.Fatalf("ADD %+v was released %d times, kept %v", a, released, kept)
			}
		}
	})
}

// check holds at any moment: a pod between the end of its ADD and the request
// to end it holds exactly one address, the one that it knows.
func (w *world) check(t *rapid.T) {
	holders := map[string]int{}
	for _, pod := range w.ipam.pods {
		holders[pod]++
	}
	for _, p := range w.running {
		if p.Times.Gone == kubelet.Never && holders[p.Key] == 0 && w.network.HasVeth(p.Key) {
			t.Fatalf("%s is wired without an address", p.Key)
		}
	}
	addresses := map[netip.Addr]string{}
	for sandbox, a := range w.ipam.held {
		if other, taken := addresses[a]; taken {
			t.Fatalf("%s and %s hold %v", sandbox, other, a)
		}
		addresses[a] = sandbox
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
