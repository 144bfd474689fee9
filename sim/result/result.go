// Package result is what a run leaves behind: plain data, and what can be said
// of it without knowing how it came about.
package result

import "encoding/json"

// SchemaVersion of Result's JSON. It changes when a field changes its meaning
// or goes; new fields do not change it.
const SchemaVersion = "ipamsim.result/v2"

// DefaultCNIVersion is the release of the VPC CNI where a scenario names none.
const DefaultCNIVersion = "v1.23.1"

// Result is what a run leaves behind: all that reports are made of, and
// nothing that depends on the machine or on the time of day.
type Result struct {
	SchemaVersion   string    `json:"schema_version"`
	Version         string    `json:"version"` // of the program
	Scenario        Scenario  `json:"scenario"`
	Overrides       []string  `json:"overrides"` // what the command line set, as --set takes it: path=value
	Seed            uint64    `json:"seed"`
	Replications    int       `json:"replications"`
	DurationSeconds float64   `json:"duration_seconds"`
	Fingerprint     string    `json:"fingerprint"` // of everything that happened in every replication of every variant
	Variants        []Variant `json:"variants"`
}

// Scenario is the file that was run.
type Scenario struct {
	Name   string `json:"name"`
	Digest string `json:"digest"` // of the file: sha256: and 64 hexadecimal digits
}

// Variant is one set of overrides, with what was measured of all its
// replications together.
type Variant struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	// Scenario is what the file, the variant and the command line come to, with
	// every default: keys as in the language of scenarios.
	Scenario json.RawMessage `json:"scenario"`
	Warnings []string        `json:"warnings"` // what is accepted but probably not meant
	// CNIVersions are the releases of the VPC CNI by node group, v1.23.1 for
	// example.
	CNIVersions map[string]string `json:"cni_versions"`
	// Inputs are the files that settings of aws-node were taken from, as the
	// scenario names them.
	Inputs []Input `json:"inputs,omitempty"`
	Outcome
	Findings      []Finding     `json:"findings"`
	Trying        *Trying       `json:"trying,omitempty"` // how the findings' remedies were tried; absent where nobody was asked to
	Thresholds    []Threshold   `json:"thresholds"`       // what must hold
	Expectations  []Threshold   `json:"expectations"`     // what the scenario reproduces; ok says that it did
	Distributions Distributions `json:"distributions"`    // of all replications
	Replications  []Replication `json:"replications"`
	Stopped       *Stop         `json:"stopped,omitempty"` // by a condition with abortOnFail; absent where the runs came to their end

	Series  Series    `json:"series"`  // of the first replication
	Marks   []Mark    `json:"marks"`   // what happened to the fleet in the first replication
	Maps    Maps      `json:"maps"`    // of the first replication
	Slowest []SlowPod `json:"slowest"` // of the first replication

	trends *Trends // what thresholds are judged by, while the result is made
}

// Replication is one run of one variant.
type Replication struct {
	Replication int    `json:"replication"` // from 1
	Fingerprint string `json:"fingerprint"`
	Events      uint64 `json:"events"` // executed by the kernel
	Outcome
	Distributions Distributions `json:"distributions"`

	Answers []Answer `json:"-"` // to the scenario's conditions, while the result is made
}

// Outcome is what is measured. Of several replications, counts and levels at the
// end are means, rounded to the nearest whole number, but never to 0 what
// happened at all; peaks are the highest and minima the lowest of any. What stands
// together at one moment, or as one story, is of one replication: the addresses
// of a subnet at its worst, the episodes of the network.
type Outcome struct {
	Pods       Pods               `json:"pods"`
	Workloads  []PodSet           `json:"workloads"`   // in the order of the file
	NodeGroups []PodSet           `json:"node_groups"` // pods by the group of the node that they were bound to
	Zones      []PodSet           `json:"zones"`       // and by its zone, in the order of the subnets
	Nodes      Nodes              `json:"nodes"`
	Interfaces Interfaces         `json:"interfaces"`
	Selected   []Selected         `json:"-"` // what selectors of conditions mean, while the result is made
	Subnets    []Subnet           `json:"subnets"`
	API        map[string]*Action `json:"api"` // by action name
	Network    Network            `json:"network"`
	HeldPeak   int                `json:"-"` // most addresses that anybody held at once in all subnets
	HeldMean   float64            `json:"-"` // the mean of those at the samples
	// FaultHits is how often each fault of the scenario has hit something: a
	// request, an attempt at a step, a node, an address.
	FaultHits []int `json:"fault_hits,omitempty"`
	// Rollouts are the rolling updates of nodes and of Deployments, in the order in
	// which they began.
	Rollouts []Rollout `json:"rollouts,omitempty"`
}

// Pods counts the pods and says how long they took to start. Those of
// DaemonSets count, but how long they took is said of each DaemonSet alone, in
// the list of workloads: they start with their node, and not because somebody
// waits for them.
type Pods struct {
	Counts
	// WaitingForNode are those of NeverStarted that no node had room for at
	// the end of the run.
	WaitingForNode int `json:"waiting_for_node"`
	// WaitingForPlace are those of WaitingForNode for which some node had the
	// CPU and memory, and no place left: what binds is max pods.
	WaitingForPlace int `json:"waiting_for_place"`
	// InitialNeverStarted are those of NeverStarted that were there at time 0:
	// pods of the scenario's beginning for which the fleet had no place.
	InitialNeverStarted int `json:"initial_never_started"`
	// FailedAddCauses splits the failed ADDs.
	FailedAddCauses map[Cause]int `json:"failed_add_causes"`
	// FailedAddPods counts the pods with a failed ADD by the same causes, each
	// under that of its first one.
	FailedAddPods map[Cause]int `json:"failed_add_pods"`
	// MetPods counts the pods with a failed ADD under each of their causes.
	MetPods map[Cause]int `json:"met_pods"`
	// LatePods ran 5 s and more after they were bound, and after a failed ADD, by
	// the cause of its first. Those of DaemonSets that were bound before their
	// node was Ready are not among them: they are a part of its start.
	LatePods map[Cause]int `json:"late_pods"`
	// StuckPods are those of NeverStarted that have a node and failed ADDs, by
	// the cause of the latest.
	StuckPods map[Cause]int `json:"stuck_pods"`
	// RefusedEvictions is how often the API server refused an eviction because of a
	// PodDisruptionBudget.
	RefusedEvictions int `json:"refused_evictions,omitempty"`

	Creation    Quantiles  `json:"creation_seconds"`     // asked for -> created
	Start       Quantiles  `json:"start_seconds"`        // bound to a node -> running
	Pending     Quantiles  `json:"pending_seconds"`      // created -> running
	AddressWait Quantiles  `json:"address_wait_seconds"` // first ADD -> ADD done
	Phases      PhaseTimes `json:"phases"`
}

// Nodes of the fleet.
type Nodes struct {
	NodeCounts
	Ready      Quantiles `json:"ready_seconds"` // launch call -> Ready
	ReadyHours float64   `json:"ready_hours"`   // that all nodes together have been Ready, from time 0
	// AssignedP90 is how many addresses a node's pods had, at the 90th
	// percentile of the nodes and at the sample when all had most.
	AssignedP90 int `json:"assigned_p90"`
	// CoolingPeak is the most addresses of one node that were cooling down at
	// a sample.
	CoolingPeak int `json:"cooling_peak"`
}

// Interfaces of the account. A leaked one carries the VPC CNI's tag and has
// been attached to nothing for more than a minute: no ipamd will use it, and
// only the hourly clean-up deletes it. A minute, because creating, attaching
// and deleting take seconds.
type Interfaces struct {
	Peak       int `json:"peak"`        // most that existed at once, of anybody
	LeakedPeak int `json:"leaked_peak"` // most that had leaked at a sample
	LeakedEnd  int `json:"leaked_end"`  // at the end of the run
	KeptEnd    int `json:"kept_end"`    // first interfaces that terminated instances left, because their launch template keeps them
	Vain       int `json:"in_vain"`     // that ipamd gave back without any pod ever having used them
	// ChurningNodes gave back three such interfaces within ten minutes.
	ChurningNodes int `json:"churning_nodes"`
}

// Subnet is one subnet's addresses.
type Subnet struct {
	Name           string `json:"name"`
	Zone           string `json:"zone"`
	CIDR           string `json:"cidr"`
	Usable         int    `json:"usable"`           // without the five reserved ones
	AllocatedPeak  int    `json:"allocated_peak"`   // most addresses that anybody held at once
	AssignedAtPeak int    `json:"assigned_at_peak"` // of those, on pods
	FreeAtEnd      int    `json:"free_at_end"`
	FreeMin        int    `json:"free_min"`
	FreeBlocksMin  int    `json:"free_blocks_min"` // free aligned /28 blocks
	// Of CIDR reservations of type prefix, at the end of the run: their /28
	// blocks, and those of them with single addresses in them, of which no
	// prefix can come.
	ReservedBlocks int       `json:"reserved_blocks"`
	ReservedShared int       `json:"reserved_blocks_shared"`
	Held           Held      `json:"held"`  // who holds those that are not free at the end of the run
	Worst          Addresses `json:"worst"` // who held them when fewest were free
}

// Holders are who holds addresses of a subnet.
type Holders struct {
	Assigned  int `json:"assigned"`  // on pods
	Cooling   int `json:"cooling"`   // freed by a pod less than the cooldown ago
	Warm      int `json:"warm"`      // held by ipamd for pods to come
	Primaries int `json:"primaries"` // primary addresses of interfaces
	Unmanaged int `json:"unmanaged"` // on interfaces that no daemon knows: being created, leaked, of a node that is starting
	Others    int `json:"others"`    // not of the fleet
}

// Held are the holders of a subnet's addresses, with who the others are.
type Held struct {
	Holders
	// OthersBy splits Others by what the scenario says that they are; absent
	// where it says nothing of any.
	OthersBy map[string]int `json:"others_by,omitempty"`
}

// Addresses of a subnet by holder. They add up to the usable addresses.
type Addresses struct {
	AtSeconds float64 `json:"at_seconds"`
	Holders
	Free int `json:"free"`
}

// Action is the traffic of one API action.
type Action struct {
	Calls     int            `json:"calls"`     // of the SDK, by the fleet
	Attempts  int            `json:"attempts"`  // HTTP requests, by the fleet
	Throttled int            `json:"throttled"` // requests of the fleet that were rejected with RequestLimitExceeded
	Errors    map[string]int `json:"errors"`    // failed requests of the fleet by code, throttles included
	Other     Tenants        `json:"other"`
}

// Tenants is the traffic of the account's other callers.
type Tenants struct {
	Attempts  int `json:"attempts"`
	Throttled int `json:"throttled"`
}

// Errors counts the fleet's requests that failed with a code.
func (o *Outcome) Errors(code string) int {
	n := 0
	for _, a := range o.API {
		n += a.Errors[code]
	}
	return n
}

// Successes are the requests of an action that were answered without an error.
func (a *Action) Successes() int {
	n := a.Attempts
	for _, k := range a.Errors {
		n -= k
	}
	return max(0, n)
}
