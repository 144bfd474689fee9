package measure

import (
	"time"

	"ipamsim/ec2model"
	"ipamsim/sim/awssdk"
	"ipamsim/sim/cluster"
	"ipamsim/sim/des"
	"ipamsim/sim/fault"
	"ipamsim/sim/machine"
	"ipamsim/sim/result"
)

// Collector keeps what a run is measured by. Nothing counts before from, the
// end of the warm-up.
type Collector struct {
	from           time.Duration
	fleet          Fleet
	Sampler        *sampler
	wanted         int
	running        int // of the wanted ones, those that ran
	trends         result.Trends
	slowest        slowest
	unready        int // wanted pods that ended before they ran
	Causes         map[result.Cause]int
	Failed         int                  // CNI ADDs
	firsts         map[result.Cause]int // pods with a failed ADD, by the first one's cause
	nodes          int                  // now
	peak           int
	failedLaunches int                 // before the measurement began
	Restarts       int                 // of aws-node containers
	API            [256]*result.Action // by ec2model.Action
	tick           tick                // since the last sample

	Defects        []*machine.Defect // in the order in which they began
	furtherDefects int               // those that came after maxDefects
	dropping       int               // pods that lose packets now
	droppedTop     int               // most at once
}

// New measures from a kernel time on, the end of the warm-up.
func New(from time.Duration) *Collector {
	return &Collector{from: from, Causes: map[result.Cause]int{}, firsts: map[result.Cause]int{}}
}

// seconds is a kernel time as results have it: from time 0, to the microsecond.
func (c *Collector) seconds(at time.Duration) float64 {
	return float64((at-c.from)/time.Microsecond) / 1e6
}

func (c *Collector) counts(p *cluster.Pod) bool { return p.Created >= c.from }

// PodCreated hears of every pod.
func (c *Collector) PodCreated(p *cluster.Pod) {
	if c.counts(p) {
		c.wanted++
	}
}

// WayOf is where a pod's time went.
func WayOf(p *cluster.Pod) result.Way {
	t := p.Times()
	return result.Way{
		// A node whose network is not ready makes its first pods wait as a node
		// that is not there does.
		Node:       p.Schedulable - p.Created + t.NetworkWait,
		Scheduling: p.Bound - p.Schedulable,
		Sandbox:    t.Sandbox, AddressWait: t.AddressWait, Backoff: t.Backoff, Image: t.Image,
	}
}

// PodRunning hears that a pod runs.
func (c *Collector) PodRunning(p *cluster.Pod) {
	if !c.counts(p) {
		return
	}
	c.running++
	way, t := WayOf(p), p.Times()
	c.trends.PodStart.Add(p.Running - p.Bound)
	c.trends.PodPending.Add(p.Running - p.Created)
	if t.AddDone != des.Never {
		c.trends.PodAddressWait.Add(t.AddDone - t.FirstAdd)
	}
	c.trends.Ways.Add(&way)
	c.slowest.ran(c, p)
}

// PodEnded notices pods that were deleted before they ran: they are not
// counted as never started, since nobody waits for them any more.
func (c *Collector) PodEnded(p *cluster.Pod) {
	if c.counts(p) && p.Running == des.Never {
		delete(c.slowest.failed, p)
		c.unready++
	}
}

// AddFailed hears of a pod's failed ADD.
func (c *Collector) AddFailed(at time.Duration, p *cluster.Pod, cause result.Cause) {
	if at < c.from {
		return
	}
	first := p.Times().FailedAdds == 1
	c.Failed++
	c.Causes[cause]++
	c.tick.addFailed(cause)
	c.slowest.addFailed(p, result.FailedAdd{AtSeconds: c.seconds(at), Cause: cause})
	if first {
		c.firsts[cause]++
	}
}

// NodeReady hears that a node is Ready for the first time.
func (c *Collector) NodeReady(n *cluster.Node) {
	c.nodes++
	c.peak = max(c.peak, c.nodes)
	if n.Launched != des.Never && n.Launched >= c.from {
		c.trends.NodeReady.Add(n.Ready - n.Launched)
	}
}

// NodeGone hears that a node's instance has ended.
func (c *Collector) NodeGone(n *cluster.Node) {
	if c.fleet.Kernel.Now() >= c.from {
		c.tick.ended++
	}
	if n.Ready != des.Never {
		c.nodes--
	}
}

// AgentExited hears that an aws-node container ended.
func (c *Collector) AgentExited(at time.Duration, err error) {
	if at >= c.from && err != nil {
		c.Restarts++
	}
}

// DefectBegan hears that something is wrong with a node's network.
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

// DefectEnded hears that it is over.
func (c *Collector) DefectEnded(d *machine.Defect) {
	if d.Kind.Dropping() {
		c.dropping--
	}
}

// maxDefects bounds what a run remembers; those beyond are counted only.
const maxDefects = 100_000

// StartingTime is how long before the end a pod must have been created to
// count as one that never started: twice the longest pause after a failure.
const startingTime = 30 * time.Second

// stillStarting counts the pods that the end of the run came too early for.
func (c *Collector) stillStarting(pending []*cluster.Pod, end time.Duration) (n int) {
	for _, p := range pending {
		if c.counts(p) && p.Created > end-startingTime {
			n++
		}
	}
	return n
}

// Fleet is a fleet that is measured.
type Fleet struct {
	Kernel   *des.Kernel
	Account  *ec2model.Account
	Cluster  *cluster.Cluster
	Faults   *fault.Injector
	Machines func() []*machine.Machine // registered and not gone
	End      time.Duration             // of the run, kernel time
}

// Watch prepares to look at a fleet.
func (c *Collector) Watch(f Fleet) {
	c.fleet = f
	c.Sampler = newSampler(c)
}

// Changed hears that a machine must be looked at with the next sample.
func (c *Collector) Changed(m *machine.Machine) { c.Sampler.Ledger.watch(m) }

// Gone hears that a machine has ended.
func (c *Collector) Gone(m *machine.Machine) { c.Sampler.Ledger.close(m) }

// Start is the end of the warm-up. It forgets that where it was counted all
// the same.
func (c *Collector) Start() {
	c.fleet.Account.ResetExtremes()
	c.peak = c.nodes
	c.failedLaunches = c.fleet.Cluster.Counts().FailedLaunches
	c.Sampler.start(c.fleet.End)
}

// Action is the traffic of an API action so far.
func (c *Collector) Action(a ec2model.Action) *result.Action {
	if c.API[a] == nil {
		c.API[a] = &result.Action{Errors: map[string]int{}}
	}
	return c.API[a]
}

// Attempt hears of every request to EC2.
func (c *Collector) Attempt(at ec2model.Attempt) {
	if at.Start < c.from {
		return
	}
	a := c.Action(at.Action)
	c.tick.request(at)
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

// Call hears of every operation of an SDK client of the fleet.
func (c *Collector) Call(at awssdk.Call) {
	if at.Start >= c.from {
		c.Action(at.Action).Calls++
	}
}

// Outcome sums the run up.
func (c *Collector) Outcome() result.Outcome {
	counts := c.fleet.Cluster.Counts()
	starting := c.stillStarting(c.fleet.Cluster.Pending(), c.fleet.Kernel.Now())
	o := result.Outcome{
		Pods: result.Pods{
			Wanted: c.wanted, Running: c.running, NeverStarted: c.wanted - c.running - c.unready - starting, Deleted: c.unready, Starting: starting,
			FailedAdds: c.Failed, FailedAddCauses: c.Causes, FailedAddPods: c.firsts,
		},
		Nodes: result.Nodes{Peak: c.peak, AgentRestarts: c.Restarts, FailedLaunch: counts.FailedLaunches - c.failedLaunches},
		API:   map[string]*result.Action{},
	}
	o.Network = c.network()
	o.Pods.WaitingForNode = min(counts.Waiting, o.Pods.NeverStarted)
	c.trends.Describe(&o)
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
		recovered := float64(took/time.Microsecond) / 1e6
		o.Network.Recovery = &recovered
	}
	o.Nodes.AssignedP90, o.Nodes.CoolingPeak = c.Sampler.p90, c.Sampler.cooling
	return o
}

// Trends are the distributions of what was measured of each pod and node.
func (c *Collector) Trends() *result.Trends { return &c.trends }

// Series, Maps and Slowest are what was seen over time; they come after
// Outcome.
func (c *Collector) Series() result.Series { return c.Sampler.series() }

// Maps are the maps of the subnets.
func (c *Collector) Maps() result.Maps { return c.Sampler.maps.out }

// Slowest are the slowest pods.
func (c *Collector) Slowest() []result.SlowPod {
	return c.slowest.list(c, c.fleet.Cluster.Pending(), c.fleet.Kernel.Now())
}
