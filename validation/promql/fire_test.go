package promql

import (
	"os"
	"slices"
	"testing"
	"time"

	"ipamsim/scenarios"
	"ipamsim/sim"
	"ipamsim/sim/findings"
	"ipamsim/sim/result"
	"ipamsim/sim/scrape"
)

// large are scenarios whose samples take from half a minute to minutes to evaluate:
// with ALERTS=all they are tried, too.
var large = []string{"ultra-scale", "latency-cliff-fleet",
	"leaked-enis", "incidents/neon-s1", "incidents/neon-s2", "overlay-comparison", "scale-out-and-in", "incidents/leaks-69", "incidents/neon-s3", "incidents/neon-s4", "incidents/exhausted-22-581", "incidents/errors-989", "incidents/nodes-150-405"}

// smaller are changes to one that has more samples than a collection holds: a fiftieth of
// its nodes, which come as fast as the others.
var smaller = map[string][]string{"ultra-scale": {"workloads.training.replicas.0.count=18000", "workloads.training.replicas.0.over=58s", "duration=6m"}}

// atTheEnd are findings that a run has for what is so at its end: their rules are
// asked then, and may well hold before.
var atTheEnd = []result.Mode{result.ModeUnschedulable, result.ModeWarmPoolOverhead, result.ModeLeakedAddresses}

// causes are those of failed ADDs that a mode is about.
var causes = map[result.Mode][]result.Cause{
	result.ModeLatencyCliff:  {result.CauseRefilling, result.CauseThrottled},
	result.ModeCooldownStall: {result.CauseCooling, result.CauseCoolingFull},
	result.ModeENILimit:      {result.CauseNodeFull},
	result.ModePoolAtMinimum: {result.CauseTargetsMet},
	result.ModeIPAMDDown:     {result.CauseIPAMDDown},
}

// The rule of each finding that a run prints fires on what Prometheus would have
// scraped of that run, for as long as its for: asks, in every variant of every shipped
// scenario and incident. Where the finding is not, it keeps still, unless pods met the
// trouble there, fewer than a finding of the whole run takes: rules see minutes.
func TestRulesFireWhereTheirFindingIsAndNowhereElse(t *testing.T) {
	fired, used := map[result.Mode]bool{}, map[string]bool{}
	for _, name := range slices.Concat(scenarios.EmbeddedNames(), scenarios.IncidentNames()) {
		if slices.Contains(large, name) && os.Getenv("ALERTS") != "all" {
			continue
		}
		f, err := scenarios.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		once := 1
		variants, err := f.Variants(scenarios.Options{Replications: &once, Set: smaller[name]})
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range variants {
			t.Run(name+"/"+v.Name, func(t *testing.T) { tried(t, name+"/"+v.Name, v, fired, used) })
		}
	}
	if len(fired) < 15 {
		t.Errorf("only %d kinds of findings were met", len(fired))
	}
	for which := range unseen {
		if !used[which] && (os.Getenv("ALERTS") == "all" || !slices.ContainsFunc(large, func(name string) bool { return len(which) > len(name) && which[:len(name)] == name })) {
			t.Errorf("%s is no exception", which)
		}
	}
}

// tried holds all rules against one run.
func tried(t *testing.T, name string, v scenarios.Expanded, fired map[result.Mode]bool, used map[string]bool) {
	r, err := sim.Run(t.Context(), []scenarios.Expanded{v}, sim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := scrape.Collect(t.Context(), v, scrape.Options{Every: scrape.EveryDefault})
	if err != nil {
		t.Fatal(err)
	}
	outcome, db, took := &r.Variants[0], load(t, s), time.Duration(v.Scenario.Duration)
	for _, g := range findings.Guides {
		a := g.Alert()
		if a == nil {
			continue
		}
		found := slices.ContainsFunc(outcome.Findings, func(f result.Finding) bool { return f.Mode == g.Mode })
		holds, fires := ask(t, db, a, took, slices.Contains(atTheEnd, g.Mode))
		which := name + " " + string(g.Mode)
		why, excepted := unseen[which]
		switch {
		case found && (fires || slices.Contains(atTheEnd, g.Mode) && holds):
			fired[g.Mode] = true
		case found && excepted, !found && fires && excepted:
			used[which] = true
			t.Logf("%s: %s", which, why)
		case found:
			t.Errorf("%s is found, and its rule keeps still: %s for %q", g.Mode, a.PromQL, a.For)
		case fires && metSome(outcome, g.Mode):
			t.Logf("%s is not found, and its rule fires: pods met it", g.Mode)
		case fires:
			t.Errorf("%s is not found, and its rule fires: %s for %q", g.Mode, a.PromQL, a.For)
		}
	}
}

// metSome says whether pods, two at least, met what a mode is about.
func metSome(v *result.Variant, mode result.Mode) bool {
	met := 0
	for _, c := range causes[mode] {
		met += v.Pods.MetPods[c]
	}
	return met >= 2
}
