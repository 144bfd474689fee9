package inspect

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
	"ipamsim/sim/fleet"
	"ipamsim/sim/kubelet"
	"ipamsim/sim/machine"
	"ipamsim/sim/recording"
)

// Snapshot is one run that stands still at a time, to be looked at.
type Snapshot struct {
	Scenario    string
	Variant     string
	Replication int // from 1
	Seed        uint64
	At          time.Duration // virtual

	Fleet    *fleet.Fleet
	recorder *recording.Recorder // nil unless something is recorded
}

// Head is what a document about a moment begins with.
type Head struct {
	SchemaVersion string  `json:"schema_version"`
	Scenario      string  `json:"scenario"`
	Variant       string  `json:"variant"`
	Replication   int     `json:"replication"` // from 1
	Seed          uint64  `json:"seed"`
	Moment        float64 `json:"at_seconds"` // virtual
}

// head is that of a document of a kind about the moment.
func (m *Snapshot) head(schema string) Head {
	return Head{SchemaVersion: schema, Scenario: m.Scenario, Variant: m.Variant, Replication: m.Replication, Seed: m.Seed, Moment: m.At.Seconds()}
}

// Options of looking at a moment.
type Options struct {
	Progress func(fleet.Progress) // see package fleet; nil for nobody
	Record   *recording.Selection // what to record on the way; nil for nothing
	TickIdle bool                 // see package fleet
}

// When is which moment of which run.
type When struct {
	Replication int           // from 1
	At          time.Duration // virtual, from time 0 to the end of the run
}

// EndOf is the last moment of a variant.
func EndOf(v scenarios.Expanded) time.Duration { return fleet.Std(v.Scenario.Duration) }

// Until runs a variant up to a moment.
func Until(ctx context.Context, v scenarios.Expanded, when When, opts Options) (*Snapshot, error) {
	m, err := prepare(v, when, opts)
	if err != nil {
		return nil, err
	}
	if err := m.run(ctx, opts); err != nil {
		return nil, err
	}
	return m, nil
}

// prepare makes a snapshot of a fleet that is yet to run.
func prepare(v scenarios.Expanded, when When, opts Options) (*Snapshot, error) {
	w, err := fleet.New(v, fleet.Options{Replication: when.Replication - 1, TickIdle: opts.TickIdle})
	if err != nil {
		return nil, fmt.Errorf("variant %s: %w", v.Name, err)
	}
	m := &Snapshot{
		Scenario: v.Scenario.Metadata.Name, Variant: v.Name, Replication: when.Replication,
		Seed: v.Scenario.Seed, At: when.At, Fleet: w,
	}
	if opts.Record != nil {
		m.recorder = recording.Attach(w, *opts.Record)
	}
	return m, nil
}

// run lets the fleet come to the moment.
func (m *Snapshot) run(ctx context.Context, opts Options) error {
	return m.Fleet.Run(ctx, m.Fleet.WarmUp+m.At, fleet.NewTally(1, opts.Progress))
}

// UnknownNameError is a question for a node or a pod that is not there at the
// moment.
type UnknownNameError struct {
	Kind, Name string
	Why        string   // in place of there being no such name
	Names      []string // that are there, sorted; of a pod or node, the nodes first
}

func (e *UnknownNameError) Error() string {
	if e.Why != "" {
		return fmt.Sprintf("%s %s %s", e.Kind, e.Name, e.Why)
	}
	return fmt.Sprintf("no %s %q is there at that moment", e.Kind, e.Name)
}

// machine finds a node that has registered.
func (m *Snapshot) machine(name string) (*machine.Machine, error) {
	var names []string
	for _, each := range m.Fleet.Machines {
		if each.Node.Name == name {
			return each, nil
		}
		names = append(names, each.Node.Name)
	}
	slices.Sort(names)
	return nil, &UnknownNameError{Kind: "node", Name: name, Names: names}
}

// inside is a machine with what was recorded of it.
type inside struct {
	*machine.Machine
	fleet  *fleet.Fleet
	record *recording.NodeRecord
}

func (m *Snapshot) at(at *machine.Machine) inside {
	return inside{at, m.Fleet, m.recorder.Node(at)}
}

// pod finds a pod that has a veth, and its node.
func (m *Snapshot) pod(name string) (*kubelet.Pod, *machine.Machine, error) {
	p, err := m.anyPod(name)
	if err != nil {
		return nil, nil, err
	}
	wrong := func(why string) error { return &UnknownNameError{Kind: "pod", Name: name, Why: why} }
	switch {
	case p.Node == nil:
		return nil, nil, wrong("is not bound to a node at that moment")
	case p.HostNetwork:
		return nil, nil, wrong("is on the host's network: it has its node's address; ask for node " + p.Node.Name)
	case p.Node.Machine == nil || !p.Node.Machine.(*machine.Machine).Network.HasVeth(name):
		return nil, nil, wrong("has no network on " + p.Node.Name + " at that moment: its CNI ADD is not over; node " + p.Node.Name + " has the logs")
	}
	return &p.Pod, p.Node.Machine.(*machine.Machine), nil
}

// anyPod finds a pod that has not ended.
func (m *Snapshot) anyPod(name string) (*cluster.Pod, error) {
	pods := m.Fleet.Cluster.Pods()
	for _, p := range pods {
		if p.Name() == name {
			return p, nil
		}
	}
	var names []string
	for _, p := range pods {
		names = append(names, p.Name())
	}
	slices.Sort(names)
	return nil, &UnknownNameError{Kind: "pod", Name: name, Names: names}
}

// ordered are the keys of a map, ascending.
func ordered[V any](m map[int]V) []int { return slices.Sorted(maps.Keys(m)) }
