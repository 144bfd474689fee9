package cluster

import (
	"time"

	"ipamsim/sim/controller"
)

// job is a Job as its controller looks after it (pkg/controller/job): a sync
// creates the pods that are missing, updates the status, frees pods that have
// finished from the controller's finalizer, one request for each, and updates the
// status again, in which they are counted from then on. Without limits no Job is
// kept, only its pods.
type job struct {
	workload *Workload
	object   *controller.Object
	asked    time.Duration // when somebody made it
	missing  int           // pods that have not been created
	again    []startOver   // pods to make up for
	finished int           // pods whose finalizer is to be removed
	jobStatus

	// of the sync under way
	listed, written          jobStatus
	creating, freeing        int
	reported, freed, counted bool
}

// jobStatus is what a status says that changes, beside the pods that have finished.
type jobStatus struct {
	active      int // pods that are there and have not finished
	ready       int // of them
	terminating int // pods that have failed and are still there
}

// startOver is a pod that takes the place of one that has failed.
type startOver struct {
	lifetime time.Duration
	asked    time.Duration // when its pause was over
	failures uint8         // of those before it
	lost     bool          // the last one, with its node
}

const (
	// jobBatching is SyncJobBatchPeriod: what happens to a Job's pods is looked at so
	// long after the first of several things.
	jobBatching = time.Second
	// jobBackoff is DefaultJobPodFailureBackOff: a pod that was deleted counts as one
	// that has failed, and another comes so long after it, twice as long after each
	// further failure, jobBackoffMost (MaxJobPodFailureBackOff) at most.
	jobBackoff     = 10 * time.Second
	jobBackoffMost = 10 * time.Minute
)

// arrives is an arrival of so many pods: the controller of Jobs looks at the Job that
// somebody has made, or the pods are there.
func (w *Workload) arrives(pods int) {
	if w.Kind == Bare || w.cluster.jobs.Unlimited() {
		for range pods {
			w.create(w.class, w.drawLifetime(), w.cluster.kernel.Now())
		}
		return
	}
	w.cluster.unmade += pods
	w.ask(pods)
	j := &job{workload: w, asked: w.cluster.kernel.Now(), missing: pods}
	j.object = w.cluster.jobs.Object(j)
	j.object.Enqueue()
}

// Look implements controller.Work.
func (j *job) Look() {
	j.listed = j.jobStatus
	j.creating = min(j.missing+len(j.again), syncMost)
	j.freeing = min(j.finished, syncMost)
	j.reported, j.freed, j.counted = false, j.freeing == 0, j.freeing == 0
}

// Next implements controller.Work.
func (j *job) Next() controller.Batch {
	switch n := j.creating; {
	case n > 0:
		j.creating = 0
		j.listed.active += n
		return controller.Batch{Requests: n, Slowly: true, Event: true, Do: j.create}
	case !j.reported && (j.listed != j.written || !j.freed):
		j.reported = true
		return controller.Batch{Requests: 1, Status: true, Do: func() { j.written = j.listed }}
	case !j.freed:
		j.freed = true
		return controller.Batch{Requests: j.freeing}
	case !j.counted:
		j.counted = true
		j.finished -= j.freeing
		return controller.Batch{Requests: 1, Status: true, Event: j.complete()}
	case j.missing+len(j.again)+j.finished > 0:
		j.object.Enqueue()
	}
	return controller.Batch{}
}

// complete says that all pods have done their work.
func (j *job) complete() bool {
	return j.missing+len(j.again)+j.finished == 0 && j.active == 0 && j.terminating == 0
}

// create makes a pod, one that makes up for another last.
func (j *job) create() {
	j.active++
	if j.missing > 0 {
		j.missing--
		w := j.workload
		w.cluster.unmade--
		w.unask(j.asked)
		if p := w.create(w.class, w.drawLifetime(), j.asked); p != nil {
			p.job = j
		}
		return
	}
	s := j.again[0]
	j.again = j.again[1:]
	j.workload.unask(s.asked)
	if p := j.workload.startAgain(s); p != nil {
		p.job = j
	}
}

// runs hears that a pod is ready.
func (j *job) runs(p *Pod) {
	p.ready = true
	j.ready++
	j.object.EnqueueAfter(jobBatching)
}

// notReady counts a pod out that was ready.
func (j *job) notReady(p *Pod) {
	if p.ready {
		p.ready = false
		j.ready--
	}
}

// completes hears that a pod has done its work.
func (j *job) completes() {
	j.active--
	j.finished++
	j.object.EnqueueAfter(jobBatching)
}

// forgets a pod that is not wanted any more; that the Job was deleted for it costs
// its controller nothing here.
func (j *job) forgets() {
	j.active--
	j.written.active--
}

// terminated hears that a pod that has failed is there no more.
func (j *job) terminated(p *Pod) {
	p.terminating = false
	j.terminating--
	j.object.EnqueueAfter(jobBatching)
}

// startOver lets the controller of Jobs make up for a pod that was evicted or lost.
func (w *Workload) startOver(p *Pod) {
	c := w.cluster
	s := startOver{lifetime: p.lifetime, failures: min(p.failures+1, 16), lost: c.makingUp}
	if c.kernel.Now() < c.cfg.WarmUp { // which is for settling
		s.asked = c.kernel.Now()
		w.startAgain(s)
		return
	}
	backoff := min(jobBackoff<<(s.failures-1), jobBackoffMost)
	j := p.job
	if j == nil {
		s.asked = c.kernel.Now() + backoff
		c.kernel.After(backoff, func() { w.startAgain(s) })
		return
	}
	j.completes()
	if p.state == Stopping {
		p.terminating = true
		j.terminating++
	}
	c.kernel.After(backoff, func() {
		s.asked = c.kernel.Now()
		w.ask(1)
		j.again = append(j.again, s)
		j.object.Enqueue()
	})
}

// startAgain makes such a pod.
func (w *Workload) startAgain(s startOver) *Pod {
	w.cluster.makingUp = s.lost
	p := w.create(w.class, s.lifetime, s.asked)
	w.cluster.makingUp = false
	if p != nil {
		p.failures = s.failures
	}
	return p
}
