package cluster

import (
	"math/rand/v2"
	"time"

	"ipamsim/internal/portable"
	"ipamsim/sim/des"
)

// Workload is a set of pods at work.
type Workload struct {
	*WorkloadConfig
	Place int // in the config's list

	cluster  *Cluster
	on       groupSet
	class    *class
	created  int // pods
	awaited  awaited
	pauses   int    // of its pods' ends
	overdue  []*Pod // whose lifetime has ended in a pause
	lifetime *rand.Rand

	// Deployment
	replicas    []*Pod // wanted ones; a pod that is on its way out is not
	desired     int
	up          int            // replicas that are ready
	recreation  *recreation    // nil without one under way
	update      *rollingUpdate // nil without one under way
	generation  uint16         // how many updates there have been
	sets        [2]*replicaSet // the old one is of the latest rolling update, nil before
	terminating [2]int         // pods of theirs that are on their way out
	uidSeed     uint64
	deletions   deletions
	inZone      []zoneReplicas // by the cluster's zones

	// DaemonSet
	began   bool
	roll    *roll // nil without one under way
	daemons *daemonSet

	// Job, Bare and Trace
	arrivals *rand.Rand
	until    time.Duration // kernel time of the last arrival
	cursor   int           // next pod of the trace
	arrive   func()
}

// Only is the one node group that may take the workload's pods; nil if several
// may, or none.
func (w *Workload) Only() *Group {
	if len(w.on.groups) != 1 {
		return nil
	}
	return w.on.groups[0]
}

func (w *Workload) start() {
	c := w.cluster
	switch w.Kind {
	case Deployment:
		w.uidSeed = c.kernel.Rand("workload/" + w.Name + "/uid").Uint64()
		w.startReplicas()
	case Job, Bare:
		w.startArrivals()
	case Trace:
		w.arrive = w.replay
		if len(w.Trace) > 0 {
			c.kernel.At(c.cfg.kernelTime(w.Trace[0].Created), w.arrive)
		}
	case DaemonSet:
		w.startDaemons()
	}
}

// drawLifetime draws when the pod is created: the n-th pod of a workload
// lives equally long in all variants.
func (w *Workload) drawLifetime() time.Duration {
	if w.Lifetime == nil {
		return des.Never
	}
	return w.Lifetime(w.lifetime)
}

// create makes a pod that was asked for at a time and queues it, or returns nil at a
// bound.
func (w *Workload) create(cl *class, lifetime, asked time.Duration) *Pod {
	if !w.cluster.admits(1) {
		return nil
	}
	p := w.cluster.newPod(w, cl, lifetime, asked)
	w.cluster.scheduler.enqueue(p)
	if w.GiveUpAfter > 0 {
		w.cluster.kernel.After(w.GiveUpAfter, func() { w.giveUp(p) })
	}
	return p
}

// giveUp deletes a pod that has not come to run.
func (w *Workload) giveUp(p *Pod) {
	if p.state < Running {
		p.GaveUp = true
		if p.job != nil {
			p.job.forgets()
		}
		w.cluster.stop(p)
	}
}

// expire ends a running pod's lifetime: a Job's pod completes, a replica is
// replaced.
func (w *Workload) expire(p *Pod) {
	switch {
	case p.state != Running:
		return
	case w.pauses > 0:
		w.overdue = append(w.overdue, p)
		return
	}
	w.cluster.stop(p)
	switch {
	case w.Kind == Deployment:
		w.replace(p)
	case p.job != nil:
		p.job.completes()
	}
}

// replace makes up for a pod that was evicted or lost. A Job's controller
// starts the work over; so does whoever owns the pods of a trace.
func (w *Workload) replace(p *Pod) {
	switch w.Kind {
	case Deployment:
		w.dismiss(p)
		w.adjust()
	case Job:
		w.startOver(p)
	case Bare, Trace:
		w.create(p.class, p.lifetime, w.cluster.kernel.Now())
	}
}

// startArrivals begins an arrival process.
func (w *Workload) startArrivals() {
	c, a := w.cluster, w.Arrivals
	w.arrivals = c.kernel.Rand("workload/" + w.Name + "/arrivals")
	w.until = c.cfg.kernelTime(c.cfg.End)
	if a.To != 0 {
		w.until = min(w.until, c.cfg.kernelTime(a.To))
	}
	w.arrive = func() {
		batch := max(1, a.Batch)
		if !c.admits(batch) {
			return
		}
		w.arrives(batch)
		w.nextArrival(c.kernel.Now())
	}
	from := c.cfg.kernelTime(a.From)
	if a.Every > 0 || a.Constant {
		w.arriveAt(from)
	} else {
		w.nextArrival(from)
	}
}

func (w *Workload) nextArrival(after time.Duration) {
	a := w.Arrivals
	switch {
	case a.Every > 0:
		w.arriveAt(after + a.Every)
	case a.Constant:
		w.arriveAt(after + seconds(1/a.Rate))
	default:
		w.arriveAt(after + seconds(portable.Exponential(w.arrivals)/a.Rate))
	}
}

func (w *Workload) arriveAt(t time.Duration) {
	if t <= w.until {
		w.cluster.kernel.At(t, w.arrive)
	}
}

// seconds in whole microseconds.
func seconds(s float64) time.Duration {
	return portable.Microseconds(s * 1e6)
}

// replay creates the pods of the trace that are due.
func (w *Workload) replay() {
	c := w.cluster
	for ; w.cursor < len(w.Trace); w.cursor++ {
		t := &w.Trace[w.cursor]
		if at := c.cfg.kernelTime(t.Created); at > c.kernel.Now() {
			c.kernel.At(at, w.arrive)
			return
		}
		q := t.Requests
		if q == (Resources{}) {
			q = w.Requests
		}
		if w.create(c.scheduler.class(q, w.on, w), t.Lifetime, c.kernel.Now()) == nil {
			return
		}
	}
}
