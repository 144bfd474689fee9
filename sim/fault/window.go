package fault

import (
	"math/rand/v2"
	"time"

	"ipamsim/ec2model"
	"ipamsim/sim/cluster"
)

// requestWindow is a time in which requests are disturbed.
type requestWindow struct {
	*Fault
	random *rand.Rand
}

// observeRequests lets EC2 ask about each request, if there is a reason.
func (i *Injector) observeRequests() {
	if len(i.errors) > 0 {
		i.Account.SetFault(func(_ ec2model.Caller, action ec2model.Action, start time.Duration) *ec2model.Error {
			for _, w := range i.errors {
				if err := w.failed(action, start); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if len(i.delays) > 0 {
		i.Account.SetSlowdown(func(_ ec2model.Caller, action ec2model.Action, start, latency time.Duration) time.Duration {
			for _, w := range i.delays {
				if w.concerns(action, start) {
					w.hits++
					latency = w.slowed(latency)
				}
			}
			return latency
		})
	}
}

func (w *requestWindow) concerns(action ec2model.Action, start time.Duration) bool {
	return w.during(start) && (w.Action == nil || *w.Action == action)
}

// during says whether a moment is in one of the times that a fault lasts.
// Each has its first instant and not its last.
func (f *Fault) during(t time.Duration) bool {
	if t < f.At {
		return false
	}
	n, since := time.Duration(0), t-f.At
	if f.Every > 0 {
		n, since = since/f.Every, since%f.Every
	}
	return since < f.For && (f.Times == 0 || n < time.Duration(f.Times))
}

// nodeWindow is a time in which some nodes are disturbed, and some of those
// that join meanwhile.
type nodeWindow struct {
	*Fault
	began  func(*cluster.Node)          // hears of each node that is hit; nil for nobody
	stream string                       // of the occasion under way
	left   int                          // nodes that may still be hit; -1 for no bound
	nodes  map[*cluster.Node]*rand.Rand // those that are known, with a source for their chances when hit; nil in between
}

func (i *Injector) newNodeWindow(f *Fault) *nodeWindow {
	w := &nodeWindow{Fault: f}
	i.each(f, func(stream string) {
		w.begin(i, stream)
		i.atEnd(f, func() { w.nodes = nil })
	})
	return w
}

// begin chooses among the nodes that are there.
func (w *nodeWindow) begin(i *Injector, stream string) {
	w.stream, w.left, w.nodes = stream, w.Nodes, map[*cluster.Node]*rand.Rand{}
	for _, n := range i.Cluster.Select(w.covers, 1, -1, "") {
		w.nodes[n] = nil
	}
	for _, n := range i.choose(w.Fault, stream) {
		w.take(i, n)
	}
}

// joined decides about a node that has registered while the window is open.
func (w *nodeWindow) joined(i *Injector, n *cluster.Node) {
	if _, known := w.nodes[n]; known || w.nodes == nil || w.left == 0 || !w.covers(n) {
		return
	}
	w.nodes[n] = nil
	if w.NodeShare >= 1 || i.Kernel.Rand(w.stream+"/"+n.Name+"/joined").Float64() < w.NodeShare {
		w.take(i, n)
	}
}

// take disturbs a node until the window closes.
func (w *nodeWindow) take(i *Injector, n *cluster.Node) {
	w.nodes[n] = i.Kernel.Rand(w.stream + "/" + n.Name)
	if w.left > 0 {
		w.left--
	}
	if w.began != nil {
		w.began(n)
	}
}
