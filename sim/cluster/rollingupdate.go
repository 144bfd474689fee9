package cluster

import (
	"cmp"
	"slices"

	"ipamsim/sim/controlplane"
)

// rollingUpdate is a rolling update of a Deployment under way. Its pods are of two
// ReplicaSets, an old and a new one, whose sizes the Deployment controller moves
// against each other (pkg/controller/deployment/rolling.go).
type rollingUpdate struct {
	surge, away controlplane.IntOrPercent
	size        [2]int  // of the ReplicaSets
	syncing     [2]bool // the controller of ReplicaSets is at work on one
	deleting    bool    // and deletes pods, of which those that are chosen are still counted
	ready       int     // new pods
	made        int     // new pods that are there
	ended       func(updated int, superseded bool)
}

// The two ReplicaSets.
const (
	oldSet = iota
	newSet
)

// RollDeployment begins a rolling update: pods of the Deployment that there are
// now are old ones. It calls ended, with the number of new pods that are ready, when
// the last old one is gone and every new one is ready, or when another update takes
// its place. It returns how many pods are wanted, and how many new ones are ready,
// for whoever asks while it goes on; nil when there is no such Deployment.
func (c *Cluster) RollDeployment(name string, surge, away controlplane.IntOrPercent, ended func(updated int, superseded bool)) (wanted int, updated func() int) {
	i := slices.IndexFunc(c.workloads, func(w *Workload) bool { return w.Name == name && w.Kind == Deployment })
	if i < 0 {
		return 0, nil
	}
	w := c.workloads[i]
	u := w.update
	if u == nil {
		u = &rollingUpdate{size: [2]int{oldSet: w.desired}}
	} else {
		u.ended(u.ready, true)
		u.size = [2]int{oldSet: u.size[oldSet] + u.size[newSet]}
	}
	u.surge, u.away, u.ended, u.made, u.ready = surge, away, ended, 0, 0
	w.generation++
	w.update, w.deletions.heap = u, nil
	w.stepUpdate()
	return w.desired, func() int { return u.ready }
}

// isNew says whether a replica is of the latest update's template.
func (w *Workload) isNew(p *Pod) bool { return p.generation == w.generation }

// pods is how many pods a ReplicaSet has.
func (w *Workload) pods(set int) int {
	if set == newSet {
		return w.update.made
	}
	return len(w.replicas) - w.update.made
}

// bounds are how many pods there may be more than wanted, and how many ready ones
// fewer (ResolveFenceposts in pkg/controller/deployment/util).
func (u *rollingUpdate) bounds(wanted int) (surge, away int) {
	surge, away = u.surge.Up(wanted), u.away.Down(wanted)
	if surge == 0 && away == 0 {
		away = 1
	}
	return surge, min(away, wanted)
}

// stepUpdate is a look of the Deployment controller, and what the controller of
// ReplicaSets makes of it.
func (w *Workload) stepUpdate() {
	u := w.update
	if u == nil || w.syncing { // the ReplicaSet of before finishes what it is at
		return
	}
	for before := u.size; ; before = u.size {
		if w.resizeSets(); u.size == before {
			break
		}
	}
	if u.size[oldSet] == 0 && w.pods(oldSet) == 0 && w.pods(newSet) == w.desired && u.ready == w.desired {
		u.ended(u.ready, false)
		w.update, w.deletions.heap = nil, nil
		return
	}
	for set := range u.size {
		if w.update == u { // else the last sync was over at once, and with it the update
			w.syncSet(set)
		}
	}
}

// resizeSets makes the new ReplicaSet larger while there may be more pods, and the
// old one smaller while enough are ready: first by the pods that are not.
func (w *Workload) resizeSets() {
	u := w.update
	surge, away := u.bounds(w.desired)
	u.size[newSet] = min(u.size[newSet], w.desired)
	if room := w.desired + surge - u.size[oldSet] - u.size[newSet]; room > 0 {
		u.size[newSet] += min(room, w.desired-u.size[newSet])
	}
	least, oldReady := w.desired-away, w.up-u.ready
	down := u.size[oldSet] + u.ready - least
	unready := max(0, min(down, u.size[oldSet]-oldReady))
	u.size[oldSet] -= unready
	if spare := min(w.up-least, down-unready, u.size[oldSet]); spare > 0 {
		u.size[oldSet] -= spare
	}
}

// syncSet lets the controller of ReplicaSets create what a set lacks or delete what
// it has too many.
func (w *Workload) syncSet(set int) {
	u := w.update
	missing := u.size[set] - w.pods(set)
	if u.syncing[set] || missing == 0 || missing < 0 && (w.pauses > 0 || u.deleting) || !w.cluster.admits(missing) {
		return
	}
	controller := w.cluster.replicaSets
	if !controller.unlimited() {
		missing = max(-syncMost, min(missing, syncMost))
	}
	u.syncing[set] = true
	synced := func() {
		u.syncing[set] = false
		u.deleting = u.deleting && missing > 0
		w.stepUpdate()
	}
	if missing > 0 {
		generation := w.generation
		if set == oldSet {
			generation--
		}
		controller.create(missing, func() { w.addReplicaOf(generation) }, synced)
		return
	}
	u.deleting = true
	chosen := w.excess(set, -missing)
	controller.remove(len(chosen), func() {
		p := chosen[0]
		chosen = chosen[1:]
		if p.replica >= 0 { // it may have gone by itself
			w.dismiss(p)
			w.cluster.stop(p)
		}
	}, synced)
}

// excess are the pods of a ReplicaSet that it deletes first. Of the new one, which
// seldom shrinks, they are sorted anew.
func (w *Workload) excess(set, n int) []*Pod {
	if set == oldSet {
		return w.deletions.first(n)
	}
	var list []*Pod
	for _, p := range w.replicas {
		if w.isNew(p) && !p.deleting {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b *Pod) int { return cmp.Compare(w.deletions.rank(a), w.deletions.rank(b)) })
	list = list[:n]
	for _, p := range list {
		p.deleting = true
	}
	return list
}
