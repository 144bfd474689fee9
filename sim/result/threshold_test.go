package result

import "testing"

// What happened in one replication of ten is not nothing: neither a threshold
// nor the table may round it away.
func TestRareEventsAreNotRoundedAway(t *testing.T) {
	v := Variant{Name: "v"}
	for i := range 10 {
		o := Outcome{Pods: Pods{Counts: Counts{Wanted: 30, Started: 30, Running: 30}}, API: map[string]*Action{"AttachNetworkInterface": {Attempts: 3, Errors: map[string]int{}}}}
		if i == 7 {
			o.Pods.Started, o.Pods.NeverStarted = 29, 1
			o.API["AttachNetworkInterface"].Errors["AttachmentLimitExceeded"] = 1
		}
		v.Replications = append(v.Replications, Replication{Outcome: o})
	}
	v.Pool(&Trends{})
	if p := v.Pods; p.NeverStarted != 1 || p.Started+p.NeverStarted != p.Wanted {
		t.Errorf("pooled to %+v", p)
	}
	if n := v.API["AttachNetworkInterface"].Errors["AttachmentLimitExceeded"]; n != 1 {
		t.Errorf("%d errors are left", n)
	}
	for expression, holds := range map[string]bool{"count==0": false, "count<=0.1": true, "count<0.1": false} {
		condition, err := ParseCondition(expression)
		if err != nil {
			t.Fatal(err)
		}
		condition.Metric = "pods_never_started"
		if j := Judge(&v, []Condition{condition}); j[0].OK != holds {
			t.Errorf("%s: %v with the value %v", expression, j[0].OK, *j[0].Value)
		}
	}
}

// Each metric of the language has a value.
func TestEveryMetricCanBeJudged(t *testing.T) {
	v := Variant{Name: "v", Replications: make([]Replication, 2)}
	v.Pool(&Trends{})
	aggregation := map[MetricKind]string{Trend: "p(99)<1", Counter: "count<1", Gauge: "value<1"}
	for _, m := range Metrics {
		condition, err := ParseCondition(aggregation[m.Kind])
		if err != nil {
			t.Fatal(err)
		}
		condition.Metric = m.Name
		Judge(&v, []Condition{condition}) // panics on a metric without a value
	}
}
