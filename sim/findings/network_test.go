package findings_test

import (
	"strings"
	"testing"

	"ipamsim/scenarios"
	"ipamsim/scenarios/scenariotest"
	"ipamsim/sim/result"
)

func findingsOf(t *testing.T, text string) map[string]result.Finding {
	t.Helper()
	list := map[string]result.Finding{}
	for _, f := range ran(t, loaded(t, text), scenarios.Options{}).Variants[0].Findings {
		list[string(f.Mode)] = f
	}
	return list
}

// A fault that nobody noticed must not pass for one that was survived.
func TestAFaultThatHitsNothingIsSaid(t *testing.T) {
	for fault, missed := range map[string]bool{
		"{kind: restart-ipamd, at: 1m}":                                        false,
		"{kind: restart-ipamd, at: 1m, node: nodes-99}":                        true,
		"{kind: kill-nodes, at: 1m, when: detached}":                           true,
		"{kind: api-errors, at: 1m, for: 1s, code: Unavailable}":               true,
		"{kind: flush-rules, at: 1m, count: 0}":                                true,
		"{kind: netlink-errors, at: 1m, for: 5m, step: to-rule}":               true, // no pod comes
		"{kind: throttle-storm, at: 1m, for: 5m, action: CreateTags, rate: 1}": false,
	} {
		found, said := findingsOf(t, scenariotest.Setting{Nodes: 2, Pods: 10, Faults: []string{fault}}.String())["fault-without-effect"]
		if said != missed || said && !strings.HasPrefix(found.Evidence[0], "faults[0] (") {
			t.Errorf("%s: said %v: %+v", fault, said, found)
		}
	}
}

// Each finding of the network says since when, by what, whom, how one sees it
// and how one is told.
func TestFindingsOfTheNetworkCanBeActedUpon(t *testing.T) {
	for fault, mode := range map[string]string{
		"{kind: flush-rules, at: 1m}":                      "silent-drop",
		"{kind: flush-table, at: 1m}":                      "silent-drop",
		"{kind: flush-rules, at: 61s}":                     "missing-rules",
		"{kind: unassign-addresses, at: 1m, addresses: 9}": "lost-addresses",
	} {
		f, found := findingsOf(t, scenariotest.Setting{Nodes: 2, Pods: 40, Faults: []string{fault}}.String())[mode]
		if !found {
			t.Errorf("%s: no %s", fault, mode)
			continue
		}
		if !strings.HasPrefix(f.Evidence[0], "From 1m") || !strings.Contains(f.Evidence[0], " on nodes-") || !strings.Contains(f.Evidence[0], "web-") {
			t.Errorf("%s: %q says not when, where and who", mode, f.Evidence[0])
		}
		if f.Remedy == "" || len(f.Checks) == 0 || f.Alert == nil || f.Alert.PromQL == "" || f.Alert.Shell == "" {
			t.Errorf("%s: %+v", mode, f)
		}
		if f.Alert != nil && f.Alert.Metric != "" && !strings.Contains(f.Alert.PromQL, f.Alert.Metric) {
			t.Errorf("%s: the rule %s does not use %s", mode, f.Alert.PromQL, f.Alert.Metric)
		}
	}
}

// Where two faults come together, the advice against each is given, once, and
// says where it applies.
func TestTheAdviceAgainstTwoCausesIsJoined(t *testing.T) {
	rules, table := "{kind: flush-rules, node: nodes-0, at: 1m}", "{kind: flush-table, node: nodes-1, at: 2m}"
	remedy := func(faults ...string) string {
		return findingsOf(t, scenariotest.Setting{Nodes: 2, Pods: 40, Faults: faults}.String())["silent-drop"].Remedy
	}
	onlyRules, onlyTable := remedy(rules), remedy(table)
	const recreate, foreign, again = "recreate all of its pods", "ManageForeignRoutes=no", "sets every attached interface up again"
	for _, phrase := range []string{recreate, foreign} {
		if !strings.Contains(onlyRules, phrase) {
			t.Errorf("after flush-rules: %q lacks %q", onlyRules, phrase)
		}
	}
	if !strings.Contains(onlyTable, again) || strings.Contains(onlyTable, foreign) || strings.Contains(onlyRules+onlyTable, "Where ") {
		t.Errorf("after flush-rules: %q\nafter flush-table: %q", onlyRules, onlyTable)
	}
	both := remedy(rules, table)
	for _, phrase := range []string{recreate, foreign, again, "Where systemd-networkd has dropped rules: restart ipamd", "Where an interface is without its table"} {
		if strings.Count(both, phrase) != 1 {
			t.Errorf("after both: %q has %q %d times", both, phrase, strings.Count(both, phrase))
		}
	}
	if reversed := remedy("{kind: flush-table, node: nodes-1, at: 1m}", "{kind: flush-rules, node: nodes-0, at: 2m}"); reversed != both {
		t.Errorf("the order of the faults changes the advice:\n%s\n%s", both, reversed)
	}
}

// Leaked interfaces are counted in the result, by their metrics and in words.
func TestLeakedInterfacesAreReported(t *testing.T) {
	text := scenariotest.Setting{Nodes: 1, CNI: "DISABLE_LEAKED_ENI_CLEANUP: true", Replicas: "{at: 1m, count: 2}",
		Faults: []string{"{kind: kill-nodes, count: 1, when: created}"}}.String() +
		"thresholds: {enis_leaked_peak: [value==1], enis_leaked_end: [value==1], enis_peak: [\"value>=3\"], agent_restarts: [count==0]}\n"
	v := ran(t, loaded(t, text), scenarios.Options{}).Variants[0]
	if v.Interfaces.LeakedPeak != 1 || v.Interfaces.LeakedEnd != 1 || v.Interfaces.Peak < 3 {
		t.Errorf("%+v", v.Interfaces)
	}
	for _, threshold := range v.Thresholds {
		if !threshold.OK {
			t.Errorf("%s %s failed", threshold.Metric, threshold.Expression)
		}
	}
	found := false
	for _, f := range v.Findings {
		found = found || f.Mode == "leaked-interfaces"
	}
	if !found {
		t.Errorf("no finding speaks of it: %+v", v.Findings)
	}
}
