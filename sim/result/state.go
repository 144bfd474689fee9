package result

// State counts the pods that exist at a moment, or should, by what they are.
type State struct {
	Running int `json:"running"` // their containers run
	// WaitingForAddress have been on a node without an address since a CNI ADD
	// failed or the node's network was found not ready.
	WaitingForAddress int `json:"waiting_for_address"`
	Unschedulable     int `json:"unschedulable"`   // no node had room when the scheduler tried
	WithoutNetwork    int `json:"without_network"` // have an address and lose packets
	// NotCreated are asked for, and their controller has not made them.
	NotCreated int `json:"not_created"`
}

// Add puts another count in.
func (s *State) Add(more State) {
	s.Running += more.Running
	s.WaitingForAddress += more.WaitingForAddress
	s.Unschedulable += more.Unschedulable
	s.WithoutNetwork += more.WithoutNetwork
	s.NotCreated += more.NotCreated
}

// Worsen makes each number the worse of the two: fewer that run, more of the
// others.
func (s *State) Worsen(than State) {
	s.Running = min(s.Running, than.Running)
	s.WaitingForAddress = max(s.WaitingForAddress, than.WaitingForAddress)
	s.Unschedulable = max(s.Unschedulable, than.Unschedulable)
	s.WithoutNetwork = max(s.WithoutNetwork, than.WithoutNetwork)
	s.NotCreated = max(s.NotCreated, than.NotCreated)
}

// Counts are what became of a set of pods: those that exist at time 0, those created
// from then on, and those that are asked for at the end and not created. Wanted is the sum of Started, NeverStarted,
// Deleted and Starting.
type Counts struct {
	Wanted       int `json:"wanted"`                 // exist at time 0, were created from then on, or are asked for at the end and not created
	Started      int `json:"started"`                // of them, ran at any time, before time 0 too
	RanBefore    int `json:"ran_before"`             // of them, ran before time 0: how long they took is no matter of the run
	Running      int `json:"running"`                // of them, run at the end of the run
	NeverStarted int `json:"never_started"`          // neither ran nor were deleted, and had the time to start
	NotCreated   int `json:"not_created"`            // of those that never started: their controller had not made them
	Deleted      int `json:"deleted_before_running"` // were deleted before they ran
	Starting     int `json:"still_starting"`         // were created, or asked for and not created, in the last 30 s of the run, and do not run yet
	FailedAdds   int `json:"failed_adds"`            // CNI ADDs that failed, from time 0 on

	AtEnd State `json:"at_end"` // at the end of the run
	// Worst has each number at the moment from time 0 on that was worst for it:
	// the fewest that ran, the most of the others. It is exact, not sampled.
	Worst State `json:"worst"`
}

// Asked is how many pods wanted to start from time 0 on.
func (c *Counts) Asked() int { return c.Wanted - c.RanBefore }

// podLabels are the labels of a selector that say which pods are meant.
var podLabels = []string{"workload", "nodegroup", "zone", "subnet"}

// pods is the part of a selector that says which pods are meant, with its
// labels in a set order; empty for all of them.
func (s Selector) pods() (part Selector) {
	for _, key := range podLabels {
		if value := s.Get(key); value != "" {
			part = append(part, Label{key, value})
		}
	}
	return part
}

// NodeCounts are what became of a set of nodes.
type NodeCounts struct {
	Peak         int `json:"peak"`            // most that were Ready, and not gone, at once
	FailedLaunch int `json:"failed_launches"` // instances that were asked for and not delivered; it is known of a group, and of no zone
	// Interruptions counts the spot instances that EC2 gave notice to.
	Interruptions int `json:"spot_interruptions"`
	// AgentRestarts counts aws-node containers that ended: a node init that
	// failed or took too long for the liveness probe, a fault, or a rollout.
	AgentRestarts int `json:"agent_restarts"`
}

// NetworkCounts are what was wrong with the network of a set of pods and of
// their nodes.
type NetworkCounts struct {
	Affected      int // pods that lost packets at any time
	StaleRulesEnd int // addresses with a rule and without a pod
	LeakedEnd     int // addresses that ipamd has on pods which have gone
}

// Selected are the pods that some of the scenario's conditions are about, and
// the nodes, where no workload is named.
type Selected struct {
	Part
	Counts
	FailedAddCauses  map[Cause]int // splits the failed ADDs
	RefusedEvictions int
	Nodes            NodeCounts
	Network          NetworkCounts // where a condition asks for one of them
}

// selected are the counts of a part that was asked for.
func (o *Outcome) selected(of Part) *Selected {
	for i := range o.Selected {
		if o.Selected[i].equal(of) {
			return &o.Selected[i]
		}
	}
	panic("result: nobody has counted the pods of " + of.Selector.String() + " " + of.Window.String())
}

// counts are those of all pods, or of a part of them.
func (o *Outcome) counts(of Part) *Counts {
	if of.all() {
		return &o.Pods.Counts
	}
	return &o.selected(of).Counts
}

// failedAdds are a part's by cause.
func (o *Outcome) failedAdds(of Part) map[Cause]int {
	if of.all() {
		return o.Pods.FailedAddCauses
	}
	return o.selected(of).FailedAddCauses
}

// nodeCounts are those of all nodes, or of a part of them.
func (o *Outcome) nodeCounts(of Part) *NodeCounts {
	if of.all() {
		return &o.Nodes.NodeCounts
	}
	return &o.selected(of).Nodes
}

// networkCounts are those of the whole fleet, or of a part of it.
func (o *Outcome) networkCounts(of Part) NetworkCounts {
	if of.all() {
		return NetworkCounts{Affected: o.Network.Affected, StaleRulesEnd: o.Network.StaleRulesEnd, LeakedEnd: o.Network.LeakedEnd}
	}
	return o.selected(of).Network
}

// refusedEvictions are those of all pods, or of a part of them.
func (o *Outcome) refusedEvictions(of Part) int {
	if of.all() {
		return o.Pods.RefusedEvictions
	}
	return o.selected(of).RefusedEvictions
}

// PodSet are the pods of one workload, of one node group or of one zone.
type PodSet struct {
	Name string `json:"name"`
	Kind string `json:"kind,omitempty"` // of a workload: Deployment, DaemonSet, Job or Trace
	Counts
	Nodes      *NodeCounts `json:"nodes,omitempty"`      // of a node group or a zone
	Controller *Controller `json:"controller,omitempty"` // of a workload whose controller was held up
	Start      Quantiles   `json:"start_seconds"`        // bound to a node -> running
	Pending    Quantiles   `json:"pending_seconds"`      // created -> running
}

// Controller says how the controller that makes a workload's pods was held up: that of
// ReplicaSets, of Jobs or of DaemonSets, each of which has a client, and a rate of
// requests, for all of its workloads.
type Controller struct {
	BehindSeconds Seconds `json:"behind_seconds"` // in which some of the workload's pods were asked for and not created
	Created       int     `json:"created"`        // pods of the workload that were created from time 0 on
}
