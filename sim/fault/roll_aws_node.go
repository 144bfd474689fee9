package fault

import (
	"slices"
	"time"

	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
)

// rollAWSNode: a rolling update of the DaemonSet.
var rollAWSNode = effect{
	kind:     scenarios.FaultRollAWSNode,
	occasion: (*Injector).roll,
}

// DaemonSet is aws-node as disturbances and its controller act on it.
type DaemonSet struct {
	// Restart ends the container on a node, Replace its pod. Both do nothing
	// where none is.
	Restart func(*cluster.Node)
	Replace func(*cluster.Node)
	// Retemplate lays an environment over that of the pods of a group, or of
	// all when its name is empty, that are made from now on.
	Retemplate func(group string, environment map[string]string)
	// Available is from when on a node's pod is available; not ok while it
	// does not serve.
	Available func(*cluster.Node) (from time.Duration, ok bool)
}

// rollout is a rolling update under way. The controller looks at it whenever
// a pod becomes available or goes. The time in which it hears of a change is
// left out: some milliseconds.
type rollout struct {
	*Fault
	old   []*cluster.Node // whose pod is of the template before, in the order in which it goes
	going []*cluster.Node // whose pod has been chosen, and whose deletion waits for the controller's client
}

// roll begins a rolling update as the DaemonSet controller does it
// (Kubernetes pkg/controller/daemon/update.go): old pods that are not
// available go at once, others while at most maxUnavailable of all, new ones
// included and those of nodes that are lost, are unavailable. The controller
// walks the nodes in Go's map order.
func (i *Injector) roll(f *Fault, stream string) {
	i.Retemplate(f.Group, f.Environment)
	r := &rollout{Fault: f}
	for _, n := range i.Cluster.Select(f.covers, 1, -1, "") {
		if n.Machine != nil {
			f.hits++
			r.old = append(r.old, n)
		}
	}
	i.Kernel.Rand(stream).Shuffle(len(r.old), func(a, b int) { r.old[a], r.old[b] = r.old[b], r.old[a] })
	for _, before := range i.rollouts { // its pods are replaced by this one's
		before.old = slices.DeleteFunc(before.old, func(n *cluster.Node) bool { return r.covers(n) })
	}
	i.rollouts = append(i.rollouts, r)
	i.step(r)
}

// Rolling is the number of nodes that each rollout under way has still to
// come to.
func (i *Injector) Rolling() []int {
	list := make([]int, len(i.rollouts))
	for k, r := range i.rollouts {
		list[k] = len(r.old)
	}
	return list
}

// Serving hears that a node's ipamd has begun to serve.
func (i *Injector) Serving(n *cluster.Node) {
	for _, r := range i.rollouts {
		if r.covers(n) {
			from, _ := i.Available(n)
			i.Kernel.At(max(from, i.Kernel.Now()), func() { i.step(r) })
		}
	}
}

func (i *Injector) stepAll() {
	for _, r := range slices.Clone(i.rollouts) {
		i.step(r)
	}
}

// step is one look of the controller.
func (i *Injector) step(r *rollout) {
	all, unavailable := i.Cluster.Unreachable(r.covers)
	for _, n := range i.Cluster.Select(r.covers, 1, -1, "") {
		if n.Machine == nil || n.State() == cluster.Gone {
			continue
		}
		all++
		if !i.available(n) || slices.Contains(r.going, n) {
			unavailable++
		}
	}
	most := r.MaxUnavailable.Up(all)
	r.old = slices.DeleteFunc(r.old, func(n *cluster.Node) bool {
		switch {
		case n.State() == cluster.Gone:
			return true
		case !i.available(n):
		case unavailable < most:
			unavailable++
		default:
			return false
		}
		i.replace(r, n)
		return true
	})
	if len(r.old) == 0 {
		i.rollouts = slices.DeleteFunc(i.rollouts, func(other *rollout) bool { return other == r })
	}
}

// replace lets the controller delete a node's pod and make another.
func (i *Injector) replace(r *rollout, n *cluster.Node) {
	r.going = append(r.going, n)
	i.Cluster.ReplaceSystemPod(func() {
		r.going = slices.DeleteFunc(r.going, func(other *cluster.Node) bool { return other == n })
		if n.State() != cluster.Gone {
			i.Replace(n)
		}
	})
}

func (i *Injector) available(n *cluster.Node) bool {
	from, ok := i.Available(n)
	return ok && from <= i.Kernel.Now()
}
