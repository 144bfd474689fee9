package scenarios

import (
	"slices"
	"testing"

	"ipamsim/sim/result"
)

// wanted are the metrics of which more is better: conditions on them may bound
// them from below, and on no others.
var wanted = []string{"pods_started", "pods_running", "pods_running_min", "nodes_peak", "nodes_replaced", "subnet_free_min", "subnet_free_blocks_min", "subnet_free_end",
	// Neither more nor less of these is better: they say how large the scenario is.
	"pods_wanted", "subnet_allocated_peak", "subnet_assigned_at_peak", "subnet_assigned_end", "enis_peak", "spot_interruptions"}

// Who copies a shipped scenario and mends it keeps its thresholds: one that
// asserts a failure would be an inverted gate. What a scenario reproduces is
// under expect.
func TestNoShippedThresholdAssertsAFailure(t *testing.T) {
	for _, name := range slices.Concat(EmbeddedNames(), IncidentNames()) {
		text, _ := Source(name)
		f, err := Load(name, text)
		if err != nil {
			t.Fatal(err)
		}
		for _, threshold := range f.Scenario.Thresholds {
			if asksForBad(&threshold.Condition) {
				t.Errorf("%s:%d: %s %s asks for something bad: it belongs under expect", name, threshold.Place.Line, threshold.Key(), threshold.Expression)
			}
		}
	}
}

// asksForBad says whether a world in which nothing goes wrong would break the
// condition.
func asksForBad(c *result.Condition) bool {
	good := slices.Contains(wanted, c.Metric)
	switch c.Op {
	case ">", ">=":
		return !good
	case "==":
		return c.Value != 0 && !good
	case "!=":
		return true
	}
	return c.Value <= 0 && good || c.Op == "<" && c.Value <= 0
}

func TestInvertedGatesAreKnown(t *testing.T) {
	for _, test := range []struct {
		metric, expression string
		bad                bool
	}{
		{"pod_start", "p(99)>15s", true}, {"pod_start", "p(99)<15s", false}, {"pods_never_started", "count>0", true}, {"pods_never_started", "count==0", false},
		{"pods_never_started", "count==3", true}, {"subnet_free_min", "value>100", false}, {"pods_dropping_end", "value>0", true}, {"api_throttled", "count!=0", true},
		{"nodes_replaced", "count==21", false}, {"subnet_free_min", "value<=0", true}, {"recovery", "value>=5", true}, {"enis_kept_end", "value>=95", true},
	} {
		c, err := result.ParseCondition(test.expression)
		if err != nil {
			t.Fatal(err)
		}
		if c.Metric = test.metric; asksForBad(&c) != test.bad {
			t.Errorf("%s %s: %v", test.metric, test.expression, !test.bad)
		}
	}
}
