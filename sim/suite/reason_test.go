package suite

import (
	"testing"

	"ipamsim/sim/result"
)

// A case is told of the finding that can have something to do with it, and of none
// where nothing was observed.
func TestACaseHasTheReasonThatBearsOnIt(t *testing.T) {
	value := 1.0
	of := func(variant, metric string, value *float64) Case {
		return Case{Variant: variant, Outcome: Fell, Threshold: result.Threshold{Metric: metric, Value: value}}
	}
	f := File{Cases: []Case{of("a", "subnet_free_min{zone:a}", &value), of("a", "pod_start", &value), of("a", "pod_start", nil), of("b", "pod_start", &value), of("a", "pods_dropping_end", &value)}}
	f.explain(&result.Result{Variants: []result.Variant{
		{Outcome: result.Outcome{}, Name: "a", Findings: []result.Finding{{Mode: result.ModeCooldownStall}, {Mode: result.ModeLatencyCliff}, {Mode: result.ModeWarmPoolOverhead}, {Mode: result.ModeKeptInterfaces}}},
		{Name: "b", Findings: []result.Finding{{Mode: result.ModeSilentDrop}}},
	}})
	want := []result.Mode{result.ModeWarmPoolOverhead, result.ModeCooldownStall, "", "", ""}
	for i := range f.Cases {
		var got result.Mode
		if why := f.Reason(&f.Cases[i]); why != nil {
			got = why.Mode
		}
		if got != want[i] {
			t.Errorf("%s of %s: %q, want %q", f.Cases[i].Metric, f.Cases[i].Variant, got, want[i])
		}
	}
	if len(f.Findings) != 2 || f.Findings[0].Mode != result.ModeCooldownStall {
		t.Errorf("%d findings are kept", len(f.Findings))
	}
}
