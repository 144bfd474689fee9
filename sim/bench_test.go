package sim

import (
	"os"
	"syscall"
	"testing"

	"ipamsim/scenarios"
	"ipamsim/scenarios/scenariotest"
	"ipamsim/sim/result"
)

// BenchmarkLatencyCliff is the main job. Budget: 3 s.
func BenchmarkLatencyCliff(b *testing.B) {
	timed(b, scenariotest.Shipped(b, "latency-cliff", scenarios.Options{}))
}

// BenchmarkThousandNodes is 1,000 nodes with 30,000 pods over 30 virtual
// minutes on one core. Budget: 5 s and 1 GiB.
func BenchmarkThousandNodes(b *testing.B) {
	text, err := os.ReadFile("testdata/thousand-nodes.yaml")
	if err != nil {
		b.Fatal(err)
	}
	timed(b, scenariotest.Expand(b, string(text), scenarios.Options{}))
}

func timed(b *testing.B, variants []scenarios.Expanded) {
	var r *result.Result
	for b.Loop() {
		r = mustRun(b, variants, Options{Workers: 1})
	}
	events := uint64(0)
	for _, v := range r.Variants {
		for _, each := range v.Replications {
			events += each.Events
		}
	}
	pods := r.Variants[0].Pods.Wanted // from time 0 on
	for _, w := range variants[0].Scenario.Workloads {
		pods += w.Initial
	}
	b.ReportMetric(float64(pods), "pods")
	b.ReportMetric(float64(r.Variants[0].Nodes.Peak), "nodes")
	b.ReportMetric(float64(events)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(peakMiB(b), "peak-MiB")
}

// peakMiB is the most memory that the process has ever had resident.
func peakMiB(b *testing.B) float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return float64(usage.Maxrss) / 1024
}
