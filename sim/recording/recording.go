package recording

import (
	"net/netip"
	"time"

	"ipamsim/sim/des"
	"ipamsim/sim/ipamd"
	"ipamsim/sim/kubelet"
	"ipamsim/sim/result"
)

// Never is the time in a Recording of what did not happen.
const Never = des.Never

// Recording is what happened to chosen pods and on chosen nodes in one run.
// Times are virtual: from time 0 on, negative in the warm-up.
type Recording struct {
	End time.Duration // of the run
	// Rollouts are the rolling updates of nodes and of Deployments that faults began,
	// whatever else is chosen.
	Rollouts []RolloutRecord
	Pods     []*PodRecord  // in order of creation
	Nodes    []*NodeRecord // in order of registration
}

// RolloutRecord is one rolling update.
type RolloutRecord struct {
	Kind, Of    string // roll-nodes or roll-deployment; the node group, or the Deployment
	Began       time.Duration
	Ended       time.Duration // Never while it goes on
	Total, Done int           // nodes, or pods
	Failed      string        // why it ended early; empty when it did not
}

// PodRecord is one pod's way.
type PodRecord struct {
	Name  string
	Node  string      // empty until bound
	On    *NodeRecord // the same, if it is recorded
	Pulls bool        // its image comes from a registry

	Created, Schedulable, Bound, Running, Deleted time.Duration

	Stages []StageRecord // from Bound on, each until the next one
	Adds   []AddRecord
}

// StageRecord is the moment from which a pod waits for something.
type StageRecord struct {
	At    time.Duration
	Stage kubelet.Stage
}

// AddRecord is a CNI ADD that is over.
type AddRecord struct {
	At      time.Duration
	Sandbox string       // its ID
	Cause   result.Cause // why it failed; empty on success
	Error   string
	// Address is what a successful one got.
	Address netip.Addr
	Pool    Pool // of the node's ipamd at that moment
}

// Clause is the cause as a sentence ends.
func (a AddRecord) Clause() string {
	if a.Cause == result.CausePlugin {
		return "the plugin could not wire the pod"
	}
	return a.Cause.About().Clause
}

// Pool is what a node's ipamd holds.
type Pool struct {
	Total    int // addresses for pods
	Assigned int
	Cooling  int
}

// Free is what an ADD could take.
func (p Pool) Free() int { return p.Total - p.Assigned - p.Cooling }

// NodeRecord is what a node's ipamd did.
type NodeRecord struct {
	Name, Instance, Type string
	CNIVersion           string // release of the VPC CNI

	Launched, Registered, Ready, Gone time.Duration

	Pulled time.Duration // how long the pulls of aws-node's images took; 0 when they were on the disk

	Processes []ProcessRecord // of ipamd
	Calls     []CallRecord    // of all of them, in the order of their ends
	Pauses    []PauseRecord   // of the pool loop and the start, in order
	Pool      []PoolRecord    // after each change
	Lines     []LineRecord    // ipamd.log
	Plugin    []LineRecord    // plugin.log
}

// ProcessRecord is one process of ipamd.
type ProcessRecord struct {
	Start, Serving, End time.Duration
	Reason              string // why it ended; empty while it lives
}

// CallRecord is one operation of the SDK. One that its process did not live
// to see the end of has Cut set.
type CallRecord struct {
	Action     string
	Start, End time.Duration
	Process    string // of ipamd: empty for the one that keeps the pool, else its name
	Attempts   []AttemptRecord
	Error      string // the operation's, empty when it succeeded
	Cut        bool
}

// AttemptRecord is one request. It may be answered after its call has given
// up waiting.
type AttemptRecord struct {
	Start, End time.Duration
	Code       string // EC2's error code; empty when it succeeded
	Throttled  bool   // by a token bucket
}

// Pause is why ipamd sleeps.
type Pause = ipamd.Pause

// The reasons.
const (
	LoopPause      = ipamd.LoopPause
	RetryPause     = ipamd.RetryPause
	MetadataPause  = ipamd.MetadataPause
	SettlePause    = ipamd.SettlePause
	APIServerPause = ipamd.APIServerPause
)

// PauseRecord is one sleep of the process that keeps the pool.
type PauseRecord struct {
	Start, End time.Duration
	Why        Pause
	// Shortage is what a failed ADD would have been put down to when the
	// pause began, whether or not the pool was empty.
	Shortage ipamd.Shortage
}

// PoolRecord is the pool from a moment on.
type PoolRecord struct {
	At time.Duration
	Pool
}

// LineRecord is one line of a log.
type LineRecord struct {
	At  time.Duration
	Pod string // that the plugin was run for; empty in ipamd.log
	ipamd.Line
}

// Span is a piece of virtual time, both ends included.
type Span struct{ From, To time.Duration }

// has says whether [from, to] and the span share a moment.
func (s Span) has(from, to time.Duration) bool { return to >= s.From && from <= s.To }

// Selection is what to record. Its zero value is every pod and node, without
// the log.
type Selection struct {
	Pods  map[string]bool // by name; nil is all
	Nodes map[string]Span // by name, with the time that matters; nil is all of them, all the time
	// OnNodes leaves those pods out that have not come to a recorded node.
	OnNodes bool
	Lines   bool // ipamd.log and plugin.log too
	// Follow asks for a pod's node before it is known. Pods and Nodes are then
	// not nil; with a node in Nodes that is the pod's, from an earlier run.
	Follow *Follow
}

// Outcome is how the pod's way ended: when it ran, else when it was deleted,
// else with the run.
func (r *Recording) Outcome(p *PodRecord) (end time.Duration, how string) {
	switch {
	case p.Running != Never:
		return p.Running, "running"
	case p.Deleted != Never:
		return p.Deleted, "deleted"
	}
	return r.End, "never started"
}

// Recorded is the recording of one variant.
type Recorded struct {
	Variant string
	*Recording
}
