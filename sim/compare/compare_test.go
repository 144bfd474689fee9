package compare

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ipamsim/sim/result"
)

// made is a baseline with one variant whose figures are given.
func made(figures map[string][]Value) *Baseline {
	n := 0
	for _, values := range figures {
		n = len(values)
	}
	v := Variant{Name: "default", Scenario: json.RawMessage(`{}`), Figures: figures, Fingerprints: make([]string, n)}
	return &Baseline{SchemaVersion: baselineSchema, Version: "v1", Scenario: result.Scenario{Name: "made", Digest: "sha256:00"}, Seed: 1, Replications: n, DurationSeconds: 60, Variants: []Variant{v}}
}

// tester is a test, or one of rapid's.
type tester interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

func compared(t tester, old, new *Baseline, o Options) *Comparison {
	t.Helper()
	c, err := Compare(old, new, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func metricOf(t tester, c *Comparison, name string) *Metric {
	t.Helper()
	i := slices.IndexFunc(c.Metrics, func(m Metric) bool { return m.Name == name })
	if i < 0 {
		t.Fatalf("there is no %s", name)
	}
	return &c.Metrics[i]
}

// figuresOfAFleet are random figures of n replications, infinite and missing ones
// among them.
func figuresOfAFleet(t *rapid.T, label string, n int) map[string][]Value {
	value := rapid.Custom(func(t *rapid.T) Value {
		switch i := rapid.IntRange(0, 30).Draw(t, "value"); i {
		case 29:
			return Value(math.Inf(1))
		case 30:
			return none
		default:
			return Value(i)
		}
	})
	figures := map[string][]Value{}
	for _, name := range []string{"pod_start_p50_seconds", "pod_start_p99_seconds", "pods_never_started", "recovery_seconds", "subnet_free_min", "subnet_free_min{subnet:a}",
		"api_calls", "api_calls{action:A}", "api_calls{action:B}", "pods_wanted", "pods_running_min"} {
		figures[name] = rapid.SliceOfN(value, n, n).Draw(t, label+name)
	}
	return figures
}

func TestAResultDoesNotDifferFromItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := made(figuresOfAFleet(t, "", rapid.IntRange(1, 12).Draw(t, "n")))
		for _, seed := range []uint64{1, 2} { // the second one has no pairs
			other := *b
			other.Seed = seed
			c := compared(t, b, &other, Options{MinEffect: 0.05, Allow: []Kind{OfSeed}})
			for _, m := range c.Metrics {
				if m.Verdict != NoChange || m.Delta != 0 && seed == 1 || m.P != 1 && seed == 1 {
					t.Fatalf("%+v", m)
				}
			}
			if c.Regressions+c.Improvements+c.Method.Significant > 0 {
				t.Fatalf("%+v", c.Method)
			}
		}
	})
}

func TestTheOtherWayRoundTheSignsAreTheOther(t *testing.T) {
	turned := map[Verdict]Verdict{Regression: Improvement, Improvement: Regression, Changed: Changed, NoChange: NoChange}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 9).Draw(t, "n")
		a, b := made(figuresOfAFleet(t, "old ", n)), made(figuresOfAFleet(t, "new ", n))
		if rapid.Bool().Draw(t, "no pairs") {
			b.Seed = 2
		}
		o := Options{Allow: []Kind{OfSeed}} // a share of the old one is not the same share of the new one
		there, back := compared(t, a, b, o), compared(t, b, a, o)
		for i := range there.Metrics {
			m := &there.Metrics[i]
			w := metricOf(t, back, m.Name)
			if m.Delta != -w.Delta || m.P != w.P || m.Old != w.New || m.Low.Observed() && m.Low != -w.High {
				t.Fatalf("%+v\nand the other way round\n%+v", m, w)
			}
			if m.Verdict != Small && w.Verdict != turned[m.Verdict] {
				t.Fatalf("%s: %s, and the other way round %s", m.Name, m.Verdict, w.Verdict)
			}
		}
		if there.Regressions != back.Improvements {
			t.Fatalf("%d regressions, and the other way round %d improvements", there.Regressions, back.Improvements)
		}
	})
}

// repeated is a figure with one value in n replications, and a little noise.
func repeated(n int, value float64) []Value {
	list := make([]Value, n)
	for i := range list {
		list[i] = Value(value + float64(i%3))
	}
	return list
}

func TestAVerdictTakesChanceAndSizeAndDirection(t *testing.T) {
	for _, c := range []struct {
		name     string
		old, new []Value
		want     Verdict
	}{
		{"pod_start_p99_seconds", repeated(10, 10), repeated(10, 20), Regression},
		{"pod_start_p99_seconds", repeated(10, 20), repeated(10, 10), Improvement},
		{"pod_start_p99_seconds", repeated(5, 10), repeated(5, 20), NoChange},                 // too few
		{"pod_start_p99_seconds", repeated(10, 100), repeated(10, 104), Small},                // 4 %
		{"pod_start_p99_seconds", repeated(10, 1), repeated(10, 1.3), Small},                  // 30 % of nothing much
		{"pods_never_started", repeated(10, 0), repeated(10, 1), Regression},                  // from nothing
		{"subnet_free_min", repeated(10, 100), repeated(10, 50), Regression},                  // more would be better
		{"subnet_free_min", repeated(10, 50), repeated(10, 100), Improvement},                 //
		{"pods_wanted", repeated(10, 50), repeated(10, 100), Changed},                         // neither
		{"recovery_seconds", repeated(10, 50), never(10), Regression},                         // it never comes to it
		{"pod_start_p99_seconds", repeated(10, 10), infinitely(10), Regression},               //
		{"pod_start_p99_seconds", infinitely(10), infinitely(10), NoChange},                   //
		{"api_calls", repeated(10, 10), repeated(10, 19), Small},                              // nine calls
		{"api_calls", repeated(10, 10), []Value{0, 90, 0, 90, 0, 90, 0, 90, 0, 90}, NoChange}, // as likely as not
	} {
		got := metricOf(t, compared(t, made(map[string][]Value{c.name: c.old}), made(map[string][]Value{c.name: c.new}), Options{MinEffect: 0.05}), c.name)
		if got.Verdict != c.want {
			t.Errorf("%s %v %v: %+v, and %s was expected", c.name, c.old, c.new, got, c.want)
		}
	}
}

func never(n int) []Value      { return slices.Repeat([]Value{none}, n) }
func infinitely(n int) []Value { return slices.Repeat([]Value{Value(math.Inf(1))}, n) }

func TestWhatCannotBeComparedIsRefused(t *testing.T) {
	old := made(map[string][]Value{"api_calls": repeated(6, 10)})
	for kind, change := range map[Kind]func(*Baseline){
		OfVersion:      func(b *Baseline) { b.Version, b.Fingerprint = "v2", "other" },
		OfScenario:     func(b *Baseline) { b.Scenario.Digest, b.Fingerprint = "sha256:11", "other" },
		OfSeed:         func(b *Baseline) { b.Seed = 2 },
		OfReplications: func(b *Baseline) { *b = *made(map[string][]Value{"api_calls": repeated(7, 10)}) },
		OfDuration:     func(b *Baseline) { b.DurationSeconds = 61 },
		OfVariants: func(b *Baseline) {
			b.Variants = append(slices.Clone(b.Variants), Variant{Name: "other", Scenario: json.RawMessage(`{}`)})
		},
	} {
		new := made(map[string][]Value{"api_calls": repeated(6, 10)})
		change(new)
		_, err := Compare(old, new, Options{})
		if err == nil || !strings.Contains(err.Error(), "the same "+string(kind)+": ") || !strings.Contains(err.Error(), "--allow "+string(kind)) {
			t.Errorf("another %s: %v", kind, err)
		}
		c := compared(t, old, new, Options{Allow: []Kind{kind}})
		if len(c.Allowed) != 1 || c.Allowed[0].Kind != kind || c.Allowed[0].Means == "" {
			t.Errorf("another %s: %+v", kind, c.Allowed)
		}
	}
	same := made(map[string][]Value{"api_calls": repeated(6, 10)})
	same.Version, same.Scenario.Digest = "v2", "sha256:11" // and the same happened
	if c := compared(t, old, same, Options{}); len(c.Allowed) != 0 {
		t.Errorf("%+v", c.Allowed)
	}
}

// Holm's correction by hand: p of 0.01, 0.04 and 0.03 of three become 0.03, 0.06 and
// 0.06.
func TestHolmsCorrectionIsHolms(t *testing.T) {
	c := Comparison{Method: Method{Alpha: alpha}}
	for i, p := range []float64{0.01, 0.04, 0.03, 1} {
		m := Metric{Name: fmt.Sprint(i), P: p, PHolm: p, NewValues: []Value{1}, OldValues: []Value{0}}
		if p == 1 {
			m.OldValues = m.NewValues // was not tested
		}
		c.Metrics = append(c.Metrics, m)
	}
	c.correct()
	var got []float64
	for _, m := range c.Metrics {
		got = append(got, math.Round(m.PHolm*1e9)/1e9)
	}
	if want := []float64{0.03, 0.06, 0.06, 1}; !slices.Equal(got, want) || c.Method.Tested != 3 {
		t.Errorf("%v of %d, and %v of 3 was expected", got, c.Method.Tested, want)
	}
}

func TestSettingsAreComparedByThePathsOfSet(t *testing.T) {
	old := `{"seed":1,"duration":"5m","nodeGroups":[{"name":"a","cni":{"WARM_IP_TARGET":5}},{"name":"b"}],"workloads":[{"name":"w","replicas":[{"at":"1s","count":3}]}],"list":[1,2]}`
	new := `{"seed":2,"duration":"5m","nodeGroups":[{"name":"b","count":2},{"name":"a","cni":{"WARM_IP_TARGET":1,"MINIMUM_IP_TARGET":3}}],"workloads":[{"name":"w","replicas":[{"at":"1s","count":4}]}],"list":[1,3]}`
	var spaced bytes.Buffer
	if err := json.Indent(&spaced, []byte(old), "", "  "); err != nil {
		t.Fatal(err)
	}
	list, err := settings(spaced.Bytes(), json.RawMessage(new))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range list {
		got = append(got, fmt.Sprintf("%s %s %s", s.Path, s.Old, s.New))
	}
	want := []string{"nodeGroups.b.count null 2", "nodeGroups.a.cni.WARM_IP_TARGET 5 1", "nodeGroups.a.cni.MINIMUM_IP_TARGET null 3", "workloads.w.replicas.0.count 3 4", "list [1,2] [1,3]"}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%q\n%q were expected", got, want)
	}
}

func TestABaselineReadsAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := made(figuresOfAFleet(t, "", 3))
		b.Overrides = []string{}
		b.Variants[0].Findings, b.Variants[0].Thresholds = []Finding{}, []Threshold{{"api_calls count<3", true}}
		text, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Read(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		more, err := json.Marshal(again)
		if err != nil || !bytes.Equal(more, text) {
			t.Fatalf("%v\n%s\nbecame\n%s", err, text, more)
		}
	})
}

func TestMetricsSayWhatTheirNamesSay(t *testing.T) {
	c := compared(t, made(map[string][]Value{"api_calls{action:A}": repeated(6, 10), "api_calls": repeated(6, 10)}),
		made(map[string][]Value{"api_calls{action:A}": repeated(6, 10), "api_calls{action:B}": repeated(6, 50), "api_calls": repeated(6, 60)}), Options{MinEffect: 0.05})
	if m := metricOf(t, c, "api_calls{action:B}"); m.Old != 0 || m.Verdict != Regression {
		t.Errorf("%+v", m)
	}
	if !reflect.DeepEqual(metricOf(t, c, "api_calls{action:A}").OldValues, repeated(6, 10)) {
		t.Errorf("%+v", c.Metrics)
	}
}
