package explain_test

import (
	"slices"
	"testing"

	"ipamsim/scenarios"
	"ipamsim/scenarios/scenariotest"
	"ipamsim/sim/explain"
	"ipamsim/sim/fleet"
	"ipamsim/sim/ipamd"
	"ipamsim/sim/recording"
)

// An address in the books of a daemon that is away, starts or crashes again and
// again is none that a pod could have had.
func TestAnAddressWasFreeOnlyWhileTheDaemonServed(t *testing.T) {
	for _, test := range []struct{ scenario, variant string }{{"ipamd-crash", "crash-loop"}, {"ipamd-crash", ""}, {"imds-stale", ""}} {
		var free, down recording.Time
		for _, v := range scenariotest.Shipped(t, test.scenario, scenarios.Options{}) {
			if test.variant != "" && v.Name != test.variant {
				continue
			}
			w, err := fleet.New(v, fleet.Options{})
			if err != nil {
				t.Fatal(err)
			}
			recorder := recording.Attach(w, recording.Selection{})
			if err := w.Run(t.Context(), w.End, nil); err != nil {
				t.Fatal(err)
			}
			out := recorder.Finish()
			for _, p := range out.Pods {
				f, d := outOfReach(t, out, p)
				free, down = free+f, down+d
			}
		}
		if free == 0 || down == 0 && test.scenario == "ipamd-crash" {
			t.Errorf("%v: an address was free for %v and ipamd away for %v: the scenario does not show what it should", test, free, down)
		}
	}
}

// outOfReach adds up when an address was free and when ipamd was away after a
// pod's failed ADDs, and fails where both were at once.
func outOfReach(t *testing.T, out *recording.Recording, p *recording.PodRecord) (free, down recording.Time) {
	t.Helper()
	for _, ph := range explain.Phases(out, p) {
		for _, m := range ph.Meanwhile {
			serves := slices.ContainsFunc(p.On.Processes, func(pr recording.ProcessRecord) bool {
				return pr.Serving != recording.Never && pr.Serving <= m.From && (pr.End == recording.Never || pr.End >= m.To)
			})
			switch {
			case ph.Boundary != explain.AtBackoff:
			case m.Boundary == explain.AtDown:
				down += m.Took()
				if serves {
					t.Errorf("%s: %s to %s it is said not to serve, and it did", p.Name, m.From, m.To)
				}
			case !serves:
				t.Errorf("%s: %s to %s: %q, and ipamd did not serve", p.Name, m.From, m.To, m.What)
			case m.Boundary == explain.AtBackoff:
				free += m.Took()
			}
		}
	}
	return free, down
}

// Each cause that keeps a pool from growing reads as what it is; only a pool
// that is about to be refilled just waits for the next pass.
func TestEachPauseReadsAsWhatItIs(t *testing.T) {
	_, plain := explain.LoopPause(ipamd.Refilling)
	said := map[string]ipamd.Shortage{}
	for s := ipamd.Cooling; s < ipamd.Refilling; s++ {
		at, what := explain.LoopPause(s)
		if what == plain || explain.WithoutWords[at] == "" {
			t.Errorf("%v: %q at %q", s, what, at)
		}
		other, same := said[what]
		if full := []ipamd.Shortage{ipamd.SubnetFull, ipamd.NoBlock}; same && !(slices.Contains(full, s) && slices.Contains(full, other)) {
			t.Errorf("%v and %v are both %q", s, other, what)
		}
		said[what] = s
	}
}
