package findings_test

import (
	"testing"

	"ipamsim/sim/findings"
	"ipamsim/sim/result"
)

// Whoever reads why a condition does not hold is told of what can have something to do
// with it.
func TestFindingsBearOnTheirMetricsAlone(t *testing.T) {
	for _, c := range []struct {
		mode   result.Mode
		metric string
		want   bool
	}{
		{result.ModeLatencyCliff, "pod_start{workload:web}", true},
		{result.ModeLatencyCliff, "pods_running", true},
		{result.ModeLatencyCliff, "subnet_free_min{zone:a}", false},
		{result.ModeWarmPoolOverhead, "subnet_free_min{zone:a}", true},
		{result.ModeWarmPoolOverhead, "pod_start", false},
		{result.ModeCooldownStall, "pods_dropping_end", false},
		{result.ModeSilentDrop, "pods_dropping_end", true},
		{result.ModeSilentDrop, "pods_never_started", false},
		{result.ModeUnschedulable, "pods_unschedulable_end", true},
		{result.ModeAPIThrottling, "api_throttled{action:AttachNetworkInterface}", true},
		{result.ModeStaleRules, "stale_rules_end", true},
	} {
		if got := findings.Bears(c.mode, c.metric); got != c.want {
			t.Errorf("%s bears on %s: %v, want %v", c.mode, c.metric, got, c.want)
		}
	}
}

// Each metric has its subjects, or is known to have none; each mode bears on some
// metric.
func TestEachMetricAndModeHasItsSubjects(t *testing.T) {
	none := map[string]bool{"pods_wanted": true, "spot_interruptions": true}
	bears := map[result.Mode]int{}
	for _, m := range result.Metrics {
		n := 0
		for _, g := range findings.Guides {
			if findings.Bears(g.Mode, m.Name) {
				n++
				bears[g.Mode]++
			}
		}
		if (n == 0) != none[m.Name] {
			t.Errorf("%d modes bear on %s", n, m.Name)
		}
	}
	for _, g := range findings.Guides {
		if bears[g.Mode] == 0 {
			t.Errorf("%s bears on no metric", g.Mode)
		}
	}
}
