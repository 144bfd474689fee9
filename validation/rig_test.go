package validation

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"testing"
	"time"

	"ipamsim/ec2model"
	"ipamsim/sim/ipamd"
)

// rig is the one-node world of a replay with what no recording has: a host
// network that remembers, a checkpoint, restarts, and everything that the
// daemon is given besides its environment.
type rig struct {
	*world
	t       testing.TB
	wired   map[int]bool      // device indexes of interfaces that the host is set up for
	deaths  []error           // of Init
	address map[string]string // of pods, as the last ADD said
}

// onNode is a node as most tests want it: one subnet, 100 ms for each call to
// EC2, and metadata that shows a change after a second.
func onNode(instance string, env map[string]string) *Scenario {
	s := &Scenario{
		Name: "test", InstanceType: instance, Env: env, MaxPods: 110, DurationMS: 1,
		Subnets: []Subnet{{CIDR: "10.0.0.0/22"}}, LatencyMS: map[string]int64{}, MetadataLagMS: 1000, LoopOverheadNS: 100,
	}
	for _, a := range ec2model.Actions() {
		s.LatencyMS[a.String()] = 100
	}
	return s
}

// part changes what a rig is built from; nil functions change nothing.
type part struct {
	account  func(*ec2model.Config)
	settings func(*ipamd.Settings)
	picks    picks
}

// build is a node whose daemon starts with the first run.
func build(t testing.TB, s *Scenario, p part) *rig {
	t.Helper()
	config, err := s.account()
	if err != nil {
		t.Fatal(err)
	}
	if p.account != nil {
		p.account(&config)
	}
	if p.picks == (picks{}) {
		p.picks = ascending
	}
	w, err := newWorldIn(config, s, p.picks, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.kernel.Close)
	r := &rig{
		world: w, t: t, wired: map[int]bool{},
		address: map[string]string{},
	}
	if p.settings != nil {
		p.settings(&w.settings)
	}
	w.host.Network = r
	w.account.OnInstanceChange(w.instance, func(ec2model.Caller, bool) { r.daemon.Changed() })
	r.start()
	return r
}

func (r *rig) start() {
	r.ready = false
	r.daemon = ipamd.New(ipamd.ParseEnvironment(r.env, r.settings), r.host)
	r.spawn("ipamd", func() {
		if err := r.daemon.Init(); err != nil {
			r.deaths = append(r.deaths, err)
			return
		}
		r.ready = true
		r.daemon.RunPool()
	})
}

// restart ends the daemon's process and starts another one.
func (r *rig) restart(env map[string]string) {
	r.daemon.Stop()
	for _, p := range r.processes {
		if !p.Done() {
			p.Kill()
		}
	}
	r.processes = nil
	maps.Copy(r.env, env)
	r.start()
}

// run lets time pass.
func (r *rig) run(d time.Duration) {
	r.t.Helper()
	if err := r.kernel.Run(r.kernel.Now() + d); err != nil {
		r.t.Fatal(err)
	}
}

// add starts pods and returns how many got an address.
func (r *rig) add(pods ...string) (ok int) {
	for _, pod := range pods {
		reply, err := r.daemon.AddNetwork(ipamd.SandboxKey(pod), pod)
		if err == nil {
			ok++
			r.veths[pod] = true
			r.address[pod] = reply.Address.String()
		}
	}
	return ok
}

func (r *rig) del(pods ...string) {
	r.t.Helper()
	for _, pod := range pods {
		if _, err := r.daemon.DelNetwork(ipamd.SandboxKey(pod), ipamd.PodDeleted); err != nil {
			r.t.Fatalf("DEL of %s: %v", pod, err)
		}
		delete(r.veths, pod)
	}
}

// podsNamed are n names.
func podsNamed(prefix string, n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("%s-%03d", prefix, i)
	}
	return names
}

// calls are those of some operations since a moment, or all of them.
func (r *rig) calls(since time.Duration, ops ...string) []Call {
	var list []Call
	for _, c := range r.recorder.calls {
		if c.StartMS >= roundToMS(since) && (len(ops) == 0 || slices.Contains(ops, c.Op)) {
			list = append(list, c)
		}
	}
	return list
}

// changing are the operations that change something in EC2.
var changing = []string{
	"CreateTags", "CreateNetworkInterface", "AttachNetworkInterface", "DetachNetworkInterface", "DeleteNetworkInterface",
	"ModifyNetworkInterfaceAttribute", "AssignPrivateIpAddresses", "UnassignPrivateIpAddresses",
}

// held is what the book has on an interface: addresses for pods of both
// kinds, and pods; -1 for an interface that is not in it.
func (r *rig) held(o ordinal) (total, pods int) {
	for e := range r.daemon.ENIs {
		if r.recorder.ordinal(e.ID) == o {
			return e.Total, e.Assigned
		}
	}
	return -1, -1
}

// expect compares what the book has on an interface.
func (r *rig) expect(what string, o ordinal, total, pods int) {
	r.t.Helper()
	if gotTotal, gotPods := r.held(o); gotTotal != total || gotPods != pods {
		r.t.Errorf("%s: interface %v has %d addresses and %d pods, want %d and %d", what, o, gotTotal, gotPods, total, pods)
	}
}

// SetupENI remembers what the daemon sets the host up for.
func (r *rig) SetupENI(device int, _ netip.Addr, _ netip.Prefix) error {
	r.wired[device] = true
	return nil
}
