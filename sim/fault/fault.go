// Package fault holds the disturbances that a scenario injects.
package fault

import (
	"fmt"
	"time"

	"ipamsim/ec2model"
	"ipamsim/sim/cluster"
	"ipamsim/sim/des"
)

// Kind is what happens.
type Kind string

// The disturbances.
const (
	APIErrors     Kind = "api-errors"         // requests fail with a code
	SubnetOccupy  Kind = "subnet-occupy"      // others take a subnet's highest free addresses
	SubnetRelease Kind = "subnet-release"     // others give their lowest addresses back
	Cordon        Kind = "cordon"             // nodes are closed for new pods
	KillNodes     Kind = "kill-nodes"         // instances are terminated at once
	RestartIPAMD  Kind = "restart-ipamd"      // the aws-node container ends, and kubelet starts it again
	Roll          Kind = "roll-aws-node"      // a rolling update of the DaemonSet
	StaleMetadata Kind = "stale-metadata"     // instance metadata stands still
	AttachENI     Kind = "attach-eni"         // somebody attaches an untagged interface
	DetachENI     Kind = "detach-eni"         // somebody detaches and deletes a secondary interface
	Unassign      Kind = "unassign-addresses" // somebody takes secondary addresses away
)

// Fault is one disturbance. Times are kernel times.
type Fault struct {
	Kind      Kind
	At        time.Duration
	Until     time.Duration    // end of what lasts: APIErrors, Cordon, StaleMetadata, Every, When
	Every     time.Duration    // KillNodes, RestartIPAMD: again so often; 0 for once
	When      Moment           // KillNodes, RestartIPAMD: what a node is hit in the middle of; empty for nothing
	Action    *ec2model.Action // APIErrors; nil for every action
	Code      string           // APIErrors
	Share     float64          // of requests or of nodes
	Nodes     int              // at most so many; -1 for no bound
	Group     string           // of nodes; all groups when empty
	SubnetID  string
	Addresses int // -1 for all

	HiddenInterfaces int               // StaleMetadata
	MaxUnavailable   float64           // Roll: share of the nodes
	Environment      map[string]string // Roll: over that of the nodes
}

// Target is what disturbances act on.
type Target struct {
	Kernel  *des.Kernel
	Account *ec2model.Account
	Cluster *cluster.Cluster
	DaemonSet
	Changed  func(*cluster.Node)            // the node object has changed
	LinkGone func(n *cluster.Node, dev int) // an interface has left the node
}

// Injector carries the faults of a run out. Its host tells it what happens to
// nodes; without a fault that cares that costs nothing.
type Injector struct {
	Target
	watches  []*watch
	guests   map[ec2model.Caller]*guest // nodes that are watched; nil when none is
	rollouts []*rollout
}

// New plans all faults. It is called once, before the kernel runs.
func New(t Target, faults []Fault) *Injector {
	i := &Injector{Target: t}
	var windows []*window
	for k := range faults {
		f := &faults[k]
		stream := fmt.Sprintf("fault/%d", k)
		switch {
		case f.Kind == APIErrors:
			windows = append(windows, &window{Fault: f, random: t.Kernel.Rand(stream)})
		case f.When != "":
			i.watch(f, stream)
		default:
			i.each(f, func(n int) {
				if n > 0 {
					stream = fmt.Sprintf("fault/%d/%d", k, n)
				}
				i.begin(f, stream)
			})
		}
	}
	if len(windows) > 0 {
		t.Account.SetFault(func(_ ec2model.Caller, action ec2model.Action, start time.Duration) *ec2model.Error {
			for _, w := range windows {
				if w.hits(action, start) {
					return w.err()
				}
			}
			return nil
		})
	}
	return i
}

// each plans a fault's occasions, counted from 0.
func (i *Injector) each(f *Fault, occasion func(n int)) {
	n := 0
	var step func()
	step = func() {
		occasion(n)
		n++
		if next := i.Kernel.Now() + f.Every; f.Every > 0 && next < f.Until {
			i.Kernel.At(next, step)
		}
	}
	i.Kernel.At(f.At, step)
}

// begin is one occasion of a fault that waits for nothing.
func (i *Injector) begin(f *Fault, stream string) {
	switch f.Kind {
	case SubnetOccupy:
		_, _ = i.Account.Occupy(f.SubnetID, f.Addresses)
		return
	case SubnetRelease:
		_, _ = i.Account.Vacate(f.SubnetID, f.Addresses)
		return
	case Roll:
		i.roll(f, stream)
		return
	}
	nodes := i.Cluster.Select(f.Group, f.Share, f.Nodes, stream)
	switch f.Kind {
	case Cordon:
		i.cordon(nodes, f.Until)
	case StaleMetadata:
		i.freeze(nodes, f)
	case AttachENI, DetachENI, Unassign:
		random := i.Kernel.Rand(stream + "/interfaces")
		for _, n := range nodes {
			i.meddle(n, f, random)
		}
	default:
		for _, n := range nodes {
			i.strike(n, f)
		}
	}
}

// strike is what kill-nodes and restart-ipamd do to a node.
func (i *Injector) strike(n *cluster.Node, f *Fault) {
	switch f.Kind {
	case KillNodes:
		i.Cluster.Kill(n)
	case RestartIPAMD:
		i.Restart(n)
	default:
		panic("fault: unknown kind " + string(f.Kind))
	}
}

func (i *Injector) cordon(nodes []*cluster.Node, until time.Duration) {
	i.Cluster.Cordon(nodes)
	i.changed(nodes)
	i.Kernel.At(until, func() {
		i.Cluster.Uncordon(nodes)
		i.changed(nodes)
	})
}

func (i *Injector) changed(nodes []*cluster.Node) {
	for _, n := range nodes {
		i.Changed(n)
	}
}
