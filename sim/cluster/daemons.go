package cluster

import "ipamsim/sim/controller"

// daemonSet is a DaemonSet as its controller looks after it: a sync creates pods
// on nodes that lack one, deletes those that a rolling update replaces, at most
// daemonsMost of each, and then updates the status, if that has changed
// (syncNodes and storeDaemonSetStatus in pkg/controller/daemon/daemon_controller.go).
type daemonSet struct {
	controller *controller.Controller
	object     *controller.Object
	missing    []func() // creations that are due
	surplus    []func() // deletions
	status     int      // counts changes
	written    int      // up to which the API server knows them

	// of the sync under way
	creating, deleting []func()
}

const (
	// daemonsMost is BurstReplicas of the controller of DaemonSets.
	daemonsMost = 250
	// daemonWorkers is --concurrent-daemonset-syncs.
	daemonWorkers = 2
)

func (c *Cluster) newDaemonSet() *daemonSet {
	d := &daemonSet{controller: c.daemons}
	d.object = c.daemons.Object(d)
	return d
}

// create lets the controller create a pod on a node, on which the status counts
// one more that is wanted.
func (d *daemonSet) create(do func()) {
	if d.controller.Unlimited() {
		do()
		return
	}
	d.missing = append(d.missing, do)
	d.changed()
}

// remove lets it delete one.
func (d *daemonSet) remove(do func()) {
	if d.controller.Unlimited() {
		do()
		return
	}
	d.surplus = append(d.surplus, do)
	d.changed()
}

// changed hears of what the status counts: nodes that should have a pod, that have
// one, and that have a ready one.
func (d *daemonSet) changed() {
	if !d.controller.Unlimited() {
		d.status++
		d.object.Enqueue()
	}
}

// Look implements controller.Work.
func (d *daemonSet) Look() {
	d.creating, d.missing = cut(d.missing)
	d.deleting, d.surplus = cut(d.surplus)
}

// cut takes as many requests as one sync sends.
func cut(list []func()) (now, later []func()) {
	n := min(len(list), daemonsMost)
	return list[:n:n], list[n:]
}

// Next implements controller.Work.
func (d *daemonSet) Next() controller.Batch {
	switch {
	case len(d.creating) > 0:
		return controller.Batch{Requests: len(d.creating), Slowly: true, Event: true, Do: take(&d.creating)}
	case len(d.deleting) > 0:
		return controller.Batch{Requests: len(d.deleting), Event: true, Do: take(&d.deleting)}
	case d.status != d.written:
		listed := d.status
		return controller.Batch{Requests: 1, Status: true, Do: func() { d.written = listed }}
	case len(d.missing)+len(d.surplus) > 0:
		d.object.Enqueue()
	}
	return controller.Batch{}
}

// take does one after the other.
func take(list *[]func()) func() {
	return func() {
		do := (*list)[0]
		*list = (*list)[1:]
		do()
	}
}
