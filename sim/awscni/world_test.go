package awscni_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"ipamsim/sim/awscni"
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
	times   map[*kubelet.Pod]kubelet.Times // of those that ran
	goneAt  map[*kubelet.Pod]time.Duration
}

// newWorld is a node that is network-ready, and whose log nobody reads.
func newWorld(stock int, change ...func(*kubelet.Timings)) *world {
	return newHeardWorld(stock, nil, change...)
}

func newHeardWorld(stock int, onLog func(*kubelet.Pod, ipamd.Line), change ...func(*kubelet.Timings)) *world {
	w := &world{kernel: des.New(1, 0, des.Limits{})} // without processes it need not be closed
	w.times, w.goneAt = map[*kubelet.Pod]kubelet.Times{}, map[*kubelet.Pod]time.Duration{}
	w.ipam = newIPAM(w.kernel, stock)
	config := hostnet.Config{}.Environment(nil)
	w.network = hostnet.New(&config, netip.MustParseAddr("10.0.0.10"), netip.MustParsePrefix("10.0.0.0/24"))
	timings := kubelet.DefaultTimings()
	for _, c := range change {
		c(&timings)
	}
	w.kubelet = kubelet.New(w.kernel, "node-1", kubelet.Options{
		Plugin:    awscni.New(awscni.Options{IPAM: w.ipam, Network: w.network, OnLog: onLog}),
		Timings:   &timings,
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
	if w.ipam.problem != "" {
		t.Fatal(w.ipam.problem)
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
