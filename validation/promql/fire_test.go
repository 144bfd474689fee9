package promql

import (
	"slices"
	"testing"
	"time"

	"ipamsim/scenarios"
	"ipamsim/sim"
	"ipamsim/sim/findings"
	"ipamsim/sim/result"
	"ipamsim/sim/scrape"
)

// troubled are shipped scenarios with findings of many kinds, and variants in
// which some rules have to keep still.
var troubled = []struct {
	scenario, variant string
	silent            []result.Mode
}{
	{"hello", "default", []result.Mode{result.ModeLatencyCliff, result.ModeCooldownStall, result.ModeSilentDrop, result.ModeIPAMDDown, result.ModeAPIThrottling, result.ModeUnschedulable}},
	{"latency-cliff", "default", []result.Mode{result.ModeSubnetExhaustion, result.ModeUnschedulable}},
	{"latency-cliff", "warm-targets-ahead", []result.Mode{result.ModeLatencyCliff, result.ModeCooldownStall}},
	{"cooldown-stall", "default", []result.Mode{result.ModeSubnetExhaustion, result.ModeAPIThrottling}},
	{"az-imbalance", "default", []result.Mode{result.ModeFragmentation, result.ModeIPAMDDown}},
	{"az-imbalance", "warm-targets", []result.Mode{result.ModeSubnetExhaustion, result.ModeLatencyCliff}},
	{"fragmented-subnet", "default", nil},
	{"fragmented-subnet", "single-addresses", []result.Mode{result.ModeFragmentation}},
	{"imds-stale", "running", nil},
	{"ipamd-crash", "crash-loop", nil},
	{"ipamd-crash", "throttled-start", nil},
	{"silent-drop", "networkd-restart", []result.Mode{result.ModeSubnetExhaustion}},
	{"silent-drop", "pods-recreated", nil},
	{"networkd-flush", "foreign-rules-dropped", nil},
	{"networkd-flush", "foreign-rules-kept", []result.Mode{result.ModeSilentDrop, result.ModeMissingRules, result.ModeNoWayOut}},
}

// The rule of each finding that a run prints fires on what Prometheus would have
// scraped of that run, for as long as its for: asks, and keeps still where the
// trouble is not.
func TestRulesFireWhereTheirFindingIsAndNowhereElse(t *testing.T) {
	fired := map[result.Mode]bool{}
	for _, c := range troubled {
		t.Run(c.scenario+"/"+c.variant, func(t *testing.T) {
			v, found := simulate(t, c.scenario, c.variant)
			s, err := scrape.Collect(t.Context(), v, scrape.Options{Every: scrape.EveryDefault})
			if err != nil {
				t.Fatal(err)
			}
			db := load(t, s)
			for _, g := range findings.Guides {
				a := g.Alert()
				if a == nil {
					continue
				}
				fires := fires(t, db, a, time.Duration(v.Scenario.Duration))
				switch {
				case slices.Contains(found, g.Mode):
					fired[g.Mode] = true
					if !fires {
						t.Errorf("%s is found, and its rule keeps still: %s for %q", g.Mode, a.PromQL, a.For)
					}
				case slices.Contains(c.silent, g.Mode) && fires:
					t.Errorf("%s is not found, and its rule fires: %s for %q", g.Mode, a.PromQL, a.For)
				}
			}
		})
	}
	if len(fired) < 10 {
		t.Errorf("only %d kinds of findings were met", len(fired))
	}
}

// simulate runs one replication of a variant, and says what was found.
func simulate(t *testing.T, scenario, variant string) (scenarios.Expanded, []result.Mode) {
	t.Helper()
	f, err := scenarios.Open(scenario)
	if err != nil {
		t.Fatal(err)
	}
	once := 1
	variants, err := f.Variants(scenarios.Options{Replications: &once, Variants: []string{variant}})
	if err != nil {
		t.Fatal(err)
	}
	r, err := sim.Run(t.Context(), variants, sim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var found []result.Mode
	for _, f := range r.Variants[0].Findings {
		found = append(found, f.Mode)
	}
	return variants[0], found
}
