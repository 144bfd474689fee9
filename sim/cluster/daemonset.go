package cluster

import (
	"slices"
	"time"

	"ipamsim/sim/controlplane"
	"ipamsim/sim/des"
)

// The DaemonSet controller (pkg/controller/daemon/daemon_controller.go) makes a
// pod for each node that the DaemonSet's pods may run on. Registered nodes have
// the taint node.kubernetes.io/not-ready:NoSchedule until they are Ready, which
// DaemonSets' pods do not tolerate by themselves: only those that tolerate it
// start before. Nodes keep room for the pods from the beginning, as though they
// had a priority above that of all others.

// makeSystemPods lets the controller make the pods of aws-node and kube-proxy,
// which tolerate everything, on a node that has registered. With them its
// machine boots. Pods of other DaemonSets that are made earlier wait for that.
func (c *Cluster) makeSystemPods(n *Node) {
	j := &joining{unmade: len(c.systemSets)}
	n.joining = j
	for _, d := range c.systemSets {
		d.create(func() {
			if j.unmade--; j.unmade > 0 || n.state != Registered {
				return
			}
			n.joining = nil
			n.Machine.Boot(func() { c.ready(n) })
			for _, place := range j.early {
				place()
			}
		})
	}
}

// ReplaceSystemPod lets the controller delete a pod of aws-node, which replace
// does, and make another.
func (c *Cluster) ReplaceSystemPod(replace func()) {
	d := c.systemSets[0]
	d.remove(func() {
		replace()
		d.create(func() {})
	})
}

// wantsDaemons lets the controller make the pods of a node's DaemonSets that may
// be there now and are not.
func (c *Cluster) wantsDaemons(n *Node) {
	for _, w := range n.Group.daemonSets {
		if w.wantedOn(n) && !w.isOn(n) && !n.awaits(w) {
			w.makeDaemon(n)
		}
	}
}

// daemonsChanged tells the controller that a node has gone, on which each
// DaemonSet's status counts one fewer.
func (c *Cluster) daemonsChanged(n *Node) {
	for _, d := range c.systemSets {
		d.changed()
	}
	for _, w := range n.Group.daemonSets {
		w.daemons.changed()
	}
}

// wantedOn says that a node should have a pod of the DaemonSet now.
func (w *Workload) wantedOn(n *Node) bool {
	may := n.state == Ready || n.state == Registered && w.TolerateNotReady
	return w.began && may && w.isFor(n)
}

// isFor says that the DaemonSet has pods on nodes of a node's group.
func (w *Workload) isFor(n *Node) bool { return slices.Contains(n.Group.daemonSets, w) }

// awaitedPod is a pod of a DaemonSet that is being made, and since when it is asked
// for; never, where that needs no time.
type awaitedPod struct {
	of    *Workload
	since time.Duration
}

// awaits says that the pod of a DaemonSet is being made.
func (n *Node) awaits(w *Workload) bool {
	return slices.ContainsFunc(n.awaited, func(a awaitedPod) bool { return a.of == w })
}

// awaitsNone forgets the pods of DaemonSets that are being made for a node that leaves.
func (n *Node) awaitsNone() {
	for _, a := range n.awaited {
		if a.since != des.Never {
			a.of.unask(a.since)
		}
	}
	n.awaited = nil
}

// gets is the end of waiting for the pod of a DaemonSet, and when it was asked for; ok
// is false where it is wanted no more.
func (n *Node) gets(w *Workload) (asked time.Duration, ok bool) {
	i := slices.IndexFunc(n.awaited, func(a awaitedPod) bool { return a.of == w })
	if i < 0 {
		return 0, false
	}
	asked = n.awaited[i].since
	n.awaited = slices.Delete(n.awaited, i, i+1)
	if asked == des.Never {
		return w.cluster.kernel.Now(), true
	}
	w.unask(asked)
	return asked, true
}

// isOn says whether the DaemonSet has a pod on a node, be it on its way out: another
// one is made when that has gone.
func (w *Workload) isOn(n *Node) bool {
	return slices.ContainsFunc(n.pods, func(p *Pod) bool { return p.Workload == w })
}

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
	since := des.Never
	if !w.cluster.daemons.Unlimited() {
		since = w.cluster.kernel.Now()
		w.ask(1)
	}
	n.awaited = append(n.awaited, awaitedPod{w, since})
	place := func() {
		if asked, ok := n.gets(w); ok {
			w.cluster.place(w.cluster.newPod(w, w.class, des.Never, asked), n)
		}
	}
	w.daemons.create(func() {
		if j := n.joining; j != nil {
			j.early = append(j.early, place)
			return
		}
		place()
	})
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
		w.daemons.remove(func() {
			if p.state < Stopping {
				w.cluster.stop(p)
			}
		})
		return true
	})
	if len(r.old) == 0 {
		w.roll = nil
	}
}
