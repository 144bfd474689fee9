package explain

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ipamsim/ec2model"
	"ipamsim/internal/words"
	"ipamsim/sim/ipamd"
	"ipamsim/sim/kubelet"
	"ipamsim/sim/recording"
	"ipamsim/sim/result"
)

// Boundary is the part of the system that somebody waits at.
type Boundary string

// Where a pod waits on its way.
const (
	AtCapacity  Boundary = "capacity"         // no node has room
	AtBoot      Boundary = "node boot"        // the instance and its kubelet start
	AtNetwork   Boundary = "node network"     // the node is there, and its pod network is not
	AtScheduler Boundary = "scheduler"        // there is room, and it is not its turn yet
	AtKubelet   Boundary = "kubelet"          // volumes
	AtToken     Boundary = "pod's token"      // kubelet's client of the API server is at its limit, and has yet to ask for it
	AtReport    Boundary = "status report"    // it is at its limit, and the API server does not know that the pod runs
	AtSandbox   Boundary = "sandbox"          // the container runtime
	AtPlugin    Boundary = "CNI plugin"       // the plugin works
	AtPool      Boundary = "empty pool"       // the plugin is told that there is no address
	AtDown      Boundary = "ipamd down"       // ipamd does not serve
	AtError     Boundary = "ipamd error"      // the plugin is told of an error, whatever the pool holds
	AtBackoff   Boundary = "kubelet back-off" // kubelet's pause after a failed sandbox
	AtCPU       Boundary = "node CPU"         // its cores are busy with other sandboxes and containers
	AtPullLimit Boundary = "pull limit"       // kubelet's limiter of pulls, its back-off
	AtPull      Boundary = "image pull"
	AtStart     Boundary = "container start"
)

// What a node's ipamd is doing meanwhile; also AtDown, AtError and AtNetwork.
const (
	InCall      Boundary = "EC2 call"       // in flight
	InThrottle  Boundary = "EC2 throttle"   // in flight too, and rejected for its rate
	InRetry     Boundary = "SDK back-off"   // before the next request of a call
	InAPIServer Boundary = "API server"     // ipamd asks it before kube-proxy has written its rules
	InMetadata  Boundary = "metadata lag"   // a new interface does not show yet
	InVain      Boundary = "waits in vain"  // for an interface that it has deleted again
	InLoop      Boundary = "ipamd loop"     // until its next pass
	InPause     Boundary = "ipamd pause"    // 120 s after EC2 had no address
	InRetries   Boundary = "ipamd back-off" // between its own tries
	InCooling   Boundary = "cooldown"       // freed addresses cool down and count as available
	InFull      Boundary = "node full"      // nothing left to ask for
	InCordon    Boundary = "cordon"         // a cordoned node's pool does not grow
	InMet       Boundary = "targets met"    // the pool holds what its targets ask for
	InNoSubnet  Boundary = "no subnet"      // none may be used for a new interface
)

// Phase is a piece of time in which somebody waited at one boundary.
type Phase struct {
	Boundary Boundary
	What     string
	From, To recording.Time
	Share    float64 // of the pod's way; 0 of what happened meanwhile
	// Meanwhile is what the node's ipamd did, or that an address was there
	// already; the pieces fill the phase. Empty where it does not matter.
	Meanwhile []Phase
}

// Took is how long the phase is.
func (p Phase) Took() recording.Time { return p.To - p.From }

// phases collects adjoining phases: each begins where the last one ended.
type phases struct {
	list []Phase
	at   recording.Time
}

// until appends a phase that ends at t. Times that are not later than what is
// there already append nothing; equal neighbours are one phase.
func (l *phases) until(t recording.Time, at Boundary, what string) {
	if t <= l.at {
		return
	}
	if k := len(l.list); k > 0 && l.list[k-1].Boundary == at && l.list[k-1].What == what {
		l.list[k-1].To = t
	} else {
		l.list = append(l.list, Phase{Boundary: at, What: what, From: l.at, To: t})
	}
	l.at = t
}

// like appends a phase that ends at t, for p's reason.
func (l *phases) like(t recording.Time, p Phase) { l.until(t, p.Boundary, p.What) }

func (l *phases) last() *Phase { return &l.list[len(l.list)-1] }

// Phases split the time of a pod from its creation until it ran, or until the end
// of what is known. They adjoin and fill it.
func Phases(r *recording.Recording, p *recording.PodRecord) []Phase {
	end, _ := r.Outcome(p)
	l := &phases{at: p.Created}
	if p.Bound == recording.Never {
		l.until(end, AtCapacity, "no node has room for it")
		return l.list
	}
	nodeWait(l, p.On, p)
	l.until(p.Bound, AtScheduler, "its turn: one pod is bound after the other")
	walk := stageWalk{phases: l, pod: p, node: p.On, end: end}
	for i := range p.Stages {
		walk.stage(i)
	}
	return l.list
}

// nodeWait is the time until some node had room: the one that the pod got.
func nodeWait(l *phases, n *recording.NodeRecord, p *recording.PodRecord) {
	to := p.Schedulable
	if n == nil || n.Launched == recording.Never {
		l.until(to, AtCapacity, "no node has room")
		return
	}
	l.until(min(to, n.Launched), AtCapacity, "no node has room, "+n.Name+" is not asked for yet")
	l.until(min(to, n.Registered), AtBoot, n.Name+" boots, its kubelet registers")
	if from := l.at; from < min(to, n.Ready) {
		l.until(min(to, n.Ready), AtNetwork, n.Name+" is not Ready before its pod network is")
		l.last().Meanwhile = ran{n}.starting(from, l.at)
	}
	l.until(to, AtCapacity, "no node has room until a pod leaves "+n.Name)
}

// stageWalk walks over the stages that kubelet told of.
type stageWalk struct {
	*phases
	pod   *recording.PodRecord
	node  *recording.NodeRecord
	end   recording.Time
	adds  int // that are over
	tries int // sandboxes
}

// stage appends the i-th stage.
func (w *stageWalk) stage(i int) {
	s, to := w.pod.Stages[i], w.end
	var next kubelet.Stage
	if i+1 < len(w.pod.Stages) {
		to, next = min(w.end, w.pod.Stages[i+1].At), w.pod.Stages[i+1].Stage
	}
	from := w.at
	switch s.Stage {
	case kubelet.Mounting:
		w.until(to, AtToken, "kubelet's client of the API server is at its limit (kubeAPIQPS)")
	case kubelet.Reporting:
		w.until(to, AtReport, "runs, and the API server is not told yet: kubelet's client is at its limit (kubeAPIQPS)")
	case kubelet.Syncing:
		if w.adds == 0 {
			w.until(to, AtKubelet, "takes the pod up, mounts its volumes")
			return
		}
		w.until(to, AtBackoff, "pause after a failed sandbox, 10 to 16 s")
		w.meanwhile(from, func(from, to recording.Time) []Phase { return ran{w.node}.starved(from, to, w.failed()) })
	case kubelet.Unwired:
		w.until(to, AtNetwork, "network is not ready: the next try is in 1 to 1.5 s")
		w.meanwhile(from, ran{w.node}.starting)
	case kubelet.Queuing, kubelet.Waiting:
		w.until(to, AtCPU, "a core of the node, busy with other sandboxes")
	case kubelet.Preparing:
		w.tries++
		w.until(to, AtSandbox, fmt.Sprintf("network namespace of sandbox %d", w.tries))
	case kubelet.Adding:
		w.until(w.added(to, next))
	case kubelet.Wiring:
		what := "wires the pod: veth, routes, rules"
		if next == kubelet.Undoing {
			w.adds++
			what = "ADD fails in the wiring: veth, routes, rules"
		}
		w.until(to, AtPlugin, what)
	case kubelet.Pausing:
		w.until(to, AtSandbox, "the sandbox runs")
	case kubelet.Undoing, kubelet.Clearing:
		w.until(to, AtSandbox, "DEL, and the failed sandbox is cleared away")
	case kubelet.Pulling:
		w.until(to, AtPullLimit, "kubelet's limit of pulls (registryPullQPS), back-off")
	case kubelet.Starting:
		if w.pod.Pulls {
			w.until(to, AtPull, "image pull, container start")
		} else {
			w.until(to, AtStart, "the containers start, image on the node")
		}
	default:
		w.until(to, AtSandbox, "the pod is taken down")
	}
}

// failed is why the last ADD that is over did, as far as it is known.
func (w *stageWalk) failed() result.Cause {
	if w.adds > len(w.pod.Adds) {
		return ""
	}
	return w.pod.Adds[w.adds-1].Cause
}

// meanwhile sets what ipamd did since from, if the last phase is as long.
func (w *stageWalk) meanwhile(from recording.Time, did func(from, to recording.Time) []Phase) {
	if w.node != nil && w.at > from {
		w.last().Meanwhile = did(w.last().From, w.at)
	}
}

// added is the phase of an ADD that ends at to.
func (w *stageWalk) added(to recording.Time, next kubelet.Stage) (recording.Time, Boundary, string) {
	if next != kubelet.Undoing {
		return to, AtPlugin, "ADD: ipamd has an address"
	}
	add := recording.AddRecord{Cause: "refilling"}
	if w.adds < len(w.pod.Adds) {
		add = w.pod.Adds[w.adds]
	}
	w.adds++
	if add.Cause == result.CauseIPAMDDown {
		return to, AtDown, "ADD fails: " + add.Clause()
	}
	if add.Cause == result.CauseMetadataDown {
		return to, AtError, "ADD fails: " + add.Clause()
	}
	return to, AtPool, "ADD fails: " + add.Clause()
}

// ran is what a node's ipamd did; without a record, nothing is known.
type ran struct{ *recording.NodeRecord }

// poolAt is the pool at a moment.
func (n ran) poolAt(t recording.Time) recording.Pool {
	i, _ := slices.BinarySearchFunc(n.Pool, t, func(p recording.PoolRecord, t recording.Time) int {
		if p.At <= t {
			return -1
		}
		return 1
	})
	if i == 0 {
		return recording.Pool{}
	}
	return n.Pool[i-1].Pool
}

// starved fills the time between two ADDs, the first of which failed for a
// cause: what ipamd did as long as it had no address to give, and that it had
// one from then on.
func (n ran) starved(from, to recording.Time, failed result.Cause) []Phase {
	l := phases{at: from}
	for _, t := range n.turns(from, to) {
		down, what := n.unserved(l.at)
		pool := n.poolAt(l.at)
		switch {
		case down:
			l.until(t, AtDown, what)
		case pool.Free() > 0 && failed == result.CauseMetadataDown:
			l.until(t, AtError, "an address is in the pool; whether ipamd can read instance metadata again, the next ADD shows")
		case pool.Free() > 0:
			l.until(t, AtBackoff, "an address is free, and kubelet has not come back")
		default:
			for _, p := range n.doing(l.at, t) {
				l.like(p.To, emptied(p, pool))
			}
		}
	}
	return l.list
}

// emptied is what a phase is while nothing in the pool is free. Why a pause
// was made was noted as it began, when there may have been something.
func emptied(p Phase, pool recording.Pool) Phase {
	switch {
	case p.Boundary == InLoop && pool.Cooling > 0:
		p.Boundary, p.What = InCooling, coolingWords
	case p.Boundary == InCooling && pool.Cooling == 0:
		p.Boundary, p.What = InLoop, loopWords
	}
	return p
}

// turns are the moments after from at which the pool or its process becomes
// another, in order, and to.
func (n ran) turns(from, to recording.Time) []recording.Time {
	var list []recording.Time
	add := func(t recording.Time) {
		if t != recording.Never && t > from && t < to {
			list = append(list, t)
		}
	}
	for _, p := range n.Pool {
		add(p.At)
	}
	for _, p := range n.Processes {
		add(p.Start)
		add(p.Serving)
		add(p.End)
	}
	slices.Sort(list)
	return append(slices.Compact(list), to)
}

// unserved says whether nobody answers an ADD at t, and what stands in the
// way: an address in the books of a daemon that is away is out of reach.
func (n ran) unserved(t recording.Time) (bool, string) {
	last := -1
	for i, p := range n.Processes {
		if p.Start <= t {
			last = i
		}
	}
	if last < 0 {
		return true, "the aws-node pod starts"
	}
	switch p := n.Processes[last]; {
	case p.End != recording.Never && p.End <= t:
		return true, "the aws-node container starts again"
	case p.Serving == recording.Never || p.Serving > t:
		return true, "ipamd starts, and does not serve yet"
	}
	return false, ""
}

// starting fills the time from a node's registration until its pod network is
// there.
func (n ran) starting(from, to recording.Time) []Phase {
	served := to
	if len(n.Processes) > 0 {
		for _, p := range n.Processes {
			if p.Serving != recording.Never {
				served = p.Serving
				break
			}
		}
	}
	l := phases{at: from}
	for _, p := range n.doing(from, max(from, min(to, served))) {
		l.like(p.To, p)
	}
	l.until(to, AtNetwork, "the CNI configuration is written, kubelet sees it")
	return l.list
}

// doing fills a time with what the process that keeps the pool did.
func (n ran) doing(from, to recording.Time) []Phase {
	l := phases{at: from}
	for _, p := range n.busy(from, to) {
		if p.From > l.at {
			l.like(min(p.From, to), n.idle(l.at))
		}
		l.like(min(p.To, to), p)
	}
	if l.at < to {
		l.like(to, n.idle(l.at))
	}
	return l.list
}

// idle says why no process does anything at t.
func (n ran) idle(t recording.Time) Phase {
	before := -1
	for i, p := range n.Processes {
		if p.Start <= t {
			before = i
		}
	}
	switch {
	case before < 0:
		return n.coming(t)
	case n.Processes[before].End != recording.Never:
		return Phase{Boundary: AtDown, What: "the aws-node container starts again"}
	}
	return Phase{Boundary: InLoop, What: "ipamd works"}
}

// coming is what a node waits for at t, before its first process of ipamd.
func (n ran) coming(t recording.Time) Phase {
	if n.Pulled > 0 {
		return Phase{Boundary: AtNetwork, What: fmt.Sprintf("the aws-node pod starts; pulls its images in %s", words.Seconds(n.Pulled.Seconds(), 1))}
	}
	return Phase{Boundary: AtNetwork, What: "the aws-node pod starts"}
}

// busy lists what the process did, in order, as far as it touches a time.
func (n ran) busy(from, to recording.Time) []Phase {
	var list []Phase
	first, _ := slices.BinarySearchFunc(n.Calls, from, func(c recording.CallRecord, t recording.Time) int { return cmp.Compare(c.End, t) })
	for i := first; i < len(n.Calls); i++ {
		c := &n.Calls[i]
		if c.Process != "" {
			continue
		}
		if c.Start >= to {
			break // one after the other
		}
		list = append(list, callPhases(c)...)
	}
	first, _ = slices.BinarySearchFunc(n.Pauses, from, func(p recording.PauseRecord, t recording.Time) int { return cmp.Compare(p.End, t) })
	for _, p := range n.Pauses[first:] {
		if p.Start >= to {
			break
		}
		at, what := n.pause(p)
		list = append(list, Phase{Boundary: at, What: what, From: p.Start, To: p.End})
	}
	slices.SortStableFunc(list, func(a, b Phase) int { return cmp.Compare(a.From, b.From) })
	return list
}

// callPhases are a call's requests and the pauses between them.
func callPhases(c *recording.CallRecord) []Phase {
	l := phases{at: c.Start}
	for i, a := range c.Attempts {
		l.until(a.Start, InRetry, "before it asks again: "+c.Action)
		end := min(a.End, c.End)
		if i+1 < len(c.Attempts) {
			end = min(end, c.Attempts[i+1].Start)
		}
		switch {
		case a.Code == ec2model.CodeRequestLimitExceeded:
			l.until(end, InThrottle, c.Action+": "+a.Code)
		case a.Code != "":
			l.until(end, InCall, c.Action+": "+a.Code)
		default:
			l.until(end, InCall, c.Action)
		}
	}
	l.until(c.End, InCall, c.Action+" is not answered in time")
	return l.list
}

// deletedBefore says whether the last thing that ipamd changed before t was to
// delete an interface. If it waits for metadata then, it waits for that one:
// see createAndAttach of package ipamd.
func (n ran) deletedBefore(t recording.Time) bool {
	c := n.changedBefore(t)
	return c != nil && c.Action == ec2model.DeleteNetworkInterface.String()
}

// asksOn says whether ipamd asks again at its next pass although EC2 has had no
// block for it: CreateNetworkInterface says so by a code that it does not take for
// that, so that it does not pause (https://github.com/aws/amazon-vpc-cni-k8s/issues/3105).
func (n ran) asksOn(t recording.Time) bool {
	c := n.changedBefore(t)
	if c == nil || c.Action != ec2model.CreateNetworkInterface.String() || len(c.Attempts) == 0 {
		return false
	}
	return c.Attempts[len(c.Attempts)-1].Code == ec2model.CodeInvalidParameterValue
}

// changedBefore is the last call before t by which ipamd would change something;
// nil when there was none.
func (n ran) changedBefore(t recording.Time) *recording.CallRecord {
	after, _ := slices.BinarySearchFunc(n.Calls, t, func(c recording.CallRecord, t recording.Time) int {
		if c.End <= t {
			return -1
		}
		return 1
	})
	for i := after - 1; i >= 0; i-- {
		c := &n.Calls[i]
		if c.Process == "" && !strings.HasPrefix(c.Action, "Describe") {
			return c
		}
	}
	return nil
}

// What loop pauses are called.
const (
	coolingWords = "freed addresses cool down, counted as available"
	loopWords    = "sleeps until its next pass, every 5 s"
)

// pause is why the process slept.
func (n ran) pause(p recording.PauseRecord) (at Boundary, what string) {
	switch p.Why {
	case recording.MetadataPause:
		if n.deletedBefore(p.Start) {
			return InVain, "for its new interface, which it has deleted again"
		}
		return InMetadata, "until instance metadata shows the new interface"
	case recording.APIServerPause:
		return InAPIServer, "asks the API server, before kube-proxy's rules"
	case recording.RetryPause, recording.SettlePause:
		return InRetries, "its own pause between tries"
	}
	if p.Shortage == ipamd.NoBlock && n.asksOn(p.Start) {
		return InLoop, "sleeps until its next pass: EC2 had no free /28"
	}
	return loopPause(p.Shortage)
}

// loopPause is what the pause between two passes is, by what keeps the pool
// from growing.
func loopPause(s ipamd.Shortage) (at Boundary, what string) {
	switch s {
	case ipamd.Cooling:
		return InCooling, coolingWords
	case ipamd.CoolingFull:
		return InCooling, "freed addresses cool down, and the node may hold no more"
	case ipamd.Cordoned:
		return InCordon, "the node is cordoned: its pool does not grow"
	case ipamd.InVain:
		return InVain, "its pool waits for an interface that it has deleted again"
	case ipamd.SubnetFull, ipamd.NoBlock:
		return InPause, "asks for nothing for 120 s: EC2 had no address to give"
	case ipamd.Throttled:
		return InLoop, "sleeps until its next pass: EC2 rejected a call for its rate"
	case ipamd.APIError:
		return InLoop, "sleeps until its next pass: EC2 rejected its last call"
	case ipamd.NoSubnet:
		return InNoSubnet, "no subnet may be used for a new interface, and the others are full"
	case ipamd.NodeFull:
		return InFull, "every interface that the node may have is full"
	case ipamd.TargetsMet:
		return InMet, "its pool holds what its targets ask for: it does not grow"
	}
	return InLoop, loopWords
}
