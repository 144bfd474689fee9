package result

// Distribution is a histogram of durations. A bin is no wider than 1/128 of
// what is in it; those with nothing in them are left out.
type Distribution struct {
	Count        int       `json:"count"`
	BelowSeconds []float64 `json:"below_seconds"` // upper end of each bin, which is not in it
	Counts       []int     `json:"counts"`        // what each bin holds
}

// Distributions are what was measured of each pod and each node.
type Distributions struct {
	PodStart       Distribution `json:"pod_start"`        // bound to a node -> running
	PodPending     Distribution `json:"pod_pending"`      // created -> running
	PodAddressWait Distribution `json:"pod_address_wait"` // first ADD -> ADD done
	PodCreation    Distribution `json:"pod_creation"`     // asked for -> created
	NodeReady      Distribution `json:"node_ready"`       // launch call -> Ready
}

// Series are samples over time of the variant's first replication. Every list
// has one entry a sample; one that is absent is 0 throughout. What is counted
// is counted since the sample before.
type Series struct {
	EverySeconds float64        `json:"every_seconds"`
	AtSeconds    []float64      `json:"at_seconds"` // from time 0
	Subnets      []SubnetSeries `json:"subnets"`
	Pods         PodSeries      `json:"pods"`
	Workloads    []SetSeries    `json:"workloads"`   // pods by workload
	NodeGroups   []SetSeries    `json:"node_groups"` // by the group of their node
	Zones        []SetSeries    `json:"zones"`       // and by its zone
	Nodes        NodeSeries     `json:"nodes"`
	API          []ActionSeries `json:"api"`         // by name; actions without a request are left out
	FailedAdds   []CauseSeries  `json:"failed_adds"` // by cause; those that did not occur are left out
}

// SubnetSeries are a subnet's addresses by holder.
type SubnetSeries struct {
	Name      string `json:"name"`
	Assigned  []int  `json:"assigned,omitempty"`
	Cooling   []int  `json:"cooling,omitempty"`
	Warm      []int  `json:"warm,omitempty"`
	Primaries []int  `json:"primaries,omitempty"`
	Unmanaged []int  `json:"unmanaged,omitempty"`
	Others    []int  `json:"others,omitempty"`
	Free      []int  `json:"free,omitempty"`
}

// PodSeries are pods by state.
type PodSeries struct {
	StateSeries
	Pending []int `json:"pending,omitempty"` // created, and not running
}

// StateSeries are the numbers of State over time.
type StateSeries struct {
	Running           []int `json:"running,omitempty"`
	WaitingForAddress []int `json:"waiting_for_address,omitempty"` // on a node, and their ADDs have failed
	Unschedulable     []int `json:"unschedulable,omitempty"`       // no node has had room for them
	WithoutNetwork    []int `json:"without_network,omitempty"`     // have an address and lose packets
	NotCreated        []int `json:"not_created,omitempty"`         // are asked for, and their controller has not made them
}

// SetSeries are the pods of one workload, node group or zone by state.
type SetSeries struct {
	Name string `json:"name"`
	StateSeries
}

// NodeSeries are nodes, and what the autoscaler does.
type NodeSeries struct {
	Ready    []int `json:"ready,omitempty"`
	Launched []int `json:"launched,omitempty"` // asked for since the sample before
	Ended    []int `json:"ended,omitempty"`    // terminated or lost since the sample before
}

// ActionSeries are the requests of one API action, of all callers.
type ActionSeries struct {
	Action    string `json:"action"`
	Requests  []int  `json:"requests,omitempty"`
	Throttled []int  `json:"throttled,omitempty"`
}

// CauseSeries are the CNI ADDs that failed for one cause.
type CauseSeries struct {
	Cause Cause `json:"cause"`
	Count []int `json:"count,omitempty"`
}

// Mark is something that happened to the fleet, for the axis of time.
type Mark struct {
	AtSeconds  float64  `json:"at_seconds"`
	EndSeconds *float64 `json:"end_seconds,omitempty"` // of what lasts
	Kind       string   `json:"kind"`                  // fault, scale_out or scale_in
	Text       string   `json:"text"`
}

// Maps show who has the addresses of each subnet at some moments. A map is cut
// into cells of equally many addresses, 256 at most, and says of each what most
// of its addresses are: . free, with a comma in its place where somebody has
// others, a on pods, i on interfaces without a pod, o others', r reserved by AWS. It is written with the length of each run of
// equal cells before the letter: 1r14a1.
type Maps struct {
	Subnets []MapSubnet `json:"subnets"`
	Frames  []Frame     `json:"frames"`
	// End are the subnets at the end of the run, with all that is told of an
	// address: each one a cell, of a subnet larger than a /20 each /28 block.
	End []SubnetMap `json:"end"`
}

// MapSubnet says how a subnet is cut.
type MapSubnet struct {
	Name          string `json:"name"`
	CellAddresses int    `json:"cell_addresses"`
}

// Frame is one moment.
type Frame struct {
	AtSeconds float64  `json:"at_seconds"`
	Cells     []string `json:"cells"` // by subnet
}

// SlowPod is one of the slowest pods of the first replication: those that
// never started first, the longest waiting of them foremost, then those that
// ran, the slowest first.
type SlowPod struct {
	Name     string `json:"name"`
	Workload string `json:"workload"`
	Node     string `json:"node,omitempty"` // absent until bound

	CreatedSeconds     float64  `json:"created_seconds"`
	SchedulableSeconds *float64 `json:"schedulable_seconds"` // a node had room; null if never
	BoundSeconds       *float64 `json:"bound_seconds"`       // null if never
	RunningSeconds     *float64 `json:"running_seconds"`     // null if never

	// Phases are where the time went, tries summed up; of a pod that never ran
	// what is known of finished ones.
	Phases     Phases      `json:"phases"`
	FailedAdds []FailedAdd `json:"failed_adds,omitempty"` // the first few
	Failed     int         `json:"failed_adds_count"`
}

// FailedAdd is a CNI ADD that failed.
type FailedAdd struct {
	AtSeconds float64 `json:"at_seconds"`
	Cause     Cause   `json:"cause"`
}
