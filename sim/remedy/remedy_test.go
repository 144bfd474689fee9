package remedy_test

import (
	"context"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ipamsim/reports"
	"ipamsim/scenarios"
	"ipamsim/scenarios/scenariotest"
	"ipamsim/sim"
	"ipamsim/sim/findings"
	"ipamsim/sim/remedy"
	"ipamsim/sim/result"
)

// run runs variants as they are.
func run(t rapid.TB, variants ...scenarios.Expanded) *result.Result {
	t.Helper()
	r, err := sim.Run(context.Background(), variants, sim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// advised runs variants and tries what their findings propose.
func advised(t rapid.TB, o remedy.Options, variants ...scenarios.Expanded) *result.Result {
	t.Helper()
	r := run(t, variants...)
	if err := remedy.Try(context.Background(), variants, r, o); err != nil {
		t.Fatal(err)
	}
	return r
}

// recommended is a variant's recommendation, and the findings it is for.
func recommended(v *result.Variant) (set []string, of []result.Finding) {
	for _, f := range v.Findings {
		if len(f.Remedies) > 0 {
			set, of = f.Remedies[0].Set, append(of, f)
		}
	}
	return set, of
}

// tally counts the remedies of a test and what they do.
type tally struct{ variants, findings, cured, helped int }

func (n *tally) log(t testing.TB) {
	t.Logf("%d variants, %d findings in them: remedies cure %d (%.0f %%), help with %d (%.0f %%)", n.variants, n.findings,
		n.cured, 100*float64(n.cured)/float64(max(1, n.findings)), n.helped, 100*float64(n.helped)/float64(max(1, n.findings)))
}

// check applies the recommendation of each variant as a user would, with --set,
// and looks at what becomes of it.
func check(t rapid.TB, variants []scenarios.Expanded, n *tally) {
	t.Helper()
	r := advised(t, remedy.Options{}, variants...)
	for i := range r.Variants {
		v := &r.Variants[i]
		n.variants++
		n.findings += len(v.Findings)
		set, of := recommended(v)
		for _, f := range of {
			if len(f.Remedies) != 1 || !slices.Equal(f.Remedies[0].Set, set) {
				t.Errorf("%s: %s has a recommendation of its own", v.Name, f.Mode)
			}
			switch f.Remedies[0].Verdict {
			case result.Cures:
				n.cured++
			case result.Helps:
				n.helped++
			default:
				t.Errorf("%s: %s has a remedy that is %q", v.Name, f.Mode, f.Remedies[0].Verdict)
			}
		}
		if len(set) > 0 {
			apply(t, &variants[i], v, set, of)
		}
	}
}

// apply runs a variant with its recommendation.
func apply(t rapid.TB, variant *scenarios.Expanded, v *result.Variant, set []string, of []result.Finding) {
	t.Helper()
	changed, err := variant.With(set...)
	if err != nil {
		t.Fatalf("%s with %v: %v", v.Name, set, err)
	}
	again := advised(t, remedy.Options{}, changed)
	before, after := &v.Outcome, &again.Variants[0].Outcome
	if n := v.Trying.Replications; n < len(v.Replications) {
		before, after = &v.Replications[0].Outcome, &again.Variants[0].Replications[0].Outcome
	}
	if after.Pods.NeverStarted > before.Pods.NeverStarted || after.Network.Affected > before.Network.Affected || after.Network.DroppingEnd > before.Network.DroppingEnd {
		t.Errorf("%s with %v: %d pods never start, they were %d; %d lose packets, they were %d", v.Name, set,
			after.Pods.NeverStarted, before.Pods.NeverStarted, after.Network.Affected, before.Network.Affected)
	}
	if b, a := before.Pods.Start.P99, after.Pods.Start.P99; b.Reached() && a > b*1.25 && a > b+2 {
		t.Errorf("%s with %v: p99 %.1f -> %.1f s", v.Name, set, b, a)
	}
	if told := of[0].Remedies[0].Tried["pods_never_started"].After; told == nil || *told != float64(after.Pods.NeverStarted) {
		t.Errorf("%s with %v: the trial does not say what the run does", v.Name, set)
	}
	if cured := of[0].Remedies[0]; cured.Verdict == result.Cures && (!of[0].Mode.OfNetwork() || findings.Lasting(of[0].Mode, after) > 0) && slices.ContainsFunc(again.Variants[0].Findings, func(f result.Finding) bool { return f.Mode == of[0].Mode }) && v.Trying.Replications == len(v.Replications) {
		t.Errorf("%s with %v: there still is %s", v.Name, set, of[0].Mode)
	}
	if further, against := recommended(&again.Variants[0]); len(further) > 0 && !broughtByARepair(v, set, against) && !v.Trying.Cut && v.Trying.Replications == len(v.Replications) && !again.Variants[0].Trying.Cut {
		t.Errorf("%s with %v is told to go on with %v", v.Name, set, further)
	}
}

// broughtByARepair says whether a recommendation is against something that a
// step of the timeline has brought, and that the variant is without.
func broughtByARepair(v *result.Variant, set []string, against []result.Finding) bool {
	return (&result.Remedy{Set: set}).Repairs() && slices.ContainsFunc(against, func(f result.Finding) bool {
		return !f.Mode.OfNetwork() && !slices.ContainsFunc(v.Findings, func(had result.Finding) bool { return had.Mode == f.Mode })
	})
}

// shorter is what makes scenarios short that are long to show how things add up, or
// how often.
var shorter = map[string][]string{"leaked-enis": {"duration=6h"}, "fragmented-subnet": {"replications=3"}}

// Nothing that is printed for a shipped scenario makes anything worse, and who
// does it is told nothing more.
func TestRemediesOfShippedScenariosHold(t *testing.T) {
	n := &tally{}
	for _, name := range scenarios.EmbeddedNames() {
		t.Run(name, func(t *testing.T) { check(t, scenariotest.Shipped(t, name, scenarios.Options{Set: shorter[name]}), n) })
	}
	n.log(t)
}

// everything asks for the scenarios that take minutes, too.
var everything = flag.Bool("everything", false, "try the remedies of all incidents' scenarios, which takes four minutes of one core")

// thorough are those of them that take more than four seconds each, Neon's fleets
// most of all.
var thorough = []string{
	"incidents/errors-989", "incidents/leaks-69", "incidents/neon-s1", "incidents/neon-s2", "incidents/neon-s3", "incidents/neon-s4",
	"incidents/neon-s6", "incidents/nodes-150-405",
}

// Nor does what is printed for a scenario after a published incident.
func TestRemediesOfIncidentsHold(t *testing.T) {
	n := &tally{}
	for _, name := range scenarios.IncidentNames() {
		t.Run(name, func(t *testing.T) {
			if slices.Contains(thorough, name) && !*everything {
				t.Skip("takes long: -everything")
			}
			check(t, scenariotest.Shipped(t, name, scenarios.Options{}), n)
		})
	}
	n.log(t)
}

// A recommendation that is put together from several has nothing in it that
// does nothing: without any of its settings something else happens.
func TestNoSettingOfARecommendationIsIdle(t *testing.T) {
	variants := scenariotest.Shipped(t, "leaked-enis", scenarios.Options{Set: shorter["leaked-enis"]})
	r := advised(t, remedy.Options{Events: 1e7}, variants...)
	several := 0
	for i := range r.Variants {
		set, _ := recommended(&r.Variants[i])
		if len(set) < 2 {
			continue
		}
		several++
		fingerprint := func(set []string) string {
			changed, err := variants[i].With(set...)
			if err != nil {
				t.Fatal(err)
			}
			return run(t, changed).Fingerprint
		}
		whole := fingerprint(set)
		for j, setting := range set {
			if fingerprint(slices.Delete(slices.Clone(set), j, j+1)) == whole {
				t.Errorf("%s: %v does the same without %s", r.Variants[i].Name, set, setting)
			}
		}
	}
	if several == 0 {
		t.Error("no recommendation has several settings")
	}
}

// What lets a pool grow stays in a recommendation, also where the pods of the
// scenario would have enough without it: the next pods would not.
func TestARecommendationLetsPoolsGrow(t *testing.T) {
	for _, c := range []struct{ report, mode, setting string }{
		{"01-min-without-warm-pd", "pool-at-minimum", "WARM_IP_TARGET=1"},
		{"01b-min-without-warm-secondary", "pool-at-minimum", "WARM_IP_TARGET=1"},
		{"18b-burst-then-cordon", "cordoned-nodes", "AWS_MANAGE_ENIS_NON_SCHEDULABLE=true"},
	} {
		text, err := os.ReadFile("testdata/" + c.report + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		v := &advised(t, remedy.Options{}, expanded(t, string(text))[0]).Variants[0]
		set, of := recommended(v)
		if len(of) == 0 || string(of[0].Mode) != c.mode {
			t.Fatalf("%s: %v is recommended against %v", c.report, set, of)
		}
		if !slices.Contains(set, "nodeGroups.workers.cni."+c.setting) {
			t.Errorf("%s: %v is without %s", c.report, set, c.setting)
		}
	}
}

// These were recommended once, before anybody tried them: each causes the
// outage that it should prevent.
func TestWhatHarmsIsNotRecommended(t *testing.T) {
	for _, c := range []struct{ scenario, variant, warm, minimum string }{
		{"scale-out-and-in", "default", "2", "20"},
		{"rolling-restart", "ten-percent", "2", "14"},
	} {
		v := scenariotest.Shipped(t, c.scenario, scenarios.Options{Variants: []string{c.variant}})
		set, _ := recommended(&advised(t, remedy.Options{}, v...).Variants[0])
		if slices.ContainsFunc(set, func(s string) bool { return strings.HasSuffix(s, ".MINIMUM_IP_TARGET="+c.minimum) }) &&
			slices.ContainsFunc(set, func(s string) bool { return strings.HasSuffix(s, ".WARM_IP_TARGET="+c.warm) }) {
			t.Errorf("%s %s: %v", c.scenario, c.variant, set)
		}
	}
}

// text is a result as the program prints it.
func text(t testing.TB, r *result.Result) string {
	t.Helper()
	var b strings.Builder
	if err := reports.JSON(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The result does not depend on how many run at a time.
func TestTryingDoesNotDependOnTheWorkers(t *testing.T) {
	variants := scenariotest.Shipped(t, "latency-cliff", scenarios.Options{})
	one := text(t, advised(t, remedy.Options{Workers: 1}, variants...))
	if many := text(t, advised(t, remedy.Options{Workers: 7}, variants...)); many != one {
		t.Error("seven workers recommend something else than one")
	}
}

// The bound counts events, and what it leaves untried is said.
func TestTheWorkIsBounded(t *testing.T) {
	variants := scenariotest.Shipped(t, "latency-cliff", scenarios.Options{Variants: []string{"default"}})
	own := uint64(0)
	for i, r := range run(t, variants...).Variants[0].Replications {
		if own += r.Events; i == 0 {
			own = 0
		}
	}
	for _, c := range []struct {
		events              uint64
		replications, least int
		cut                 bool
	}{{0, 5, 1, false}, {own, 1, 1, false}, {10, 1, 0, true}} {
		v := advised(t, remedy.Options{Events: c.events}, variants...).Variants[0]
		if got := v.Trying; got.Replications != c.replications || got.Cut != c.cut || got.Trials < c.least || got.Events > max(c.events, got.MostEvents) {
			t.Errorf("with a bound of %d: %+v", c.events, got)
		}
		if set, _ := recommended(&v); (len(set) > 0) == c.cut {
			t.Errorf("with a bound of %d: %v", c.events, set)
		}
	}
}

func TestNothingIsRunForOtherAdvice(t *testing.T) {
	variants := scenariotest.Shipped(t, "latency-cliff", scenarios.Options{Variants: []string{"default"}})
	untried := advised(t, remedy.Options{Advice: result.Untried}, variants...).Variants[0]
	none := advised(t, remedy.Options{Advice: result.NoRemedies}, variants...).Variants[0]
	if r := untried.Findings[0].Remedies; len(r) == 0 || r[0].Verdict != "" || untried.Trying.Events > 0 {
		t.Errorf("untried: %+v", r)
	}
	if f := none.Findings[0]; len(f.Remedies) > 0 || f.Remedy != "" || none.Trying.Events > 0 {
		t.Errorf("none: %+v", f)
	}
}

func TestTryingEndsWithItsContext(t *testing.T) {
	variants := scenariotest.Shipped(t, "latency-cliff", scenarios.Options{})
	r := run(t, variants...)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := remedy.Try(ctx, variants, r, remedy.Options{}); err == nil {
		t.Error("a cancelled context is no error")
	}
}

// A finding that is gone, and whose pods wait for something else as long as they
// did, is not cured: without a cooldown the same pods fail for the metadata alone.
func TestPodsThatStillWaitAreNotCured(t *testing.T) {
	v := advised(t, remedy.Options{}, scenariotest.Shipped(t, "imds-stale", scenarios.Options{Variants: []string{"silent"}})...).Variants[0]
	set, of := recommended(&v)
	i := slices.IndexFunc(of, func(f result.Finding) bool { return f.Mode == result.ModeCooldownStall })
	if i < 0 {
		t.Fatalf("nothing is recommended against the stall: %v", set)
	}
	if got := of[i].Remedies[0]; got.Verdict != result.Helps || slices.Contains(got.Leaves, result.ModeCooldownStall) {
		t.Errorf("%s, and it leaves %v", got.Verdict, got.Leaves)
	}
}

// Against what passes by itself people restart things. That is tried, and where it
// does nothing it is said to.
func TestRestartsInAnOutageAreTriedInVain(t *testing.T) {
	v := advised(t, remedy.Options{}, scenariotest.Shipped(t, "imds-stale", scenarios.Options{Variants: []string{"silent"}, Set: []string{"nodeGroups.workers.cni.IP_COOLDOWN_PERIOD=0"}})...).Variants[0]
	i := slices.IndexFunc(v.Findings, func(f result.Finding) bool { return f.Mode == result.ModeMetadataOutage })
	if i < 0 {
		t.Fatal("no metadata outage is found")
	}
	f := v.Findings[i]
	if len(f.Remedies) > 0 || len(f.Rejected) != 2 {
		t.Fatalf("recommended %v, rejected %v", f.Remedies, f.Rejected)
	}
	for k, at := range []string{"1m30s", "7m30s"} {
		if r := f.Rejected[k]; !slices.Equal(r.Set, []string{"faults.+={kind: restart-ipamd, at: " + at + "}"}) || r.Verdict == result.Unfinished {
			t.Errorf("%v: %s", r.Set, r.Verdict)
		}
	}
}

// A rolling update that takes smaller steps is recommended only where it comes to
// every node before the run is over.
func TestARollingUpdateThatIsNotMadeIsNoRemedy(t *testing.T) {
	v := advised(t, remedy.Options{}, scenariotest.Shipped(t, "rolling-restart", scenarios.Options{Variants: []string{"all-at-once"}})...).Variants[0]
	set, of := recommended(&v)
	if !slices.Equal(set, []string{"faults.0.maxUnavailable=10%"}) || of[0].Mode != result.ModeIPAMDDown {
		t.Fatalf("%v against %v", set, of)
	}
	if c := of[0].Remedies[0].Kubectl; !strings.Contains(c, `"maxUnavailable":"10%"`) {
		t.Errorf("on a cluster: %s", c)
	}
}

// Repairs of nodes' networks are steps of the timeline, tried like settings: who
// does them has fewer pods that lose packets at the end.
func TestRepairsOfTheNetworkAreTried(t *testing.T) {
	for _, c := range []struct {
		scenario, variant, command string
		mode                       result.Mode
		steps                      []string
	}{
		{"silent-drop", "networkd-restart", "rollout restart deployment", result.ModeSilentDrop, []string{"restart-ipamd", "recreate-pods"}},
		{"silent-drop", "ipamd-restart", "rollout restart deployment", result.ModeSilentDrop, []string{"recreate-pods"}},
		{"networkd-flush", "foreign-rules-dropped", "rollout restart daemonset aws-node", result.ModeNoWayOut, []string{"restart-ipamd"}},
	} {
		v := advised(t, remedy.Options{}, scenariotest.Shipped(t, c.scenario, scenarios.Options{Variants: []string{c.variant}})...).Variants[0]
		i := slices.IndexFunc(v.Findings, func(f result.Finding) bool { return f.Mode == c.mode })
		if i < 0 || len(v.Findings[i].Remedies) == 0 {
			t.Errorf("%s %s: nothing is recommended against %s", c.scenario, c.variant, c.mode)
			continue
		}
		r := v.Findings[i].Remedies[0]
		if len(r.Set) != len(c.steps) || !strings.Contains(r.Kubectl, c.command) || r.AddOn != "" {
			t.Errorf("%s %s: %v, %s", c.scenario, c.variant, r.Set, r.Kubectl)
			continue
		}
		for k, step := range c.steps {
			if !strings.HasPrefix(r.Set[k], "faults.+={kind: "+step+", ") {
				t.Errorf("%s %s: %v", c.scenario, c.variant, r.Set)
			}
		}
		if end := r.Tried["pods_dropping_end"]; *end.After >= *end.Before {
			t.Errorf("%s %s: %v pods lose packets at the end, they were %v", c.scenario, c.variant, *end.After, *end.Before)
		}
	}
}

// A restart of ipamd alone writes no rule that is missing: it is tried against
// dropped rules, and not recommended.
func TestARestartAloneIsNoRemedyForDroppedRules(t *testing.T) {
	v := scenariotest.Shipped(t, "silent-drop", scenarios.Options{Variants: []string{"networkd-restart"}})
	untried := advised(t, remedy.Options{Advice: result.Untried}, v...).Variants[0].Findings[0].Remedies
	if len(untried) == 0 || len(untried[0].Set) != 1 || !strings.Contains(untried[0].Set[0], "restart-ipamd") {
		t.Fatalf("proposed: %+v", untried)
	}
	changed, err := v[0].With(untried[0].Set...)
	if err != nil {
		t.Fatal(err)
	}
	before, after := run(t, v...).Variants[0], run(t, changed).Variants[0]
	if before.Network.DroppingEnd == 0 || after.Network.DroppingEnd != before.Network.DroppingEnd {
		t.Errorf("%d pods lose packets at the end, they were %d", after.Network.DroppingEnd, before.Network.DroppingEnd)
	}
}
