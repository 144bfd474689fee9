package result

import "testing"

func TestEachMetricSaysWhichWayItIsBetter(t *testing.T) {
	for i := range Metrics {
		m := &Metrics[i]
		if b, said := betters[m.Name]; !said || b.Least <= 0 || b.Why == "" {
			t.Errorf("%s: better.go has %+v: which way is better, from which difference on and why were expected", m.Name, b)
		}
	}
	for name := range betters {
		if _, known := metricNamed(name); !known {
			t.Errorf("better.go speaks of %s, and there is no such metric", name)
		}
	}
}
