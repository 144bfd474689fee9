package sim

import (
	"testing"
	"time"

	"ipamsim/scenarios"
)

// The state of the report that the scenario is about, in every round: 23
// addresses, 19 on pods, 4 in their cooldown, and ipamd content.
func TestTheStallIsTheReportedState(t *testing.T) {
	for _, v := range shipped(t, "cooldown-stall", scenarios.Options{}) {
		if v.Name != "default" {
			continue
		}
		w, err := newWorld(v, fleetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		w.Cluster.Start()
		for round := range 10 {
			at := w.warmUp + 55*time.Second + time.Duration(round)*2*time.Minute
			if err := w.Kernel.Run(at - time.Nanosecond); err != nil {
				t.Fatal(err)
			}
			s := w.machines[0].daemon().Stats()
			if s.Total != 23 || s.Assigned != 19 || s.Cooling != 4 || s.Available() != 4 {
				t.Errorf("round %d: %+v", round, s)
			}
			if err := w.Kernel.Run(at + 5*time.Second); err != nil {
				t.Fatal(err)
			}
			if s := w.machines[0].daemon().Stats(); s.Total != 23 || s.Assigned != 19 {
				t.Errorf("round %d, a pass later: %+v", round, s)
			}
		}
		w.Kernel.Close()
	}
}
