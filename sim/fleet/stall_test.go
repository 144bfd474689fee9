package fleet_test

import (
	"testing"
	"time"

	"ipamsim/scenarios"
	"ipamsim/scenarios/scenariotest"
	"ipamsim/sim/fleet"
)

// The state of the report that the scenario is about, in every round: 23
// addresses, 19 on pods, 4 in their cooldown, and ipamd content.
func TestTheStallIsTheReportedState(t *testing.T) {
	for _, v := range scenariotest.Shipped(t, "cooldown-stall", scenarios.Options{}) {
		if v.Name != "default" {
			continue
		}
		w, err := newTested(v, fleet.Options{})
		if err != nil {
			t.Fatal(err)
		}
		w.Cluster.Start()
		for round := range 10 {
			at := w.WarmUp + 55*time.Second + time.Duration(round)*2*time.Minute
			if err := w.Kernel.Run(at - time.Nanosecond); err != nil {
				t.Fatal(err)
			}
			s := w.Machines[0].Daemon.Stats()
			if s.Total != 23 || s.Assigned != 19 || s.Cooling != 4 || s.Available() != 4 {
				t.Errorf("round %d: %+v", round, s)
			}
			if err := w.Kernel.Run(at + 5*time.Second); err != nil {
				t.Fatal(err)
			}
			if s := w.Machines[0].Daemon.Stats(); s.Total != 23 || s.Assigned != 19 {
				t.Errorf("round %d, a pass later: %+v", round, s)
			}
		}
		w.Kernel.Close()
	}
}
