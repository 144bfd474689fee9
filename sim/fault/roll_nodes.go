package fault

import (
	"slices"
	"time"

	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
	"ipamsim/sim/des"
)

// How EKS updates a managed node group
// (https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html).
const (
	// surgePerZone: nodes launched first, for each zone of the group.
	surgePerZone = 2
	// mostUnavailable is the quota of maxUnavailable.
	mostUnavailable = 100
	// joinTimeout: new nodes must have joined by then
	// (https://github.com/awsdocs/amazon-eks-user-guide/issues/842).
	joinTimeout = 15 * time.Minute
	// DrainTimeout: a node's pods must have left by then.
	DrainTimeout = 15 * time.Minute
	// afterDrain: a drained node is cordoned and waits for so long, so that load
	// balancers forget it.
	afterDrain = 60 * time.Second
	// lookEvery: how often EKS looks whether the new nodes have come. Nothing is
	// published: our assumption.
	lookEvery = 10 * time.Second
)

// The errors of an update, as EKS names them.
const (
	nodeCreationFailure = "NodeCreationFailure"
	podEvictionFailure  = "PodEvictionFailure"
	resourceInUse       = "ResourceInUseException"
)

// rollNodes: the nodes of groups are replaced.
var rollNodes = effect{
	kind: scenarios.FaultRollNodes,
	occasion: func(i *Injector, f *Fault, stream string) {
		for _, g := range i.Cluster.Groups() {
			if f.Group == "" || f.Group == g.Name {
				i.replaceNodes(f, g, stream)
			}
		}
	},
}

// Rollout is a rolling update and what became of it.
type Rollout struct {
	Fault       int // its place among the faults
	Kind        Kind
	Of          string // the node group, or the Deployment
	Began       time.Duration
	Ended       time.Duration // des.Never while it goes on
	Total, Done int           // nodes, or pods
	Failed      string        // why it ended early; empty when it did not

	updated func() int // of a Deployment's under way: what Done is now
}

// drifting are nodes that Karpenter replaces by itself.
type drifting struct {
	*Rollout
	left []*cluster.Node
}

// nodeUpdate is the update of a managed node group under way.
type nodeUpdate struct {
	*Rollout
	i     *Injector
	fault *Fault
	group *cluster.Group
	size  int             // of the group
	most  int             // nodes that are drained at a time
	surge int             // nodes beyond the size
	first int             // the first new node's ordinal
	zones []string        // of old nodes
	old   []*cluster.Node // that are still to come, in that order
	going []*cluster.Node // that are being drained, or have been and wait for their end
	open  bool            // the new nodes have come
}

// replaceNodes begins to replace a group's nodes.
func (i *Injector) replaceNodes(f *Fault, g *cluster.Group, stream string) {
	var old []*cluster.Node
	for _, n := range i.Cluster.Select(func(n *cluster.Node) bool { return n.Group == g }, 1, -1, "") {
		if n.State() < cluster.Draining {
			old = append(old, n)
		}
	}
	i.Kernel.Rand(stream+"/"+g.Name).Shuffle(len(old), func(a, b int) { old[a], old[b] = old[b], old[a] })
	f.hits += len(old)
	r := i.rollBegan(f, g.Name, len(old))
	if g.Drifts() {
		i.Cluster.Drift(g, old, f.Budget)
		if len(old) == 0 {
			i.rollEnded(r, "")
		} else {
			i.drifts = append(i.drifts, &drifting{r, old})
		}
		return
	}
	if slices.ContainsFunc(i.updates, func(u *nodeUpdate) bool { return u.group == g }) {
		i.rollEnded(r, resourceInUse) // EKS takes one update of a group at a time
		return
	}
	u := &nodeUpdate{Rollout: r, i: i, fault: f, group: g, size: len(old), old: old}
	u.most = min(max(1, f.MaxUnavailable.Up(u.size)), mostUnavailable)
	u.surge = u.firstNodes()
	for _, n := range old {
		u.first = max(u.first, n.Ordinal+1)
		if !slices.Contains(u.zones, n.Zone()) {
			u.zones = append(u.zones, n.Zone())
		}
	}
	i.updates = append(i.updates, u)
	if u.surge > 0 {
		g.Surge(u.surge)
		i.Kernel.After(joinTimeout, u.mustHaveJoined)
	}
	u.look()
}

// look waits for the first new nodes.
func (u *nodeUpdate) look() {
	if u.step(); !u.open && u.Ended < 0 {
		u.i.Kernel.After(lookEvery, u.look)
	}
}

// firstNodes is how many nodes are launched before the first one is drained.
func (u *nodeUpdate) firstNodes() int {
	if s := u.fault.Surge; s != nil {
		return s.Up(u.size)
	}
	return max(surgePerZone*len(u.group.Zones()), u.most)
}

// came says whether the new nodes are there: one in each zone at least where
// there are old ones, and each that was launched is Ready.
func (u *nodeUpdate) came() bool {
	if u.surge == 0 {
		return true
	}
	without := slices.Clone(u.zones)
	for _, n := range u.nodes() {
		if n.Ordinal < u.first {
			continue
		}
		if n.State() != cluster.Ready {
			return false
		}
		without = slices.DeleteFunc(without, func(z string) bool { return z == n.Zone() })
	}
	return len(without) == 0 && !u.group.Launches()
}

func (u *nodeUpdate) nodes() []*cluster.Node {
	return u.i.Cluster.Select(func(n *cluster.Node) bool { return n.Group == u.group }, 1, -1, "")
}

// step is one look of EKS at an update.
func (u *nodeUpdate) step() {
	switch {
	case u.Ended >= 0 || !u.open && !u.came():
		return
	case !u.open:
		u.open = true
		if u.surge > 0 {
			u.i.Cluster.Taint(u.old)
		}
	}
	ready := 0
	for _, n := range u.nodes() {
		if n.State() == cluster.Ready && !slices.Contains(u.going, n) {
			ready++
		}
	}
	for len(u.old) > 0 && len(u.going) < u.most && (ready > u.size-u.most || u.old[0].State() != cluster.Ready) {
		n := u.old[0]
		u.old = u.old[1:]
		if n.State() == cluster.Ready {
			ready--
		}
		u.drain(n)
	}
	if len(u.old)+len(u.going) == 0 {
		u.end("")
	}
}

// drain begins to move a node's pods away.
func (u *nodeUpdate) drain(n *cluster.Node) {
	u.going = append(u.going, n)
	vacant := false
	u.i.Cluster.Taint([]*cluster.Node{n})
	u.i.Kernel.After(u.fault.DrainTimeout, func() {
		switch {
		case vacant || u.Ended >= 0 || !slices.Contains(u.going, n):
		case u.fault.Force:
			u.i.Cluster.Expel(n)
		default:
			u.end(podEvictionFailure)
		}
	})
	u.i.Cluster.Vacate(n, func() {
		vacant = true
		u.i.Cluster.Cordon([]*cluster.Node{n})
		u.i.changed([]*cluster.Node{n})
		u.i.Kernel.After(afterDrain, func() {
			if n.State() < cluster.Draining {
				u.i.Cluster.Retire(n)
			}
		})
	})
}

// gone hears that a node of the group is no more.
func (u *nodeUpdate) gone(n *cluster.Node) {
	is := func(other *cluster.Node) bool { return other == n }
	before := len(u.old) + len(u.going)
	u.old, u.going = slices.DeleteFunc(u.old, is), slices.DeleteFunc(u.going, is)
	if len(u.old)+len(u.going) < before {
		u.Done++
	}
	u.step()
}

// mustHaveJoined looks whether the first new nodes have come in time.
func (u *nodeUpdate) mustHaveJoined() {
	if !u.open && u.Ended < 0 {
		u.end(nodeCreationFailure)
	}
}

// end ends an update. After a failure what is left of the old nodes is opened
// again.
func (u *nodeUpdate) end(failed string) {
	for _, n := range u.going {
		if n.State() == cluster.Ready && !n.Unschedulable() {
			u.i.Cluster.StopVacating(n)
			u.old = append(u.old, n)
		} else {
			u.Done++ // it has been drained, and goes
		}
	}
	u.i.rollEnded(u.Rollout, failed)
	u.i.updates = slices.DeleteFunc(u.i.updates, func(other *nodeUpdate) bool { return other == u })
	u.i.Cluster.Untaint(u.old)
	u.group.Surge(-u.surge)
}

// rollBegan notes a rolling update.
func (i *Injector) rollBegan(f *Fault, of string, total int) *Rollout {
	place := slices.IndexFunc(i.faults, func(other Fault) bool { return other.stream == f.stream })
	r := &Rollout{Fault: place, Kind: f.Kind, Of: of, Began: i.Kernel.Now(), Ended: des.Never, Total: total}
	i.rolls = append(i.rolls, r)
	return r
}

// rollEnded notes its end.
func (i *Injector) rollEnded(r *Rollout, failed string) { r.Ended, r.Failed = i.Kernel.Now(), failed }

// Rollouts are the rolling updates of nodes and Deployments so far, in the order
// in which they began.
func (i *Injector) Rollouts() []*Rollout {
	for _, r := range i.rolls {
		if r.updated != nil {
			r.Done = r.updated()
		}
	}
	return i.rolls
}

// Ready hears that a node is Ready.
func (i *Injector) Ready(n *cluster.Node) {
	for _, u := range slices.Clone(i.updates) {
		if u.group == n.Group {
			u.step()
		}
	}
}

// NodeGone hears that a node has been terminated, or was lost.
func (i *Injector) NodeGone(n *cluster.Node) {
	for _, d := range i.drifts {
		before := len(d.left)
		d.left = slices.DeleteFunc(d.left, func(other *cluster.Node) bool { return other == n })
		if d.Done += before - len(d.left); len(d.left) == 0 && before > 0 {
			i.rollEnded(d.Rollout, "")
		}
	}
	for _, u := range slices.Clone(i.updates) {
		if u.group == n.Group {
			u.gone(n)
		}
	}
}
