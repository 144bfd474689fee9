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
	Quotas      Quotas   `json:"quotas"`
	Runs        int      `json:"runs"`   // simulations that the answers took
	Events      uint64   `json:"events"` // executed in them
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
}

// Quotas are the account's and the VPC's, with what is used of them now.
type Quotas struct {
	Interfaces      int `json:"interfaces"`
	InterfacesUsed  int `json:"interfaces_used"`
	NAU             int `json:"nau"`
	NAUUsed         int `json:"nau_used"`
	InterfacesWorst int `json:"interfaces_worst"` // most at once, from time 0 on
}
