package cluster

import (
	"strconv"
	"time"
)

// Never is the value of a timestamp whose moment has not come.
const Never time.Duration = -1

// PodState is where a pod is in its life.
type PodState uint8

// A pod goes through these in order. It may skip some, and ends in Ended.
const (
	Queued   PodState = iota // waits for the scheduler, or for room
	Bound                    // on a node, not running yet
	Running                  //
	Stopping                 // asked to end; the node still holds its room
	Ended                    // completed, deleted, or lost with its node
)

func (s PodState) String() string {
	return [...]string{"Queued", "Bound", "Running", "Stopping", "Ended"}[s]
}

// Pod is one pod. Timestamps are kernel times, Never until they happen. The
// fields under "machine" are filled by the node's Machine.
type Pod struct {
	Workload *Workload
	Node     *Node // nil until bound
	Ordinal  int32 // from 0 within its workload, in order of creation
	Replaces bool  // a pod that was lost with its node

	// machine
	Attempts int32 // sandboxes that were tried
	Guest    any   // the Machine's own view of the pod

	Created     time.Duration
	Schedulable time.Duration // first moment when a node had room for it; set when it is bound
	Bound       time.Duration
	FirstAdd    time.Duration // machine: first CNI ADD
	AddDone     time.Duration // machine: the CNI ADD that succeeded is over
	Running     time.Duration
	Deleted     time.Duration // asked to end, completed, or lost with its node

	Phases Phases // machine

	lifetime time.Duration // from running on; Never for no end
	class    *class
	seq      uint64 // place in the scheduler's queue
	slot     int32  // in Cluster.pods
	replica  int32  // in Workload.replicas; -1 outside
	place    int32  // in Node.pods
	state    PodState
	lost     bool // its node died and its workload has not noticed
}

// Phases split the time from bound to running.
type Phases struct {
	NetworkWait time.Duration // the node's pod network was not ready yet
	Sandbox     time.Duration // sandboxes set up and torn down
	AddressWait time.Duration // CNI ADDs that waited for an address or failed for want of one
	Backoff     time.Duration // pauses after a failed sandbox
	Image       time.Duration // image pull and container start
}

// Name is <workload>-<ordinal>.
func (p *Pod) Name() string { return p.Workload.Name + "-" + strconv.Itoa(int(p.Ordinal)) }

// State is where the pod is in its life.
func (p *Pod) State() PodState { return p.state }

// HostNetwork says that the pod uses its node's address.
func (p *Pod) HostNetwork() bool { return p.Workload.HostNetwork }

// Requests are what the pod asks the scheduler for.
func (p *Pod) Requests() Resources { return p.class.request }
