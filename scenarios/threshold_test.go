package scenarios

import (
	"math"
	"strings"
	"testing"
)

func TestThresholdGrammar(t *testing.T) {
	for text, want := range map[string]Threshold{
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
		got, err := ParseThreshold(text)
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
		if _, err := ParseThreshold(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}

func TestAThresholdHoldsAsItsOperatorSays(t *testing.T) {
	for op, want := range map[string][3]bool{ // of 4, 5 and 6 against 5
		"<": {true, false, false}, "<=": {true, true, false}, ">": {false, false, true},
		">=": {false, true, true}, "==": {false, true, false}, "!=": {true, false, true},
	} {
		for i, value := range []float64{4, 5, 6} {
			if got := (Threshold{Op: op, Value: 5}).Holds(value); got != want[i] {
				t.Errorf("%g %s 5: %v", value, op, got)
			}
		}
		if (Threshold{Op: op, Value: 5}).Holds(math.NaN()) {
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
		"pod_start{subnet:a}":            `pod_start has no label "subnet"; known are variant`,
		"pod_start{variant:a,variant:b}": "given twice",
		"pod_strat":                      `unknown metric "pod_strat"; did you mean "pod_start"?`,
	} {
		if _, _, err := ParseMetric(key); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", key, err, want)
		}
	}
}

func TestThresholdsKeepTheOrderOfTheFile(t *testing.T) {
	f, err := Load("f.yaml", []byte(document+"thresholds:\n  pods_running: [\"count>1\", \"count<50\"]\n  pod_start{variant:default}: p(99)<5s\n  nodes_peak: value<=3\n"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, threshold := range f.Scenario.Thresholds {
		got = append(got, threshold.Key()+" "+threshold.Expression)
	}
	want := "pods_running count>1|pods_running count<50|pod_start{variant:default} p(99)<5s|nodes_peak value<=3"
	if strings.Join(got, "|") != want {
		t.Errorf("got %v", got)
	}
}
