package sim

import (
	"slices"
	"time"

	"ipamsim/ec2model"
	"ipamsim/sim/awssdk"
	"ipamsim/sim/cluster"
	"ipamsim/sim/des"
	"ipamsim/sim/fault"
	"ipamsim/sim/result"
)

// collector keeps what a run is measured by. Nothing counts before from, the
// end of the warm-up.
type collector struct {
	from           time.Duration
	fleet          subject
	sampler        *sampler
	wanted         int
	samples        samples
	unready        int // wanted pods that ended before they ran
	causes         map[result.Cause]int
	failed         int                  // CNI ADDs
	firsts         map[result.Cause]int // pods with a failed ADD, by the first one's cause
	nodes          int                  // now
	peak           int
	failedLaunches int                 // before the measurement began
	restarts       int                 // of aws-node containers
	api            [256]*result.Action // by ec2model.Action
	sample         result.APISample    // since the last sample

	defects        []*defect // in the order in which they began
	furtherDefects int       // those that came after maxDefects
	dropping       int       // pods that lose packets now
	droppedTop     int       // most at once
}

// samples are what a run has measured of each pod that ran, and of each node
// that was launched.
type samples struct {
	running []podTimes
	ready   []float64 // from launch to Ready, in seconds
}

func (s *samples) add(more *samples) {
	s.running = append(s.running, more.running...)
	s.ready = append(s.ready, more.ready...)
}

// podTimes is one pod that ran, in seconds.
type podTimes struct {
	pending, start, wait float64
	hasAddress           bool // it needed one: pods on the host network do not
	phases               result.Phases
}

func newCollector(from time.Duration) *collector {
	return &collector{from: from, causes: map[result.Cause]int{}, firsts: map[result.Cause]int{}}
}

func (c *collector) counts(p *cluster.Pod) bool { return p.Created >= c.from }

func (c *collector) podCreated(p *cluster.Pod) {
	if c.counts(p) {
		c.wanted++
	}
}

func (c *collector) podRunning(p *cluster.Pod) {
	if !c.counts(p) {
		return
	}
	start := p.Times()
	t := podTimes{
		pending: (p.Running - p.Created).Seconds(),
		start:   (p.Running - p.Bound).Seconds(),
		phases: result.Phases{
			// A node whose network is not ready makes its first pods wait as a
			// node that is not there does.
			Node:        (p.Schedulable - p.Created + start.NetworkWait).Seconds(),
			Scheduling:  (p.Bound - p.Schedulable).Seconds(),
			Sandbox:     start.Sandbox.Seconds(),
			AddressWait: start.AddressWait.Seconds(),
			Backoff:     start.Backoff.Seconds(),
			Image:       start.Image.Seconds(),
		},
	}
	if start.AddDone != des.Never {
		t.wait, t.hasAddress = (start.AddDone - start.FirstAdd).Seconds(), true
	}
	c.samples.running = append(c.samples.running, t)
}

// podEnded notices pods that were deleted before they ran: they are not
// counted as never started, since nobody waits for them any more.
func (c *collector) podEnded(p *cluster.Pod) {
	if c.counts(p) && p.Running == des.Never {
		c.unready++
	}
}

// addFailed hears of a pod's failed ADD, and whether it is the pod's first.
func (c *collector) addFailed(at time.Duration, cause result.Cause, first bool) {
	if at < c.from {
		return
	}
	c.failed++
	c.causes[cause]++
	if first {
		c.firsts[cause]++
	}
}

func (c *collector) nodeReady(n *cluster.Node) {
	c.nodes++
	c.peak = max(c.peak, c.nodes)
	if n.Launched != des.Never && n.Launched >= c.from {
		c.samples.ready = append(c.samples.ready, (n.Ready - n.Launched).Seconds())
	}
}

func (c *collector) nodeGone(n *cluster.Node) {
	if n.Ready != des.Never {
		c.nodes--
	}
}

// agentExited hears that an aws-node container ended.
func (c *collector) agentExited(at time.Duration, err error) {
	if at >= c.from && err != nil {
		c.restarts++
	}
}

// defectBegan hears that something is wrong with a node's network.
func (c *collector) defectBegan(d *defect) {
	if len(c.defects) < maxDefects {
		c.defects = append(c.defects, d)
	} else {
		c.furtherDefects++
	}
	if d.Kind.Dropping() {
		c.dropping++
		c.droppedTop = max(c.droppedTop, c.dropping)
	}
}

// defectEnded hears that it is over.
func (c *collector) defectEnded(d *defect) {
	if d.Kind.Dropping() {
		c.dropping--
	}
}

// maxDefects bounds what a run remembers; those beyond are counted only.
const maxDefects = 100_000

// startingTime is how long before the end a pod must have been created to
// count as one that never started: twice the longest pause after a failure.
const startingTime = 30 * time.Second

// stillStarting counts the pods that the end of the run came too early for.
func (c *collector) stillStarting(pending []*cluster.Pod, end time.Duration) (n int) {
	for _, p := range pending {
		if c.counts(p) && p.Created > end-startingTime {
			n++
		}
	}
	return n
}

// subject is a fleet that is measured.
type subject struct {
	Kernel   *des.Kernel
	Account  *ec2model.Account
	Cluster  *cluster.Cluster
	Faults   *fault.Injector
	Machines func() []*machine // registered and not gone
	End      time.Duration     // of the run, kernel time
}

// watch prepares to look at a fleet.
func (c *collector) watch(f subject) {
	c.fleet = f
	c.sampler = newSampler(c)
}

// changed hears that a machine must be looked at with the next sample.
func (c *collector) changed(m *machine) { c.sampler.ledger.watch(m) }

// gone hears that a machine has ended.
func (c *collector) gone(m *machine) { c.sampler.ledger.close(m) }

// start is the end of the warm-up. It forgets that where it was counted all
// the same.
func (c *collector) start() {
	c.fleet.Account.ResetExtremes()
	c.peak = c.nodes
	c.failedLaunches = c.fleet.Cluster.Counts().FailedLaunches
	c.sampler.start(c.fleet.End)
}

func (c *collector) action(a ec2model.Action) *result.Action {
	if c.api[a] == nil {
		c.api[a] = &result.Action{Errors: map[string]int{}}
	}
	return c.api[a]
}

func (c *collector) attempt(at ec2model.Attempt) {
	if at.Start < c.from {
		return
	}
	a := c.action(at.Action)
	c.sample.Attempts++
	if at.Throttled {
		c.sample.Throttled++
	}
	if at.Background {
		a.Other.Attempts++
		if at.Throttled {
			a.Other.Throttled++
		}
		return
	}
	a.Attempts++
	if at.Err != nil {
		a.Errors[at.Err.Code]++
		if at.Err.Code == ec2model.CodeRequestLimitExceeded { // by a bucket, or by a fault
			a.Throttled++
		}
	}
}

func (c *collector) call(at awssdk.Call) {
	if at.Start >= c.from {
		c.action(at.Action).Calls++
	}
}

// outcome sums the run up.
func (c *collector) outcome() result.Outcome {
	counts := c.fleet.Cluster.Counts()
	starting := c.stillStarting(c.fleet.Cluster.Pending(), c.fleet.Kernel.Now())
	o := result.Outcome{
		Pods: result.Pods{
			Wanted: c.wanted, Running: len(c.samples.running), NeverStarted: c.wanted - len(c.samples.running) - c.unready - starting, Deleted: c.unready, Starting: starting,
			FailedAdds: c.failed, FailedAddCauses: c.causes, FailedAddPods: c.firsts,
			Phases: phaseTimes(c.samples.running),
		},
		Nodes: result.Nodes{Peak: c.peak, AgentRestarts: c.restarts, FailedLaunch: counts.FailedLaunches - c.failedLaunches, ReadySeconds: result.Describe(slices.Clone(c.samples.ready))},
		API:   map[string]*result.Action{},
	}
	o.Network = c.network()
	o.Pods.WaitingForNode = min(counts.Waiting, o.Pods.NeverStarted)
	start, pending, wait := c.samples.trends()
	o.Pods.StartSeconds, o.Pods.PendingSeconds, o.Pods.AddressWaitSeconds = result.Describe(start), result.Describe(pending), result.Describe(wait)
	for i, a := range c.api {
		if a != nil {
			o.API[ec2model.Action(i).String()] = a
		}
	}
	o.Subnets = c.sampler.finish()
	o.Interfaces = c.sampler.interfaces()
	o.FaultHits = c.fleet.Faults.Hits()
	o.Network.Broken = c.sampler.recovery.broken
	if took, ok := c.sampler.recovery.took(); ok {
		recovered := result.Rounded(took.Seconds())
		o.Network.Recovery = &recovered
	}
	o.Nodes.AssignedP90, o.Nodes.CoolingPeak = c.sampler.p90, c.sampler.cooling
	return o
}

func (s *samples) trends() (start, pending, wait []float64) {
	for i := range s.running {
		t := &s.running[i]
		start = append(start, t.start)
		pending = append(pending, t.pending)
		if t.hasAddress {
			wait = append(wait, t.wait)
		}
	}
	return start, pending, wait
}

// phaseTimes averages the phases of all pods and of the slowest hundredth.
func phaseTimes(pods []podTimes) result.PhaseTimes {
	if len(pods) == 0 {
		return result.PhaseTimes{}
	}
	order := make([]int, len(pods))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case pods[a].pending > pods[b].pending:
			return -1
		case pods[a].pending < pods[b].pending:
			return 1
		}
		return 0
	})
	return result.PhaseTimes{
		Mean: meanPhases(pods, order),
		Slow: meanPhases(pods, order[:(len(order)+99)/100]),
	}
}

func meanPhases(pods []podTimes, which []int) result.Phases {
	var sum result.Phases
	for _, i := range which {
		p := &pods[i].phases
		sum.Node += p.Node
		sum.Scheduling += p.Scheduling
		sum.Sandbox += p.Sandbox
		sum.AddressWait += p.AddressWait
		sum.Backoff += p.Backoff
		sum.Image += p.Image
	}
	n := float64(len(which))
	return result.Phases{
		Node: result.Rounded(sum.Node / n), Scheduling: result.Rounded(sum.Scheduling / n), Sandbox: result.Rounded(sum.Sandbox / n),
		AddressWait: result.Rounded(sum.AddressWait / n), Backoff: result.Rounded(sum.Backoff / n), Image: result.Rounded(sum.Image / n),
	}
}
