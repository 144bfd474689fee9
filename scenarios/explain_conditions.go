package scenarios

import (
	"fmt"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/sim/result"
)

// explainConditions says what must hold, what should, and what is to come out as
// it was reported: a gate that is read before it is run.
func explainConditions(s *Scenario) []string {
	var must, should, reproduces []string
	for _, c := range s.Thresholds.Conditions() {
		if c.Severity == result.Warn {
			should = append(should, explainCondition(&c))
		} else {
			must = append(must, explainCondition(&c))
		}
	}
	for _, c := range s.Expectations() {
		reproduces = append(reproduces, explainCondition(&c))
	}
	var sentences []string
	for _, list := range []struct {
		beginning  string
		conditions []string
	}{
		{"Must hold", must},
		{"Should hold, or is a warning", should},
		{"Reproduces, if it comes out so", reproduces},
	} {
		if len(list.conditions) > 0 {
			sentences = append(sentences, list.beginning+": "+strings.Join(list.conditions, "; ")+".")
		}
	}
	return sentences
}

// explainCondition is one condition: pod_start{workload:web} p(99)<5s between 2m
// and 6m, over worst, ends the run.
func explainCondition(c *result.Condition) string {
	text := c.Key() + " " + c.Expression
	if window := c.Window.String(); window != "" {
		text += " " + window
	}
	if c.Over != "" {
		text += fmt.Sprintf(", over %s", c.Over)
	}
	if c.Abort {
		text += ", ends the run"
		if c.AbortAfter > 0 {
			text += fmt.Sprintf(" from %s on", words.Duration(c.AbortAfter))
		}
	}
	return text
}
