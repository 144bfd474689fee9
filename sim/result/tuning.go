package result

import (
	"encoding/json"
	"math"
	"strings"
)

// Tuning is what a search for settings of the VPC CNI has found: what was tried,
// what is worth having, and one of it with how to apply it.
type Tuning struct {
	SchemaVersion string   `json:"schema_version"`
	Version       string   `json:"version"` // of the program
	Scenario      Scenario `json:"scenario"`
	Variant       string   `json:"variant"` // that the settings are laid over
	Overrides     []string `json:"overrides"`
	Seed          uint64   `json:"seed"`
	Replications  int      `json:"replications"` // that the settings of the front have each
	Rungs         []Rung   `json:"rungs"`        // of the search, the first one first

	// Now is the environment that the scenario has.
	Now Setting `json:"now"`
	// Front are the settings of which none has fewer addresses at the peak and
	// starts as short as another's, or as many and shorter ones, fewest addresses
	// first. Starts are told apart by tenths of a second; of settings that are alike
	// in both it has the best in the rest.
	Front []Setting `json:"front"`
	// Recommended is nil where no setting meets the preference; then None says why.
	Recommended *Recommendation   `json:"recommended"`
	None        *NoRecommendation `json:"none,omitempty"`
	Apply       *Apply            `json:"apply"` // the recommendation; nil without one
	Preference  Preference        `json:"preference"`
	// Tried are all settings, each as it was when it was left aside: with the
	// replications of its last rung.
	Tried    []Setting `json:"tried"`
	Warnings []string  `json:"warnings"`

	// PerGroup is what each node group's own environment would be worth, the
	// others as they are now, and Together all that these recommend at once;
	// absent unless asked for. A DaemonSet has one environment.
	PerGroup []GroupTuning `json:"per_group,omitempty"`
	Together *Probe        `json:"together,omitempty"`
}

// GroupTuning is what a search for one node group's own environment has found.
type GroupTuning struct {
	Group       string            `json:"group"`
	Front       []Setting         `json:"front"`
	Recommended *Recommendation   `json:"recommended"`
	None        *NoRecommendation `json:"none,omitempty"`
}

// TuningSchema is the version of a Tuning's JSON.
const TuningSchema = "ipamsim.tuning/v1"

// Rung is one round of a search: so many settings in so many random worlds each.
type Rung struct {
	Replications int `json:"replications"`
	Settings     int `json:"settings"`
}

// Setting is an environment of the aws-node container with what it came to.
type Setting struct {
	// Env are the variables that the setting gives, laid over what the
	// scenario has.
	Env map[string]string `json:"env"`
	// Set is the setting for ipamsim run --set; empty for what is there.
	Set          []string `json:"set"`
	Replications int      `json:"replications"`
	Costs
	Intervals  map[string]Interval `json:"intervals"` // by the JSON key of a figure; of the mean over the replications
	Thresholds []Threshold         `json:"thresholds"`
	// Unfit says why a setting is not recommended: what it makes worse than it
	// is now. Empty for a fit one.
	Unfit string `json:"unfit"`
}

// Costs are what settings are compared by. Of several replications peaks are
// the highest of any, and numbers of calls and pods are means.
type Costs struct {
	AddressesPeak  int     `json:"addresses_peak"`  // most that anybody held at once in all subnets
	AddressesMean  float64 `json:"addresses_mean"`  // held on the average over the run
	PodStartP99    Seconds `json:"pod_start_p99"`   // bound to a node -> running; null when that share never runs
	WithoutAddress int     `json:"without_address"` // most pods at once that were on a node and waited for an address
	NeverStarted   float64 `json:"never_started"`   // pods
	APICalls       float64 `json:"api_calls"`       // of the fleet
	Pods           float64 `json:"pods"`            // that exist at time 0 or are created from then on
	APIThrottled   float64 `json:"api_throttled"`   // requests that were rejected with RequestLimitExceeded
}

// Preference is what a recommendation is to be like.
type Preference struct {
	MaxP99       *float64 `json:"max_p99"` // seconds; null for none
	MaxAddresses *int     `json:"max_addresses"`
}

// Recommendation is a setting with what it came to in random worlds, and under
// assumptions, that the search has not seen.
type Recommendation struct {
	Setting
	Why    string     `json:"why"`
	Change Difference `json:"change"` // against now, in the worlds of the search
	Checks []Probe    `json:"checks"`
	// PassedOver are settings that were preferred, and failed a check.
	PassedOver []PassedOver `json:"passed_over"`
}

// NoRecommendation is why there is none.
type NoRecommendation struct {
	Why        string       `json:"why"`
	PassedOver []PassedOver `json:"passed_over"` // that failed a check
}

// Difference is the difference that a setting makes, pair by pair in the same random
// worlds, with its 95 % confidence interval. A figure that is infinite in a world
// has none.
type Difference map[string]Interval

// Probe is a setting and what is now, side by side where the search has not
// looked.
type Probe struct {
	Name         string     `json:"name"`
	Set          []string   `json:"set"` // what is assumed, for ipamsim run --set
	Seed         uint64     `json:"seed"`
	Replications int        `json:"replications"`
	Now          Costs      `json:"now"`
	Then         Costs      `json:"then"`
	Change       Difference `json:"change"`
	Worse        []string   `json:"worse"` // thresholds that the setting makes worse
	Unfit        string     `json:"unfit"` // what it makes worse, in words; empty for nothing
}

// PassedOver is a setting that was not recommended in spite of the preference.
type PassedOver struct {
	Env map[string]string `json:"env"`
	Why string            `json:"why"`
}

// Apply is how a setting is applied to a cluster.
type Apply struct {
	Kubectl string `json:"kubectl"`
	// ConfigurationValues are those of the EKS add-on, the existing ones with
	// the setting laid over them.
	ConfigurationValues json.RawMessage `json:"configuration_values"`
	Diff                string          `json:"diff"` // of the variables: lines with - and +
}

// Trial is what some overrides came to in some random worlds: all that a search
// keeps of a run.
type Trial struct {
	Set          []string `json:"set"`
	Seed         uint64   `json:"seed"`
	Replications int      `json:"replications"`
	// Unfinished says that the runs came to the bound of their events.
	Unfinished  bool        `json:"unfinished"`
	Costs       Costs       `json:"costs"`
	Worlds      []Costs     `json:"worlds"` // of each replication
	Thresholds  []Threshold `json:"thresholds"`
	Events      uint64      `json:"events"`       // executed
	NodeP90     int         `json:"node_p90"`     // addresses on a node's pods, see Nodes.AssignedP90
	NodeCooling int         `json:"node_cooling"` // addresses that cooled down on a node
	Fingerprint string      `json:"fingerprint"`
}

// MakeTrial is the trial of a variant that was judged.
func MakeTrial(set []string, seed uint64, fingerprint string, v *Variant) Trial {
	t := Trial{Set: set, Seed: seed, Replications: len(v.Replications), Costs: costsOf(v), Thresholds: v.Thresholds,
		NodeP90: v.Nodes.AssignedP90, NodeCooling: v.Nodes.CoolingPeak, Fingerprint: fingerprint}
	for i := range v.Replications {
		r := &v.Replications[i]
		t.Events += r.Events
		t.Worlds = append(t.Worlds, costsOf(&Variant{Outcome: r.Outcome, Replications: v.Replications[i : i+1]}))
	}
	return t
}

// costsOf are a variant's, by the rules of the metrics.
func costsOf(v *Variant) Costs {
	of := func(name string) float64 {
		m, known := metricNamed(name)
		if !known {
			panic("result: there is no metric " + name)
		}
		return rounded(m.pooled(v, &Condition{}).value)
	}
	f := Costs{AddressesPeak: v.HeldPeak, PodStartP99: Seconds(rounded(float64(v.Pods.Start.P99))), WithoutAddress: v.Pods.Worst.WaitingForAddress,
		NeverStarted: of("pods_never_started"), Pods: of("pods_wanted"), APICalls: of("api_calls"), APIThrottled: of("api_throttled"), AddressesMean: rounded(v.HeldMean)}
	if v.Pods.Start.Count+v.Pods.Start.Never == 0 {
		f.PodStartP99 = 0 // nobody waits
	}
	return f
}

// TuningCosts are the costs by their JSON keys, in the order of the type.
var TuningCosts = []struct {
	Name string
	Of   func(*Costs) float64
}{
	{"addresses_peak", func(f *Costs) float64 { return float64(f.AddressesPeak) }},
	{"addresses_mean", func(f *Costs) float64 { return f.AddressesMean }},
	{"pod_start_p99", func(f *Costs) float64 { return float64(f.PodStartP99) }},
	{"without_address", func(f *Costs) float64 { return float64(f.WithoutAddress) }},
	{"never_started", func(f *Costs) float64 { return f.NeverStarted }},
	{"api_calls", func(f *Costs) float64 { return f.APICalls }},
	{"api_throttled", func(f *Costs) float64 { return f.APIThrottled }},
}

// Intervals are of the means of a trial's figures over its worlds.
func (t *Trial) Intervals() map[string]Interval {
	list := intervals(len(t.Worlds), func(i int, of func(*Costs) float64) float64 { return of(&t.Worlds[i]) })
	// any order: each by itself
	for name, i := range list {
		i.Low = max(0, i.Low) // as no figure is below
		list[name] = i
	}
	return list
}

// DifferenceTo is what another trial in the same worlds makes different.
func (t *Trial) DifferenceTo(other *Trial) Difference {
	return intervals(min(len(t.Worlds), len(other.Worlds)), func(i int, of func(*Costs) float64) float64 {
		return of(&other.Worlds[i]) - of(&t.Worlds[i])
	})
}

func intervals(n int, of func(world int, figure func(*Costs) float64) float64) map[string]Interval {
	out := map[string]Interval{}
	for _, f := range TuningCosts {
		values := make([]float64, n)
		for i := range values {
			values[i] = of(i, f.Of)
		}
		if interval, is := meanOf(values); is {
			out[f.Name] = interval
		}
	}
	return out
}

// WorseThan says whether a threshold that was judged twice has become worse: it
// held and does not any more, or fails by more. One that only warns never is.
func (t *Threshold) WorseThan(before *Threshold) bool {
	if t.Severity == Warn {
		return false
	}
	if t.OK || before.OK {
		return before.OK && !t.OK
	}
	return t.missedBy() > before.missedBy()
}

// missedBy is how far a failed threshold is from holding.
func (t *Threshold) missedBy() float64 {
	c, err := ParseCondition(t.Expression)
	switch {
	case err != nil:
		panic("result: the reader let the condition " + t.Expression + " pass")
	case t.Never:
		return math.Inf(1)
	case t.Value == nil:
		return math.Inf(1) // nothing was observed
	case strings.HasPrefix(c.Op, "<"):
		return *t.Value - c.Value
	case strings.HasPrefix(c.Op, ">"):
		return c.Value - *t.Value
	}
	return math.Abs(*t.Value - c.Value)
}
