package kubelet

import (
	"net/netip"
	"time"

	"ipamsim/sim/des"
)

// Pod is one pod on one node, once, as its kubelet knows it. There are very
// many of them: what only its start needs is kept apart and goes when it runs.
// The caller sets the fields of the first group before Start and leaves them
// alone from then on.
type Pod struct {
	Key         string // namespace/name
	HostNetwork bool   // uses the node's address and needs no CNI
	// Place is the caller's number of the pod. Kubelet does not look at it,
	// and the caller may change it at any time.
	Place int32

	Bound   time.Duration // Start was called; des.Never before
	Running time.Duration // its containers run, and the API server knows it; des.Never before

	kubelet *Kubelet
	random  des.Stream
	step    func()        // bound once: an event of the pod allocates nothing
	start   *start        // nil before Start and once OnRunning has returned
	due     time.Duration // when the step that counts is; events of other times are stale
	stops   time.Duration // from SIGTERM on; drawn at the beginning, so that the number of attempts does not shift it
	sandbox string        // of the attempt that is under way
	address [4]byte       // of the sandbox that holds or held one; zero before
	device  int16         // index of the interface that the address belongs to
	stage   Stage
	says    said // what the API server should know
	told    said // what it knows
	stale   bool // they differ
	stop    bool // asked to end

	pulls     bool // its image comes from a registry
	halfWired bool // an ADD has ended in the middle of its steps
	holds     bool // an address, as the runtime sees it
	delFailed bool // the DEL of its end has failed once
}

// start is what only the start of a pod needs.
type start struct {
	Times
	since   time.Duration // end of the time that is charged to a phase
	mounts  time.Duration // kubelet takes it up and mounts its volumes; drawn at the beginning
	takes   time.Duration // pull and start of the containers; drawn at the beginning, like stops
	retryAt time.Duration // image back-off ends
	backoff time.Duration // image back-off, the next one
	unready bool          // the network was not ready when kubelet first looked
}

// Starts keeps what starting pods need for the next ones.
type Starts struct{ idle []*start }

func (s *Starts) take() *start {
	last := len(s.idle) - 1
	if last < 0 {
		return &start{Times: unstarted}
	}
	one := s.idle[last]
	s.idle = s.idle[:last]
	*one = start{Times: unstarted}
	return one
}

// mostIdle is more than most fleets start at a time, and 2 MiB.
const mostIdle = 1 << 14

func (s *Starts) put(one *start) {
	if len(s.idle) < mostIdle {
		s.idle = append(s.idle, one)
	}
}

// unstarted are the times of a pod that has done nothing.
var unstarted = Times{FirstAdd: des.Never, AddDone: des.Never}

// Times are the moments of a pod's start, des.Never until they come, and how the
// time from Bound to Running divides: the six durations add up to it exactly.
type Times struct {
	FirstAdd time.Duration // first CNI ADD began
	AddDone  time.Duration // the CNI ADD that succeeded was over

	Attempts   int32 // sandboxes tried
	FailedAdds int32 // CNI ADDs that failed

	NetworkWait time.Duration // the node's pod network was not ready yet
	Sandbox     time.Duration // kubelet takes it up and asks for its token; sandboxes, networks set up and torn down
	AddressWait time.Duration // CNI ADDs that failed for want of an address or of a daemon
	Backoff     time.Duration // kubelet's pause after a failed sandbox
	CPU         time.Duration // the node's cores were busy with other sandboxes and containers
	Image       time.Duration // image pull and container start, until kubelet has seen it and told the API server
}

// Times are those of the pod's start, from Start until OnRunning has returned;
// before and after, those of a pod that has done nothing.
func (p *Pod) Times() *Times {
	if p.start == nil { // it has not come to a node, or runs
		t := unstarted
		return &t
	}
	return &p.start.Times
}

// Lacks says that the pod has been without an address since an ADD failed or the
// network was found not ready.
func (p *Pod) Lacks() bool {
	s := p.start
	return s != nil && (s.FailedAdds > 0 || s.unready) && s.AddDone == des.Never
}

// Lacked is Lacks without the last look at an ADD: whether the pod lacked an
// address until the ADD that has just succeeded or failed.
func (p *Pod) Lacked() bool {
	s := p.start
	failed := s.FailedAdds
	if s.AddDone == des.Never {
		failed-- // the last one
	}
	return failed > 0 || s.unready
}

// Sandbox is the key of the sandbox that was made last; empty before.
func (p *Pod) Sandbox() string { return p.sandbox }

// Pulls says whether the pod's image comes from a registry.
func (p *Pod) Pulls() bool { return p.pulls }

// Takes is how long the pull of the pod's image, if it comes from a registry, and the
// start of its containers take together; 0 before Start and once the pod runs.
func (p *Pod) Takes() time.Duration {
	if p.start == nil {
		return 0
	}
	return p.start.takes
}

// Address is that of the sandbox that holds or held one; invalid before.
func (p *Pod) Address() netip.Addr {
	if p.address == [4]byte{} {
		return netip.Addr{}
	}
	return netip.AddrFrom4(p.address)
}

// Device is the index of the interface that the address belongs to.
func (p *Pod) Device() int { return int(p.device) }

// Stage is what a pod waits for; its step does what comes then.
type Stage uint8

const (
	idle      Stage = iota
	mounting        // a token of kubelet's client, to ask for the pod's own
	syncing         // kubelet's next look at the pod, to make a sandbox
	unwired         // the same, after the network was not ready
	preparing       // network namespace
	adding          // the plugin has asked ipamd
	wiring          // the plugin has wired the pod
	queuing         // a core, for the sandbox
	pausing         // the sandbox runs
	undoing         // the plugin has asked ipamd to release, after a failed ADD
	clearing        // the failed sandbox is gone
	pulling         // kubelet's next look at the pod, to pull the image again
	waiting         // a core, to start the containers
	starting        // the containers run
	reporting       // the API server has been told
	running         // Stop
	stopping        // the containers have ended
	releasing       // the plugin has asked ipamd to release
	removing        // the sandbox is gone
	gone
)

// wait sets what comes next, and when.
func (p *Pod) wait(s Stage, d time.Duration) {
	p.stage = s
	if hook := p.kubelet.opts.OnStage; hook != nil {
		hook(p, s)
	}
	p.due = p.kubelet.kernel.Now() + d
	p.kubelet.kernel.At(p.due, p.step)
}

// charge adds the time since the last charge to a phase.
func (p *Pod) charge(phase *time.Duration) {
	now := p.kubelet.kernel.Now()
	*phase += now - p.start.since
	p.start.since = now
}

func (p *Pod) draw(r Range) time.Duration { return r.draw(p.random.Rand()) }
