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

// Collector keeps what a run is measured by. Nothing counts before from, the
// end of the warm-up.
type Collector struct {
	from           time.Duration
	fleet          Fleet
	sampler        *sampler
	watch          *watch
	census         census
	trends         result.Trends
	slowest        slowest
	causes         map[result.Cause]int
	firsts         map[result.Cause]int       // pods with a failed ADD, by the first one's cause
	initialNever   int                        // of them, those that were there at time 0
	noRoom         int                        // of those that never started, those that no node had room for at the end
	api            [256]*result.Action        // by ec2model.Action
	tick           tick                       // since the last sample
	vain, churning int                        // interfaces given back that never had a pod, and nodes that do so again and again
	nodeTime       time.Duration              // that all nodes together have been Ready
	nodesSince     time.Duration              // nodeTime is up to then
	failures       map[*cluster.Pod]*failures // of the pods with a failed ADD that do not run yet
	met            map[result.Cause]int       // pods with a failed ADD, by each of their causes
	stuck          map[result.Cause]int       // pods that never started on their node, by the cause of the latest failed ADD
	late           map[result.Cause]int       // pods that ran late after a failed ADD, by the first one's cause

	defects        []*machine.Defect // in the order in which they began
	sufferers      []*cluster.Node   // where each of them is
	furtherDefects int               // those that came after maxDefects
}

// New measures from a kernel time on, the end of the warm-up.
func New(from time.Duration) *Collector {
	return &Collector{from: from, causes: map[result.Cause]int{}, firsts: map[result.Cause]int{}, failures: map[*cluster.Pod]*failures{},
		met: map[result.Cause]int{}, stuck: map[result.Cause]int{}, late: map[result.Cause]int{}}
}

// seconds is a kernel time as results have it: from time 0, to the microsecond.
func (c *Collector) seconds(at time.Duration) float64 {
	return float64((at-c.from)/time.Microsecond) / 1e6
}

// began says whether the measurement has.
func (c *Collector) began() bool { return c.fleet.Kernel.Now() >= c.from }

// PodCreated hears of every pod.
func (c *Collector) PodCreated(p *cluster.Pod) {
	if p.Created < c.from {
		return
	}
	c.census.all.Wanted++
	w := &c.census.workloads[p.Workload.Place]
	w.Wanted++
	w.created++
	c.created(p)
}

// created takes in how long the pod's controller has needed to make it.
func (c *Collector) created(p *cluster.Pod) {
	took := p.Created - max(p.Asked(), c.from)
	if waitedFor(p.Workload) {
		c.trends.PodCreation.Add(took)
	}
	c.census.created(p, took)
	c.watch.created(p, took)
}

// PodsAwaited hears of pods that their controller has not made: more, or fewer, because
// it makes them, or because they are wanted no more.
func (c *Collector) PodsAwaited(w *cluster.Workload, since time.Duration, pods int) {
	c.census.await(w, since, pods, c.fleet.Kernel.Now())
}

// phasesOf is where a pod's time went.
func phasesOf(p *cluster.Pod) result.PodPhases {
	t := p.Times()
	return result.PodPhases{
		// A node whose network is not ready makes its first pods wait as a node
		// that is not there does.
		Node:       p.Schedulable - p.Created + t.NetworkWait,
		Scheduling: p.Bound - p.Schedulable,
		Sandbox:    t.Sandbox, AddressWait: t.AddressWait, Backoff: t.Backoff, CPU: t.CPU, Image: t.Image,
	}
}

// PodRunning hears that a pod runs. One that was there before time 0 and did
// not run then has waited from 0 on.
func (c *Collector) PodRunning(p *cluster.Pod) {
	if !c.began() {
		c.census.change(p, runs)
		return
	}
	c.census.each(p, func(t *tally) {
		t.change(runs)
		t.Started++
	})
	c.slowest.ran(c, p)
	c.ranLate(p)
	t := took{start: p.Running - max(p.Bound, c.from), pending: p.Running - max(p.Created, c.from), addressWait: uncounted}
	if at := p.Times(); at.AddDone != des.Never && at.AddDone >= c.from {
		t.addressWait = at.AddDone - max(at.FirstAdd, c.from)
	}
	c.measure(p, t)
	if p.Created >= c.from && waitedFor(p.Workload) {
		phases := phasesOf(p)
		c.trends.Phases.Add(&phases)
	}
}

// measure puts how long a pod has needed into all distributions.
func (c *Collector) measure(p *cluster.Pod, t took) {
	c.census.measure(p, t)
	c.watch.started(p, t)
	if waitedFor(p.Workload) {
		enterStarts(&c.trends.StartTrends, t, 1)
	}
}

// PodLeaves hears that a pod is asked to end, or goes with its node.
func (c *Collector) PodLeaves(p *cluster.Pod) {
	switch {
	case p.State() == cluster.Running:
		c.census.change(p, runsNoMore)
	case p.Lacks():
		c.census.change(p, waitsNoMore)
	}
}

// PodEnded notices pods that were deleted before they ran: they are not
// counted as never started, since nobody waits for them any more, unless their
// deadline was what ended them.
func (c *Collector) PodEnded(p *cluster.Pod) {
	if p.Running != des.Never || !c.began() {
		return
	}
	if p.GaveUp { // nobody waits for it any more, since it came too late
		c.census.each(p, func(t *tally) { t.NeverStarted++ })
		c.neverStarted(p, p.Node == nil)
		delete(c.failures, p)
		return
	}
	delete(c.failures, p)
	delete(c.slowest.failed, p)
	c.census.each(p, func(t *tally) { t.Deleted++ })
}

// PodUnschedulable hears that no node has room for a pod, and that this is
// over.
func (c *Collector) PodUnschedulable(p *cluster.Pod, is bool) {
	if is {
		c.census.change(p, hasNoRoom)
	} else {
		c.census.change(p, hasRoom)
	}
}

// PodUnready hears that the network of a pod's node was not ready for it.
func (c *Collector) PodUnready(p *cluster.Pod) {
	if p.State() == cluster.Bound {
		c.census.change(p, waits)
	}
}

// AddDone hears of a pod's ADD that succeeded.
func (c *Collector) AddDone(p *cluster.Pod) {
	if p.Lacked() && p.State() == cluster.Bound {
		c.census.change(p, waitsNoMore)
	}
}

// AddFailed hears of a pod's failed ADD.
func (c *Collector) AddFailed(at time.Duration, p *cluster.Pod, cause result.Cause) {
	if !p.Lacked() && p.State() == cluster.Bound {
		c.census.change(p, waits)
	}
	if at < c.from {
		return
	}
	c.census.addFailed(p, cause)
	c.watch.addFailed(p, cause)
	c.causes[cause]++
	c.tick.addFailed(cause)
	c.slowest.addFailed(p, result.FailedAdd{AtSeconds: c.seconds(at), Cause: cause})
	f := c.failures[p]
	if f == nil {
		f = &failures{first: cause}
		c.failures[p] = f
		c.firsts[cause]++
		c.met[cause]++
	}
	f.last = cause
	if cause != f.first && !slices.Contains(f.more, cause) {
		f.more = append(f.more, cause)
		c.met[cause]++
	}
}

// failures are the causes of a pod's failed ADDs.
type failures struct {
	first, last result.Cause
	more        []result.Cause // than the first, each once
}

// ranLate notes a pod that needed long after a failed ADD. Those of DaemonSets
// that are bound while their node starts are a part of its start.
func (c *Collector) ranLate(p *cluster.Pod) {
	f := c.failures[p]
	if f == nil {
		return
	}
	delete(c.failures, p)
	starting := p.Workload.Kind == cluster.DaemonSet && p.Bound < p.Node.Ready
	if p.Running-max(p.Bound, c.from) >= lateAfter && !starting {
		c.late[f.first]++
	}
}

// NodeReady hears that a node is Ready for the first time.
func (c *Collector) NodeReady(n *cluster.Node) {
	c.countNodeTime()
	c.census.eachNodes(n, func(t *nodes) { t.change(1) })
	if n.Launched != des.Never && n.Launched >= c.from {
		c.trends.NodeReady.Add(n.Ready - n.Launched)
		c.census.nodeReady(n)
		c.watch.nodeReady(n)
	}
}

// NodeGone hears that a node's instance has ended.
func (c *Collector) NodeGone(n *cluster.Node) {
	if c.began() {
		c.tick.ended++
	}
	if n.Ready != des.Never {
		c.countNodeTime()
		c.census.eachNodes(n, func(t *nodes) { t.change(-1) })
	}
}

// NodeInterrupted hears of EC2's notice to a spot instance.
func (c *Collector) NodeInterrupted(n *cluster.Node) {
	c.census.eachNodes(n, func(t *nodes) { t.Interruptions++ })
}

// LaunchFailed hears of instances that a group has asked for in vain.
func (c *Collector) LaunchFailed(g *cluster.Group, n int) { c.census.launchFailed(g, n) }

// EvictionRefused hears of an eviction that a budget forbids.
func (c *Collector) EvictionRefused(p *cluster.Pod) {
	c.census.each(p, func(t *tally) { t.refused++ })
}

// countNodeTime brings nodeTime up to now. It comes before each change of the
// number of nodes.
func (c *Collector) countNodeTime() {
	now := max(c.from, c.fleet.Kernel.Now())
	c.nodeTime += time.Duration(c.census.all.nodes.now) * (now - max(c.from, c.nodesSince))
	c.nodesSince = now
}

// Vain hears that a node's ipamd gives an interface back that never had a pod.
// A node that does so three times within churnWindow goes on for ever: nothing
// but its own interfaces made it ask for another.
func (c *Collector) Vain(m *machine.Machine) {
	now := c.fleet.Kernel.Now()
	if now < c.from {
		return
	}
	c.vain++
	e := &m.Entry.Churn
	if before := e.Last[1]; !e.Counted && before > 0 && now-before <= churnWindow {
		e.Counted = true
		c.churning++
	}
	e.Last = [2]time.Duration{now, e.Last[0]}
}

// AgentExited hears that a node's aws-node container ended.
func (c *Collector) AgentExited(n *cluster.Node, err error) {
	if c.began() && err != nil {
		c.census.eachNodes(n, func(t *nodes) { t.AgentRestarts++ })
	}
}

// DefectBegan hears that something is wrong with a node's network.
func (c *Collector) DefectBegan(m *machine.Machine, d *machine.Defect) {
	if len(c.defects) < maxDefects {
		c.defects, c.sufferers = append(c.defects, d), append(c.sufferers, m.Node)
	} else {
		c.furtherDefects++
	}
	if d.Kind.Dropping() {
		c.census.defect(m, d.Pod, losesPackets)
	}
}

// DefectEnded hears that it is over.
func (c *Collector) DefectEnded(m *machine.Machine, d *machine.Defect) {
	if d.Kind.Dropping() {
		c.census.defect(m, d.Pod, losesNoMore)
	}
}

// maxDefects bounds what a run remembers, 100 bytes each: our choice. Those
// beyond are counted only, and the result says how many they were.
const maxDefects = 100_000

// startingTime is how long before the end a pod must have been created to
// count as one that never started: twice the longest pause after a failure.
const startingTime = 30 * time.Second

// Fleet is a fleet that is measured.
type Fleet struct {
	Kernel   *des.Kernel
	Account  *ec2model.Account
	Cluster  *cluster.Cluster
	Faults   *fault.Injector
	Machines func() []*machine.Machine // registered and not gone
	Zone     func(subnet string) string
	// Conditions are what the run is asked, as far as its variant is meant; Stops
	// says that one with Abort ends it.
	Conditions []result.Condition
	Stops      bool
	End        time.Duration // of the run, kernel time
}

// Watch prepares to look at a fleet.
func (c *Collector) Watch(f Fleet) {
	c.fleet = f
	c.census = newCensus(&c.fleet, &c.trends, c.from)
	c.sampler = newSampler(c)
	c.watch = newWatch(c)
}

// Changed hears that a machine must be looked at with the next sample.
func (c *Collector) Changed(m *machine.Machine) { c.sampler.ledger.watch(m) }

// Gone hears that a machine has ended.
func (c *Collector) Gone(m *machine.Machine) { c.sampler.ledger.close(m) }

// States are what the pods are now: all of them, and those of each set.
func (c *Collector) States() (all result.State, workloads, groups, zones map[string]result.State) {
	of := func(list []tally) map[string]result.State {
		states := map[string]result.State{}
		for i := range list {
			states[list[i].Name] = list[i].now
		}
		return states
	}
	return c.census.all.now, of(c.census.workloads), of(c.census.groups), of(c.census.zones)
}

// Start is the end of the warm-up. It forgets that where it was counted all
// the same.
func (c *Collector) Start() {
	c.fleet.Account.ResetExtremes()
	c.census.start(c.fleet.Cluster.Pods())
	c.watch.start()
	c.sampler.start(c.fleet.End)
}

// action is the traffic of an API action so far.
func (c *Collector) action(a ec2model.Action) *result.Action {
	if c.api[a] == nil {
		c.api[a] = &result.Action{Errors: map[string]int{}}
	}
	return c.api[a]
}

// Attempt hears of every request to EC2.
func (c *Collector) Attempt(at ec2model.Attempt) {
	if at.Start < c.from {
		return
	}
	a := c.action(at.Action)
	c.tick.request(at)
	if at.Background {
		a.Other.Attempts++
		if throttled(at) {
			a.Other.Throttled++
		}
		return
	}
	a.Attempts++
	if at.Err != nil {
		a.Errors[at.Err.Code]++
	}
	if throttled(at) {
		a.Throttled++
	}
}

// throttled says that a request was turned away for its rate: by a bucket, or by
// a fault in any of the words that the SDK takes for it.
func throttled(at ec2model.Attempt) bool {
	return at.Throttled || at.Err != nil && awssdk.IsThrottle(at.Err.Code)
}

// Call hears of every operation of an SDK client of the fleet.
func (c *Collector) Call(at awssdk.Call) {
	if at.Start >= c.from {
		c.action(at.Action).Calls++
	}
}

// finish closes the books on the pods that have not begun to run.
func (c *Collector) finish() {
	pending, after := c.fleet.Cluster.Pending(), c.fleet.Kernel.Now()-startingTime
	c.census.finish(pending, c.fleet.Cluster.Workloads(), after)
	c.notCreated(after)
	for _, p := range pending {
		if p.Created <= after {
			c.neverStarted(p, p.Unschedulable())
		}
	}
}

// notCreated closes the books on pods that were asked for and that their controller had
// not made: they are infinitely late in all that they have not come to.
func (c *Collector) notCreated(after time.Duration) {
	for _, w := range c.fleet.Cluster.Workloads() {
		t := took{start: forever, pending: forever, addressWait: forever}
		if w.HostNetwork {
			t.addressWait = uncounted
		}
		w.Awaited(func(since time.Duration, pods int) {
			if since > after {
				return
			}
			c.census.measureAwaited(w, since, pods, t)
			c.watch.notCreated(w, since, t)
			if waitedFor(w) {
				c.trends.PodCreation.AddNever(pods)
				enterStarts(&c.trends.StartTrends, t, pods)
			}
		})
	}
}

// neverStarted closes the books on a pod that has not come to run.
func (c *Collector) neverStarted(p *cluster.Pod, noRoom bool) {
	if noRoom {
		c.noRoom++
	}
	if f := c.failures[p]; f != nil && p.Node != nil {
		c.stuck[f.last]++
	}
	if p.Created < c.from {
		c.initialNever++
	}
	c.watch.neverStarted(p)
	t := took{start: forever, pending: forever, addressWait: forever}
	if p.HostNetwork || p.Times().AddDone != des.Never {
		t.addressWait = uncounted
	}
	c.measure(p, t)
}

// Outcome sums the run up.
func (c *Collector) Outcome() result.Outcome {
	c.watch.end()
	c.finish()
	o := c.soFar()
	o.Pods.Counts, o.Selected = c.census.all.counts(), c.census.selectedCounts()
	o.Pods.FailedAddPods, o.Pods.MetPods, o.Pods.LatePods, o.Pods.StuckPods = c.firsts, c.met, c.late, c.stuck
	o.Workloads = setsOf(c.census.workloads)
	o.NodeGroups, o.Zones = withNodes(setsOf(c.census.groups), c.census.groups), withNodes(setsOf(c.census.zones), c.census.zones)
	o.Network = c.network()
	c.watch.ofNetworks(o.Selected)
	c.census.closeWaits(c.fleet.Kernel.Now(), o.Workloads)
	o.Pods.WaitingForNode, o.Pods.InitialNeverStarted = c.noRoom, c.initialNever
	o.Pods.WaitingForPlace = min(c.fleet.Cluster.WaitingForPlace(), c.noRoom)
	c.trends.Describe(&o)
	o.Subnets = c.sampler.finish()
	o.HeldPeak, o.HeldMean = max(c.watch.earlier.held, c.fleet.Account.HeldPeak()), c.sampler.heldMean()
	o.Interfaces = c.sampler.interfaces()
	o.FaultHits = c.fleet.Faults.Hits()
	o.Network.Broken = c.sampler.recovery.broken
	if took, ok := c.sampler.recovery.took(); ok {
		recovered := inSeconds(took)
		o.Network.Recovery = &recovered
	}
	c.countNodeTime()
	o.Nodes.NodeCounts = c.census.all.nodes.counts()
	o.Nodes.ReadyHours = float64(c.nodeTime/time.Millisecond) / 3.6e6
	o.Interfaces.Vain, o.Interfaces.ChurningNodes = c.vain, c.churning
	o.Nodes.AssignedP90, o.Nodes.CoolingPeak = c.sampler.p90, c.sampler.cooling
	return o
}

// soFar is what has been counted till now. It shares its maps with those who go
// on counting; what is worst in it is that since the extremes were last begun
// anew.
func (c *Collector) soFar() result.Outcome {
	o := result.Outcome{
		Pods:     result.Pods{Counts: c.census.all.soFar(), FailedAddCauses: c.causes, RefusedEvictions: c.census.all.refused},
		Selected: c.census.partsSoFar(),
		Nodes:    result.Nodes{NodeCounts: c.census.all.nodes.NodeCounts},
		API:      map[string]*result.Action{},
		Rollouts: c.rollouts(),
	}
	for i, a := range c.api {
		if a != nil {
			o.API[ec2model.Action(i).String()] = a
		}
	}
	return o
}

// Check looks at the fleet as a sample does, and says where the running sums
// are not what a walk over all books finds.
func (c *Collector) Check() error {
	now := c.fleet.Kernel.Now()
	c.sampler.ledger.Look(now)
	return c.sampler.ledger.check(c.fleet.Machines(), now)
}

// Trends are the distributions of what was measured of each pod and node.
func (c *Collector) Trends() *result.Trends { return &c.trends }

// Series, Maps and Slowest are what was seen over time; they come after
// Outcome.
func (c *Collector) Series() result.Series { return c.sampler.series() }

// Maps are the maps of the subnets, the last of them as the fleet is now.
func (c *Collector) Maps() result.Maps {
	out := c.sampler.maps.out
	for _, m := range c.Addresses() {
		if m.Usable > mostAddresses {
			m = m.InBlocks()
		}
		out.End = append(out.End, m)
	}
	return out
}

// Slowest are the slowest pods.
func (c *Collector) Slowest() []result.SlowPod {
	return c.slowest.list(c, c.fleet.Cluster.Pending(), c.fleet.Kernel.Now())
}
