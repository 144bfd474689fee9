package fleet_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ipamsim/ec2model"
	"ipamsim/internal/properties"
	"ipamsim/scenarios"
	"ipamsim/scenarios/scenariotest"
	"ipamsim/sim/cluster"
	"ipamsim/sim/fleet"
	"ipamsim/sim/ipamd"
	"ipamsim/sim/kubelet"
	"ipamsim/sim/machine"
)

// tested is a fleet that tests ask questions.
type tested struct {
	*fleet.Fleet
	defects  []*machine.Defect // all that began
	restarts int               // of aws-node containers, from time 0 on
}

func newTested(v scenarios.Expanded, o fleet.Options) (*tested, error) {
	f, err := fleet.New(v, o)
	if err != nil {
		return nil, err
	}
	w := &tested{Fleet: f}
	began, exited := f.Hooks.DefectBegan, f.Hooks.Exited
	f.Hooks.DefectBegan = func(m *machine.Machine, d *machine.Defect) {
		w.defects = append(w.defects, d)
		began(m, d)
	}
	f.Hooks.Exited = func(m *machine.Machine, err error) {
		if err != nil && f.Kernel.Now() >= f.WarmUp {
			w.restarts++
		}
		exited(m, err)
	}
	return w, nil
}

// lab is a world that a test drives by hand. Its times count from time 0.
type lab struct {
	*tested
	t        testing.TB
	attempts []ec2model.Attempt // from time 0 on, that succeeded
}

// inLab starts the world of a setting and runs it to time 0.
func inLab(t testing.TB, s setting) *lab {
	t.Helper()
	return inText(t, s.String())
}

// inText does so with the world of any scenario.
func inText(t testing.TB, text string) *lab {
	t.Helper()
	w, err := newTested(scenariotest.Expand(t, text, scenarios.Options{})[0], fleet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Kernel.Close)
	l := &lab{tested: w, t: t}
	w.Account.Observe(func(a ec2model.Attempt) {
		if a.Start >= w.WarmUp && a.Err == nil {
			l.attempts = append(l.attempts, a)
		}
	})
	w.Start()
	l.to(0)
	return l
}

// inPieces runs a world and looks at it 200 times on the way.
func inPieces(w *tested, until time.Duration, look func(at time.Duration) error) error {
	defer w.Kernel.Close()
	w.Start()
	const pieces = 200
	for i := 1; i <= pieces; i++ {
		if err := w.Kernel.Run(until * time.Duration(i) / pieces); err != nil {
			return err
		}
		if err := w.Cluster.Err(); err != nil {
			return err
		}
		if err := look(w.Kernel.Now() - w.WarmUp); err != nil {
			return err
		}
	}
	return nil
}

// to runs until a moment.
func (l *lab) to(at time.Duration) {
	l.t.Helper()
	if err := l.Kernel.Run(l.WarmUp + at); err != nil {
		l.t.Fatal(err)
	}
}

func (l *lab) now() time.Duration { return l.Kernel.Now() - l.WarmUp }

// toServing runs until a node's ipamd serves, and not for more than 15 min.
func (l *lab) toServing(m *machine.Machine) time.Duration {
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
	for _, m := range l.Machines {
		for _, p := range m.Node.Pods() {
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
func booked(m *machine.Machine) map[string]ipamd.Allocation {
	list := map[string]ipamd.Allocation{}
	for _, a := range m.Daemon.Allocations() {
		list[a.Pod] = a
	}
	return list
}

// calls counts the successful calls of an action since time 0.
func (l *lab) calls(action ec2model.Action) (n int, first time.Duration) {
	for _, a := range l.attempts {
		if a.Action == action {
			if n++; n == 1 {
				first = a.Start - l.WarmUp
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

// setting is the scenario of a lab.
type setting = scenariotest.Setting

// enis are the interfaces in the daemon's book.
func enis(m *machine.Machine) []ipamd.ENIStats { return slices.Collect(m.Daemon.ENIs) }

// A case is a fleet in which hours pass.
func init() { properties.Checks(40) }

// draft is a random scenario as it is written down, line by line.
type draft struct{ strings.Builder }

// draftOf begins a scenario that is called name and has the head besides.
func draftOf(t *rapid.T, name, head string) *draft {
	d := &draft{}
	d.line("apiVersion: ipamsim/v1\nkind: Scenario\nmetadata: {name: %s}", name)
	d.line("seed: %d\n%s", rapid.Uint64Range(1, 1<<40).Draw(t, "seed"), head)
	return d
}

func (d *draft) line(format string, args ...any) { fmt.Fprintf(d, format+"\n", args...) }
