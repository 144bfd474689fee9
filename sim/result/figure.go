package result

import (
	"math"
	"slices"
	"strings"

	"ipamsim/internal/words"
)

// Figure is one number of a variant, as tables of many runs have them in
// columns: a metric, and of a trend one way to sum it up. A name is in snake case,
// and a unit comes last.
type Figure struct {
	Name   string // pod_start_p99_seconds, api_calls
	Metric *Metric
	How    string                   // of a trend, how it is summed up: p99
	Unit   string                   // seconds, or nothing of a number of things
	sum    func(*Quantiles) Seconds // of a trend
}

// Part names what a column has of the figure beside itself: pod_start_p99_low_seconds
// for low.
func (f *Figure) Part(part string) string {
	return withUnit(strings.TrimSuffix(f.Name, "_"+f.Unit)+"_"+part, f.Unit)
}

func withUnit(name, unit string) string {
	if unit == "" {
		return name
	}
	return name + "_" + unit
}

// sums are the ways to sum a trend up.
var sums = []struct {
	name string
	of   func(*Quantiles) Seconds
}{
	{"mean", func(q *Quantiles) Seconds { return q.Mean }},
	{"p50", func(q *Quantiles) Seconds { return q.P50 }},
	{"p90", func(q *Quantiles) Seconds { return q.P90 }},
	{"p99", func(q *Quantiles) Seconds { return q.P99 }},
	{"max", func(q *Quantiles) Seconds { return q.Max }},
}

// Figures are all of them, in the order of the metrics.
var Figures = func() (list []Figure) {
	for i := range Metrics {
		m := &Metrics[i]
		unit := ""
		if m.Kind == Trend || m.read.seconds != nil {
			unit = "seconds"
		}
		if m.Kind != Trend {
			list = append(list, Figure{Name: withUnit(m.Name, unit), Metric: m, Unit: unit})
			continue
		}
		for _, sum := range sums {
			list = append(list, Figure{Name: withUnit(m.Name+"_"+sum.name, unit), Metric: m, How: sum.name, Unit: unit, sum: sum.of})
		}
	}
	return list
}()

// FigureNamed is the figure with a name. Where there is none, why says so and
// suggests what is near.
func FigureNamed(name string) (f Figure, why string, ok bool) {
	i := slices.IndexFunc(Figures, func(f Figure) bool { return f.Name == name })
	if i >= 0 {
		return Figures[i], "", true
	}
	names := make([]string, len(Figures))
	for i := range Figures {
		names[i] = Figures[i].Name
	}
	if m, is := metricNamed(name); is && m.Kind == Trend {
		names = slices.DeleteFunc(names, func(n string) bool { return !strings.HasPrefix(n, name+"_") })
		return Figure{}, "it is a distribution; write " + words.Or(names), false
	}
	if i := slices.IndexFunc(Figures, func(f Figure) bool { return f.Unit != "" && f.Name == name+"_"+f.Unit }); i >= 0 {
		return Figure{}, "its unit is missing; write " + Figures[i].Name, false
	}
	return Figure{}, "there is no such metric" + words.DidYouMean(name, names), false
}

// In is the figure of one outcome, of the subnet, the action, the workload or the
// node group that a selector names or of all: infinite where that share never came to its end, and not observed
// where there was nothing to measure.
func (f *Figure) In(o *Outcome, s Selector) (value float64, observed bool) {
	if label := s.pods(); len(label) > 0 && f.Metric.ofPods() {
		return f.inSet(o.set(label[0]))
	}
	if f.sum == nil {
		return f.Metric.of(o, s)
	}
	q := f.Metric.read.summed(o)
	return float64(f.sum(q)), q.Count+q.Never > 0
}

// Of is the figure of a variant, as its thresholds are judged by it: of all
// replications by the metric's rule.
func (f *Figure) Of(v *Variant) (value float64, observed bool) {
	if f.sum != nil {
		return f.In(&v.Outcome, nil)
	}
	all := f.Metric.pooled(v, &Condition{})
	return all.value, all.observed
}

// interval is the mean of a figure's values in the replications, and the 95 %
// confidence interval of that mean, which does not go below zero, as no figure
// does. There is none with fewer than two replications, and where one of them has
// no finite value.
func (f *Figure) interval(v *Variant) (Interval, bool) {
	values := make([]float64, len(v.Replications))
	for i := range values {
		value, observed := f.In(&v.Replications[i].Outcome, nil)
		if !observed {
			return Interval{}, false
		}
		values[i] = value
	}
	mean, is := meanOf(values)
	mean.Low = max(0, mean.Low)
	return mean, is
}

// meanOf is the mean of some values and its 95 % confidence interval. There is
// none of fewer than two, and where one of them is not finite.
func meanOf(values []float64) (Interval, bool) {
	n, sum := len(values), 0.0
	if n < 2 {
		return Interval{}, false
	}
	for _, value := range values {
		if math.IsInf(value, 0) || math.IsNaN(value) {
			return Interval{}, false
		}
		sum += value
	}
	mean, squares := sum/float64(n), 0.0
	for _, value := range values {
		squares += float64((value - mean) * (value - mean))
	}
	half := float64(student(n-1) * math.Sqrt(squares/float64(n-1)/float64(n)))
	return Interval{Mean: rounded(mean), Low: rounded(mean - half), High: rounded(mean + half)}, true
}

// students are the 97.5 % quantiles of Student's distribution with 1, 2, …
// degrees of freedom (NIST/SEMATECH e-Handbook of Statistical Methods, table
// 1.3.6.7.2).
var students = [...]float64{
	12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
	2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
	2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
}

// normal is that quantile of the normal distribution, of the same source.
const normal = 1.960

// student is the quantile for any number of degrees of freedom. Beyond the table
// it is the first terms of the expansion around the normal distribution's
// (Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.5).
func student(freedom int) float64 {
	if freedom <= len(students) {
		return students[freedom-1]
	}
	const cube = normal * normal * normal
	const fifth = 5*cube*normal*normal + 16*cube + 3*normal
	n := float64(freedom)
	return normal + (cube+normal)/(4*n) + fifth/(96*n*n)
}

// inSet is the figure of a workload or a node group; not observed of none.
func (f *Figure) inSet(set *PodSet) (value float64, observed bool) {
	read := &f.Metric.read
	switch {
	case set == nil:
	case f.sum != nil && read.ofSet != nil:
		q := read.ofSet(set)
		return float64(f.sum(q)), q.Count+q.Never > 0
	case read.counts != nil:
		return float64(read.counts(&set.Counts)), f.Metric.sees(&set.Counts)
	case read.nodes != nil && set.Nodes != nil:
		return float64(read.nodes(set.Nodes)), true
	}
	return 0, false
}

// set are the pods that a label of a stored result names, or nil.
func (o *Outcome) set(of Label) *PodSet {
	list := o.Workloads
	if of.Key == "nodegroup" {
		list = o.NodeGroups
	}
	for i := range list {
		if list[i].Name == of.Value {
			return &list[i]
		}
	}
	return nil
}

// Parts are the labels that a metric has a value for each of, besides one for all,
// in a stored result: subnet, action, workload and nodegroup.
func (m *Metric) Parts() []string {
	switch {
	case m.read.subnet != nil:
		return []string{"subnet"}
	case m.read.action != nil:
		return []string{"action"}
	case m.read.counts != nil, m.read.ofSet != nil:
		return []string{"workload", "nodegroup"}
	case m.read.nodes != nil:
		return []string{"nodegroup"}
	}
	return nil
}
