package cluster

import (
	"slices"

	"ipamsim/sim/controlplane"
)

// rollingUpdate is a rolling update of a Deployment under way. Its pods are of two
// ReplicaSets, an old and a new one, whose sizes the Deployment controller moves
// against each other (pkg/controller/deployment/rolling.go).
type rollingUpdate struct {
	surge, away controlplane.IntOrPercent
	size        [2]int // of the ReplicaSets
	ready       int    // new pods
	made        int    // new pods that are there
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
		w.replaceSets()
	} else {
		u.ended(u.ready, true)
		u.size = [2]int{oldSet: u.size[oldSet] + u.size[newSet]}
		w.mergeSets()
	}
	u.surge, u.away, u.ended, u.made, u.ready = surge, away, ended, 0, 0
	w.generation++
	w.update, w.deletions.heap = u, nil
	w.stepUpdate()
	return w.desired, func() int { return u.ready }
}

// replaceSets makes the Deployment's ReplicaSet the old one, and a new one. What
// is left of the one before, pods on their way out, is counted with the old one's.
func (w *Workload) replaceSets() {
	was := w.sets[newSet]
	was.which = oldSet
	w.sets = [2]*replicaSet{oldSet: was, newSet: w.newReplicaSet(newSet)}
	w.terminating = [2]int{oldSet: w.terminating[oldSet] + w.terminating[newSet]}
}

// mergeSets lets another update begin while one is under way: the pods of both
// ReplicaSets are old ones then, as though they were of one.
func (w *Workload) mergeSets() {
	was, made := &w.sets[oldSet].written, &w.sets[newSet].written
	was.replicas, was.ready, was.terminating = was.replicas+made.replicas, was.ready+made.ready, was.terminating+made.terminating
	*made = replicaSetStatus{}
	w.terminating = [2]int{oldSet: w.terminating[oldSet] + w.terminating[newSet]}
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
	if u == nil {
		return
	}
	was := u.size
	for before := u.size; ; before = u.size {
		if w.resizeSets(); u.size == before {
			break
		}
	}
	if u.size[oldSet] == 0 && w.pods(oldSet) == 0 && w.pods(newSet) == w.desired && w.sets[newSet].written.ready == w.desired {
		u.ended(u.ready, false)
		w.update, w.deletions.heap = nil, nil
		return
	}
	for set, rs := range w.sets {
		if u.size[set] != was[set] {
			rs.wanted++
		}
	}
	for set, rs := range w.sets {
		if w.update != u { // the last sync was over at once, and with it the update
			return
		}
		if u.size[set] != was[set] || w.pods(set) != u.size[set] {
			if rs.sync() {
				w.stepUpdate()
			}
		}
	}
}

// resizeSets makes the new ReplicaSet larger while there may be more pods, and the
// old one smaller while enough are ready, which the statuses say: first by the pods
// that are not.
func (w *Workload) resizeSets() {
	u := w.update
	surge, away := u.bounds(w.desired)
	oldReady, newReady := w.sets[oldSet].written.ready, w.sets[newSet].written.ready
	u.size[newSet] = min(u.size[newSet], w.desired)
	if room := w.desired + surge - u.size[oldSet] - u.size[newSet]; room > 0 {
		u.size[newSet] += min(room, w.desired-u.size[newSet])
	}
	least := w.desired - away
	down := u.size[oldSet] + newReady - least
	unready := max(0, min(down, u.size[oldSet]-oldReady))
	u.size[oldSet] -= unready
	if spare := min(oldReady+newReady-least, down-unready, u.size[oldSet]); spare > 0 {
		u.size[oldSet] -= spare
	}
}
