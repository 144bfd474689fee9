package fault

import (
	"math"
	"time"

	"ipamsim/internal/portable"
	"ipamsim/scenarios"
)

// apiSlow: requests take longer.
var apiSlow = effect{
	kind: scenarios.FaultAPISlow,
	plan: func(i *Injector, f *Fault) { i.delays = append(i.delays, &requestWindow{Fault: f}) },
}

// longestLatency is longer than any run.
const longestLatency = 10000 * time.Hour

// slowed is a latency, in whole microseconds as latencies are.
func (f *Fault) slowed(latency time.Duration) time.Duration {
	us := math.Round(float64(latency.Microseconds()) * f.Factor)
	return portable.Microseconds(min(us, float64(longestLatency.Microseconds()))) + f.Add
}
