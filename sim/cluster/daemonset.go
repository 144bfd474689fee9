package cluster

import (
	"math"
	"slices"

	"ipamsim/internal/portable"
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
		if w.began && (w.TolerateNotReady || n.state == Ready) && w.podOn(n) == nil && !n.awaits(w) {
			w.makeDaemon(n)
		}
	}
}

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
	c.kernel.At(c.cfg.Kernel(*w.From), func() {
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
	most int     // pods that may be unavailable
	old  []*Node // whose pod is of the template before, in the order in which it goes
}

// RollDaemonSet begins a rolling update of a DaemonSet: its pods are deleted
// and made again, at most a share of them at a time, rounded up, but one in any
// case, in an order that the stream draws. It returns the number of pods, 0 when
// there is no such DaemonSet.
func (c *Cluster) RollDaemonSet(name string, share float64, stream string) int {
	i := slices.IndexFunc(c.workloads, func(w *Workload) bool { return w.Name == name && w.Kind == DaemonSet })
	if i < 0 {
		return 0
	}
	w := c.workloads[i]
	w.roll = &roll{}
	for _, g := range c.groups {
		for _, n := range g.nodes.all() {
			if w.podOn(n) != nil {
				w.roll.old = append(w.roll.old, n)
			}
		}
	}
	old := w.roll.old
	w.roll.most = max(1, portable.Int(math.Ceil(float64(share*float64(len(old)))-1e-9)))
	c.kernel.Rand(stream).Shuffle(len(old), func(a, b int) { old[a], old[b] = old[b], old[a] })
	w.stepRoll()
	return len(old)
}

// stepRoll is a look of the controller at a rolling update. Pods that do not
// run are unavailable; old ones among them go at once
// (pkg/controller/daemon/update.go).
func (w *Workload) stepRoll() {
	r := w.roll
	if r == nil {
		return
	}
	away := 0
	for _, g := range w.cluster.groups {
		for _, n := range g.nodes.all() {
			if p := w.podOn(n); (n.state == Ready || n.state == Registered) && slices.Contains(g.daemonSets, w) && (p == nil || p.state != Running) {
				away++
			}
		}
	}
	r.old = slices.DeleteFunc(r.old, func(n *Node) bool {
		p := w.podOn(n)
		switch {
		case p == nil:
			return true // gone with its node, or by itself
		case p.state != Running: // counted as away
		case away < r.most:
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
