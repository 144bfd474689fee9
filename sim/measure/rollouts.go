package measure

import (
	"time"

	"ipamsim/sim/des"
	"ipamsim/sim/result"
)

// rollouts are the rolling updates of the run.
func (c *Collector) rollouts() (list []result.Rollout) {
	for _, r := range c.fleet.Faults.Rollouts() {
		out := result.Rollout{Fault: r.Fault, Kind: string(r.Kind), Of: r.Of, AtSeconds: inSeconds(r.Began - c.from), Total: r.Total, Done: r.Done, Failure: r.Failed}
		if r.Ended != des.Never && r.Failed == "" {
			took := inSeconds(r.Ended - r.Began)
			out.TookSeconds = &took
		}
		list = append(list, out)
	}
	return list
}

// inSeconds is a duration to the microsecond.
func inSeconds(d time.Duration) float64 { return float64(d/time.Microsecond) / 1e6 }
