// Package fault holds the disturbances that a scenario injects.
package fault

import (
	"fmt"
	"math"
	"slices"
	"time"

	"ipamsim/ec2model"
	"ipamsim/sim/cluster"
)

// Kind is what happens.
type Kind string

// The disturbances.
const (
	APIErrors     Kind = "api-errors"         // requests fail with a code
	APISlow       Kind = "api-slow"           // requests take longer
	ThrottleStorm Kind = "throttle-storm"     // other tenants take an action's tokens
	SubnetOccupy  Kind = "subnet-occupy"      // others take a subnet's highest free addresses
	SubnetRelease Kind = "subnet-release"     // others give their lowest addresses back
	ZoneDown      Kind = "zone-down"          // instances in subnets die, and EC2 gives nothing there
	Cordon        Kind = "cordon"             // nodes are closed for new pods
	KillNodes     Kind = "kill-nodes"         // instances are terminated at once
	RestartIPAMD  Kind = "restart-ipamd"      // the aws-node container ends, and kubelet starts it again
	Roll          Kind = "roll-aws-node"      // a rolling update of the DaemonSet
	MetadataDown  Kind = "metadata-down"      // instance metadata answers nothing
	StaleMetadata Kind = "stale-metadata"     // instance metadata stands still
	AttachENI     Kind = "attach-eni"         // somebody attaches an untagged interface
	DetachENI     Kind = "detach-eni"         // somebody detaches and deletes a secondary interface
	Unassign      Kind = "unassign-addresses" // somebody takes secondary addresses away
	FlushRules    Kind = "flush-rules"        // systemd-networkd drops the policy rules of others
	FlushTable    Kind = "flush-table"        // the routes of secondary interfaces' tables disappear
	NetlinkErrors Kind = "netlink-errors"     // the kernel refuses steps
	KillPlugin    Kind = "kill-plugin"        // the CNI plugin's process is killed before a step
)

// Forever is the end of what does not end.
const Forever = time.Duration(math.MaxInt64)

// Fault is one disturbance. Times are kernel times.
type Fault struct {
	Kind  Kind
	At    time.Duration
	For   time.Duration // how long it lasts, each time; 0 for what happens at once
	Every time.Duration // again so often; 0 for once
	Times int           // with Every: so often in all; 0 for no bound
	Until time.Duration // nothing begins from then on, and When is no longer waited for
	When  Moment        // what a node is hit in the middle of; empty for nothing
	Step  string        // NetlinkErrors, KillPlugin; empty for every step

	Action *ec2model.Action // APIErrors, APISlow, ThrottleStorm; nil for every action
	Code   string           // APIErrors
	Rate   float64          // ThrottleStorm: requests per second
	Factor float64          // APISlow
	Add    time.Duration    // APISlow

	Share     float64 // of requests, of attempts at a step
	NodeShare float64 // of nodes
	Nodes     int     // at most so many; -1 for no bound
	Group     string  // of nodes; all groups when empty
	Node      string  // the only one; any when empty
	Subnets   []string
	Addresses int // -1 for all

	HiddenInterfaces int               // StaleMetadata
	Device           int               // FlushTable; 0 for all secondary ones
	MaxUnavailable   float64           // Roll: share of the nodes
	Environment      map[string]string // Roll: over that of the nodes

	stream string // of its random choices
	hits   int
}

// covers says whether a node is one of those that the fault is for.
func (f *Fault) covers(n *cluster.Node) bool {
	return (f.Group == "" || n.Group.Name == f.Group) && (f.Node == "" || n.Name == f.Node) &&
		(len(f.Subnets) == 0 || slices.Contains(f.Subnets, n.Instance.Subnet))
}

// New plans all faults. It is called once, before the kernel runs.
func New(t Target, faults []Fault) *Injector {
	i := &Injector{Target: t, faults: slices.Clone(faults)}
	for k := range i.faults {
		f := &i.faults[k]
		f.stream = fmt.Sprintf("fault/%d", k)
		i.plan(f)
	}
	i.disturbRequests()
	return i
}

func (i *Injector) plan(f *Fault) {
	switch {
	case f.Kind == APIErrors:
		i.failing = append(i.failing, &window{Fault: f, random: i.Kernel.Rand(f.stream)})
	case f.Kind == APISlow:
		i.slow = append(i.slow, &window{Fault: f})
	case f.When != "":
		i.watch(f)
	case f.Kind == NetlinkErrors || f.Kind == KillPlugin:
		i.lapses = append(i.lapses, i.newSpell(f))
	case f.Kind == MetadataDown:
		i.outages = append(i.outages, i.newSpell(f))
	default:
		i.each(f, func(stream string) { i.begin(f, stream) })
	}
}

// each plans a fault's occasions and names each one's stream.
func (i *Injector) each(f *Fault, occasion func(stream string)) {
	n, stream := 0, f.stream
	var step func()
	step = func() {
		occasion(stream)
		n++
		stream = fmt.Sprintf("%s/%d", f.stream, n)
		if next := i.Kernel.Now() + f.Every; f.Every > 0 && next < f.Until && (f.Times == 0 || n < f.Times) {
			i.Kernel.At(next, step)
		}
	}
	i.Kernel.At(f.At, step)
}

// over plans the end of what lasts.
func (i *Injector) over(f *Fault, end func()) {
	if f.For != Forever {
		i.Kernel.After(f.For, end)
	}
}

// begin is one occasion of a fault that waits for nothing.
func (i *Injector) begin(f *Fault, stream string) {
	switch f.Kind {
	case SubnetOccupy, SubnetRelease:
		i.crowd(f)
		return
	case ThrottleStorm:
		i.storm(f)
		return
	case ZoneDown:
		i.zoneDown(f)
		return
	case Roll:
		i.roll(f, stream)
		return
	}
	nodes := i.Cluster.Select(f.covers, f.NodeShare, f.Nodes, stream)
	switch f.Kind {
	case Cordon:
		i.cordon(nodes, f)
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

// strike hits one node at once.
func (i *Injector) strike(n *cluster.Node, f *Fault) {
	if n.State() == cluster.Gone || f.Kind != KillNodes && n.Machine == nil {
		return
	}
	f.hits++
	switch f.Kind {
	case KillNodes:
		i.Cluster.Kill(n)
	case RestartIPAMD:
		i.Restart(n)
	case FlushRules:
		if i.Flush != nil {
			i.Flush(n)
		}
	case FlushTable:
		if i.FlushTable != nil {
			i.FlushTable(n, f.Device)
		}
	default:
		panic("fault: unknown kind " + string(f.Kind))
	}
}

func (i *Injector) cordon(nodes []*cluster.Node, f *Fault) {
	f.hits += len(nodes)
	i.Cluster.Cordon(nodes)
	i.changed(nodes)
	i.over(f, func() {
		i.Cluster.Uncordon(nodes)
		i.changed(nodes)
	})
}

func (i *Injector) changed(nodes []*cluster.Node) {
	for _, n := range nodes {
		if n.State() != cluster.Gone { // it may have gone while it was cordoned
			i.Changed(n)
		}
	}
}
