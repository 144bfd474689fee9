package fault

import (
	"time"

	"ipamsim/ec2model"
	"ipamsim/sim/cluster"
	"ipamsim/sim/des"
)

// Target is what disturbances act on.
type Target struct {
	Kernel  *des.Kernel
	Account *ec2model.Account
	Cluster *cluster.Cluster
	DaemonSet
	Changed    func(*cluster.Node)               // the node object, or what metadata answers, has changed
	LinkGone   func(n *cluster.Node, device int) // an interface has left the node
	Flush      func(*cluster.Node)               // drops the policy rules of a node
	FlushTable func(n *cluster.Node, device int) // drops the routes of an interface's table; of all secondary ones when device is 0
}

// Injector carries the faults of a run out. Its host tells it what happens to
// nodes; without a fault that cares that costs nothing.
type Injector struct {
	Target
	faults   []Fault
	failing  []*window // of APIErrors
	slow     []*window // of APISlow
	watches  []*watch
	guests   map[ec2model.Caller]*guest // nodes that are watched; nil when none is
	lapses   []*spell                   // of NetlinkErrors and KillPlugin
	outages  []*spell                   // of MetadataDown
	rollouts []*rollout
}

// Joined hears that a node has registered.
func (i *Injector) Joined(n *cluster.Node) {
	if i.guests != nil {
		i.guests[ec2model.Caller(n.Instance.ID)] = &guest{node: n}
	}
	for _, s := range i.lapses {
		s.joined(i, n)
	}
	for _, s := range i.outages {
		s.joined(i, n)
	}
}

// Gone hears that a node is no more.
func (i *Injector) Gone(n *cluster.Node) {
	delete(i.guests, ec2model.Caller(n.Instance.ID))
	for _, s := range i.lapses {
		delete(s.nodes, n)
	}
	for _, s := range i.outages {
		delete(s.nodes, n)
	}
	i.stepAll()
}

// Hits is how often each fault has hit something so far, in the order in
// which they were given: requests, attempts at a step, or nodes. What always
// finds something counts each time.
func (i *Injector) Hits() []int {
	list := make([]int, len(i.faults))
	for k := range i.faults {
		list[k] = i.faults[k].hits
	}
	return list
}

// LastEnd is when the last fault is over: what happens at once with its last
// occasion, what lasts with its end, what waits for a moment when it no longer
// does. It is not ok when one never ends, or when there is none.
func (i *Injector) LastEnd() (end time.Duration, ok bool) {
	for k := range i.faults {
		end = max(end, i.faults[k].end())
	}
	return end, len(i.faults) > 0 && end != Forever
}

func (f *Fault) end() time.Duration {
	last := f.lastOccasion()
	switch {
	case f.When != "":
		return f.Until
	case last == Forever || f.For == Forever:
		return Forever
	}
	return last + f.For
}

// lastOccasion is when a fault begins for the last time.
func (f *Fault) lastOccasion() time.Duration {
	if f.Every == 0 {
		return f.At
	}
	most := (Forever - f.At) / f.Every
	again := most
	if f.Times > 0 {
		again = min(again, time.Duration(f.Times-1))
	}
	if f.Until != Forever {
		again = min(again, max(0, f.Until-1-f.At)/f.Every)
	}
	if again == most {
		return Forever
	}
	return f.At + again*f.Every
}
