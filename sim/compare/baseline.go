package compare

import (
	"encoding/json"
	"slices"
	"strings"

	"ipamsim/sim/result"
)

// baselineSchema is the version of a Baseline's JSON.
const baselineSchema = "ipamsim.baseline/v1"

// Baseline is what is kept of a result to compare others with it: every figure of
// every replication, and what they are figures of. It has no distributions, no
// series and no maps, so that it is small and a change of it can be read.
type Baseline struct {
	SchemaVersion   string          `json:"schema_version"`
	Version         string          `json:"version"` // of the program that ran
	Scenario        result.Scenario `json:"scenario"`
	Overrides       []string        `json:"overrides"` // what the command line set, as --set takes it, but for the seed and the replications
	Seed            uint64          `json:"seed"`
	Replications    int             `json:"replications"`
	DurationSeconds float64         `json:"duration_seconds"`
	Fingerprint     string          `json:"fingerprint"` // of the result
	Variants        []Variant       `json:"variants"`
}

// Variant is one variant of a Baseline.
type Variant struct {
	Name string `json:"name"`
	// Scenario is what the file, the variant and the command line come to, with
	// every default: keys as in the language of scenarios.
	Scenario     json.RawMessage `json:"scenario"`
	Fingerprints []string        `json:"fingerprints"` // of the replications
	Findings     []Finding       `json:"findings"`
	Thresholds   []Threshold     `json:"thresholds"`
	// Figures are by name, with a selector where there are several of a kind:
	// subnet_free_min{subnet:a}. Each has a value for each replication: a number,
	// "inf" of what is infinite, null of what was not observed.
	Figures map[string][]Value `json:"figures"`
}

// Finding is what a result has found, in one sentence.
type Finding struct {
	Mode    result.Mode `json:"mode"`
	Summary string      `json:"summary"`
}

// Threshold is a condition of the scenario and whether it held.
type Threshold struct {
	Condition string `json:"condition"` // pod_start p(99)<5s
	OK        bool   `json:"ok"`
}

// Keep is what is kept of a result.
func Keep(r *result.Result) *Baseline {
	b := &Baseline{SchemaVersion: baselineSchema, Version: r.Version, Scenario: r.Scenario, Overrides: changes(r.Overrides),
		Seed: r.Seed, Replications: r.Replications, DurationSeconds: r.DurationSeconds, Fingerprint: r.Fingerprint, Variants: []Variant{}}
	for i := range r.Variants {
		b.Variants = append(b.Variants, keepVariant(&r.Variants[i]))
	}
	return b
}

// changes are overrides without those that say in which random worlds a scenario
// runs, and how many.
func changes(overrides []string) []string {
	return slices.DeleteFunc(slices.Concat([]string{}, overrides), func(set string) bool {
		path, _, _ := strings.Cut(set, "=")
		return path == "seed" || path == "replications"
	})
}

func keepVariant(v *result.Variant) Variant {
	k := Variant{Name: v.Name, Scenario: v.Scenario, Fingerprints: []string{}, Findings: []Finding{}, Thresholds: []Threshold{}, Figures: map[string][]Value{}}
	for i := range v.Replications {
		k.Fingerprints = append(k.Fingerprints, v.Replications[i].Fingerprint)
	}
	for i := range v.Findings {
		k.Findings = append(k.Findings, Finding{v.Findings[i].Mode, v.Findings[i].Summary})
	}
	for i := range v.Thresholds {
		t := &v.Thresholds[i]
		k.Thresholds = append(k.Thresholds, Threshold{t.Metric + " " + t.Expression, t.OK})
	}
	for _, f := range FiguresOf(v) {
		k.Figures[f.Name] = f.Values
	}
	return k
}

// Named is a figure by its name, with a selector where it is one of a part, and its
// value in each replication.
type Named struct {
	Name   string
	Values []Value
}

// FiguresOf are the figures of a variant, in the order of the metrics.
func FiguresOf(v *result.Variant) (list []Named) {
	for _, f := range figuresOf(v) {
		values := make([]Value, len(v.Replications))
		for i := range v.Replications {
			values[i] = f.in(&v.Replications[i].Outcome)
		}
		list = append(list, Named{f.name(), values})
	}
	return list
}

// figure is a figure of a part of the fleet, or of all of it.
type figure struct {
	*result.Figure
	of result.Selector
}

func (f *figure) name() string { return f.Name + f.of.String() }

// in is the figure of one replication.
func (f *figure) in(o *result.Outcome) Value {
	value, observed := f.Figure.In(o, f.of)
	if !observed {
		return none
	}
	return rounded(Value(value))
}

// figuresOf are the figures of a variant, in the order of the metrics: each of all
// the fleet, of each action, and of each subnet, workload and node group where there
// are several.
func figuresOf(v *result.Variant) (list []figure) {
	parts := map[string][]string{"subnet": subnets(v), "action": actions(v), "workload": sets(v.Workloads), "nodegroup": sets(v.NodeGroups)}
	for i := range result.Figures {
		f := &result.Figures[i]
		list = append(list, figure{f, nil})
		for _, label := range f.Metric.Parts() {
			for _, name := range parts[label] {
				list = append(list, figure{f, result.Selector{{Key: label, Value: name}}})
			}
		}
	}
	return list
}

// sets are the names of workloads or node groups, if there are several.
func sets(list []result.PodSet) (names []string) {
	if len(list) < 2 {
		return nil
	}
	for i := range list {
		names = append(names, list[i].Name)
	}
	return names
}

// subnets are the names of a variant's subnets, if there are several.
func subnets(v *result.Variant) (names []string) {
	if len(v.Subnets) < 2 {
		return nil
	}
	for i := range v.Subnets {
		names = append(names, v.Subnets[i].Name)
	}
	return names
}

// actions are those that were called in some replication.
func actions(v *result.Variant) (names []string) {
	for i := range v.Replications {
		// any order: they are sorted
		for name := range v.Replications[i].API {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}
