package kubelet

import (
	"math/rand/v2"
	"net/netip"
	"time"
)

// Never is a timestamp whose moment has not come.
const Never time.Duration = -1

// Pod is one pod on one node, once. The caller sets the fields of the first
// group before Start and leaves them alone from then on.
type Pod struct {
	Key         string // namespace/name
	HostNetwork bool   // uses the node's address and needs no CNI
	Pull        bool   // its image comes from a registry, within kubelet's limits
	// StartTime draws the time to pull the image and start the containers;
	// nil is Timings.Start.
	StartTime func(*rand.Rand) time.Duration
	Owner     any // the caller's own view of the pod

	Times Times
	// Address of the sandbox that holds or held one; zero before.
	Address netip.Addr
	// Device is the index of the interface that the address belongs to.
	Device int

	kubelet *Kubelet
	random  *rand.Rand
	step    func()        // bound once: an event of the pod allocates nothing
	due     time.Duration // when the step that counts is; events of other times are stale
	since   time.Duration // end of the time that is charged to a phase
	starts  time.Duration // drawn at the beginning, so that the number of attempts does not shift it
	stops   time.Duration // likewise
	retryAt time.Duration // image back-off ends
	backoff time.Duration // image back-off, the next one
	sandbox string        // of the attempt that is under way
	stage   Stage
	stop    bool // asked to end

	halfWired bool // an ADD has ended in the middle of its steps
	holds     bool // an address, as the runtime sees it
	delFailed bool // the DEL of its end has failed once
}

// Sandbox is the key of the sandbox that was made last; empty before.
func (p *Pod) Sandbox() string { return p.sandbox }

// Times are a pod's moments, Never until they come, and how the time from
// Bound to Running divides: the five durations add up to it exactly.
type Times struct {
	Bound    time.Duration // Start was called
	FirstAdd time.Duration // first CNI ADD began
	AddDone  time.Duration // the CNI ADD that succeeded was over
	Running  time.Duration
	Gone     time.Duration // nothing of it is left on the node

	Attempts   int // sandboxes tried
	FailedAdds int // CNI ADDs that failed

	NetworkWait time.Duration // the node's pod network was not ready yet
	Sandbox     time.Duration // sandboxes, networks set up and torn down
	AddressWait time.Duration // CNI ADDs that failed for want of an address or of a daemon
	Backoff     time.Duration // kubelet's pause after a failed sandbox
	Image       time.Duration // image pull and container start
}

// Stage is what a pod waits for; its step does what comes then.
type Stage uint8

const (
	idle      Stage = iota
	syncing         // kubelet's next look at the pod, to make a sandbox
	unwired         // the same, after the network was not ready
	preparing       // network namespace
	adding          // the plugin has asked ipamd
	wiring          // the plugin has wired the pod
	pausing         // the sandbox runs
	undoing         // the plugin has asked ipamd to release, after a failed ADD
	clearing        // the failed sandbox is gone
	pulling         // kubelet's next look at the pod, to pull the image again
	starting        // the containers run
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
	*phase += now - p.since
	p.since = now
}

func (p *Pod) draw(r Range) time.Duration { return r.Draw(p.random) }
