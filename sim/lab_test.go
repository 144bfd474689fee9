package sim

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"ipamsim/ec2model"
	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
	"ipamsim/sim/ipamd"
	"ipamsim/sim/kubelet"
)

// lab is a world that a test drives by hand. Its times count from time 0.
type lab struct {
	*world
	t        testing.TB
	attempts []ec2model.Attempt // from time 0 on, that succeeded
}

// inLab starts a world and runs it to time 0.
func inLab(t testing.TB, s setting) *lab {
	t.Helper()
	w, err := newWorld(expand(t, s.String(), scenarios.Options{})[0], fleetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Kernel.Close)
	l := &lab{world: w, t: t}
	w.Account.Observe(func(a ec2model.Attempt) {
		if a.Start >= w.warmUp && a.Err == nil {
			l.attempts = append(l.attempts, a)
		}
	})
	w.start()
	l.to(0)
	return l
}

// inPieces runs a world and looks at it 200 times on the way.
func inPieces(w *world, until time.Duration, look func(at time.Duration) error) error {
	defer w.Kernel.Close()
	w.start()
	for i := 1; i <= pieces; i++ {
		if err := w.runTo(until * time.Duration(i) / pieces); err != nil {
			return err
		}
		if err := look(w.Kernel.Now() - w.warmUp); err != nil {
			return err
		}
	}
	return nil
}

// to runs until a moment.
func (l *lab) to(at time.Duration) {
	l.t.Helper()
	if err := l.Kernel.Run(l.warmUp + at); err != nil {
		l.t.Fatal(err)
	}
}

func (l *lab) now() time.Duration { return l.Kernel.Now() - l.warmUp }

// toServing runs until a node's ipamd serves, and not for more than 15 min.
func (l *lab) toServing(m *machine) time.Duration {
	l.t.Helper()
	for end := l.now() + 15*time.Minute; l.now() < end; {
		if m.Serving() {
			return l.now()
		}
		l.to(l.now() + 5*time.Millisecond)
	}
	l.t.Fatal("ipamd never serves")
	return 0
}

// pods are the kubelet's pods that run on all nodes, by name.
func (l *lab) pods() map[string]*kubelet.Pod {
	list := map[string]*kubelet.Pod{}
	for _, m := range l.machines {
		for _, p := range m.node.Pods() {
			if p.State() == cluster.Running {
				list[p.Name()] = &p.Pod
			}
		}
	}
	return list
}

// shared are the addresses that more than one running pod has.
func (l *lab) shared() []netip.Addr {
	var list []netip.Addr
	owners := map[netip.Addr]int{}
	for _, p := range l.pods() {
		if owners[p.Address()]++; owners[p.Address()] == 2 {
			list = append(list, p.Address())
		}
	}
	return list
}

// booked are the addresses in a node's book by pod.
func booked(m *machine) map[string]ipamd.Allocation {
	list := map[string]ipamd.Allocation{}
	for _, a := range m.ipamd.Allocations() {
		list[a.Pod] = a
	}
	return list
}

// calls counts the successful calls of an action since time 0.
func (l *lab) calls(action ec2model.Action) (n int, first time.Duration) {
	for _, a := range l.attempts {
		if a.Action == action {
			if n++; n == 1 {
				first = a.Start - l.warmUp
			}
		}
	}
	return n, first
}

// interfaces of the account by what holds them.
func (l *lab) interfaceIDs() (attached, available []string) {
	for _, id := range l.Account.InterfaceIDs() {
		if e, _ := l.Account.Interface(id); e.Attachment != nil {
			attached = append(attached, id)
		} else {
			available = append(available, id)
		}
	}
	return attached, available
}

// setting is the scenario of a lab: m5.large nodes with one Deployment.
type setting struct {
	nodes, pods int
	cni         string   // WARM_IP_TARGET: 3, ...
	replicas    string   // {at: 1m, count: 5}, ...
	ec2         string   // of the ec2 section, in flow style
	group       string   // more keys of the node group
	faults      []string // {kind: ...}
}

func (s setting) String() string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	p("apiVersion: ipamsim/v1\nkind: Scenario\nmetadata: {name: lab}\nwarmUp: 5m\nduration: 6h")
	p("vpc: {cidrs: [10.0.0.0/16], subnets: [{name: a, cidr: 10.0.0.0/20, az: a}]}")
	p("ec2: {%s}", s.ec2)
	p("nodeGroups: [{name: nodes, instanceType: m5.large, count: %d, cni: {%s}%s}]", s.nodes, s.cni, s.group)
	p("workloads: [{name: web, initial: %d, replicas: [%s]}]", s.pods, s.replicas)
	if len(s.faults) > 0 {
		p("faults:")
	}
	for _, f := range s.faults {
		p("  - %s", f)
	}
	return b.String()
}

// enis are the interfaces in the daemon's book.
func (m *machine) enis() []ipamd.ENIStats { return slices.Collect(m.ipamd.ENIs) }
