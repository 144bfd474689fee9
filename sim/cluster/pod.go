package cluster

import (
	"math"
	"strconv"
	"time"

	"ipamsim/sim/kubelet"
)

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

// Pod is one pod: what the control plane knows of it, around what the kubelet
// of its node does. Timestamps are kernel times, des.Never until they happen.
type Pod struct {
	kubelet.Pod // from Bound on its Machine's, which fills all but Bound and Place

	Workload *Workload
	Node     *Node // nil until bound
	Ordinal  int32 // from 0 within its workload, in order of creation
	Replaces bool  // a pod that was lost with its node
	GaveUp   bool  // it was deleted because it did not run in time

	state    PodState
	lost     bool // its node died and its workload has not noticed
	deleting bool // its Deployment has chosen it
	unmet    bool // no node had room when the scheduler tried
	ready    bool // runs and has passed its probe; of replicas, and of Jobs' pods that a controller counts

	terminating bool   // was asked to end and is still there; of replicas, and of Jobs' pods that have failed
	failures    uint8  // of a Job's pods that this one makes up for
	generation  uint16 // of its Deployment's template

	Created     time.Duration
	Schedulable time.Duration // first moment when a node had room for it; set when it is bound
	Deleted     time.Duration // asked to end, completed, or lost with its node

	lifetime time.Duration // from running on; des.Never for no end
	class    *class
	job      *job   // whose controller counts it; nil for none
	seq      uint32 // place in the scheduler's queue
	slot     int32  // in Cluster.pods
	replica  int32  // in Workload.replicas; -1 outside
	waited   uint32 // milliseconds from asked for to Created
}

// Name is <workload>-<ordinal>.
func (p *Pod) Name() string {
	var room [64]byte
	name := append(append(room[:0], p.Workload.Name...), '-')
	return string(strconv.AppendInt(name, int64(p.Ordinal), 10))
}

// Asked is when the pod was asked for, to the millisecond: before Created, where its
// controller was held up.
func (p *Pod) Asked() time.Duration {
	return p.Created - time.Duration(p.waited)*time.Millisecond
}

// waitedMilliseconds are whole ones, which a Pod has room for: of 49 days.
func waitedMilliseconds(d time.Duration) uint32 {
	return uint32(min(d/time.Millisecond, math.MaxUint32))
}

// State is where the pod is in its life.
func (p *Pod) State() PodState { return p.state }

// Unschedulable says that no node had room for the pod when the scheduler
// tried, and that it still waits.
func (p *Pod) Unschedulable() bool { return p.unmet }

// notReady tells whoever counts ready pods that this one is one no more.
func (p *Pod) notReady() {
	switch w := p.Workload; {
	case p.job != nil:
		p.job.notReady(p)
	case w.Kind == DaemonSet:
		w.daemons.changed()
	default:
		w.notReady(p)
	}
}
