package cluster

import (
	"slices"

	"ipamsim/sim/controlplane"
	"ipamsim/sim/des"
	"ipamsim/sim/nodeadm"
)

// The DaemonSet controller (pkg/controller/daemon/daemon_controller.go) makes a
// pod for each node that the DaemonSet's pods may run on. Registered nodes have
// the taint node.kubernetes.io/not-ready:NoSchedule until they are Ready, which
// DaemonSets' pods do not tolerate by themselves: only those that tolerate it
// start before. Nodes keep room for the pods from the beginning, as though they
// had a priority above that of all others.

// makeSystemPods lets the controller make the pods of aws-node and kube-proxy,
// which tolerate everything, on a node that has registered. With them its
// machine boots. Both come before any other pod of the node: requests of one
// client are first come, first served.
func (c *Cluster) makeSystemPods(n *Node) {
	missing := nodeadm.SystemPods
	c.daemons.submit(podSync{left: missing, batch: missing, after: answerTime, synced: nothing, do: func() {
		if missing--; missing == 0 && n.state == Registered {
			n.Machine.Boot(func() { c.ready(n) })
		}
	}})
}

// ReplaceSystemPod lets the controller delete a pod of a system's DaemonSet,
// which replace does, and make another.
func (c *Cluster) ReplaceSystemPod(replace func()) {
	c.daemons.remove(1, replace, nothing)
	c.daemons.create(1, nothing, nothing)
}

// wantsDaemons lets the controller make the pods of a node's DaemonSets that may
// be there now and are not.
func (c *Cluster) wantsDaemons(n *Node) {
	for _, w := range n.Group.daemonSets {
		if w.wantedOn(n) && w.podOn(n) == nil && !n.awaits(w) {
			w.makeDaemon(n)
		}
	}
}

// wantedOn says that a node should have a pod of the DaemonSet now.
func (w *Workload) wantedOn(n *Node) bool {
	may := n.state == Ready || n.state == Registered && w.TolerateNotReady
	return w.began && may && w.isFor(n)
}

// isFor says that the DaemonSet has pods on nodes of a node's group.
func (w *Workload) isFor(n *Node) bool { return slices.Contains(n.Group.daemonSets, w) }

// awaits says that the pod of a DaemonSet is being made.
func (n *Node) awaits(w *Workload) bool { return slices.Contains(n.awaited, w) }

// podOn is the DaemonSet's pod on a node that has not been asked to stop, or nil.
func (w *Workload) podOn(n *Node) *Pod {
	for _, p := range n.pods {
		if p.Workload == w && p.state < Stopping {
			return p
		}
	}
	return nil
}

// makeDaemon lets the controller make the pod of a node.
func (w *Workload) makeDaemon(n *Node) {
	n.awaited = append(n.awaited, w)
	w.cluster.daemons.create(1, func() {
		n.awaited = slices.DeleteFunc(n.awaited, func(other *Workload) bool { return other == w })
		if n.state == Registered || n.state == Ready {
			w.cluster.place(w.cluster.newPod(w, w.class, des.Never), n)
		}
	}, nothing)
}

// startDaemons begins a DaemonSet: with the nodes, or at a time of its own.
func (w *Workload) startDaemons() {
	c := w.cluster
	if w.From == nil {
		w.began = true
		return
	}
	c.kernel.At(c.cfg.kernelTime(*w.From), func() {
		w.began = true
		for _, g := range c.groups {
			for _, n := range slices.Clone(g.nodes.all()) {
				if n.state == Registered || n.state == Ready {
					c.wantsDaemons(n)
				}
			}
		}
	})
}

// roll is a rolling update of a DaemonSet under way.
type roll struct {
	most controlplane.IntOrPercent // pods that may be unavailable
	old  []*Node                   // whose pod is of the template before, in the order in which it goes
}

// RollDaemonSet begins a rolling update of a DaemonSet: its pods are deleted
// and made again, at most so many of them at a time, a percentage of those that
// there should be rounded up, in an order that the stream draws. It returns the
// number of pods, 0 when there is no such DaemonSet.
func (c *Cluster) RollDaemonSet(name string, most controlplane.IntOrPercent, stream string) int {
	i := slices.IndexFunc(c.workloads, func(w *Workload) bool { return w.Name == name && w.Kind == DaemonSet })
	if i < 0 {
		return 0
	}
	w := c.workloads[i]
	w.roll = &roll{most: most}
	for _, g := range c.groups {
		for _, n := range g.nodes.all() {
			if w.podOn(n) != nil {
				w.roll.old = append(w.roll.old, n)
			}
		}
	}
	old := w.roll.old
	c.kernel.Rand(stream).Shuffle(len(old), func(a, b int) { old[a], old[b] = old[b], old[a] })
	w.stepRoll()
	return len(old)
}

// stepRoll is a look of the controller at a rolling update. Pods that do not
// run are unavailable, whatever the reason, and so are those of lost nodes and
// those that a node has not yet got; old ones among them go at once
// (pkg/controller/daemon/update.go).
func (w *Workload) stepRoll() {
	r := w.roll
	if r == nil {
		return
	}
	all, away := w.cluster.Unreachable(w.isFor)
	for _, g := range w.cluster.groups {
		for _, n := range g.nodes.all() {
			p := w.podOn(n)
			if p == nil && !w.wantedOn(n) {
				continue
			}
			if all++; p == nil || p.state != Running {
				away++
			}
		}
	}
	most := r.most.Up(all)
	r.old = slices.DeleteFunc(r.old, func(n *Node) bool {
		p := w.podOn(n)
		switch {
		case p == nil:
			return true // gone with its node, or by itself
		case p.state != Running: // counted as away
		case away < most:
			away++
		default:
			return false
		}
		w.cluster.daemons.remove(1, func() {
			if p.state < Stopping {
				w.cluster.stop(p)
			}
		}, nothing)
		return true
	})
	if len(r.old) == 0 {
		w.roll = nil
	}
}
