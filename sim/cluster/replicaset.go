package cluster

import (
	"cmp"
	"slices"

	"ipamsim/sim/controller"
)

// replicaSet is a ReplicaSet of a Deployment as the controller of ReplicaSets
// looks after it (pkg/controller/replicaset): a sync creates or deletes pods, at
// most syncMost of them, and then updates the status, if that differs, to what was
// listed when it began.
type replicaSet struct {
	workload *Workload
	which    int // oldSet or newSet
	object   *controller.Object
	wanted   int // counts changes of what is wanted, the object's generation

	// of the sync under way
	listed   replicaSetStatus
	todo     int // pods to create, or to delete when negative
	chosen   []*Pod
	template uint16 // that pods are created of
	reported bool

	written replicaSetStatus // what the API server has
}

// replicaSetStatus is what a status says that changes. Available pods are ready
// ones here.
type replicaSetStatus struct {
	replicas, ready, terminating, wanted int
}

const (
	// controllerWorkers is --concurrent-replicaset-syncs. The controller of Jobs has
	// as many.
	controllerWorkers = 5
	// syncMost is BurstReplicas: most pods that one sync creates or deletes. The
	// controller of Jobs has the same (MaxPodCreateDeletePerSync).
	syncMost = 500
)

func (w *Workload) newReplicaSet(which int) *replicaSet {
	rs := &replicaSet{workload: w, which: which}
	rs.object = w.cluster.replicaSets.Object(rs)
	return rs
}

func (rs *replicaSet) status() replicaSetStatus {
	w := rs.workload
	return replicaSetStatus{w.pods(rs.which), w.readyOf(rs.which), w.terminating[rs.which], rs.wanted}
}

// Look implements controller.Work.
func (rs *replicaSet) Look() {
	w := rs.workload
	rs.listed, rs.reported, rs.chosen = rs.status(), false, nil
	rs.todo = w.wantedOf(rs.which) - w.pods(rs.which)
	if !w.cluster.admits(rs.todo) || rs.todo < 0 && w.pauses > 0 {
		rs.todo = 0
	}
	if !w.cluster.replicaSets.Unlimited() {
		rs.todo = max(-syncMost, min(rs.todo, syncMost))
	}
	if rs.todo > 0 {
		rs.template = w.generation
		if rs.which == oldSet {
			rs.template--
		}
		return
	}
	rs.chosen = w.excess(rs.which, -rs.todo)
	rs.todo = -len(rs.chosen)
}

// Next implements controller.Work.
func (rs *replicaSet) Next() controller.Batch {
	n := rs.todo
	rs.todo = 0
	switch {
	case n > 0:
		return controller.Batch{Requests: n, Slowly: true, Event: true, Do: rs.add}
	case n < 0:
		return controller.Batch{Requests: -n, Event: true, Do: rs.remove}
	case rs.reported || rs.listed == rs.written:
		return controller.Batch{}
	}
	rs.reported = true
	return controller.Batch{Requests: 1, Status: true, Do: rs.report}
}

func (rs *replicaSet) add() { rs.workload.addReplicaOf(rs.template) }

func (rs *replicaSet) remove() {
	p := rs.chosen[0]
	rs.chosen = rs.chosen[1:]
	if p.replica >= 0 { // it may have gone by itself
		rs.workload.dismiss(p)
		rs.workload.cluster.stop(p)
	}
}

// report writes the status, on which the Deployment controller acts.
func (rs *replicaSet) report() {
	rs.written = rs.listed
	rs.workload.stepUpdate()
}

// sync lets the controller look at the ReplicaSet, and says whether that has
// changed something already: without limits it does at once all that is to be done.
func (rs *replicaSet) sync() bool {
	if !rs.workload.cluster.replicaSets.Unlimited() {
		rs.workload.askForReplicas()
		rs.object.Enqueue()
		return false
	}
	rs.Look()
	n, do := rs.todo, rs.add
	if n < 0 {
		n, do = -n, rs.remove
	}
	for range n {
		do()
	}
	rs.settle()
	return n > 0
}

// settle writes the status without a request.
func (rs *replicaSet) settle() { rs.written = rs.status() }

// changed hears of what a status counts.
func (rs *replicaSet) changed() {
	if rs.workload.cluster.replicaSets.Unlimited() {
		rs.settle()
		return
	}
	rs.workload.askForReplicas()
	rs.object.Enqueue()
}

// set is the ReplicaSet of a pod.
func (w *Workload) set(p *Pod) *replicaSet {
	if w.isNew(p) {
		return w.sets[newSet]
	}
	return w.sets[oldSet]
}

// isNew says whether a replica is of the latest update's template.
func (w *Workload) isNew(p *Pod) bool { return p.generation == w.generation }

// pods is how many pods a ReplicaSet has that are not on their way out.
func (w *Workload) pods(set int) int {
	made := len(w.replicas)
	if w.update != nil {
		made = w.update.made
	}
	if set == newSet {
		return made
	}
	return len(w.replicas) - made
}

// readyOf is how many ready pods a ReplicaSet has.
func (w *Workload) readyOf(set int) int {
	ready := w.up
	if w.update != nil {
		ready = w.update.ready
	}
	if set == newSet {
		return ready
	}
	return w.up - ready
}

// wantedOf is how many pods a ReplicaSet should have.
func (w *Workload) wantedOf(set int) int {
	switch {
	case w.update != nil:
		return w.update.size[set]
	case set == newSet:
		return w.desired
	}
	return 0
}

// excess are the pods of a ReplicaSet that it deletes first. Of the new one of a
// rolling update, which seldom shrinks, they are sorted anew.
func (w *Workload) excess(set, n int) []*Pod {
	switch {
	case n == 0:
		return nil
	case set == oldSet || w.update == nil:
		return w.deletions.first(n)
	}
	var list []*Pod
	for _, p := range w.replicas {
		if w.isNew(p) && !p.deleting {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b *Pod) int { return cmp.Compare(w.deletions.rank(a), w.deletions.rank(b)) })
	list = list[:min(n, len(list))]
	for _, p := range list {
		p.deleting = true
	}
	return list
}
