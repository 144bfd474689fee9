package result

import (
	"cmp"
	"math"
	"slices"
)

// Threshold is a condition and what became of it.
type Threshold struct {
	Metric     string   `json:"metric"`     // with its selector
	Expression string   `json:"expression"` // p(99)<5s
	Value      *float64 `json:"value"`      // null when the metric was never observed, and with never
	Never      bool     `json:"never"`      // the value is infinite: that share of the pods never started
	Unit       string   `json:"unit"`       // s, or empty for counts
	OK         bool     `json:"ok"`
	// Severity says what it means when it does not hold: a failure, or a warning
	// that changes no exit code.
	Severity Severity `json:"severity"`
	Line     int      `json:"line,omitempty"`   // of the condition in the scenario's file, from 1; absent where it stands in none
	Column   int      `json:"column,omitempty"` // likewise, in characters
}

// Failed says whether the threshold does not hold, and that is a failure.
func (t *Threshold) Failed() bool { return !t.OK && t.Severity != Warn }

// Warned says whether the threshold does not hold, and that is a warning.
func (t *Threshold) Warned() bool { return !t.OK && t.Severity == Warn }

// Judge holds those conditions against a variant that are about it, in their
// order. A metric that was never observed fails.
func Judge(v *Variant, conditions []Condition) []Threshold {
	judged := []Threshold{}
	for i := range conditions {
		c := &conditions[i]
		if name := c.Selector.Get("variant"); name != "" && name != v.Name {
			continue
		}
		j := Threshold{Metric: c.Key(), Expression: c.Expression, Severity: cmp.Or(c.Severity, Fail), Line: c.Place.Line, Column: c.Place.Column}
		if value, unit, observed := v.value(c); observed {
			value = rounded(value)
			j.Unit, j.OK = unit, c.holds(value)
			if j.Never = math.IsInf(value, 1); !j.Never {
				j.Value = &value
			}
		}
		judged = append(judged, j)
	}
	return judged
}

// Broken are those that do not hold.
func Broken(list []Threshold) []Threshold {
	return slices.DeleteFunc(list, func(t Threshold) bool { return t.OK })
}

// value is a condition's metric under its aggregation, of all replications by
// the metric's rule.
func (v *Variant) value(c *Condition) (value float64, unit string, observed bool) {
	m, known := MetricNamed(c.Metric)
	if !known {
		panic("result: the reader let the metric " + c.Metric + " pass")
	}
	if m.Kind == Trend {
		trend := m.read.trend(v.trends)
		if len(c.Selector.Pods()) > 0 {
			trend = m.read.pods(v.trends.of(c.Selector))
		}
		return float64(aggregate(trend, c)), m.Unit, trend.observed()
	}
	all := m.pooled(v, c.Selector)
	return all.value, m.Unit, all.observed
}

// pooled is a number of all replications by the metric's rule.
func (m *Metric) pooled(v *Variant, s Selector) reading {
	list := make([]reading, len(v.Replications))
	for i := range v.Replications {
		list[i].value, list[i].observed = m.of(&v.Replications[i].Outcome, s)
	}
	return m.Pooled.of(list)
}

func aggregate(d *Durations, c *Condition) Seconds {
	switch c.Aggregation {
	case "avg":
		return d.mean()
	case "min":
		return d.least()
	case "med":
		return d.quantile(50)
	case "max":
		return d.most()
	case "p":
		return d.quantile(c.Percentile)
	}
	panic("result: unknown aggregation " + c.Aggregation)
}

// rounded keeps microseconds: what is below is the arithmetic's, and may
// differ between machines.
func rounded(seconds float64) float64 { return math.Round(seconds*1e6) / 1e6 }

// of is the metric's value in one outcome.
func (m *Metric) of(o *Outcome, s Selector) (value float64, observed bool) {
	switch {
	case m.read.counts != nil: // of no pods at all some things were not observed
		counts := o.counts(s)
		return float64(m.read.counts(counts)), counts.Wanted > 0 || m.Name == "pods_wanted" || m.Kind == Gauge
	case m.read.subnet != nil:
		return m.overSubnets(o, s.Get("subnet"))
	case m.read.action != nil:
		return m.overActions(o, s.Get("action"), s.Get("code")), true
	case m.read.seconds != nil:
		if seconds := m.read.seconds(o); seconds != nil {
			return *seconds, true
		}
		return 0, false
	}
	n, seen := m.read.outcome(o)
	return float64(n), seen
}

// overSubnets is one subnet's value, or what stands for all of them.
func (m *Metric) overSubnets(o *Outcome, name string) (value float64, observed bool) {
	all := 0
	for i := range o.Subnets {
		s := &o.Subnets[i]
		if name != "" && s.Name != name {
			continue
		}
		n := m.read.subnet(s)
		switch {
		case !observed:
			all = n
		case m.Across == "lowest":
			all = min(all, n)
		case m.Across == "highest":
			all = max(all, n)
		default:
			all += n
		}
		observed = true
	}
	return float64(all), observed
}

// overActions sums over actions. An action that nobody called was observed to
// have no traffic.
func (m *Metric) overActions(o *Outcome, name, code string) float64 {
	sum := 0
	// any order: integers are read and summed up
	for action, a := range o.API {
		if name == "" || action == name {
			sum += m.read.action(a, code)
		}
	}
	return float64(sum)
}
