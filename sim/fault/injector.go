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
	errors   []*requestWindow // of api-errors
	delays   []*requestWindow // of api-slow
	watches  []*watch
	watched  map[ec2model.Caller]*watchedNode // nil when there is no watch
	steps    []*nodeWindow                    // of netlink-errors and kill-plugin
	outages  []*nodeWindow                    // of metadata-down
	lags     []*lagWindow                     // of slow-metadata
	rollouts []*rollout
	updates  []*nodeUpdate
	drifts   []*drifting
	rolls    []*Rollout // of nodes and of Deployments
}

// Joined hears that a node has registered.
func (i *Injector) Joined(n *cluster.Node) {
	if i.watched != nil {
		i.watched[ec2model.Caller(n.Instance.ID)] = &watchedNode{node: n}
	}
	for _, w := range i.steps {
		w.joined(i, n)
	}
	for _, w := range i.outages {
		w.joined(i, n)
	}
	for _, w := range i.lags {
		w.joined(i, n)
	}
}

// Gone hears that a node is no more.
func (i *Injector) Gone(n *cluster.Node) {
	delete(i.watched, ec2model.Caller(n.Instance.ID))
	for _, w := range i.steps {
		delete(w.nodes, n)
	}
	for _, w := range i.outages {
		delete(w.nodes, n)
	}
	for _, w := range i.lags {
		delete(w.nodes, n)
		delete(w.instances, n.Instance.ID)
	}
	i.stepAll()
}

// Forgotten hears that a lost node is deleted in the API server.
func (i *Injector) Forgotten(*cluster.Node) { i.stepAll() }

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
