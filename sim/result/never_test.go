package result

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A gate must not become green because pods never start: with any share of
// them, a quantile is what it would be if each took longer than all others.
func TestWhatNeverEndsIsLongerThanAnythingElse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(micros, 0, 100).Draw(t, "list")
		never := rapid.IntRange(0, 100).Draw(t, "never")
		percent := float64(rapid.IntRange(0, 100_000).Draw(t, "percent")) / 1000
		got := distribution(list)
		got.AddNever(never)
		const late = 1000 * time.Hour
		all := distribution(list)
		for range never {
			all.Add(late)
		}
		q, longest := got.quantile(percent), distribution(list).most()
		switch want := all.quantile(percent); {
		case len(list)+never == 0 || len(list) == 0:
			if q.Reached() {
				t.Fatalf("%v of nothing that came to its end", q)
			}
		case want > longest:
			if q.Reached() {
				t.Fatalf("p%g is %v with %d of %d that never end", percent, q, never, never+len(list))
			}
		case q != want:
			t.Fatalf("p%g is %v, want %v", percent, q, want)
		}
	})
}

func TestAGateFailsWhenTwoInAHundredNeverStart(t *testing.T) {
	v := Variant{Name: "v", Replications: make([]Replication, 1)}
	var trends Trends
	for range 98 {
		trends.PodStart.Add(time.Second)
	}
	trends.PodStart.AddNever(2)
	v.Pool(&trends)
	for expression, holds := range map[string]bool{"p(99)<5s": false, "p(97)<5s": true, "p(90)<5s": true, "max<5s": false, "avg<5s": false, "min<5s": true, "p(99)>15s": true} {
		c, err := ParseCondition(expression)
		if err != nil {
			t.Fatal(err)
		}
		c.Metric = "pod_start"
		j := Judge(&v, []Condition{c})[0]
		if finite := expression == "p(90)<5s" || expression == "p(97)<5s" || expression == "min<5s"; j.OK != holds || j.Never == finite || (j.Value == nil) == finite {
			t.Errorf("%s: %+v", expression, j)
		}
	}
	text, err := json.Marshal(v.Pods.Start)
	if err != nil || string(text) != `{"count":98,"never":2,"mean":null,"min":1,"p50":1,"p90":1,"p99":null,"max":null}` {
		t.Errorf("%s, %v", text, err)
	}
	var back Quantiles
	if err := json.Unmarshal(text, &back); err != nil || back != v.Pods.Start {
		t.Errorf("read back %+v, %v", back, err)
	}
}
