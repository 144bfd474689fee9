// Package fault holds the disturbances that a scenario injects.
package fault

import (
	"fmt"
	"math/rand/v2"
	"time"

	"ipamsim/ec2model"
	"ipamsim/sim/cluster"
	"ipamsim/sim/des"
)

// Kind is what happens.
type Kind string

// The disturbances.
const (
	APIErrors     Kind = "api-errors"     // requests fail with a code
	SubnetOccupy  Kind = "subnet-occupy"  // others take a subnet's highest free addresses
	SubnetRelease Kind = "subnet-release" // others give their lowest addresses back
	Cordon        Kind = "cordon"         // nodes are closed for new pods
	KillNodes     Kind = "kill-nodes"     // instances are terminated at once
	RestartIPAMD  Kind = "restart-ipamd"  // the aws-node container ends, and kubelet starts it again
)

// Fault is one disturbance. Times are kernel times.
type Fault struct {
	Kind      Kind
	At        time.Duration
	Until     time.Duration    // end of APIErrors and Cordon
	Action    *ec2model.Action // APIErrors; nil for every action
	Code      string           // APIErrors
	Share     float64          // of requests or of nodes
	Group     string           // of nodes; all groups when empty
	SubnetID  string
	Addresses int // -1 for all
}

// Target is what disturbances act on.
type Target struct {
	Kernel  *des.Kernel
	Account *ec2model.Account
	Cluster *cluster.Cluster
	Restart func(*cluster.Node) // ends the node's aws-node container
	Changed func(*cluster.Node) // the node object has changed
}

// Schedule plans all faults. It is called once, before the kernel runs.
func Schedule(t Target, faults []Fault) {
	var windows []*window
	for i := range faults {
		f := &faults[i]
		stream := fmt.Sprintf("fault/%d", i)
		if f.Kind == APIErrors {
			windows = append(windows, &window{Fault: f, random: t.Kernel.Rand(stream)})
			continue
		}
		t.Kernel.At(f.At, func() { t.begin(f, stream) })
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
}

func (t Target) begin(f *Fault, stream string) {
	switch f.Kind {
	case SubnetOccupy:
		_, _ = t.Account.Occupy(f.SubnetID, f.Addresses)
		return
	case SubnetRelease:
		_, _ = t.Account.Vacate(f.SubnetID, f.Addresses)
		return
	}
	nodes := t.Cluster.Select(f.Group, f.Share, stream)
	switch f.Kind {
	case Cordon:
		t.Cluster.Cordon(nodes)
		t.changed(nodes)
		t.Kernel.At(f.Until, func() {
			t.Cluster.Uncordon(nodes)
			t.changed(nodes)
		})
	case KillNodes:
		for _, n := range nodes {
			t.Cluster.Kill(n)
		}
	case RestartIPAMD:
		for _, n := range nodes {
			t.Restart(n)
		}
	default:
		panic("fault: unknown kind " + string(f.Kind))
	}
}

func (t Target) changed(nodes []*cluster.Node) {
	for _, n := range nodes {
		t.Changed(n)
	}
}

// window is a time in which requests fail.
type window struct {
	*Fault
	random *rand.Rand
}

func (w *window) hits(action ec2model.Action, start time.Duration) bool {
	if start < w.At || start >= w.Until || w.Action != nil && *w.Action != action {
		return false
	}
	return w.Share >= 1 || w.random.Float64() < w.Share
}

func (w *window) err() *ec2model.Error {
	return &ec2model.Error{Code: w.Code, Message: "injected by the scenario", HTTPStatus: status(w.Code)}
}

// status of the codes that are worth a retry; see the SDK's list in ec2model's
// sources. Everything else is the caller's fault.
func status(code string) int {
	switch code {
	case "RequestLimitExceeded", "Unavailable", "ServiceUnavailable":
		return 503
	case "InternalError", "InternalFailure":
		return 500
	}
	return 400
}
