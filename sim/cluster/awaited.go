package cluster

import (
	"cmp"
	"slices"
	"time"
)

// awaited are a workload's pods that are asked for and that their controller has not
// made: what a ReplicaSet lacks of its spec, a Job of the pods that it is to have now,
// a DaemonSet of the nodes that should have one. Kinds without a controller have none,
// and none has any while nothing holds controllers up.
type awaited struct {
	asks []ask // the oldest first; pods may be 0
	pods int
}

// ask is a number of pods that were asked for at the same time.
type ask struct {
	since time.Duration
	pods  int
}

// ask notes n pods that are asked for now and not made.
func (w *Workload) ask(n int) {
	now, a := w.cluster.kernel.Now(), &w.awaited
	a.pods += n
	if last := len(a.asks) - 1; last >= 0 && a.asks[last].since == now {
		a.asks[last].pods += n
	} else {
		a.asks = append(a.asks, ask{now, n})
	}
	w.awaits(now, n)
}

// unask takes back one that was asked for at a time: it is being made, or is wanted no
// more.
func (w *Workload) unask(since time.Duration) {
	i, _ := slices.BinarySearchFunc(w.awaited.asks, since, func(a ask, since time.Duration) int { return cmp.Compare(a.since, since) })
	w.take(i, 1)
}

// unaskOldest takes back the one that has waited longest, which its controller makes,
// and says since when it has; now, where none was asked for.
func (w *Workload) unaskOldest() (since time.Duration) {
	if w.awaited.pods == 0 {
		return w.cluster.kernel.Now()
	}
	since = w.awaited.asks[0].since
	w.take(0, 1)
	return since
}

// unaskYoungest takes back n that were asked for last and are wanted no more.
func (w *Workload) unaskYoungest(n int) {
	for n > 0 {
		last := len(w.awaited.asks) - 1
		some := min(n, w.awaited.asks[last].pods)
		w.take(last, some)
		n -= some
	}
}

// take takes pods from one of the asks, and cuts off those at both ends that have none.
func (w *Workload) take(i, n int) {
	a := &w.awaited
	since := a.asks[i].since
	a.asks[i].pods -= n
	a.pods -= n
	for len(a.asks) > 0 && a.asks[0].pods == 0 {
		a.asks = a.asks[1:]
	}
	for len(a.asks) > 0 && a.asks[len(a.asks)-1].pods == 0 {
		a.asks = a.asks[:len(a.asks)-1]
	}
	w.awaits(since, -n)
}

func (w *Workload) awaits(since time.Duration, n int) {
	if w.cluster.hooks.PodsAwaited != nil {
		w.cluster.hooks.PodsAwaited(w, since, n)
	}
}

// askForReplicas compares what a Deployment's ReplicaSets should have with what they
// have, after anything that changes either.
func (w *Workload) askForReplicas() {
	lack := 0
	for set, rs := range w.sets {
		if rs != nil {
			lack += max(0, w.wantedOf(set)-w.pods(set))
		}
	}
	if more := lack - w.awaited.pods; more > 0 {
		w.ask(more)
	} else if more < 0 {
		w.unaskYoungest(-more)
	}
}

// Awaited goes over the pods that are asked for and not made, by when they were asked
// for, the oldest first.
func (w *Workload) Awaited(do func(since time.Duration, pods int)) {
	for _, a := range w.awaited.asks {
		if a.pods > 0 {
			do(a.since, a.pods)
		}
	}
}
