package result

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"
)

// asTheRuleSays is each rule once more, of what was observed in a set of
// replications; null where a rule finds nothing observed.
var asTheRuleSays = map[Pooling]func(values []*float64) *float64{
	Mean: func(values []*float64) *float64 {
		var sum float64
		for _, v := range values {
			if v != nil {
				sum += *v
			}
		}
		mean := sum / float64(len(values))
		return &mean
	},
	Highest: func(values []*float64) *float64 { return slices.MaxFunc(values, byValue) },
	Lowest:  func(values []*float64) *float64 { return slices.MinFunc(values, byValue) },
	Longest: func(values []*float64) *float64 {
		if slices.Contains(values, nil) {
			return nil
		}
		return slices.MaxFunc(values, byValue)
	},
}

func byValue(a, b *float64) int {
	switch {
	case *a < *b:
		return -1
	case *a > *b:
		return 1
	}
	return 0
}

// randomWorld is an outcome in which every number that a metric reads is random:
// most are few, so that they are equal or zero now and then.
func randomWorld(t *rapid.T, subnets int) Outcome {
	few := func(name string) int {
		return rapid.OneOf(rapid.IntRange(0, 3), rapid.IntRange(0, 1_000_000)).Draw(t, name)
	}
	state := func() State {
		return State{few("running"), few("waiting"), few("unschedulable"), few("without"), few("not created")}
	}
	counts := func() Counts {
		c := Counts{Started: few("started"), RanBefore: few("before"), Running: few("running"), NeverStarted: few("never"), Deleted: few("deleted"), Starting: few("starting"),
			FailedAdds: few("adds"), AtEnd: state(), Worst: state()}
		c.Wanted = c.Started + c.NeverStarted + c.Deleted + c.Starting
		return c
	}
	nodes := func() NodeCounts {
		return NodeCounts{Peak: few("nodes"), FailedLaunch: few("launches"), AgentRestarts: few("restarts"), Interruptions: few("interruptions")}
	}
	o := Outcome{
		Pods: Pods{Counts: counts(), InitialNeverStarted: few("initial")}, Selected: []Selected{
			{Part{Selector: Selector{{"workload", "web"}}}, counts(), map[Cause]int{}, few("refused"), NodeCounts{}, NetworkCounts{Affected: few("affected")}},
			{Part{Selector: Selector{{"nodegroup", "workers"}}}, counts(), map[Cause]int{}, few("refused"), nodes(), NetworkCounts{few("affected"), few("stale"), few("leaked")}},
		},
		Nodes:      Nodes{NodeCounts: nodes()},
		Interfaces: Interfaces{Peak: few("enis"), LeakedPeak: few("leaked"), LeakedEnd: few("leaked at the end"), KeptEnd: few("kept")},
		Network:    Network{DroppingPeak: few("dropping"), DroppingEnd: few("dropping at the end"), Affected: few("affected"), StaleRulesEnd: few("stale"), LeakedEnd: few("leaked")},
		API: map[string]*Action{"CreateTags": {Calls: few("calls"), Attempts: few("attempts"), Throttled: few("throttled"),
			Errors: map[string]int{"InternalError": few("errors"), "RequestLimitExceeded": few("throttles")}}},
	}
	if rapid.Bool().Draw(t, "recovered") {
		seconds := float64(few("recovery")) / 8
		o.Network.Recovery = &seconds
	}
	for i := range subnets {
		o.Subnets = append(o.Subnets, Subnet{Name: fmt.Sprint("s", i), AllocatedPeak: few("allocated"), AssignedAtPeak: few("assigned"), FreeAtEnd: few("free"), FreeMin: few("fewest"),
			FreeBlocksMin: few("blocks"), Held: Held{Holders: Holders{Assigned: few("assigned"), Cooling: few("cooling"), Warm: few("warm"), Unmanaged: few("unmanaged")}}})
	}
	return o
}

// selectors that a metric can have in these worlds.
func selectorsOf(m *Metric) []Selector {
	list := []Selector{nil}
	for _, label := range []Label{{"workload", "web"}, {"nodegroup", "workers"}, {"subnet", "s0"}, {"action", "CreateTags"}, {"action", "RunInstances"}} {
		if slices.Contains(m.Labels, label.Key) && (label.Key != "subnet" || m.read.subnet != nil) {
			list = append(list, Selector{label})
		}
	}
	return list
}

// Of any replications a metric is what its rule's words say: the thresholds go by
// it, and the table has the same, rounded.
func TestMetricsPoolByTheirRule(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := Variant{Name: "v"}
		subnets := rapid.IntRange(1, 3).Draw(t, "subnets")
		for range rapid.IntRange(1, 6).Draw(t, "replications") {
			v.Replications = append(v.Replications, Replication{Outcome: randomWorld(t, subnets)})
		}
		v.Pool(&Trends{})
		for i := range Metrics {
			m := &Metrics[i]
			if m.Kind == Trend {
				continue
			}
			for _, s := range selectorsOf(m) {
				var readings []*float64
				for k := range v.Replications {
					n, observed := m.of(&v.Replications[k].Outcome, s)
					readings = append(readings, &n)
					if !observed && m.Pooled == Longest {
						readings[k] = nil
					}
				}
				want := asTheRuleSays[m.Pooled](readings)
				all := v.value(&Condition{Metric: m.Name, Selector: s})
				got, observed := all.value, all.observed
				if observed != (want != nil) || want != nil && math.Abs(got-*want) > 1e-9*max(1, *want) {
					t.Fatalf("%s%s is %v (observed: %v), want %v", m.Name, s, got, observed, want)
				}
				if observed {
					inTheTable(t, &v, m, s, got)
				}
			}
		}
	})
}

// inTheTable compares with the variant's own outcome, which has no pods of
// selectors, and of several subnets each by itself.
func inTheTable(t *rapid.T, v *Variant, m *Metric, s Selector, value float64) {
	several := len(v.Subnets) > 1 && m.read.subnet != nil && s.Get("subnet") == ""
	if len(s.pods()) > 0 && m.read.subnet == nil || several || m.Name == "pods_started" { // what is left of the wanted ones
		return
	}
	shown, told := m.of(&v.Outcome, s)
	if !told && m.Pooled == Longest {
		t.Fatalf("%s is %v, and not in the table", m.Name, value)
	}
	off, most := math.Abs(shown-value), 0.0
	if m.Pooled == Mean {
		most = 1 // what is less than a half is never rounded away
		if m.Name == "api_errors" {
			most = 2 // a sum of two codes, each rounded
		}
		if value >= 1 {
			most -= 0.5
		}
	}
	if off > most+1e-9 {
		t.Fatalf("%s%s is %v, and %v in the table", m.Name, s, value, shown)
	}
	if m.Pooled == Mean && (shown == 0) != (value == 0) {
		t.Fatalf("%s%s is %v, and %v in the table", m.Name, s, value, shown)
	}
}

func TestEveryMetricHasARule(t *testing.T) {
	for _, m := range Metrics {
		known := slices.ContainsFunc(Poolings, func(p AboutPooling) bool { return p.Rule == m.Pooled && p.Doc != "" })
		if !known || (m.Pooled == Together) != (m.Kind == Trend) {
			t.Errorf("%s, a %s, is pooled by %q", m.Name, m.Kind, m.Pooled)
		}
	}
}

// Of replications in which some numbers are parts of others the pooled ones are, too,
// though each is rounded by itself.
func TestPooledCountsKeepTheOrdersOfTheReplications(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var list []*Outcome
		for range rapid.IntRange(1, 5).Draw(t, "replications") {
			few := func(name string, most int) int { return rapid.IntRange(0, most).Draw(t, name) }
			c := Counts{Started: few("started", 4), NeverStarted: few("never", 2), Deleted: few("deleted", 2), Starting: few("starting", 2)}
			c.Wanted = c.Started + c.NeverStarted + c.Deleted + c.Starting
			c.RanBefore, c.Running = few("before", c.Started), few("running", c.Started)
			c.NotCreated = few("not created", c.NeverStarted)
			c.AtEnd = State{Running: c.Running, WithoutNetwork: few("without", c.Running), NotCreated: c.NotCreated + few("asked for late", c.Starting)}
			list = append(list, &Outcome{Pods: Pods{Counts: c}})
		}
		c := poolCounts(list, func(o *Outcome) *Counts { return &o.Pods.Counts })
		switch {
		case c.Running > c.Started, c.RanBefore > c.Started, c.Started > c.Wanted, c.AtEnd.Running != c.Running, c.AtEnd.WithoutNetwork > c.Running, c.NotCreated > c.NeverStarted, c.NotCreated > c.AtEnd.NotCreated:
			t.Fatalf("%+v", c)
		}
	})
}

// A condition that holds in the worst replication holds in the mean, and one that
// holds for the whole interval of the mean holds for it.
func TestStricterRulesHoldOnlyWhereTheMeanDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var list []reading
		for range rapid.IntRange(1, 8).Draw(t, "replications") {
			list = append(list, reading{value: float64(rapid.IntRange(0, 12).Draw(t, "value")), observed: rapid.IntRange(0, 30).Draw(t, "unseen") > 0})
		}
		c := Condition{Op: rapid.SampledFrom([]string{"<", "<=", ">", ">=", "=="}).Draw(t, "op"), Value: float64(rapid.IntRange(0, 12).Draw(t, "bound"))}
		holds := func(p Pooling) bool {
			all := p.asked(list, &c)
			return all.observed && all.note == "" && c.holds(all.value)
		}
		if !holds(Mean) && (holds(Worst) || holds(CI95)) {
			t.Fatalf("%v: %s%v does not hold in the mean; in the worst: %v, in the interval: %v", list, c.Op, c.Value, holds(Worst), holds(CI95))
		}
		each := true
		for _, r := range list {
			each = each && r.observed && c.holds(r.value)
		}
		if each != holds(Worst) {
			t.Fatalf("%v: %s%v in each: %v, in the worst: %v", list, c.Op, c.Value, each, holds(Worst))
		}
	})
}

// The interval is that of a library that knows Student's distribution.
func TestTheIntervalIsStudents(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var values []float64
		for range rapid.IntRange(2, 60).Draw(t, "replications") {
			values = append(values, float64(rapid.IntRange(0, 1000).Draw(t, "value")))
		}
		got, _ := meanOf(values)
		mean, deviation := stat.MeanStdDev(values, nil)
		half := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(len(values) - 1)}.Quantile(0.975) * deviation / math.Sqrt(float64(len(values)))
		if tolerance := 1e-3 * max(1, half); math.Abs(got.Mean-mean) > 1e-6 || math.Abs(got.Low-(mean-half)) > tolerance || math.Abs(got.High-(mean+half)) > tolerance {
			t.Fatalf("%+v, want %v ± %v of %v", got, mean, half, values)
		}
	})
}
