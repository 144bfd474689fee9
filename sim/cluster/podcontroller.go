package cluster

import "time"

// podController is one of kube-controller-manager's controllers that create
// and delete pods: of ReplicaSets, of Jobs, or of DaemonSets. Each has a client of its own
// with the rate and burst that are configured for all
// (staging/src/k8s.io/controller-manager/pkg/clientbuilder), and a few workers,
// each of which works on one object until all its requests are answered.
type podController struct {
	cluster *Cluster
	client  *client
	workers int // that are free
	waiting []*podSync
	line    []*podSync // whose current batch waits for tokens
}

// podSync is what one call of a controller's sync does to an object: so many
// creations, in batches that double, or so many deletions at once.
type podSync struct {
	do     func()        // one request's effect
	synced func()        // all of them have been answered
	after  time.Duration // batches of creations come so long after one another
	left   int           // requests that are not in a batch yet
	batch  int           // size of the current batch
	unsent int           // of it
}

// Of the controllers' code.
const (
	controllerWorkers = 5   // --concurrent-replicaset-syncs, and the job controller's workers
	syncMost          = 500 // BurstReplicas: most requests of one sync
	slowStart         = 1   // SlowStartInitialBatchSize: the first batch; each next has twice as many
	// answerTime is how long the API server takes to answer a controller. It
	// spaces the batches of a sync, nothing else: our assumption.
	answerTime = 10 * time.Millisecond
)

func newPodController(c *Cluster, workers int) *podController {
	p := &podController{cluster: c, workers: workers}
	p.client = newClient(c.kernel, c.cfg.PodCreation, p.run)
	return p
}

// unlimited says that nothing holds the controller up: its client has no limit,
// or the warm-up, which is for settling, is not over.
func (p *podController) unlimited() bool {
	return p.client.gap == 0 || p.cluster.kernel.Now() < p.cluster.cfg.WarmUp
}

// create lets a sync create n pods; remove lets one delete n. do is called for
// each when its request is sent, synced when the last one has been answered.
// A sync that nothing holds up is over at once.
func (p *podController) create(n int, do, synced func()) {
	p.submit(podSync{do: do, synced: synced, left: n, batch: slowStart, after: answerTime})
}

func (p *podController) remove(n int, do, synced func()) {
	p.submit(podSync{do: do, synced: synced, left: n, batch: n, after: answerTime})
}

func (p *podController) submit(s podSync) {
	if p.unlimited() {
		for range s.left {
			s.do()
		}
		s.synced()
		return
	}
	waiting := new(podSync) // here, so that a sync which is over at once allocates nothing
	*waiting = s
	if p.workers == 0 {
		p.waiting = append(p.waiting, waiting)
		return
	}
	p.workers--
	p.begin(waiting)
}

// begin sends a batch.
func (p *podController) begin(s *podSync) {
	s.batch = min(s.batch, s.left)
	s.left -= s.batch
	s.unsent = s.batch
	p.line = append(p.line, s)
	p.client.ask()
}

// run sends what there are tokens for.
func (p *podController) run() {
	now := p.cluster.kernel.Now()
	for len(p.line) > 0 && p.cluster.err == nil && p.client.next(now) == now {
		p.client.take(now)
		s := p.line[0]
		s.do()
		if s.unsent--; s.unsent == 0 {
			p.line[0] = nil
			p.line = p.line[1:]
			p.cluster.kernel.After(s.after, func() { p.answered(s) })
		}
	}
	if len(p.line) > 0 {
		p.client.ask()
	}
}

// answered goes on with a sync whose batch is done.
func (p *podController) answered(s *podSync) {
	if s.left > 0 {
		s.batch *= 2
		p.begin(s)
		return
	}
	p.workers++
	s.synced()
	if len(p.waiting) > 0 && p.workers > 0 {
		next := p.waiting[0]
		p.waiting[0] = nil
		p.waiting = p.waiting[1:]
		p.workers--
		p.begin(next)
	}
}
