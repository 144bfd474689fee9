package result

import (
	"errors"
	"fmt"
	"math"
	"time"

	"ipamsim/internal/portable"
)

// Answer is what one replication says of a condition: its value there, when it
// was broken, and by which pods.
type Answer struct {
	Condition
	Value    float64
	Observed bool
	// BrokenSeconds is the first moment at which the condition was broken, where
	// there is one before the end; also where it holds again at the end.
	BrokenSeconds *float64
	Pods          []ThresholdPod // a few of those that broke it, the worst first

	replication int
}

// answer is the replication's to a condition, or nil.
func (r *Replication) answer(c *Condition) *Answer {
	for i := range r.Answers {
		if a := &r.Answers[i]; a.Metric == c.Metric && a.same(c) {
			return a
		}
	}
	return nil
}

// worst is the answer of the replication in which the condition fared worst: the
// first one of them that had broken it where it was to hold throughout.
func (v *Variant) worst(c *Condition) (worst *Answer) {
	bad := func(a *Answer) (how int, value float64) {
		switch {
		case !a.Observed:
			return 2, 0
		case c.Abort && a.BrokenSeconds != nil:
			return 1, 0
		}
		return 0, a.Value
	}
	for i := range v.Replications {
		a := v.Replications[i].answer(c)
		if a == nil {
			return nil
		}
		a.replication = v.Replications[i].Replication
		if worst == nil {
			worst = a
			continue
		}
		how, value := bad(a)
		before, was := bad(worst)
		if how > before || how == before && c.worse(value, was) > 0 {
			worst = a
		}
	}
	return worst
}

// Following is how a condition's value comes about while a run goes on.
type Following int

// The ways. What is known at the end alone is followed by nobody.
const (
	AtTheEnd  Following = iota
	ByStarts            // of a trend, one by one
	ByGrowth            // of a counter
	ByLevel             // of a gauge that goes up and down
	ByExtreme           // of a gauge that says how bad a level has been
)

// Follow says how the condition's value comes about.
func (c *Condition) Follow() Following {
	switch m := c.metric(); {
	case m.Kind == Trend:
		return ByStarts
	case m.read.spans != byIncrease:
		return AtTheEnd
	case m.Kind == Counter:
		return ByGrowth
	case m.Pooled == Mean:
		return ByLevel
	}
	return ByExtreme
}

// Part are the pods that the condition is about.
func (c *Condition) Part() Part { return c.part(c.metric()) }

// OfNetwork says whether the condition is about what is wrong with the network of
// a part of the fleet.
func (c *Condition) OfNetwork() bool { return c.metric().read.network }

// OfHolders says whether the condition is about who holds addresses, for which
// the daemons are to be asked.
func (c *Condition) OfHolders() bool { return c.metric().read.subnet != nil }

// Worst is the worse of two values for the condition.
func (c *Condition) Worst(a, b float64) float64 {
	if c.worse(a, b) < 0 {
		return b
	}
	return a
}

// Extreme is the further of two values of a metric that says how bad a level has
// been.
func (c *Condition) Extreme(a, b float64) float64 {
	if c.metric().Pooled == Lowest {
		return min(a, b)
	}
	return max(a, b)
}

// Bound is what the condition asks of a duration.
func (c *Condition) Bound() time.Duration { return durationOf(c.Value) }

// AnswerTo is a condition's value by a replication's own trends and outcome, at
// its end. A condition on a window has no other answer than who watched it.
func AnswerTo(c *Condition, t *Trends, o *Outcome) (value float64, observed bool) {
	m := c.metric()
	if m.Kind == Trend {
		trend := c.trend(t)
		return float64(aggregate(trend, c)), trend.observed()
	}
	return m.ofPart(o, c.part(m), c.Selector)
}

// trend are the durations that a condition is about.
func (c *Condition) trend(t *Trends) *Durations {
	m := c.metric()
	if part := c.part(m); !part.all() {
		return m.read.trend(&t.of(part).StartTrends)
	}
	return m.read.trend(&t.StartTrends)
}

// SoFar is the value of a condition on a trend while a run goes on, if so many of
// the things under way take as long as anything.
func (c *Condition) SoFar(t *Trends, late int) (value float64, observed bool) {
	d := c.trend(t)
	d.never += int64(late)
	defer func() { d.never -= int64(late) }()
	return float64(aggregate(d, c)), d.observed()
}

// Breaks says whether a value that was observed does not meet the condition.
func (c *Condition) Breaks(value float64) bool { return !c.holds(rounded(value)) }

// Lost says whether a condition that does not hold now will not hold at the end
// either: what is counted only grows, an extreme only gets worse.
func (c *Condition) Lost() bool { return c.settled(c.metric()) }

func (c *Condition) settled(m *Metric) bool {
	switch {
	case m.Kind == Counter, m.Pooled == Highest:
		return c.upper()
	case m.Pooled == Lowest:
		return c.Op == ">" || c.Op == ">="
	}
	return false
}

// CanAbort says why a condition on a metric cannot end a run, or nothing.
func (c *Condition) CanAbort(m *Metric) error {
	switch {
	case c.Severity == Warn:
		return errors.New("a condition that warns ends no run: severity: fail was expected")
	case m.Kind == Trend && (c.Op == "<" || c.Op == "<="):
		return nil
	case m.Kind == Trend:
		return fmt.Errorf("%s is known when all starts are, at the end of the run: only < and <= can end one", c.Expression)
	case m.read.spans != byIncrease:
		return fmt.Errorf("%s is known at the end of the run: it cannot end one", m.Name)
	case m.Kind == Gauge && c.Window.At, c.settled(m):
		return nil
	case m.Kind == Counter:
		return fmt.Errorf("what is counted grows until the end: only <, <= and == can end a run")
	}
	return fmt.Errorf("%s %s may hold again until the end: it cannot end a run; a _min with > or a _peak with < can, and at a moment", m.Name, c.Expression)
}

func durationOf(seconds float64) time.Duration {
	return time.Duration(portable.Int64(math.Round(seconds*1e6))) * time.Microsecond
}
