package result

import (
	"math"
	"strings"
	"testing"
)

func TestConditionGrammar(t *testing.T) {
	for text, want := range map[string]Condition{
		"p(99)<5s":        {Aggregation: "p", Percentile: 99, Op: "<", Value: 5},
		"p(99.9) <= 1.5m": {Aggregation: "p", Percentile: 99.9, Op: "<=", Value: 90},
		"avg<250ms":       {Aggregation: "avg", Op: "<", Value: 0.25},
		"med > 2":         {Aggregation: "med", Op: ">", Value: 2},
		"min>=0s":         {Aggregation: "min", Op: ">="},
		"max!=30s":        {Aggregation: "max", Op: "!=", Value: 30},
		"count==0":        {Aggregation: "count", Op: "=="},
		"value>=100":      {Aggregation: "value", Op: ">=", Value: 100},
	} {
		want.Expression = text
		got, err := ParseCondition(text)
		if err != nil || got.Expression != want.Expression || got.Aggregation != want.Aggregation ||
			got.Percentile != want.Percentile || got.Op != want.Op || math.Abs(got.Value-want.Value) > 1e-12 {
			t.Errorf("%s: got %+v, %v; want %+v", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"":            "not a condition",
		"p99<5s":      "not a condition",
		"<5s":         "not a condition",
		"p(99)=5s":    "not a condition",
		"p(99)<five":  "not a condition",
		"p<5s":        "p needs a percentile",
		"p(101)<5s":   "between 0 and 100",
		"avg(5)<5s":   "only p takes a number in brackets",
		"mean<5s":     `unknown aggregation "mean"`,
		"p(99)<5h":    `unknown unit "h": s, ms or m was expected`,
		"count<5s":    "count has no unit",
		"value<5ms":   "value has no unit",
		"count==0 ; ": "not a condition",
	} {
		if _, err := ParseCondition(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}

func TestAConditionHoldsAsItsOperatorSays(t *testing.T) {
	for op, want := range map[string][3]bool{ // of 4, 5 and 6 against 5
		"<": {true, false, false}, "<=": {true, true, false}, ">": {false, false, true},
		">=": {false, true, true}, "==": {false, true, false}, "!=": {true, false, true},
	} {
		for i, value := range []float64{4, 5, 6} {
			c := Condition{Op: op, Value: 5}
			if got := c.holds(value); got != want[i] {
				t.Errorf("%g %s 5: %v", value, op, got)
			}
		}
		nan := Condition{Op: op, Value: 5}
		if nan.holds(math.NaN()) {
			t.Errorf("NaN %s 5 holds", op)
		}
	}
}

func TestMetricSelectors(t *testing.T) {
	m, s, err := ParseMetric("api_errors{ action: CreateTags , code:RequestLimitExceeded}")
	if err != nil || m.Name != "api_errors" || s.String() != "{action:CreateTags,code:RequestLimitExceeded}" || s.Get("code") != "RequestLimitExceeded" || s.Get("variant") != "" {
		t.Errorf("got %v, %v, %v", m, s, err)
	}
	for key, want := range map[string]string{
		"pod_start{":                     "not a metric",
		"pod start":                      "not a metric",
		"pod_start{}":                    "not a selector",
		"pod_start{variant}":             "not a selector",
		"pod_start{action:a}":            `pod_start has no label "action"; known are variant, workload, nodegroup, zone and subnet`,
		"pod_start{variant:a,variant:b}": "given twice",
		"pod_strat":                      `unknown metric "pod_strat"; did you mean "pod_start"?`,
	} {
		if _, _, err := ParseMetric(key); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", key, err, want)
		}
	}
}
