package chart_test

import (
	"testing"

	"pgregory.net/rapid"

	_ "ipamsim/internal/properties"
	"ipamsim/reports/chart"
)

// However close the ends of an axis are, there are ticks between them, and their labels
// differ.
func TestTicksOfASpanCanBeToldApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		low := rapid.Float64Range(0, 1e5).Draw(t, "low")
		wide := rapid.SampledFrom([]float64{0, 1e-6, 1e-3, 0.0317, 1, 4.9, 60, 1e6}).Draw(t, "wide")
		a := chart.SpanAxis("x", low, low+wide)
		seen := map[string]bool{}
		for _, tick := range a.Ticks {
			if seen[tick.Label] || tick.Value < a.Min-1e-6*(a.Max-a.Min) || tick.Value > a.Max+1e-6*(a.Max-a.Min) {
				t.Fatalf("%v to %v: %+v", a.Min, a.Max, a.Ticks)
			}
			seen[tick.Label] = true
		}
		if len(seen) < 2 || len(seen) > 8 {
			t.Fatalf("%v to %v: %+v", a.Min, a.Max, a.Ticks)
		}
	})
}
