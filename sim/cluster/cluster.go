package cluster

import (
	"fmt"
	"slices"
	"time"

	"ipamsim/sim/controller"
	"ipamsim/sim/des"
	"ipamsim/sim/kubelet"
	"ipamsim/sim/nodeadm"
)

// Cluster is a running cluster.
type Cluster struct {
	cfg         Config
	kernel      *des.Kernel
	cloud       Cloud
	machine     func(*Node) Machine
	hooks       Hooks
	limits      Limits
	groups      []*Group
	zones       []string // of the groups' subnets, each once
	workloads   []*Workload
	scheduler   *scheduler
	replicaSets *controller.Controller
	jobs        *controller.Controller
	daemons     *controller.Controller
	systemSets  [nodeadm.SystemPods]*daemonSet // aws-node and kube-proxy
	autoscaler  autoscaler                     // nil without one
	pods        []*Pod                         // that have not ended, the pending ones last
	settled     int                            // of pods, those that are not pending
	running     int
	created     int  // pods, over the whole run
	unmade      int  // pods of Jobs that their controller has not come to
	joined      int  // nodes, over the whole run
	changes     int  // of where pods are and of which nodes are open
	snapshot    bool // some nodes are there before the run
	budgets     bool // some workload has one
	makingUp    bool // for pods that were lost with their nodes: what is created now

	unnoticed int     // nodes that were lost and whose pods nobody misses yet
	loops     *passes // nil until somebody asks
	lostNodes []unreachable

	failedLaunches int
	interruptions  int      // notices to spot instances
	refused        int      // evictions, for the sake of a budget
	terminating    []string // instances whose termination is being collected
	err            error
}

// Hooks are called at the moments that they name. Nil ones cost nothing.
type Hooks struct {
	PodCreated func(*Pod)
	// PodsAwaited hears of pods that their controller has not made, since when they are
	// asked for: so many more, or fewer, because they are made or wanted no more.
	PodsAwaited func(w *Workload, since time.Duration, pods int)
	PodRunning  func(*Pod)
	PodLeaves   func(*Pod) // asked to end, or lost with its node: the last moment at which it is Bound or Running
	PodEnded    func(*Pod) // the last moment at which the cluster knows the pod
	// PodUnschedulable hears that no node has room for a pod, and that this is
	// over: a node had, or the pod has gone.
	PodUnschedulable func(p *Pod, is bool)
	NodeReady        func(*Node)
	NodeGone         func(*Node) // its instance is terminated, or about to be
	NodeForgotten    func(*Node) // lost before, it is deleted in the API server now
	NodeInterrupted  func(*Node) // EC2 has given notice to it, a spot instance
	// LaunchFailed hears of instances that a group has asked for and that were not delivered.
	LaunchFailed func(g *Group, n int)
	// EvictionRefused hears that the API server refuses an eviction for the sake of a budget.
	EvictionRefused func(*Pod)
}

// New builds a cluster on a kernel at time 0. machine is called once for each
// node, when it registers. An error means that the config cannot work.
func New(k *des.Kernel, cfg Config, cloud Cloud, machine func(*Node) Machine, hooks Hooks) (*Cluster, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	c := &Cluster{cfg: cfg, kernel: k, cloud: cloud, machine: machine, hooks: hooks, limits: cfg.Limits.withDefaults()}
	for i := range c.cfg.Workloads {
		w := &Workload{WorkloadConfig: &c.cfg.Workloads[i], Place: i, cluster: c}
		w.deletions.workload = w
		c.budgets = c.budgets || w.Budget != nil
		c.workloads = append(c.workloads, w)
	}
	for i := range c.cfg.Groups {
		g, err := newGroup(c, &c.cfg.Groups[i])
		if err != nil {
			return nil, err
		}
		c.groups = append(c.groups, g)
	}
	c.scheduler = newScheduler(c)
	of := func(workers int) *controller.Controller {
		return controller.New(k, c.cfg.PodCreation, workers, c.cfg.WarmUp)
	}
	c.replicaSets, c.jobs, c.daemons = of(controllerWorkers), of(controllerWorkers), of(daemonWorkers)
	for i := range c.systemSets {
		c.systemSets[i] = c.newDaemonSet()
	}
	for _, w := range c.workloads {
		switch w.Kind {
		case Deployment:
			w.sets[newSet] = w.newReplicaSet(newSet)
		case DaemonSet:
			w.daemons = c.newDaemonSet()
		}
		w.inZone = make([]zoneReplicas, len(c.zones))
		w.lifetime = k.Rand("workload/" + w.Name + "/lifetime")
		w.on = c.groupsFor(w)
		w.class = c.scheduler.class(w.Requests, w.on, w)
	}
	c.autoscaler = newAutoscaler(c)
	return c, nil
}

// zoneNumber is a zone's place in the list, where it is put if it is new.
func (c *Cluster) zoneNumber(name string) int {
	if i := slices.Index(c.zones, name); i >= 0 {
		return i
	}
	c.zones = append(c.zones, name)
	return len(c.zones) - 1
}

// Start schedules everything that the config asks for. Call it once, before
// the kernel runs.
func (c *Cluster) Start() {
	for _, g := range c.groups {
		g.restore()
	}
	for _, g := range c.groups {
		g.start()
	}
	for _, w := range c.workloads {
		w.start()
	}
	if c.autoscaler != nil {
		c.autoscaler.start()
	}
}

// Err is why the run ended early, or nil: a bound was reached. The kernel was
// stopped at that moment.
func (c *Cluster) Err() error { return c.err }

func (c *Cluster) fail(err error) {
	if c.err == nil {
		c.err = fmt.Errorf("%w at virtual time %v", err, c.kernel.Now()-c.cfg.WarmUp)
	}
	c.kernel.Stop()
}

// Pods are the pods that have not ended, in no particular order, though the
// same in equal runs. The slice is the cluster's own: read it only.
func (c *Cluster) Pods() []*Pod { return c.pods }

// Workloads and Groups are those of the config, in its order.
func (c *Cluster) Workloads() []*Workload { return c.workloads }

// Groups are the node groups.
func (c *Cluster) Groups() []*Group { return c.groups }

// Pending are those of Pods that are queued or bound and do not run yet.
func (c *Cluster) Pending() []*Pod { return c.pods[c.settled:] }

// settle counts a pod that is no longer pending.
func (c *Cluster) settle(p *Pod) {
	c.swap(p, c.pods[c.settled])
	c.settled++
}

func (c *Cluster) swap(p, q *Pod) {
	c.pods[p.slot], c.pods[q.slot] = q, p
	p.slot, q.slot = q.slot, p.slot
}

// Counts is the state of a cluster at a moment.
type Counts struct {
	Pending        int // pods that are queued or bound and do not run yet
	Running        int // pods
	Ready          int // nodes, draining ones aside
	Nodes          int // nodes whose instance exists
	FailedLaunches int // instances asked for and not delivered, over the whole run
	Interruptions  int // spot instances that EC2 has given notice to, over the whole run
	Lost           int // nodes that were lost and whose pods nobody misses yet
}

// Counts are the numbers at this moment. They cost O(groups).
func (c *Cluster) Counts() Counts {
	n := Counts{Running: c.running, FailedLaunches: c.failedLaunches, Interruptions: c.interruptions, Lost: c.unnoticed}
	for _, g := range c.groups {
		n.Ready += g.ready
		n.Nodes += g.nodes.count
	}
	n.Pending = len(c.Pending())
	return n
}

// admits says whether n more pods may be created and queued. If they would
// reach a bound, the run fails before any of them exists: numbers come from
// scenarios, and millions of pods take gigabytes.
func (c *Cluster) admits(n int) bool {
	switch {
	case c.err != nil:
		return false
	case n <= 0:
		return true
	case n > c.limits.Pods-c.created:
		c.fail(fmt.Errorf("the run reached its bound of %d pods", c.limits.Pods))
	case n > c.limits.Queue-c.scheduler.queued:
		c.fail(fmt.Errorf("the scheduler's queue reached its bound of %d pods", c.limits.Queue))
	case n > c.limits.Queue-c.unmade:
		c.fail(fmt.Errorf("pods of Jobs that wait for their controller reached the bound of %d: they come faster than its client can follow", c.limits.Queue))
	default:
		return true
	}
	return false
}

// newPod creates a pod that is not yet anywhere, or returns nil at the bound.
func (c *Cluster) newPod(w *Workload, cl *class, lifetime, asked time.Duration) *Pod {
	if c.created++; c.created > c.limits.Pods {
		c.fail(fmt.Errorf("the run reached its bound of %d pods", c.limits.Pods))
		return nil
	}
	p := &Pod{
		Pod:      kubelet.Pod{HostNetwork: w.HostNetwork, Bound: des.Never, Running: des.Never},
		Workload: w, Ordinal: int32(w.created), class: cl, lifetime: lifetime,
		Created: c.kernel.Now(), Schedulable: des.Never, Deleted: des.Never,
		slot: int32(len(c.pods)), replica: -1, Replaces: c.makingUp, waited: waitedMilliseconds(c.kernel.Now() - asked),
	}
	w.created++
	c.pods = append(c.pods, p)
	if c.hooks.PodCreated != nil {
		c.hooks.PodCreated(p)
	}
	return p
}

// place binds a pod to a node and lets the node's machine start it.
func (c *Cluster) place(p *Pod, n *Node) {
	if p == nil {
		return // the bound was reached
	}
	c.changes++
	p.Bound = c.kernel.Now()
	if p.Schedulable == des.Never {
		p.Schedulable = p.Bound
	}
	p.state = Bound
	c.enterOn(p, n)
	n.index.update(n)
	n.Machine.StartPod(p)
}

// enterOn takes a bound pod's room on a node.
func (c *Cluster) enterOn(p *Pod, n *Node) {
	p.Node = n
	p.Place = int32(len(n.pods))
	if n.pods == nil {
		n.pods = make([]*Pod, 0, 12) // few nodes have much less
	}
	n.pods = append(n.pods, p)
	if p.Workload.Kind == DaemonSet {
		n.daemons++ // the node has kept its room
	} else {
		n.room.take(p.class.request)
		n.changed = p.Bound
	}
	if p.replica >= 0 {
		n.addReplicas(p.Workload, 1)
		p.Workload.deletions.crowd(n)
	}
}

// PodRunning is the machine's word that a pod's containers run.
func (c *Cluster) PodRunning(p *Pod) {
	if p.state != Bound {
		return // asked to stop meanwhile
	}
	p.state = Running
	p.Running = c.kernel.Now()
	c.settle(p)
	c.running++
	switch {
	case p.replica >= 0:
		p.Workload.runs(p)
	case p.job != nil:
		p.job.runs(p)
	case p.Workload.Kind == DaemonSet:
		p.Workload.daemons.changed()
	}
	p.Workload.stepRoll()
	if c.hooks.PodRunning != nil {
		c.hooks.PodRunning(p)
	}
	if p.lifetime != des.Never {
		c.kernel.After(p.lifetime, func() { p.Workload.expire(p) })
	}
}

// PodGone is the machine's word that nothing of a stopped pod is left.
func (c *Cluster) PodGone(p *Pod) {
	if p.state != Stopping {
		return // ended with its node meanwhile
	}
	n := p.Node
	c.release(p)
	c.end(p)
	if p.Workload.Kind == DaemonSet {
		c.wantsDaemons(n)
	}
	if n.schedulable() {
		c.scheduler.roomOn(n)
	} else {
		c.terminateIfEmpty(n)
		c.vacated(n)
	}
}

// stop asks a pod to end. One that was never bound ends at once.
func (c *Cluster) stop(p *Pod) {
	if p.state >= Stopping {
		return
	}
	p.Deleted = c.kernel.Now()
	if p.state == Queued {
		c.settle(p)
		c.scheduler.drop(p)
		p.state = Stopping
		c.end(p)
		return
	}
	c.leave(p)
	p.Workload.terminates(p, true)
	p.Node.Machine.StopPod(p)
}

// leave counts a started pod out and marks it.
func (c *Cluster) leave(p *Pod) {
	if p.state < Stopping && c.hooks.PodLeaves != nil {
		c.hooks.PodLeaves(p)
	}
	switch p.state {
	case Bound:
		c.settle(p)
	case Running:
		c.running--
		p.notReady()
	}
	p.state = Stopping
}

// evict moves a pod off its node: it ends and its workload replaces it.
func (c *Cluster) evict(p *Pod) {
	c.stop(p)
	p.Workload.replace(p)
}

// release gives the pod's room back.
func (c *Cluster) release(p *Pod) {
	n := p.Node
	c.changes++
	c.leave(p)
	last := n.pods[len(n.pods)-1]
	n.pods[p.Place], last.Place = last, p.Place
	n.pods[len(n.pods)-1] = nil
	n.pods = n.pods[:len(n.pods)-1]
	if p.Workload.Kind == DaemonSet {
		n.daemons--
	} else {
		n.room.give(p.class.request)
		n.changed = c.kernel.Now()
	}
	if n.state < Gone {
		n.index.update(n)
	}
}

// end forgets a pod, which is not pending.
func (c *Cluster) end(p *Pod) {
	p.state = Ended
	c.settled--
	c.swap(p, c.pods[c.settled])
	last := len(c.pods) - 1
	c.swap(p, c.pods[last])
	c.pods[last] = nil
	c.pods = c.pods[:last]
	if !p.lost {
		p.Workload.dismiss(p)
	}
	p.Workload.terminates(p, false)
	if c.hooks.PodEnded != nil {
		c.hooks.PodEnded(p)
	}
}
