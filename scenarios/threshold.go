package scenarios

import (
	"reflect"
	"slices"

	"go.yaml.in/yaml/v3"

	"ipamsim/sim/result"
)

// Threshold is a condition and where it stands in the file.
type Threshold struct {
	result.Condition

	at    Position // of the expression
	keyAt Position // of the metric
}

// ThresholdList is the conditions in the order of the file.
type ThresholdList []Threshold

// Beginning is the condition that pods of the scenario's beginning run, unless
// there are none, or the scenario speaks of that itself: one that the fleet has
// no place for is no beginning.
func (s *Scenario) Beginning() []result.Condition {
	initial := slices.ContainsFunc(s.Workloads, func(w Workload) bool { return w.Initial > 0 })
	speaks := func(c result.Condition) bool {
		return c.Metric == initialNeverStarted || c.Metric == "pods_never_started"
	}
	if !initial || slices.ContainsFunc(slices.Concat(s.Thresholds.Conditions(), s.Expectations()), speaks) {
		return nil
	}
	c, err := result.ParseCondition("count==0")
	if err != nil {
		panic(err) // a constant
	}
	c.Metric, c.Severity = initialNeverStarted, result.Fail
	return []result.Condition{c}
}

const initialNeverStarted = "initial_never_started"

// condition is a condition that says more than what must hold.
type condition struct {
	Threshold string `yaml:"threshold" required:"true" doc:"What must hold: aggregation, operator and value, such as p(99)<5s."`
	Severity  string `yaml:"severity" default:"fail" enum:"fail,warn" doc:"What it means when it does not hold. warn is shown and changes no exit code."`
}

// conditionType is read by what it is given: a word, or a mapping.
var conditionType = reflect.TypeFor[condition]()

// take gives a condition what stands beside it.
func (o *condition) take(c *result.Condition) {
	c.Severity = result.Severity(o.Severity)
}

// written is the value that is read as the condition: a word where that is all.
func written(c *result.Condition) *yaml.Node {
	more := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
	add := func(key, value string) {
		more.Content = append(more.Content, text(key), text(value))
	}
	add("threshold", c.Expression)
	if c.Severity == result.Warn {
		add("severity", string(c.Severity))
	}
	if len(more.Content) == 2 {
		return text(c.Expression)
	}
	return more
}

// Conditions are the list without its places in the file.
func (l ThresholdList) Conditions() []result.Condition {
	list := make([]result.Condition, len(l))
	for i := range l {
		list[i] = l[i].Condition
	}
	return list
}
