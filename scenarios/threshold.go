package scenarios

import "ipamsim/sim/result"

// Threshold is a condition and where it stands in the file.
type Threshold struct {
	result.Condition

	at    Position // of the expression
	keyAt Position // of the metric
}

// ThresholdList is the conditions in the order of the file.
type ThresholdList []Threshold

// Conditions are the list without its places in the file.
func (l ThresholdList) Conditions() []result.Condition {
	list := make([]result.Condition, len(l))
	for i := range l {
		list[i] = l[i].Condition
	}
	return list
}
