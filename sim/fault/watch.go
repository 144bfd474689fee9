package fault

import (
	"slices"

	"ipamsim/ec2model"
	"ipamsim/sim/cluster"
)

// Moment is a point in what a node's ipamd does.
type Moment string

// The moments. Those in -ing last from the request until its answer: a node is
// hit at their beginning, when the request is sent and will have its effect
// whatever becomes of the sender. The others last from the answer to the next
// request of the sequence.
const (
	Initialising Moment = "initialising" // ipamd starts
	Assigning    Moment = "assigning"
	Unassigning  Moment = "unassigning"
	Creating     Moment = "creating"
	Created      Moment = "created" // and not attached
	Attaching    Moment = "attaching"
	Attached     Moment = "attached"  // and DeleteOnTermination not set
	Modifying    Moment = "modifying" // it is being set
	Detaching    Moment = "detaching"
	Detached     Moment = "detached" // and not deleted
	Deleting     Moment = "deleting"
	Adding       Moment = "adding" // ipamd has answered an ADD, and the plugin has written nothing
)

// starting is the moment that begins with a request.
var starting = map[ec2model.Action]Moment{
	ec2model.AssignPrivateIpAddresses:        Assigning,
	ec2model.UnassignPrivateIpAddresses:      Unassigning,
	ec2model.CreateNetworkInterface:          Creating,
	ec2model.AttachNetworkInterface:          Attaching,
	ec2model.ModifyNetworkInterfaceAttribute: Modifying, // unless it sets security groups
	ec2model.DetachNetworkInterface:          Detaching,
	ec2model.DeleteNetworkInterface:          Deleting,
}

// ending is the moment that begins with a successful answer.
var ending = map[ec2model.Action]Moment{
	ec2model.CreateNetworkInterface: Created,
	ec2model.AttachNetworkInterface: Attached,
	ec2model.DetachNetworkInterface: Detached,
}

// watchedNode is a node whose moments are watched.
type watchedNode struct {
	node        *cluster.Node
	unprotected bool // it has attached an interface and not set DeleteOnTermination
}

// watch waits for nodes to come to a moment.
type watch struct {
	*Fault
	left  int                    // nodes that may still be hit; -1 for no bound
	nodes map[*cluster.Node]bool // that have come to it: hit, or not of the share
}

// watch plans a fault with a When: from each of its occasions on, nodes are
// hit when they come to the moment, each once per occasion, or every time.
func (i *Injector) watch(f *Fault) {
	w := &watch{Fault: f, nodes: map[*cluster.Node]bool{}}
	first := true
	i.each(f, func(string) {
		if first {
			i.watches = append(i.watches, w)
			first = false
		}
		clear(w.nodes)
		if f.Nodes < 0 {
			w.left = -1
		} else {
			w.left += f.Nodes
		}
	})
	if f.Until != Forever {
		i.Kernel.At(f.Until, func() {
			i.watches = slices.DeleteFunc(i.watches, func(other *watch) bool { return other == w })
		})
	}
	if i.watched == nil {
		i.watched = map[ec2model.Caller]*watchedNode{}
		i.Account.ObserveStarts(i.started)
		i.Account.Observe(i.ended)
	}
}

func (i *Injector) started(by ec2model.Caller, action ec2model.Action) {
	g := i.watched[by]
	if g == nil {
		return
	}
	m, known := starting[action]
	if !known || m == Modifying && !g.unprotected {
		return
	}
	i.reached(g, m)
}

func (i *Injector) ended(a ec2model.Attempt) {
	g := i.watched[a.Caller]
	if g == nil || a.Err != nil {
		return
	}
	switch a.Action {
	case ec2model.AttachNetworkInterface:
		g.unprotected = true
	case ec2model.ModifyNetworkInterfaceAttribute:
		g.unprotected = false
	}
	if m, known := ending[a.Action]; known {
		i.reached(g, m)
	}
}

// reached hits a node that has come to a moment, if somebody waits for it: in
// an event of its own, since the daemon's code is on the stack.
func (i *Injector) reached(g *watchedNode, m Moment) {
	for _, w := range i.watches {
		if w.When == m && i.takes(w, g.node) {
			i.Kernel.After(0, func() { i.hit(w.Fault, g.node) })
		}
	}
}

// attachedByOthers hears that somebody else has attached an interface to a
// node. That is no moment of its ipamd, but systemd-networkd sees no difference.
func (i *Injector) attachedByOthers(n *cluster.Node) {
	for _, w := range i.watches {
		if w.When == Attached && w.effect.everyTime && n.Machine != nil && i.takes(w, n) {
			i.Kernel.After(0, func() { i.hit(w.Fault, n) })
		}
	}
}

// takes says whether a watch hits a node now.
func (i *Injector) takes(w *watch, n *cluster.Node) bool {
	if hit, known := w.nodes[n]; known {
		return hit && w.effect.everyTime
	}
	if w.left == 0 || !w.covers(n) || n.State() == cluster.Gone {
		return false
	}
	w.nodes[n] = false
	if w.NodeShare < 1 && i.Kernel.Rand(w.stream+"/"+n.Name).Float64() >= w.NodeShare {
		return false
	}
	w.nodes[n] = true
	if w.left > 0 {
		w.left--
	}
	return true
}

// Adding hears that a node's ipamd has answered an ADD of the CNI plugin with
// an address, and that the plugin has not begun to wire it.
func (i *Injector) Adding(n *cluster.Node) {
	if g := i.watched[ec2model.Caller(n.Instance.ID)]; g != nil {
		i.reached(g, Adding)
	}
}

// Initialising hears that a process of a node's ipamd begins its start.
func (i *Injector) Initialising(n *cluster.Node) {
	if g := i.watched[ec2model.Caller(n.Instance.ID)]; g != nil {
		g.unprotected = false
		i.reached(g, Initialising)
	}
}
