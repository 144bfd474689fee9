package planning

import "ipamsim/sim/result"

// schemaVersion of a Plan's JSON.
const schemaVersion = "ipamsim.plan/v1"

// Plan is the answers about a scenario, variant by variant. Its JSON is what
// `plan -o json` writes.
type Plan struct {
	SchemaVersion string          `json:"schema_version"`
	Version       string          `json:"version"` // of the program
	Scenario      result.Scenario `json:"scenario"`
	Overrides     []string        `json:"overrides"` // what the command line set
	Seed          uint64          `json:"seed"`
	Variants      []Variant       `json:"variants"`
}

// Variant is the answers about one variant.
type Variant struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	// AsOfSeconds is the moment, from time 0, at which nodes and pods are "as
	// now": time 0, or where no pod runs then the busiest moment of the run.
	AsOfSeconds float64  `json:"as_of_seconds"`
	Nodes       int      `json:"nodes"` // at that moment
	Pods        int      `json:"pods"`  // that ran then, those of DaemonSets among them
	Subnets     []Subnet `json:"subnets"`
	Groups      []Group  `json:"groups"`
	Growth      []Growth `json:"growth"` // in the order of the groups, nodes before pods
	// FirstToBreak is the zone whose subnets keep the next node or pod from
	// starting; empty where something else does first.
	FirstToBreak string       `json:"first_to_break"`
	Losses       []Loss       `json:"losses"`      // zone by zone; empty for a fleet in one zone
	Replacement  *Replacement `json:"replacement"` // null for a fleet without nodes
	ScaleOut     *ScaleOut    `json:"scale_out"`   // null where no more nodes fit
	Overlay      Overlay      `json:"overlay"`
	Quotas       Quotas       `json:"quotas"`
	Runs         int          `json:"runs"`   // simulations that the answers took
	Events       uint64       `json:"events"` // executed in them
}

// Subnet is one subnet's room.
type Subnet struct {
	Name      string `json:"name"`
	Zone      string `json:"zone"`
	CIDR      string `json:"cidr"`
	Usable    int    `json:"usable"`     // without the five that AWS keeps
	FreeNow   int    `json:"free_now"`   // addresses, at time 0
	BlocksNow int    `json:"blocks_now"` // free aligned /28 blocks, at time 0
	// FreeWorst and BlocksWorst are the fewest of any moment from time 0 on, of
	// all replications.
	FreeWorst   int `json:"free_worst"`
	BlocksWorst int `json:"blocks_worst"`
	// WorstAtSeconds is about when fewest addresses were free: the sample with
	// the fewest, of the replication with the fewest.
	WorstAtSeconds float64 `json:"worst_at_seconds"`
	// UpgradeReady says that the control plane finds the addresses that an update
	// of it takes, at time 0; UpgradeReadyWorst that it does at any moment.
	UpgradeReady      bool `json:"upgrade_ready"`
	UpgradeReadyWorst bool `json:"upgrade_ready_worst"`
}

// Group is one node group as it is now.
type Group struct {
	Name         string `json:"name"`
	InstanceType string `json:"instance_type"` // of nodes to come; the first of several
	Nodes        int    `json:"nodes"`
	Pods         int    `json:"pods"` // on them, DaemonSets' aside
	MaxPods      int    `json:"max_pods"`
	Max          *int   `json:"max,omitempty"` // most nodes that the autoscaler may make
	// Empty, Typical and Full are what one node of the group holds in subnets that
	// are not full, with no pods but those of DaemonSets, with as many as the present
	// nodes have on average, and with as many as fit: that is what one more node
	// takes.
	Empty   Holding `json:"empty"`
	Typical Holding `json:"typical"`
	Full    Holding `json:"full"`
	Calls   Calls   `json:"calls"`
}

// Holding is what a node holds.
type Holding struct {
	Pods       int `json:"pods"`      // that run, DaemonSets' aside
	Addresses  int `json:"addresses"` // with the interfaces' own, and 16 for a prefix
	Interfaces int `json:"interfaces"`
	NAU        int `json:"nau"` // units of network address usage: one an address or prefix
}

// Calls are those to EC2 by one node's daemon, and by who launches it.
type Calls struct {
	Boot        map[string]int `json:"boot"`          // until it has settled, without pods, by action
	Pods        map[string]int `json:"pods"`          // more, for the pods of a typical node
	RestPerHour float64        `json:"rest_per_hour"` // while nothing happens
}

// Room is what a subnet has left while something happens.
type Room struct {
	Subnet    string `json:"subnet"`
	Zone      string `json:"zone"`
	FreeMin   int    `json:"free_min"`
	BlocksMin int    `json:"blocks_min"`
	FreeEnd   int    `json:"free_end"`
}

// Loss is what becomes of the fleet as it is now when a zone is lost.
type Loss struct {
	Zone  string `json:"zone"`
	Nodes int    `json:"nodes"` // that are lost
	Pods  int    `json:"pods"`  // that ran on them, DaemonSets' among them
	// PodsMissing are the pods, DaemonSets' aside, that have not come back 29
	// minutes later; Binding is what keeps them, where that is a limit.
	PodsMissing int    `json:"pods_missing"`
	Binding     *Limit `json:"binding_limit"`
	Others      []Room `json:"others"` // subnets of the other zones
}

// Replacement is what becomes of the fleet as it is now when all nodes are
// replaced.
type Replacement struct {
	Surge       string  `json:"surge"`       // more nodes first, per group; empty for what EKS does
	Unavailable string  `json:"unavailable"` // nodes drained at a time; empty for 1
	Ready       bool    `json:"ready"`       // it comes to its end, and all pods run then
	Nodes       int     `json:"nodes"`
	Replaced    int     `json:"replaced"`
	Seconds     float64 `json:"seconds"` // that it takes
	Failed      string  `json:"failed,omitempty"`
	PodsMissing int     `json:"pods_missing"` // at the end, DaemonSets' aside
	Binding     *Limit  `json:"binding_limit"`
	Subnets     []Room  `json:"subnets"`
}

// ScaleOut is the largest group doubled, as far as that fits, with the account's
// token buckets and the control plane of the scenario.
type ScaleOut struct {
	Group string `json:"group"`
	Nodes int    `json:"nodes"` // more
	Pods  int    `json:"pods"`  // more
	// Seconds until all run when all are asked for at once, and how many requests
	// are throttled then; SecondsUnthrottled without any token bucket.
	Seconds            float64 `json:"seconds"`
	Throttled          int     `json:"throttled"`
	SecondsUnthrottled float64 `json:"seconds_unthrottled"`
	// Ramp is the shortest over which they can be asked for so that nothing is
	// throttled, and RampSeconds when all run then; absent where nothing is
	// throttled at once, or something is over six hours.
	Ramp        *float64 `json:"ramp_seconds,omitempty"`
	RampSeconds *float64 `json:"seconds_with_ramp,omitempty"`
	// Unfinished says that some did not start in one of the runs, and Binding what
	// kept them, where that is a limit.
	Unfinished bool   `json:"unfinished,omitempty"`
	Binding    *Limit `json:"binding_limit,omitempty"`
}

// Overlay compares the fleet as it is now with networks in which pods have
// addresses of their own.
type Overlay struct {
	Held    int `json:"held"`    // addresses of the VPC that the nodes hold now
	Overlay int `json:"overlay"` // that they would: one a node
	Pods    int `json:"pods"`    // that have an address, which would be the overlay's own
	// Flat is what a network takes that gives every node its max pods beforehand,
	// with room for one more node in an upgrade.
	Flat int `json:"flat"`
}

// By is what a group grows by.
type By string

// The ways to grow.
const (
	ByNodes By = "nodes" // more nodes, each with as many pods as the present ones have on average
	ByPods  By = "pods"  // more pods on the present nodes, in the present mixture
)

// Growth is how much more of a group fits.
type Growth struct {
	Group string `json:"group"`
	By    By     `json:"by"`
	// UntilFull is how many more start; with one more some do not. Where Exact is
	// false the search ended at a bound: so many start, and more may.
	UntilFull int  `json:"until_full"`
	Exact     bool `json:"exact"`
	// UntilTight is how many more start while every warm pool gets what its
	// settings ask for, and five addresses stay free in each of the group's subnets
	// for an update of the control plane: EC2 refuses nothing. Absent where it is as
	// many as UntilFull.
	UntilTight *int `json:"until_tight,omitempty"`
	// Binding is what the next one fails at; nil where the search did not come to
	// a failure.
	Binding *Limit `json:"binding_limit"`
	// PodsPerNode are the pods, DaemonSets' aside, that each more node gets.
	PodsPerNode float64  `json:"pods_per_node"`
	Zones       []string `json:"zones"`   // where the next one fails; empty where that is in no zone
	Subnets     []string `json:"subnets"` // that do not give what it wants
	Tried       []Try    `json:"tried"`   // in the order of the numbers
}

// Try is one simulation of a search.
type Try struct {
	More    int  `json:"more"`
	Started bool `json:"started"` // all of them
	// Refused says whether EC2 has refused an address, a block or an interface for
	// want of it, FreeLeft how many addresses that of the group's subnets has free
	// which has fewest, at the end of the simulation.
	Refused  bool `json:"refused"`
	FreeLeft int  `json:"free_left"`
}

// Quotas are the account's and the VPC's, with what is used of them now.
type Quotas struct {
	Interfaces      int `json:"interfaces"`
	InterfacesUsed  int `json:"interfaces_used"`
	NAU             int `json:"nau"`
	NAUUsed         int `json:"nau_used"`
	InterfacesWorst int `json:"interfaces_worst"` // most at once, from time 0 on
}
