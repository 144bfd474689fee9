package scrape

import (
	"cmp"
	"slices"
	"time"

	"ipamsim/sim/awscni"
	"ipamsim/sim/cluster"
	"ipamsim/sim/fleet"
	"ipamsim/sim/kubelet"
	"ipamsim/sim/machine"
)

// Event is what the scheduler or kubelet tells the API server of a pod or a node.
type Event struct {
	At       time.Time
	Reason   string // Scheduled, Pulled, Started, NodeReady
	Node     string
	Pod      string // nothing where it is about the node
	Workload string
	Pull     time.Duration // how long the image took; 0 for one that was on the node
}

// eventful listens to pods and nodes.
type eventful struct {
	*collector
	begun map[*kubelet.Pod]time.Duration // its containers, which kubelet has not seen run
}

// tell keeps events, from time 0 on.
func (c *collector) tell() {
	e := &eventful{c, map[*kubelet.Pod]time.Duration{}}
	c.fleet.Hooks.Made = func(m *machine.Machine, k *kubelet.Options, _ *awscni.Options) {
		k.OnStage = func(p *kubelet.Pod, s kubelet.Stage) { e.stage(m, p, s) }
	}
	c.fleet.Listener.NodeReady = fleet.Both(func(n *cluster.Node) {
		e.add(n.Ready, Event{Reason: "NodeReady", Node: n.Name})
	}, c.fleet.Listener.NodeReady)
	c.fleet.Listener.PodRunning = fleet.Both(func(p *cluster.Pod) { e.runs(&p.Pod, of(p)) }, c.fleet.Listener.PodRunning)
}

// of begins an event of a pod.
func of(p *cluster.Pod) Event { return Event{Node: p.Node.Name, Pod: p.Key, Workload: p.Workload.Name} }

// stage hears of a pod's way. The model has one time for the pull of an image and the
// start of its containers: an event has both as the pull.
func (e *eventful) stage(m *machine.Machine, p *kubelet.Pod, s kubelet.Stage) {
	now := e.fleet.Kernel.Now()
	pod := of(m.Pod(p))
	switch {
	case now == p.Bound && (s == kubelet.Mounting || s == kubelet.Syncing):
		pod.Reason = "Scheduled"
		e.add(now, pod)
	case s == kubelet.Starting:
		e.begun[p] = now
	case s == kubelet.Reporting:
		e.runs(p, pod)
	case s == kubelet.Stopping:
		delete(e.begun, p)
	}
}

// runs hears that kubelet has seen a pod's containers run, once or twice.
func (e *eventful) runs(p *kubelet.Pod, pod Event) {
	begun, ok := e.begun[p]
	if !ok {
		return
	}
	delete(e.begun, p)
	pulled, started := pod, pod
	pulled.Reason, started.Reason = "Pulled", "Started"
	if takes := p.Takes(); p.Pulls() {
		pulled.Pull = takes
		e.add(begun+takes, pulled)
		e.add(begun+takes, started)
	} else {
		e.add(begun, pulled)
		e.add(begun+takes, started)
	}
}

func (e *eventful) add(at time.Duration, one Event) {
	if at < e.fleet.WarmUp || e.points > Limit {
		return
	}
	one.At = e.fleet.Epoch.Add(at)
	e.out.Events = append(e.out.Events, one)
	e.points++
}

// inOrder sorts events by time: that containers run is known later than it is so.
func (s *Scrapes) inOrder() {
	slices.SortStableFunc(s.Events, func(a, b Event) int { return cmp.Compare(a.At.UnixNano(), b.At.UnixNano()) })
}
