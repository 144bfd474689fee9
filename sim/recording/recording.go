package recording

import (
	"net/netip"

	"ipamsim/sim/des"
	"ipamsim/sim/ipamd"
	"ipamsim/sim/kubelet"
	"ipamsim/sim/result"
)

// Never is the time in a Recording of what did not happen.
const Never = Time(des.Never)

// Recording is what happened to chosen pods and on chosen nodes in one run.
// Times are virtual: from time 0 on, negative in the warm-up.
type Recording struct {
	End Time // of the run
	// Rollouts are the rolling updates of nodes and of Deployments that faults began,
	// whatever else is chosen.
	Rollouts []RolloutRecord
	Pods     []*PodRecord  // in order of creation
	Nodes    []*NodeRecord // in order of registration
}

// RolloutRecord is one rolling update.
type RolloutRecord struct {
	Kind, Of    string // roll-nodes or roll-deployment; the node group, or the Deployment
	Began       Time
	Ended       Time   // Never while it goes on
	Total, Done int    // nodes, or pods
	Failed      string // why it ended early; empty when it did not
}

// PodRecord is one pod's way.
type PodRecord struct {
	Name  string      `json:"name"`
	Node  string      `json:"node"` // empty until bound
	On    *NodeRecord `json:"-"`    // the same, if it is recorded
	Pulls bool        `json:"-"`    // its image comes from a registry

	Asked       Time `json:"asked_seconds"` // before Created, where its controller was held up
	Created     Time `json:"created_seconds"`
	Schedulable Time `json:"schedulable_seconds"`
	Bound       Time `json:"bound_seconds"`
	Running     Time `json:"running_seconds"`
	Deleted     Time `json:"-"`

	Stages []StageRecord `json:"-"` // from Bound on, each until the next one
	Adds   []AddRecord   `json:"-"`
}

// StageRecord is the moment from which a pod waits for something.
type StageRecord struct {
	At    Time
	Stage kubelet.Stage
}

// AddRecord is a CNI ADD that is over.
type AddRecord struct {
	At      Time         `json:"at_seconds"`
	Sandbox string       `json:"-"`     // its ID
	Cause   result.Cause `json:"cause"` // why it failed; empty on success
	Error   string       `json:"-"`
	// Address is what a successful one got.
	Address netip.Addr `json:"address"`
	Pool    Pool       `json:"pool"` // of the node's ipamd at that moment
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
	Total    int `json:"total"` // addresses for pods
	Assigned int `json:"assigned"`
	Cooling  int `json:"cooling"`
}

// Free is what an ADD could take.
func (p Pool) Free() int { return p.Total - p.Assigned - p.Cooling }

// NodeRecord is what a node's ipamd did.
type NodeRecord struct {
	Name       string `json:"name"`
	Instance   string `json:"instance"`
	Type       string `json:"type"`
	CNIVersion string `json:"cni_version"` // release of the VPC CNI

	Launched   Time `json:"launched_seconds"`
	Registered Time `json:"registered_seconds"`
	Ready      Time `json:"ready_seconds"`
	Gone       Time `json:"-"`

	Subnet netip.Prefix `json:"-"` // the block of its first interface's
	Pulled Time         `json:"-"` // how long the pulls of aws-node's images took; 0 when they were on the disk

	Processes []ProcessRecord `json:"processes"`  // of ipamd
	Calls     []CallRecord    `json:"calls"`      // of all of them, in the order of their ends
	Pauses    []PauseRecord   `json:"-"`          // of the pool loop and the start, in order
	Pool      []PoolRecord    `json:"pool"`       // after each change
	Lines     []LineRecord    `json:"log"`        // ipamd.log
	Plugin    []LineRecord    `json:"plugin_log"` // plugin.log
}

// ProcessRecord is one process of ipamd.
type ProcessRecord struct {
	Start   Time   `json:"start_seconds"`
	Serving Time   `json:"serving_seconds"`
	End     Time   `json:"end_seconds"`
	Reason  string `json:"reason"` // why it ended; empty while it lives
}

// CallRecord is one operation of the SDK. One that its process did not live
// to see the end of has Cut set.
type CallRecord struct {
	Action   string          `json:"action"`
	Process  string          `json:"process"` // of ipamd: empty for the one that keeps the pool, else its name
	Start    Time            `json:"start_seconds"`
	End      Time            `json:"end_seconds"`
	Error    string          `json:"error"` // the operation's, empty when it succeeded
	Cut      bool            `json:"cut"`
	Attempts []AttemptRecord `json:"attempts"`
}

// AttemptRecord is one request. It may be answered after its call has given
// up waiting.
type AttemptRecord struct {
	Start     Time   `json:"start_seconds"`
	End       Time   `json:"end_seconds"`
	Code      string `json:"code"`      // EC2's error code; empty when it succeeded
	Throttled bool   `json:"throttled"` // by a token bucket
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
	Start, End Time
	Why        Pause
	// Shortage is what a failed ADD would have been put down to when the
	// pause began, whether or not the pool was empty.
	Shortage ipamd.Shortage
}

// PoolRecord is the pool from a moment on.
type PoolRecord struct {
	At Time `json:"at_seconds"`
	Pool
}

// LineRecord is one line of a log.
type LineRecord struct {
	At  Time   `json:"at_seconds"`
	Pod string `json:"-"` // that the plugin was run for; empty in ipamd.log
	ipamd.Line
}

// Span is a piece of virtual time, both ends included.
type Span struct{ From, To Time }

// has says whether [from, to] and the span share a moment.
func (s Span) has(from, to Time) bool { return to >= s.From && from <= s.To }

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
func (r *Recording) Outcome(p *PodRecord) (end Time, how string) {
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
