package result

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Pooling is what a metric is of several replications.
type Pooling string

// The rules. A count, and a level at the end of a run, is a mean; a peak and a
// minimum is that of the replication in which it was worst, so that a gate on it
// holds in each.
const (
	Together Pooling = "together"
	Mean     Pooling = "mean"
	Highest  Pooling = "highest"
	Lowest   Pooling = "lowest"
	Longest  Pooling = "longest"
	Worst    Pooling = "worst"
	CI95     Pooling = "ci95"
)

// AboutPooling is a rule in words.
type AboutPooling struct {
	Rule Pooling
	Doc  string
}

// Poolings are all rules, in the order of the reference page.
var Poolings = []AboutPooling{
	{Together, "The durations of all replications are one distribution."},
	{Mean, "The mean of the replications, not rounded: what happened in one of ten is 0.1 and not 0."},
	{Highest, "The highest of any replication."},
	{Lowest, "The lowest of any replication."},
	{Longest, "The longest of any replication, and not observed where one replication did not come to it."},
}

// Overs are the rules that a condition can ask for instead of the metric's.
var Overs = []AboutPooling{
	{Mean, "The mean of the replications' values must meet the condition."},
	{Worst, "The value of each replication must: the one is judged that is worst for the condition."},
	{CI95, "The whole 95 % confidence interval of that mean (Student's) must: the end of it is judged that is worse for the condition. There is none of fewer than two replications, nor where a value is infinite; then the condition fails."},
}

// reading is a metric's value in one replication, or what was made of several.
type reading struct {
	value    float64
	observed bool
	note     string // why it meets no condition, whatever the value; empty when it may
}

// asked is what a rule of a condition makes of the readings of a variant's
// replications. What one has not observed is not observed.
func (p Pooling) asked(list []reading, c *Condition) reading {
	values := make([]float64, len(list))
	for i, r := range list {
		if !r.observed {
			return reading{note: fmt.Sprintf("never observed in replication %d of %d", i+1, len(list))}
		}
		values[i] = r.value
	}
	switch p {
	case Worst:
		return reading{value: slices.MaxFunc(values, c.worse), observed: true}
	case Mean:
		return reading{value: meanValue(values), observed: true}
	case CI95:
		return c.confident(values)
	}
	panic("result: no condition is over " + string(p))
}

func meanValue(values []float64) float64 {
	sum := 0.0
	for _, value := range values {
		sum += value
	}
	return sum / float64(len(values))
}

// confident is the end of the interval of the mean that is worse for the
// condition.
func (c *Condition) confident(values []float64) reading {
	interval, is := meanOf(values)
	switch {
	case len(values) < 2:
		return reading{value: values[0], observed: true, note: "there is no interval: ci95 takes two replications at least, and there is one"}
	case !is:
		return reading{value: meanValue(values), observed: true, note: "there is no interval: the value of a replication is infinite"}
	case c.Op == "!=" && interval.Low <= c.Value && c.Value <= interval.High:
		return reading{value: c.Value, observed: true}
	case c.worse(interval.Low, interval.High) > 0:
		return reading{value: interval.Low, observed: true}
	}
	return reading{value: interval.High, observed: true}
}

// worse orders values by how bad they are for the condition.
func (c *Condition) worse(a, b float64) int {
	switch c.Op {
	case "<", "<=":
		return cmp.Compare(a, b)
	case ">", ">=":
		return cmp.Compare(b, a)
	case "!=":
		return cmp.Compare(math.Abs(b-c.Value), math.Abs(a-c.Value))
	}
	return cmp.Compare(math.Abs(a-c.Value), math.Abs(b-c.Value))
}

// of is what the rule makes of the readings of a variant's replications, of
// which there is at least one. What none has observed is not observed.
func (p Pooling) of(list []reading) (all reading) {
	all = list[0]
	sum := 0.0
	for _, r := range list {
		sum += r.value
		switch p {
		case Highest, Longest:
			all.value = max(all.value, r.value)
		case Lowest:
			all.value = min(all.value, r.value)
		}
		if p == Longest {
			all.observed = all.observed && r.observed
		} else {
			all.observed = all.observed || r.observed
		}
	}
	if p == Mean {
		all.value = sum / float64(len(list))
	}
	return all
}
