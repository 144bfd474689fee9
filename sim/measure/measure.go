package measure

import (
	"slices"
	"time"

	"ipamsim/ec2model"
	"ipamsim/sim/awssdk"
	"ipamsim/sim/cluster"
	"ipamsim/sim/des"
	"ipamsim/sim/fault"
	"ipamsim/sim/machine"
	"ipamsim/sim/result"
)

// collector keeps what a run is measured by. Nothing counts before from, the
// end of the warm-up.
type Collector struct {
	from           time.Duration
	fleet          Fleet
	Sampler        *sampler
	wanted         int
	Samples        Samples
	unready        int // wanted pods that ended before they ran
	Causes         map[result.Cause]int
	Failed         int                  // CNI ADDs
	firsts         map[result.Cause]int // pods with a failed ADD, by the first one's cause
	nodes          int                  // now
	peak           int
	failedLaunches int                 // before the measurement began
	Restarts       int                 // of aws-node containers
	API            [256]*result.Action // by ec2model.Action
	sample         result.APISample    // since the last sample

	Defects        []*machine.Defect // in the order in which they began
	furtherDefects int               // those that came after maxDefects
	dropping       int               // pods that lose packets now
	droppedTop     int               // most at once
}

// samples are what a run has measured of each pod that ran, and of each node
// that was launched.
type Samples struct {
	Running []PodTimes
	Ready   []float64 // from launch to Ready, in seconds
}

func (s *Samples) Add(more *Samples) {
	s.Running = append(s.Running, more.Running...)
	s.Ready = append(s.Ready, more.Ready...)
}

// podTimes is one pod that ran, in seconds.
type PodTimes struct {
	Pending, Start, AddressWait float64
	HasAddress                  bool // it needed one: pods on the host network do not
	Phases                      result.Phases
}

func New(from time.Duration) *Collector {
	return &Collector{from: from, Causes: map[result.Cause]int{}, firsts: map[result.Cause]int{}}
}

func (c *Collector) counts(p *cluster.Pod) bool { return p.Created >= c.from }

func (c *Collector) PodCreated(p *cluster.Pod) {
	if c.counts(p) {
		c.wanted++
	}
}

func (c *Collector) PodRunning(p *cluster.Pod) {
	if !c.counts(p) {
		return
	}
	start := p.Times()
	t := PodTimes{
		Pending: (p.Running - p.Created).Seconds(),
		Start:   (p.Running - p.Bound).Seconds(),
		Phases: result.Phases{
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
		t.AddressWait, t.HasAddress = (start.AddDone - start.FirstAdd).Seconds(), true
	}
	c.Samples.Running = append(c.Samples.Running, t)
}

// podEnded notices pods that were deleted before they ran: they are not
// counted as never started, since nobody waits for them any more.
func (c *Collector) PodEnded(p *cluster.Pod) {
	if c.counts(p) && p.Running == des.Never {
		c.unready++
	}
}

// addFailed hears of a pod's failed ADD, and whether it is the pod's first.
func (c *Collector) AddFailed(at time.Duration, cause result.Cause, first bool) {
	if at < c.from {
		return
	}
	c.Failed++
	c.Causes[cause]++
	if first {
		c.firsts[cause]++
	}
}

func (c *Collector) NodeReady(n *cluster.Node) {
	c.nodes++
	c.peak = max(c.peak, c.nodes)
	if n.Launched != des.Never && n.Launched >= c.from {
		c.Samples.Ready = append(c.Samples.Ready, (n.Ready - n.Launched).Seconds())
	}
}

func (c *Collector) NodeGone(n *cluster.Node) {
	if n.Ready != des.Never {
		c.nodes--
	}
}

// agentExited hears that an aws-node container ended.
func (c *Collector) AgentExited(at time.Duration, err error) {
	if at >= c.from && err != nil {
		c.Restarts++
	}
}

// defectBegan hears that something is wrong with a node's network.
func (c *Collector) DefectBegan(d *machine.Defect) {
	if len(c.Defects) < maxDefects {
		c.Defects = append(c.Defects, d)
	} else {
		c.furtherDefects++
	}
	if d.Kind.Dropping() {
		c.dropping++
		c.droppedTop = max(c.droppedTop, c.dropping)
	}
}

// defectEnded hears that it is over.
func (c *Collector) DefectEnded(d *machine.Defect) {
	if d.Kind.Dropping() {
		c.dropping--
	}
}

// maxDefects bounds what a run remembers; those beyond are counted only.
const maxDefects = 100_000

// startingTime is how long before the end a pod must have been created to
// count as one that never started: twice the longest pause after a failure.
const StartingTime = 30 * time.Second

// stillStarting counts the pods that the end of the run came too early for.
func (c *Collector) stillStarting(pending []*cluster.Pod, end time.Duration) (n int) {
	for _, p := range pending {
		if c.counts(p) && p.Created > end-StartingTime {
			n++
		}
	}
	return n
}

// subject is a fleet that is measured.
type Fleet struct {
	Kernel   *des.Kernel
	Account  *ec2model.Account
	Cluster  *cluster.Cluster
	Faults   *fault.Injector
	Machines func() []*machine.Machine // registered and not gone
	End      time.Duration             // of the run, kernel time
}

// watch prepares to look at a fleet.
func (c *Collector) Watch(f Fleet) {
	c.fleet = f
	c.Sampler = newSampler(c)
}

// changed hears that a machine must be looked at with the next sample.
func (c *Collector) Changed(m *machine.Machine) { c.Sampler.Ledger.watch(m) }

// gone hears that a machine has ended.
func (c *Collector) Gone(m *machine.Machine) { c.Sampler.Ledger.close(m) }

// start is the end of the warm-up. It forgets that where it was counted all
// the same.
func (c *Collector) Start() {
	c.fleet.Account.ResetExtremes()
	c.peak = c.nodes
	c.failedLaunches = c.fleet.Cluster.Counts().FailedLaunches
	c.Sampler.start(c.fleet.End)
}

func (c *Collector) Action(a ec2model.Action) *result.Action {
	if c.API[a] == nil {
		c.API[a] = &result.Action{Errors: map[string]int{}}
	}
	return c.API[a]
}

func (c *Collector) Attempt(at ec2model.Attempt) {
	if at.Start < c.from {
		return
	}
	a := c.Action(at.Action)
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

func (c *Collector) Call(at awssdk.Call) {
	if at.Start >= c.from {
		c.Action(at.Action).Calls++
	}
}

// outcome sums the run up.
func (c *Collector) Outcome() result.Outcome {
	counts := c.fleet.Cluster.Counts()
	starting := c.stillStarting(c.fleet.Cluster.Pending(), c.fleet.Kernel.Now())
	o := result.Outcome{
		Pods: result.Pods{
			Wanted: c.wanted, Running: len(c.Samples.Running), NeverStarted: c.wanted - len(c.Samples.Running) - c.unready - starting, Deleted: c.unready, Starting: starting,
			FailedAdds: c.Failed, FailedAddCauses: c.Causes, FailedAddPods: c.firsts,
			Phases: PhaseTimes(c.Samples.Running),
		},
		Nodes: result.Nodes{Peak: c.peak, AgentRestarts: c.Restarts, FailedLaunch: counts.FailedLaunches - c.failedLaunches, ReadySeconds: result.Describe(slices.Clone(c.Samples.Ready))},
		API:   map[string]*result.Action{},
	}
	o.Network = c.network()
	o.Pods.WaitingForNode = min(counts.Waiting, o.Pods.NeverStarted)
	start, pending, wait := c.Samples.Trends()
	o.Pods.StartSeconds, o.Pods.PendingSeconds, o.Pods.AddressWaitSeconds = result.Describe(start), result.Describe(pending), result.Describe(wait)
	for i, a := range c.API {
		if a != nil {
			o.API[ec2model.Action(i).String()] = a
		}
	}
	o.Subnets = c.Sampler.finish()
	o.Interfaces = c.Sampler.interfaces()
	o.FaultHits = c.fleet.Faults.Hits()
	o.Network.Broken = c.Sampler.recovery.broken
	if took, ok := c.Sampler.recovery.took(); ok {
		recovered := result.Rounded(took.Seconds())
		o.Network.Recovery = &recovered
	}
	o.Nodes.AssignedP90, o.Nodes.CoolingPeak = c.Sampler.p90, c.Sampler.cooling
	return o
}

func (s *Samples) Trends() (start, pending, wait []float64) {
	for i := range s.Running {
		t := &s.Running[i]
		start = append(start, t.Start)
		pending = append(pending, t.Pending)
		if t.HasAddress {
			wait = append(wait, t.AddressWait)
		}
	}
	return start, pending, wait
}

// phaseTimes averages the phases of all pods and of the slowest hundredth.
func PhaseTimes(pods []PodTimes) result.PhaseTimes {
	if len(pods) == 0 {
		return result.PhaseTimes{}
	}
	order := make([]int, len(pods))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case pods[a].Pending > pods[b].Pending:
			return -1
		case pods[a].Pending < pods[b].Pending:
			return 1
		}
		return 0
	})
	return result.PhaseTimes{
		Mean: meanPhases(pods, order),
		Slow: meanPhases(pods, order[:(len(order)+99)/100]),
	}
}

func meanPhases(pods []PodTimes, which []int) result.Phases {
	var sum result.Phases
	for _, i := range which {
		p := &pods[i].Phases
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
