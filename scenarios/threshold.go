package scenarios

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"ipamsim/internal/words"
)

// Threshold is one condition on one metric, for example pod_start's
// p(99)<5s.
type Threshold struct {
	Metric      string
	Selector    Selector
	Aggregation string  // avg, min, med, max, p, count or value
	Percentile  float64 // of p, 0 to 100
	Op          string  // < <= > >= == !=
	Value       float64 // of a trend in seconds
	Expression  string  // as written: p(99)<5s

	at    Position // of the expression
	keyAt Position // of the metric
}

// ThresholdList is the conditions in the order of the file.
type ThresholdList []Threshold

// Label is one part of a selector.
type Label struct{ Key, Value string }

// Selector narrows a metric, for example {action:AttachNetworkInterface}.
type Selector []Label

// Get is the value of a label, or empty.
func (s Selector) Get(key string) string {
	for _, l := range s {
		if l.Key == key {
			return l.Value
		}
	}
	return ""
}

// String is the selector as it is written, empty without labels.
func (s Selector) String() string {
	if len(s) == 0 {
		return ""
	}
	parts := make([]string, len(s))
	for i, l := range s {
		parts[i] = l.Key + ":" + l.Value
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// Key is the metric with its selector, as it is written.
func (t Threshold) Key() string { return t.Metric + t.Selector.String() }

// Holds reports whether a value meets the condition. No value that is not a
// number does.
func (t Threshold) Holds(value float64) bool {
	if math.IsNaN(value) {
		return false
	}
	switch t.Op {
	case "<":
		return value < t.Value
	case "<=":
		return value <= t.Value
	case ">":
		return value > t.Value
	case ">=":
		return value >= t.Value
	case "==":
		return value == t.Value
	case "!=":
		return value != t.Value
	}
	panic("scenarios: threshold with operator " + t.Op)
}

var (
	thresholdPattern = regexp.MustCompile(`^\s*([a-z]+)\s*(\(\s*(\d{1,3}(?:\.\d+)?)\s*\))?\s*(<=|>=|==|!=|<|>)\s*(-?\d+(?:\.\d+)?)\s*([a-zA-Z%]*)\s*$`)
	metricKeyPattern = regexp.MustCompile(`^\s*([a-z_]+)\s*(\{([^{}]*)\})?\s*$`)
)

// trendUnits are how many of a trend's units make a minute. Dividing keeps
// 700ms at 0.7 s, which a factor of 0.001 would miss by a bit.
var trendUnits = map[string]float64{"": 60, "ms": 60_000, "s": 60, "m": 1}

// aggregations by the kind of the metric.
var aggregations = map[MetricKind][]string{
	Trend:   {"avg", "min", "med", "max", "p(N)"},
	Counter: {"count"},
	Gauge:   {"value"},
}

// ParseThreshold reads a condition such as p(99)<5s, count==0 or value>=100.
// It does not know the metric; checkAggregation does.
func ParseThreshold(expression string) (Threshold, error) {
	m := thresholdPattern.FindStringSubmatch(expression)
	if m == nil {
		return Threshold{}, errors.New("not a condition: write aggregation, operator and value, such as p(99)<5s, count==0 or value>=100")
	}
	t := Threshold{Aggregation: m[1], Op: m[4], Expression: strings.TrimSpace(expression)}
	kind, known := kindOf(t.Aggregation)
	switch {
	case !known:
		return Threshold{}, fmt.Errorf("unknown aggregation %q%s", t.Aggregation, words.DidYouMean(t.Aggregation, []string{"avg", "min", "med", "max", "p", "count", "value"}))
	case t.Aggregation == "p" && m[2] == "":
		return Threshold{}, errors.New("p needs a percentile, such as p(99)")
	case t.Aggregation != "p" && m[2] != "":
		return Threshold{}, fmt.Errorf("only p takes a number in brackets, %s does not", t.Aggregation)
	}
	if t.Aggregation == "p" {
		t.Percentile, _ = strconv.ParseFloat(m[3], 64)
		if t.Percentile > 100 {
			return Threshold{}, fmt.Errorf("p(%s): a percentile is between 0 and 100", m[3])
		}
	}
	value, err := strconv.ParseFloat(m[5], 64)
	if err != nil {
		return Threshold{}, fmt.Errorf("%s is too large", m[5])
	}
	perMinute, ok := trendUnits[m[6]]
	switch {
	case kind != Trend && m[6] != "":
		return Threshold{}, fmt.Errorf("%s has no unit: write a plain number instead of %s%s", t.Aggregation, m[5], m[6])
	case !ok:
		return Threshold{}, fmt.Errorf("unknown unit %q: s, ms or m was expected", m[6])
	}
	t.Value = value
	if kind == Trend {
		t.Value = value / (perMinute / 60)
	}
	return t, nil
}

// kindOf is the kind of metric that an aggregation belongs to.
func kindOf(aggregation string) (MetricKind, bool) {
	switch aggregation {
	case "avg", "min", "med", "max", "p":
		return Trend, true
	case "count":
		return Counter, true
	case "value":
		return Gauge, true
	}
	return 0, false
}

// ParseMetric reads a metric with its selector, such as
// api_errors{action:AttachNetworkInterface}.
func ParseMetric(key string) (Metric, Selector, error) {
	m := metricKeyPattern.FindStringSubmatch(key)
	if m == nil {
		return Metric{}, nil, errors.New("not a metric: write its name, or its name and a selector, such as pod_start or pod_start{variant:default}")
	}
	metric, ok := metricNamed(m[1])
	if !ok {
		return Metric{}, nil, fmt.Errorf("unknown metric %q%s", m[1], words.DidYouMeanOr(m[1], metricNames()))
	}
	var selector Selector
	if m[2] == "" {
		return metric, nil, nil
	}
	for _, part := range strings.Split(m[3], ",") {
		k, v, ok := strings.Cut(part, ":")
		k, v = strings.TrimSpace(k), strings.TrimSpace(v)
		switch {
		case !ok || k == "" || v == "":
			return metric, nil, fmt.Errorf("not a selector: write {label:value}, such as %s{%s:…}", metric.Name, metric.Labels[0])
		case !slices.Contains(metric.Labels, k):
			return metric, nil, fmt.Errorf("%s has no label %q%s", metric.Name, k, words.DidYouMeanOr(k, metric.Labels))
		case selector.Get(k) != "":
			return metric, nil, fmt.Errorf("label %s is given twice", k)
		}
		selector = append(selector, Label{k, v})
	}
	return metric, selector, nil
}

// checkAggregation says what is wrong with a condition on a metric of another
// kind, or nothing.
func checkAggregation(m Metric, t Threshold) error {
	kind, _ := kindOf(t.Aggregation)
	if kind == m.Kind {
		return nil
	}
	return fmt.Errorf("%s is a %s: it has %s, not %s", m.Name, m.Kind, words.And(aggregations[m.Kind]), t.Aggregation)
}
