package scenarios

import (
	"slices"

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

// Asked are all conditions that a run of the scenario is asked about.
func (s *Scenario) Asked() []result.Condition {
	return slices.Concat(s.Thresholds.Conditions(), s.Expectations(), s.Beginning())
}

// Conditions are the list without its places in the file.
func (l ThresholdList) Conditions() []result.Condition {
	list := make([]result.Condition, len(l))
	for i := range l {
		list[i] = l[i].Condition
	}
	return list
}
