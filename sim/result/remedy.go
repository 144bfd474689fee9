package result

import (
	"slices"
	"strings"
)

// Advice is what is done with the remedies that findings propose.
type Advice string

// What is done with them.
const (
	Tried      Advice = "tried"   // each is run before it is recommended
	Untried    Advice = "untried" // all that come into question are listed
	NoRemedies Advice = "none"    // none is given
)

// Trying says how the remedies of a variant were tried.
type Trying struct {
	Advice       Advice `json:"advice"`       // what was done; the rest is about tried ones
	Replications int    `json:"replications"` // that each was run in, the first ones
	Trials       int    `json:"trials"`       // runs with a remedy
	Events       uint64 `json:"events"`       // that they executed
	MostEvents   uint64 `json:"most_events"`  // that they might
	Cut          bool   `json:"cut"`          // that bound left some of them untried
}

// Remedy is a change of the scenario that is to end a failure mode, or to
// lessen it.
type Remedy struct {
	Set []string `json:"set"` // the change, as --set takes it: path=value
	// Kubectl is the command that makes the change on a cluster, where it is one
	// of the aws-node container's environment or repairs the nodes' networks, and
	// AddOn the configuration of the EKS add-on that makes one of the environment.
	Kubectl string `json:"kubectl,omitempty"`
	AddOn   string `json:"add_on,omitempty"`
	// Risks are what the change may do to a cluster that no run shows, or asks of
	// whoever makes it, a sentence each.
	Risks []string `json:"risks,omitempty"`

	// Tried is what running the scenario with the change came to, by metric;
	// absent where it was not tried.
	Tried   map[string]Change `json:"tried,omitempty"`
	Leaves  []Mode            `json:"leaves,omitempty"`  // failure modes that are found with it, those of before and new ones, without what it repairs
	Verdict Verdict           `json:"verdict,omitempty"` // absent where it was not tried
}

// Repairs says whether a step of the timeline is part of the change: something
// that is done once, after the damage.
func (r *Remedy) Repairs() bool {
	return slices.ContainsFunc(r.Set, func(set string) bool { return strings.HasPrefix(set, "faults.+=") })
}

// Verdict is what trying a remedy showed of the finding that it is against.
type Verdict string

// The verdicts. The first two say besides that nothing else got worse: not
// more pods that never start or lose packets, nor a start that takes longer
// beyond a bound.
const (
	Cures          Verdict = "cures"           // the finding is gone; or what it is about is at the end, where a repair mends it
	Helps          Verdict = "helps"           // what it is about has become less
	ChangesNothing Verdict = "changes-nothing" // or too little
	Worsens        Verdict = "worsens"         // something else gets worse
	Unfinished     Verdict = "unfinished"      // its run took more events than it might
)

// Change is a metric without a remedy and with it; null where it has no value,
// as a quantile of pods that never start.
type Change struct {
	Before *float64 `json:"before"`
	After  *float64 `json:"after"`
}

// TriedMetric is one by which a remedy's trial is told.
type TriedMetric struct {
	Name   string
	Label  string // as a line of text begins
	Unit   string // s or empty
	Always bool   // text tells it where it does not change, too
	Of     []Mode // text tells it of these modes alone; nil is of all

	read func(*Measured) *float64
}

// Measured is an outcome with the replications that it is of.
type Measured struct {
	*Outcome
	Replications []Replication
}

// TriedMetrics are all of them, in the order in which they are told.
var TriedMetrics = []TriedMetric{
	{"pods_never_started", "pods that never start", "", false, nil, count(func(o *Measured) int { return o.Pods.NeverStarted })},
	{"pods_refused", "pods whose first ADD fails", "", false, nil, count(func(o *Measured) int { return o.Refused() })},
	{"pod_start_p99_seconds", "p99 start", "s", true, nil, ofSeconds(func(o *Measured) Seconds { return o.Pods.Start.P99 })},
	{"pod_pending_p99_seconds", "p99 from created to running", "s", false, []Mode{ModeUnschedulable}, ofSeconds(func(o *Measured) Seconds { return o.Pods.Pending.P99 })},
	{"pod_creation_p99_seconds", "p99 from asked for to created", "s", false, []Mode{ModeControllerBehind}, ofSeconds(func(o *Measured) Seconds { return o.Pods.Creation.P99 })},
	{"pods_affected", "pods that lose packets", "", false, nil, count(func(o *Measured) int { return o.Network.Affected })},
	{"pods_dropping_end", "pods that lose packets at the end", "", false, nil, count(func(o *Measured) int { return o.Network.DroppingEnd })},
	{"enis_leaked_end", "leaked interfaces at the end", "", false, nil, count(func(o *Measured) int { return o.Interfaces.LeakedEnd })},
	{"addresses_held", "addresses held", "", true, nil, count((*Measured).held)},
	{"addresses_warm_end", "addresses without a pod at the end", "", false, []Mode{ModeWarmPoolOverhead}, count(func(o *Measured) int { return o.Spare() })},
	{"api_calls", "API calls", "", true, nil, count(func(o *Measured) int { return o.Calls() })},
	{"api_throttled", "throttled", "", false, nil, count(func(o *Measured) int { return o.Throttled() })},
}

func count(read func(*Measured) int) func(*Measured) *float64 {
	return func(o *Measured) *float64 {
		n := float64(read(o))
		return &n
	}
}

// Changes are the metrics of a run without a remedy and with it.
func Changes(before, after *Measured) map[string]Change {
	all := map[string]Change{}
	for _, m := range TriedMetrics {
		all[m.Name] = Change{m.read(before), m.read(after)}
	}
	return all
}

// ofSeconds reads a duration, which has no value where it is infinite.
func ofSeconds(read func(*Measured) Seconds) func(*Measured) *float64 {
	return func(o *Measured) *float64 {
		s := read(o)
		if !s.Reached() {
			return nil
		}
		return (*float64)(&s)
	}
}

// Refused is the number of pods whose first ADD failed.
func (o *Outcome) Refused() (pods int) {
	for _, n := range o.Pods.FailedAddPods {
		pods += n
	}
	return pods
}

// Waited is the number of pods that ran late after a failed ADD, whatever it failed
// for, and of those that never ran after one.
func (o *Outcome) Waited() (pods int) {
	for _, counts := range []map[Cause]int{o.Pods.LatePods, o.Pods.StuckPods} {
		for _, n := range counts {
			pods += n
		}
	}
	return pods
}

// held is how many addresses the fleet had when fewest were free, over all
// subnets, in the replication that had most: nodes need not be in the same
// subnets in each.
func (m *Measured) held() (most int) {
	for i := range m.Replications {
		n := 0
		for _, s := range m.Replications[i].Subnets {
			n += s.Usable - s.Worst.Free - s.Worst.Others
		}
		most = max(most, n)
	}
	return most
}

// Spare is how many addresses it had at the end and no pod did.
func (o *Outcome) Spare() (n int) {
	for i := range o.Subnets {
		n += o.Subnets[i].Held.Warm + o.Subnets[i].Held.Cooling
	}
	return n
}

// Calls is how often the fleet called the API.
func (o *Outcome) Calls() (n int) {
	for _, a := range o.API {
		n += a.Calls
	}
	return n
}

// Throttled is how many of the fleet's requests were rejected for their rate.
func (o *Outcome) Throttled() (n int) {
	for _, a := range o.API {
		n += a.Throttled
	}
	return n
}
