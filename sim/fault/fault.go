// Package fault holds the disturbances that a scenario injects. Each kind is
// one file with its effect; effects lists them.
package fault

import (
	"fmt"
	"math"
	"slices"
	"time"

	"ipamsim/ec2model"
	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
)

// Kind is what happens.
type Kind = scenarios.FaultKind

// effect is how a kind acts: by its plan, at its occasions, or on each node
// that an occasion or a moment chooses. One of the three is given.
type effect struct {
	kind Kind
	// plan prepares, once, what looks at the time itself.
	plan func(*Injector, *Fault)
	// occasion is each of the times at which the fault begins. stream names
	// its random choices.
	occasion func(i *Injector, f *Fault, stream string)
	// node is what happens to one node.
	node func(*Injector, *Fault, *cluster.Node)

	everyTime    bool // with a When, a node is hit each time that it comes to the moment, not the first time only
	unregistered bool // it hits nodes that have not registered too
	spot         bool // it hits spot instances only
}

// effects are those of all kinds, in the order of the language.
var effects = []*effect{
	&apiErrors, &apiSlow, &throttleStorm,
	&subnetOccupy, &subnetRelease, &zoneDown, &insufficientCapacity,
	&cordon, &killNodes, &spotInterruption, &restartIPAMD, &rollAWSNode, &rollDaemonSet, &rollDeployment, &rollNodes, &recreatePods, &pauseDeletes,
	&metadataDown, &slowMetadata, &staleMetadata,
	&attachENI, &detachENI, &unassign,
	&flushRules, &flushTable,
	&netlinkErrors, &killPlugin,
}

func effectOf(k Kind) *effect {
	if i := slices.IndexFunc(effects, func(e *effect) bool { return e.kind == k }); i >= 0 {
		return effects[i]
	}
	panic("fault: unknown kind " + string(k))
}

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
	Step  string        // netlink-errors, kill-plugin; empty for every step

	Action *ec2model.Action // api-errors, api-slow, throttle-storm; nil for every action
	Code   string           // api-errors
	Rate   float64          // throttle-storm: requests per second
	Factor float64          // api-slow, slow-metadata
	Add    time.Duration    // api-slow, slow-metadata

	Share     float64 // of requests, of attempts at a step
	NodeShare float64 // of nodes
	Nodes     int     // at most so many; -1 for no bound
	Group     string  // of nodes; all groups when empty
	Node      string  // the only one; any when empty
	Subnets   []string
	Addresses int // -1 for all

	Shortage         ec2model.Shortage       // insufficient-capacity
	HiddenInterfaces int                     // stale-metadata
	Device           int                     // flush-table; 0 for all secondary ones
	MaxUnavailable   scenarios.IntOrPercent  // roll-aws-node, roll-daemonset, recreate-pods: how many pods may be away; roll-nodes: how many nodes
	Budget           *scenarios.IntOrPercent // roll-nodes: MaxUnavailable as given, for Karpenter; nil for its default
	Surge            *scenarios.IntOrPercent // roll-nodes; nil for what EKS does
	Update           scenarios.RollingUpdate // roll-deployment
	Force            bool                    // roll-nodes
	DrainTimeout     time.Duration           // roll-nodes
	Workload         string                  // roll-daemonset, recreate-pods, pause-deletes
	Environment      map[string]string       // roll-aws-node: over that of the nodes

	effect *effect
	stream string // of its random choices
	hits   int
}

// covers says whether a node is one of those that the fault is for.
func (f *Fault) covers(n *cluster.Node) bool {
	return (!f.effect.spot || n.Spot()) && (f.Group == "" || n.Group.Name == f.Group) && (f.Node == "" || n.Name == f.Node) &&
		(len(f.Subnets) == 0 || slices.Contains(f.Subnets, n.Instance.Subnet))
}

// New plans all faults. It is called once, before the kernel runs.
func New(t Target, faults []Fault) *Injector {
	i := &Injector{Target: t, faults: slices.Clone(faults)}
	for k := range i.faults {
		f := &i.faults[k]
		f.effect, f.stream = effectOf(f.Kind), fmt.Sprintf("fault/%d", k)
		switch {
		case f.When != "":
			i.watch(f)
		case f.effect.plan != nil:
			f.effect.plan(i, f)
		default:
			i.each(f, func(stream string) { i.begin(f, stream) })
		}
	}
	i.observeRequests()
	i.observeMetadata()
	return i
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

// begin is one occasion of a fault that waits for nothing.
func (i *Injector) begin(f *Fault, stream string) {
	if f.effect.occasion != nil {
		f.effect.occasion(i, f, stream)
		return
	}
	for _, n := range i.choose(f, stream) {
		i.hit(f, n)
	}
}

// choose draws the nodes of one occasion from those that are there.
func (i *Injector) choose(f *Fault, stream string) []*cluster.Node {
	return i.Cluster.Select(f.covers, f.NodeShare, f.Nodes, stream)
}

// hit is what happens to one node, if it is there.
func (i *Injector) hit(f *Fault, n *cluster.Node) {
	if n.State() == cluster.Gone || n.Machine == nil && !f.effect.unregistered {
		return
	}
	f.hits++
	f.effect.node(i, f, n)
}

// atEnd plans the end of what lasts.
func (i *Injector) atEnd(f *Fault, end func()) {
	if f.For != Forever {
		i.Kernel.After(f.For, end)
	}
}
