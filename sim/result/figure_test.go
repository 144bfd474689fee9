package result

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

func TestStudentsQuantilesAreTheDistributions(t *testing.T) {
	for n := 1; n <= 1000; n++ {
		want := distuv.StudentsT{Sigma: 1, Nu: float64(n)}.Quantile(0.975)
		if got := student(n); math.Abs(got-want) > 0.0006 {
			t.Errorf("%d degrees of freedom: %.4f, want %.4f", n, got, want)
		}
	}
}

// 0, 2 and 4 have mean 2, and a standard error of 2/sqrt 3.
func TestIntervalsAreThoseOfTheMeanOverTheReplications(t *testing.T) {
	v := &Variant{Replications: make([]Replication, 3)}
	for i := range v.Replications {
		v.Replications[i].Interfaces.Peak = 100 + 2*i
	}
	f, _, _ := FigureNamed("enis_peak")
	got, is := f.interval(v)
	if want := (Interval{102, rounded(102 - 4.303*2/math.Sqrt(3)), rounded(102 + 4.303*2/math.Sqrt(3))}); !is || got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	v.Replications = v.Replications[:1]
	if _, is := f.interval(v); is {
		t.Error("one replication has an interval")
	}
}

// The unit is the last word of a name and of each of its parts, and no two have one
// name.
func TestFiguresNameTheirUnitLast(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Figures {
		for _, name := range []string{f.Name, f.Part("mean"), f.Part("low"), f.Part("high")} {
			if seen[name] || (f.Unit != "") != strings.HasSuffix(name, "_seconds") || strings.Count(name, "seconds") > 1 {
				t.Errorf("%s, in %q", name, f.Unit)
			}
			seen[name] = true
		}
		if (f.Metric.Unit == "s") && f.Unit != "seconds" {
			t.Errorf("%s is in %s", f.Name, f.Metric.Unit)
		}
		if _, why, ok := FigureNamed(strings.TrimSuffix(f.Name, "_seconds")); ok != (f.Unit == "") || !ok && !strings.HasSuffix(why, "write "+f.Name) {
			t.Errorf("%s without its unit: %q", f.Name, why)
		}
	}
}

func TestEveryMetricHasFigures(t *testing.T) {
	of := map[string]int{}
	for _, f := range Figures {
		of[f.Metric.Name]++
		if _, _, known := FigureNamed(f.Name); !known {
			t.Errorf("%s is not found", f.Name)
		}
		f.In(&Outcome{}, nil) // whoever adds a trend says how it is summed up
	}
	for _, m := range Metrics {
		if want := map[MetricKind]int{Trend: len(sums), Counter: 1, Gauge: 1}[m.Kind]; of[m.Name] != want {
			t.Errorf("%s has %d figures", m.Name, of[m.Name])
		}
	}
}
