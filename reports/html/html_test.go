package html

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"ipamsim/sim/planning"
	"ipamsim/sim/result"
)

// attack is a name as nobody should have one.
const attack = `</script><script>alert(1)</script>"'><img src=x onerror=alert(2)>` + "\u202e\x1b[31m"

// hostile is a result of which every text that a scenario gives is an attack.
func hostile() *result.Result {
	value := 3.0
	v := result.Variant{
		Name: attack, Description: attack, Warnings: []string{attack}, Scenario: json.RawMessage(`{}`),
		CNIVersions: map[string]string{attack: attack},
		Thresholds:  []result.Threshold{{Metric: "pod_start{workload:" + attack + "}", Expression: "p(99)<5s", Value: &value}},
		Findings: []result.Finding{{Mode: result.ModeLatencyCliff, Summary: attack, Evidence: []string{attack}, Remedy: attack, PodsAffected: 3,
			Remedies: []result.Remedy{{Set: []string{attack}, Kubectl: attack, AddOn: attack}}, Checks: []result.Check{{Command: attack, Shows: attack}}, Alert: &result.Alert{PromQL: attack, Shell: attack, Needs: attack}}},
	}
	v.Workloads = []result.PodSet{{Name: attack, Kind: "Deployment"}, {Name: "two", Kind: attack}}
	v.Subnets = []result.Subnet{{Name: attack, Zone: attack, CIDR: "10.0.0.0/28", Usable: 11, Held: result.Held{OthersBy: map[string]int{attack: 1}}}}
	v.API = map[string]*result.Action{attack: {Calls: 1, Attempts: 1, Errors: map[string]int{attack: 1}}}
	return &result.Result{Scenario: result.Scenario{Name: attack, Digest: attack}, Version: attack, Fingerprint: attack, Overrides: []string{attack}, Replications: 1, Variants: []result.Variant{v, v}}
}

func made(t *testing.T, write func(io.Writer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTextsOfAScenarioAreText(t *testing.T) {
	r := hostile()
	page := made(t, func(w io.Writer) error { return Result(w, r) })
	for _, bad := range []string{"<script>alert", "<img", "</script><", "\u202e", "\x1b"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	if n := strings.Count(page, "&lt;script&gt;alert(1)"); n < 20 {
		t.Errorf("only %d texts are shown", n)
	}
	if n := strings.Count(page, "<script"); n != 1 {
		t.Errorf("%d scripts", n)
	}
}

func TestPagesAreTheSameEachTime(t *testing.T) {
	first := made(t, func(w io.Writer) error { return Result(w, hostile()) })
	for range 3 {
		if made(t, func(w io.Writer) error { return Result(w, hostile()) }) != first {
			t.Fatal("the page differs")
		}
	}
}

func TestPagesOfNothingAreWhole(t *testing.T) {
	for name, write := range map[string]func(io.Writer) error{
		"result": func(w io.Writer) error {
			return Result(w, &result.Result{Variants: []result.Variant{{Name: "default"}}})
		},
		"plan": func(w io.Writer) error { return Plan(w, &planning.Plan{}) },
		"variant": func(w io.Writer) error {
			return Plan(w, &planning.Plan{Variants: []planning.Variant{{Name: "default"}}})
		},
		"tuning": func(w io.Writer) error { return Tuning(w, &result.Tuning{}) },
	} {
		page := made(t, write)
		if !strings.HasSuffix(page, "</html>\n") || !strings.Contains(page, "<h1>") {
			t.Errorf("%s: %s", name, page)
		}
	}
}
