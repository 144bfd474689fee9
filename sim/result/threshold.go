package result

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"ipamsim/internal/words"
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
	// Over says how the value was made of those of several replications.
	Over   Pooling     `json:"over"`
	Window *WindowSpan `json:"window,omitempty"` // that it is about; absent for the whole run

	Expected   float64  `json:"expected"`             // the bound that the condition names, in the unit of the value
	Difference *float64 `json:"difference,omitempty"` // of the value from that; absent where the condition holds, and where there is no finite value
	// AtSeconds is the first moment at which it was broken; absent where it holds,
	// and where only the end of the run could tell. What grows is looked at at every
	// sample, and a start by itself.
	AtSeconds *float64 `json:"at_seconds,omitempty"`
	// Pods are a few of those that broke it, the worst first, of the replication in
	// which the value was worst; absent where it holds, and where it is about none.
	Pods []ThresholdPod `json:"pods,omitempty"`
	// Note says in words why it does not hold where no value says it: it was never
	// observed, there are too few replications, the run was stopped.
	Note string `json:"note,omitempty"`
	// Unjudged says that the variant's run was stopped before its end by another
	// condition, so that nobody knows whether this one would have held.
	Unjudged bool `json:"unjudged,omitempty"`

	Line   int `json:"line,omitempty"`   // of the condition in the scenario's file, from 1; absent where it stands in none
	Column int `json:"column,omitempty"` // likewise, in characters
}

// WindowSpan is the part of the run that a condition is about: of a moment both
// are alike.
type WindowSpan struct {
	FromSeconds float64 `json:"from_seconds"`
	ToSeconds   float64 `json:"to_seconds"`
}

// ThresholdPod is a pod that broke a condition.
type ThresholdPod struct {
	Replication int      `json:"replication"` // from 1
	Name        string   `json:"name"`
	Node        string   `json:"node,omitempty"`    // absent until bound
	Seconds     *float64 `json:"seconds,omitempty"` // that it took; absent where it never came to its end, and where the metric is no duration
}

// Failed says whether the threshold does not hold, and that is a failure.
func (t *Threshold) Failed() bool { return !t.OK && t.Severity != Warn }

// Warned says whether the threshold does not hold, and that is a warning.
func (t *Threshold) Warned() bool { return !t.OK && t.Severity == Warn }

// Condition is the condition in words: the expression, the window that it is
// about, and how replications are put together where the scenario says it.
func (t *Threshold) Condition() string {
	text := t.Expression
	if w := t.Window; w != nil {
		window := Window{From: durationOf(w.FromSeconds), To: durationOf(w.ToSeconds), At: w.FromSeconds == w.ToSeconds}
		text += " " + window.String()
	}
	if m, _, err := ParseMetric(t.Metric); err == nil && t.Over != m.Pooled && t.Over != "" {
		text += ", " + string(t.Over)
	}
	return text
}

// Judge holds those conditions against a variant that are about it, in their
// order. A metric that was never observed fails.
func Judge(v *Variant, conditions []Condition) []Threshold {
	judged := []Threshold{}
	for i := range conditions {
		c := &conditions[i]
		if name := c.Selector.Get("variant"); name != "" && name != v.Name {
			continue
		}
		judged = append(judged, v.judge(c))
	}
	return judged
}

func (v *Variant) judge(c *Condition) Threshold {
	m := c.metric()
	t := Threshold{Metric: c.Key(), Expression: c.Expression, Severity: cmp.Or(c.Severity, Fail), Over: cmp.Or(c.Over, m.Pooled), Expected: c.Value, Unit: m.Unit, Line: c.Place.Line, Column: c.Place.Column}
	if !c.Window.Whole() {
		t.Window = &WindowSpan{FromSeconds: c.Window.From.Seconds(), ToSeconds: c.Window.To.Seconds()}
		if c.Window.At {
			t.Window.FromSeconds = t.Window.ToSeconds
		}
	}
	all := v.value(c)
	if t.Note = all.note; all.observed {
		value := rounded(all.value)
		t.OK = all.note == "" && c.holds(value)
		if t.Never = math.IsInf(value, 1); !t.Never {
			t.Value = &value
		}
	} else if t.Note == "" {
		t.Note = unobserved(m, c)
	}
	v.sayWhy(&t, c)
	return t
}

// unobserved says that there was nothing to measure.
func unobserved(m *Metric, c *Condition) string {
	what := "never observed"
	if w := c.Window.String(); w != "" {
		what += " " + w
	}
	return what + ": a condition on nothing does not hold"
}

// sayWhy adds what there is to say of a condition that does not hold, and of one
// on a run that was stopped.
func (v *Variant) sayWhy(t *Threshold, c *Condition) {
	worst := v.worst(c)
	broken := worst != nil && worst.BrokenSeconds != nil && (c.Abort || c.Window.At || c.Lost())
	switch {
	case c.Abort && broken && t.OK:
		t.OK, t.Note = false, "it did not hold at every check, as a condition with abortOnFail has to"
	case v.Stopped != nil && !broken && !(t.Value != nil && !t.OK && c.Lost()):
		t.OK, t.Unjudged, t.Note = false, true, v.Stopped.words()
	}
	if t.OK {
		return
	}
	if t.Value != nil && t.Note == "" {
		by := rounded(*t.Value - t.Expected)
		t.Difference = &by
	}
	if worst != nil && !t.Unjudged {
		t.AtSeconds, t.Pods = worst.BrokenSeconds, slices.Clone(worst.Pods)
		for i := range t.Pods {
			t.Pods[i].Replication = worst.replication
		}
	}
}

// Broken are those that do not hold.
func Broken(list []Threshold) []Threshold {
	return slices.DeleteFunc(list, func(t Threshold) bool { return t.OK })
}

// value is a condition's metric under its aggregation, of all replications by
// the condition's rule, or by the metric's.
func (v *Variant) value(c *Condition) reading {
	m := c.metric()
	if m.Kind == Trend && c.Over == "" {
		trend := m.read.trend(&v.trends.StartTrends)
		if part := c.part(m); !part.all() {
			trend = m.read.trend(&v.trends.of(part).StartTrends)
		}
		return reading{value: float64(aggregate(trend, c)), observed: trend.observed()}
	}
	return m.pooled(v, c)
}

// pooled is a metric of all replications by the condition's rule, or its own.
func (m *Metric) pooled(v *Variant, c *Condition) reading {
	list := make([]reading, len(v.Replications))
	for i := range v.Replications {
		list[i] = v.Replications[i].reading(m, c)
	}
	if c.Over != "" {
		return c.Over.asked(list, c)
	}
	return m.Pooled.of(list)
}

// reading is a metric's value in one replication.
func (r *Replication) reading(m *Metric, c *Condition) reading {
	if a := r.answer(c); a != nil {
		return reading{value: a.Value, observed: a.Observed}
	}
	value, observed := m.of(&r.Outcome, c.Selector)
	return reading{value: value, observed: observed}
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

// of is the metric's value in one outcome, of the whole of it.
func (m *Metric) of(o *Outcome, s Selector) (value float64, observed bool) {
	return m.ofPart(o, Part{Selector: s.pods()}, s)
}

// ofPart is the metric's value in one outcome, of the pods of a part where it is
// about pods.
func (m *Metric) ofPart(o *Outcome, part Part, s Selector) (value float64, observed bool) {
	switch {
	case m.read.counts != nil: // of no pods at all some things were not observed
		counts := o.counts(part)
		seen := m.sees(counts)
		if cause := s.Get("cause"); cause != "" {
			return float64(o.failedAdds(part)[Cause(cause)]), seen
		}
		return float64(m.read.counts(counts)), seen
	case m.read.nodes != nil:
		return float64(m.read.nodes(o.nodeCounts(part))), true
	case m.read.parted != nil:
		return float64(m.read.parted(o, part)), true
	case m.read.subnet != nil:
		return m.overSubnets(o, s.Get("subnet"), s.Get("zone"))
	case m.read.action != nil:
		return m.overActions(o, s.Get("action"), s.Get("code")), true
	case m.read.seconds != nil:
		if seconds := m.read.seconds(o, s); seconds != nil {
			return *seconds, true
		}
		return 0, false
	}
	return float64(m.read.outcome(o, s)), true
}

// sees says whether there was something to count.
func (m *Metric) sees(c *Counts) bool {
	return c.Wanted > 0 || m.Name == "pods_wanted" || m.Kind == Gauge
}

// overSubnets is one subnet's value, or what stands for all of them, or for
// those of a zone.
func (m *Metric) overSubnets(o *Outcome, name, zone string) (value float64, observed bool) {
	all := 0
	for i := range o.Subnets {
		s := &o.Subnets[i]
		if name != "" && s.Name != name || zone != "" && s.Zone != zone {
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

// Stop says that a variant's run ended early because a condition was broken.
type Stop struct {
	Replication int     `json:"replication"` // from 1, the last one that was run
	AtSeconds   float64 `json:"at_seconds"`
	Metric      string  `json:"metric"`     // of the condition, with its selector
	Expression  string  `json:"expression"` // of the condition
	Remaining   int     `json:"remaining"`  // replications that were not run
}

// words are why nothing can be said of another condition.
func (s *Stop) words() string {
	return fmt.Sprintf("not judged: the run was stopped at %s by threshold %s %s", words.Duration(durationOf(s.AtSeconds)), s.Metric, s.Expression)
}
