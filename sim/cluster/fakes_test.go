package cluster

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"ipamsim/sim/ami"
	"ipamsim/sim/controlplane"
	"ipamsim/sim/des"
)

// fakeCloud launches after a second, as long as a subnet has room.
type fakeCloud struct {
	kernel     *des.Kernel
	room       map[string]int    // instances that still fit, by subnet; absent for no bound
	code       map[string]string // error of a subnet, instead of instances
	requests   []request
	terminated map[string]bool
	next       int
}

// subnets are those of a request's pools, each once.
func (r *request) subnets() (names []string) {
	for _, p := range r.Pools {
		if !slices.Contains(names, p.Subnet) {
			names = append(names, p.Subnet)
		}
	}
	return names
}

type request struct {
	LaunchRequest
	at time.Duration
}

func newFakeCloud(k *des.Kernel) *fakeCloud {
	return &fakeCloud{kernel: k, room: map[string]int{}, code: map[string]string{}, terminated: map[string]bool{}}
}

func (f *fakeCloud) take(subnet string) (Instance, bool) {
	if left, bounded := f.room[subnet]; bounded {
		if left == 0 {
			return Instance{}, false
		}
		f.room[subnet]--
	}
	f.next++
	return Instance{ID: fmt.Sprintf("i-%d", f.next), Subnet: subnet}, true
}

func (f *fakeCloud) Existing(_ *Group, subnet string) (Instance, error) {
	inst, ok := f.take(subnet)
	if !ok {
		return inst, errors.New("no room")
	}
	return inst, nil
}

func (f *fakeCloud) Restore(g *Group, entry *ExistingNodes) (Instance, error) {
	return f.Existing(g, entry.Subnet)
}

func (f *fakeCloud) Launch(req LaunchRequest, done func(LaunchResult)) {
	f.requests = append(f.requests, request{req, f.kernel.Now()})
	f.kernel.After(time.Second, func() {
		var res LaunchResult
		subnet := req.Pools[0].Subnet
		if code := f.code[subnet]; code != "" {
			res.Failures = append(res.Failures, LaunchFailure{Pool: req.Pools[0], Code: code})
		} else {
			for range req.Count {
				inst, ok := f.take(subnet)
				if !ok {
					res.Failures = append(res.Failures, LaunchFailure{Pool: req.Pools[0], Code: codeNoAddresses})
					break
				}
				res.Instances = append(res.Instances, inst)
			}
		}
		done(res)
	})
}

func (f *fakeCloud) Terminate(ids []string) {
	for _, id := range ids {
		if f.terminated[id] {
			panic("terminated twice: " + id)
		}
		f.terminated[id] = true
	}
}

func (f *fakeCloud) TakeBack(id string) { f.Terminate([]string{id}) }

// Zone has each subnet in a zone of its own, unless it is called zone/subnet.
func (f *fakeCloud) Zone(subnet string) string {
	zone, _, _ := strings.Cut(subnet, "/")
	return zone
}

func (f *fakeCloud) FreeAddresses(subnet string) int {
	if left, bounded := f.room[subnet]; bounded {
		return left
	}
	return 1000
}

// fakeMachine is Ready 5 s after its boot, starts a pod in a second once the
// network is there, and stops one in half a second.
type fakeMachine struct {
	c      *Cluster
	ready  bool
	dead   bool
	queued []*Pod
}

func (m *fakeMachine) Resume(pods []*Pod) {}

func (m *fakeMachine) Boot(ready func()) {
	m.c.kernel.After(5*time.Second, func() {
		if m.dead {
			return
		}
		m.ready = true
		ready()
		for _, p := range m.queued {
			m.run(p)
		}
	})
}

func (m *fakeMachine) StartPod(p *Pod) {
	m.alive()
	if m.ready || p.HostNetwork {
		m.run(p)
	} else {
		m.queued = append(m.queued, p)
	}
}

func (m *fakeMachine) run(p *Pod) {
	m.c.kernel.After(time.Second, func() {
		if !m.dead {
			m.c.PodRunning(p)
		}
	})
}

func (m *fakeMachine) StopPod(p *Pod) {
	m.alive()
	m.c.kernel.After(500*time.Millisecond, func() {
		if !m.dead {
			m.c.PodGone(p)
		}
	})
}

func (m *fakeMachine) Shutdown() { m.alive(); m.dead = true }

func (m *fakeMachine) alive() {
	if m.dead {
		panic("a machine was used after its shutdown")
	}
}

// world is a cluster with fakes around it.
type world struct {
	*Cluster
	t       testing.TB
	kernel  *des.Kernel
	cloud   *fakeCloud
	pods    []*Pod  // every pod ever
	nodes   []*Node // every node that became Ready
	ended   map[*Pod]int
	awaited map[string]int // by workload, as it is told
}

// waiting counts the pods that no node has had room for.
func (w *world) waiting() (pods int) {
	for _, p := range w.Pending() {
		if p.Unschedulable() {
			pods++
		}
	}
	return pods
}

// launching counts the instances that are asked for.
func (w *world) launching() (instances int) {
	for _, g := range w.groups {
		instances += g.launching
	}
	return instances
}

func newWorld(t testing.TB, cfg Config) *world {
	t.Helper()
	k := des.New(1, 0, des.Limits{})
	w := &world{t: t, kernel: k, cloud: newFakeCloud(k), ended: map[*Pod]int{}, awaited: map[string]int{}}
	c, err := New(k, cfg, w.cloud, func(*Node) Machine { return &fakeMachine{c: w.Cluster} }, Hooks{
		PodCreated:  func(p *Pod) { w.pods = append(w.pods, p) },
		PodsAwaited: func(of *Workload, _ time.Duration, pods int) { w.awaited[of.Name] += pods },
		PodEnded:    func(p *Pod) { w.ended[p]++ },
		NodeReady:   func(n *Node) { w.nodes = append(w.nodes, n) },
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Cluster = c
	c.Start()
	return w
}

// runTo runs to a scenario time and fails on an error.
func (w *world) runTo(t time.Duration) {
	w.t.Helper()
	if err := w.kernel.Run(w.cfg.WarmUp + t); err != nil {
		w.t.Fatal(err)
	}
	if w.Err() != nil {
		w.t.Fatal(w.Err())
	}
}

func (w *world) runningOf(workload string) int {
	n := 0
	for _, p := range w.Cluster.pods {
		if p.Workload.Name == workload && p.state == Running {
			n++
		}
	}
	return n
}

// verify recounts everything that the cluster keeps count of.
func (w *world) verify(t interface{ Fatalf(string, ...any) }) {
	var pending, running, queued int
	for i, p := range w.Cluster.pods {
		if int(p.slot) != i {
			t.Fatalf("%s is in slot %d and believes %d", p.Name(), i, p.slot)
		}
		switch p.state {
		case Queued:
			pending++
			queued++
		case Bound:
			pending++
		case Running:
			running++
		case Ended:
			t.Fatalf("%s has ended and is still known", p.Name())
		}
		if (p.state != Queued) != (p.Node != nil) || (p.state == Stopping) != (p.Deleted != des.Never) {
			t.Fatalf("%s is %v on %v, deleted %v", p.Name(), p.state, p.Node, p.Deleted)
		}
	}
	for _, p := range w.Pending() {
		if p.state > Bound {
			t.Fatalf("%s is %v and counts as pending", p.Name(), p.state)
		}
	}
	if pending != len(w.Pending()) || running != w.running || queued != w.scheduler.queued {
		t.Fatalf("pending %d, running %d, queued %d; counted %d, %d, %d", len(w.Pending()), w.running, w.scheduler.queued, pending, running, queued)
	}
	for _, p := range w.pods {
		if (p.state == Ended) != (w.ended[p] == 1) || w.ended[p] > 1 {
			t.Fatalf("%s is %v and ended %d times", p.Name(), p.state, w.ended[p])
		}
	}
	for _, g := range w.groups {
		w.verifyGroup(t, g)
	}
	for _, load := range w.workloads {
		up := 0
		for _, p := range load.replicas {
			if p.ready {
				up++
			}
			if p.ready && p.state != Running || !p.ready && p.state == Running && load.ReadyAfter == 0 {
				t.Fatalf("%s is %v, ready %v", p.Name(), p.state, p.ready)
			}
		}
		if up != load.up {
			t.Fatalf("%d replicas of %s run, counted %d", load.up, load.Name, up)
		}
	}
}

func (w *world) verifyGroup(t interface{ Fatalf(string, ...any) }, g *Group) {
	ready, draining := 0, 0
	for _, n := range g.nodes.all() {
		left, daemons := n.kind.empty, 0
		for _, p := range n.pods {
			if p.Workload.Kind == DaemonSet {
				daemons++
			} else {
				left.take(p.class.request)
			}
			if p.Node != n || slices.Contains(p.Workload.NotOn, g.Name) {
				t.Fatalf("%s does not belong on %s", p.Name(), n.Name)
			}
		}
		if left != n.room || daemons != n.daemons || left.pods < 0 || left.milliCPU < 0 || left.memory < 0 {
			t.Fatalf("%s has %+v left and %d daemons; counted %+v, %d", n.Name, n.room, n.daemons, left, daemons)
		}
		if n.state == Ready && w.cfg.PodCreation == (controlplane.Rate{}) && daemons != len(g.daemonSets) || daemons > len(g.daemonSets) {
			t.Fatalf("%s has %d DaemonSet pods of %d", n.Name, daemons, len(g.daemonSets))
		}
		switch n.state {
		case Ready:
			ready++
		case Draining:
			draining++
		case Gone:
			t.Fatalf("%s is gone and still known", n.Name)
		}
	}
	empty := g.having(func(r room) bool { return r.pods >= g.types[0].empty.pods })
	for _, n := range g.nodes.all() {
		if n.schedulable() && n.nonDaemonPods() == 0 != slices.Contains(empty, n) {
			t.Fatalf("%s has %d pods, and is among the empty nodes: %v", n.Name, n.nonDaemonPods(), slices.Contains(empty, n))
		}
		if w.autoscaler != nil && n.state < Ready && !slices.Contains(g.coming, n) {
			t.Fatalf("%s is %v and not among the nodes to come", n.Name, n.state)
		}
	}
	if ready != g.ready || draining != g.draining {
		t.Fatalf("group %s: ready %d, draining %d; counted %d, %d", g.Name, g.ready, g.draining, ready, draining)
	}
}

// workers is a group of small nodes: 10 pods, 2 CPUs, 4 GiB.
func workers(count int) GroupConfig {
	return GroupConfig{
		Name: "workers", Count: count, Max: -1, Subnets: []string{"a", "b", "c"}, MaxPods: 10,
		Allocatable: Resources{MilliCPU: 2000, Memory: 4 << 30}, Boot: al2.Boot(ami.Fast),
	}
}

// al2 is the family of the nodes in these tests: the machine runs after 12 to
// 16 s, and kubelet 8 s later.
var al2, _ = ami.Named("AL2")

func constant(d time.Duration) Draw { return func(*rand.Rand) time.Duration { return d } }
