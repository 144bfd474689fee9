package result

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"ipamsim/internal/words"
)

// Condition is what must hold of one metric, for example p(99)<5s of
// pod_start{variant:default}.
type Condition struct {
	Metric      string
	Selector    Selector
	Aggregation string  // avg, min, med, max, p, count or value
	Percentile  float64 // of p, 0 to 100
	Op          string  // < <= > >= == !=
	Value       float64 // of a trend in seconds
	Expression  string  // as written: p(99)<5s
	Severity    Severity
	Window      Window        // that it is about
	Over        Pooling       // how replications are put together; empty for the metric's own rule
	Abort       bool          // a run ends as soon as it is broken; see AboutAbort
	AbortAfter  time.Duration // but not before, from time 0
	Place       Place
}

// metric is the condition's.
func (c *Condition) metric() *Metric {
	m, known := metricNamed(c.Metric)
	if !known {
		panic("result: the reader let the metric " + c.Metric + " pass")
	}
	return m
}

// same says whether two conditions ask the same.
func (c *Condition) same(other *Condition) bool {
	return c.Key() == other.Key() && c.Expression == other.Expression && c.Window == other.Window && c.Over == other.Over && c.Abort == other.Abort && c.AbortAfter == other.AbortAfter
}

// upper says whether the condition bounds its value from above, so that what
// only grows can break it for good.
func (c *Condition) upper() bool { return c.Op == "<" || c.Op == "<=" || c.Op == "==" }

// Severity is what it means that a condition does not hold.
type Severity string

// The severities. A gate that warns changes no exit code.
const (
	Fail Severity = "fail"
	Warn Severity = "warn"
)

// Place is where a condition stands in the file of the scenario, both from 1;
// 0 is nowhere.
type Place struct{ Line, Column int }

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
func (c *Condition) Key() string { return c.Metric + c.Selector.String() }

// holds reports whether a value meets the condition. No value that is not a
// number does.
func (c *Condition) holds(value float64) bool {
	if math.IsNaN(value) {
		return false
	}
	switch c.Op {
	case "<":
		return value < c.Value
	case "<=":
		return value <= c.Value
	case ">":
		return value > c.Value
	case ">=":
		return value >= c.Value
	case "==":
		return value == c.Value
	case "!=":
		return value != c.Value
	}
	panic("result: condition with operator " + c.Op)
}

var (
	conditionPattern = regexp.MustCompile(`^\s*([a-z]+)\s*(\(\s*(\d{1,3}(?:\.\d+)?)\s*\))?\s*(<=|>=|==|!=|<|>)\s*(-?\d+(?:\.\d+)?)\s*([a-zA-Z%]*)\s*$`)
	metricKeyPattern = regexp.MustCompile(`^\s*([a-z_]+)\s*(\{([^{}]*)\})?\s*$`)
)

// trendUnits are how many of a trend's units make a minute. Dividing keeps
// 700ms at 0.7 s, which a factor of 0.001 would miss by a bit.
var trendUnits = map[string]float64{"": 60, "ms": 60_000, "s": 60, "m": 1}

// aggregations by the kind of the metric, as they are written.
var aggregations = map[MetricKind][]string{
	Trend:   {"avg", "min", "med", "max", "p(N)"},
	Counter: {"count"},
	Gauge:   {"value"},
}

// ParseCondition reads a condition such as p(99)<5s, count==0 or value>=100.
// It does not know the metric; Fits does.
func ParseCondition(expression string) (Condition, error) {
	m := conditionPattern.FindStringSubmatch(expression)
	if m == nil {
		return Condition{}, errors.New("not a condition: write aggregation, operator and value, such as p(99)<5s, count==0 or value>=100")
	}
	c := Condition{Aggregation: m[1], Op: m[4], Expression: strings.TrimSpace(expression)}
	kind, known := kindOf(c.Aggregation)
	switch {
	case !known:
		return Condition{}, fmt.Errorf("unknown aggregation %q%s", c.Aggregation, words.DidYouMean(c.Aggregation, []string{"avg", "min", "med", "max", "p", "count", "value"}))
	case c.Aggregation == "p" && m[2] == "":
		return Condition{}, errors.New("p needs a percentile, such as p(99)")
	case c.Aggregation != "p" && m[2] != "":
		return Condition{}, fmt.Errorf("only p takes a number in brackets, %s does not", c.Aggregation)
	}
	if c.Aggregation == "p" {
		c.Percentile, _ = strconv.ParseFloat(m[3], 64)
		if c.Percentile > 100 {
			return Condition{}, fmt.Errorf("p(%s): a percentile is between 0 and 100", m[3])
		}
	}
	value, err := strconv.ParseFloat(m[5], 64)
	if err != nil {
		return Condition{}, fmt.Errorf("%s is too large", m[5])
	}
	perMinute, ok := trendUnits[m[6]]
	switch {
	case kind != Trend && m[6] != "":
		return Condition{}, fmt.Errorf("%s has no unit: write a plain number instead of %s%s", c.Aggregation, m[5], m[6])
	case !ok:
		return Condition{}, fmt.Errorf("unknown unit %q: s, ms or m was expected", m[6])
	}
	c.Value = value
	if kind == Trend {
		c.Value = value / (perMinute / 60)
	}
	return c, nil
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

// Fits says what is wrong with the condition on a metric of another kind, or
// nothing.
func (c *Condition) Fits(m *Metric) error {
	if kind, _ := kindOf(c.Aggregation); kind == m.Kind {
		return nil
	}
	return fmt.Errorf("%s is a %s: it has %s, not %s", m.Name, m.Kind, words.And(aggregations[m.Kind]), c.Aggregation)
}

// ParseMetric reads a metric with its selector, such as
// api_errors{action:AttachNetworkInterface}.
func ParseMetric(key string) (*Metric, Selector, error) {
	m := metricKeyPattern.FindStringSubmatch(key)
	if m == nil {
		return nil, nil, errors.New("not a metric: write its name, or its name and a selector, such as pod_start or pod_start{variant:default}")
	}
	metric, ok := metricNamed(m[1])
	if !ok {
		return nil, nil, fmt.Errorf("unknown metric %q%s", m[1], words.DidYouMeanOr(m[1], metricNames()))
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
		case k == "cause" && !isCause(v):
			return metric, nil, fmt.Errorf("unknown cause %q%s", v, words.DidYouMeanOr(v, causeNames()))
		}
		selector = append(selector, Label{k, v})
	}
	return metric, selector, nil
}
