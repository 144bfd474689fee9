package reports

import (
	"fmt"
	"strings"
	"testing"

	"ipamsim/sim/result"
)

// repeated is a result in which some kinds of findings are in several variants.
func repeated(variants, kinds int) *result.Result {
	r := &result.Result{Scenario: result.Scenario{Name: "repeated"}, Replications: 1}
	for i := range variants {
		v := result.Variant{Name: fmt.Sprintf("variant-%d", i), Trying: &result.Trying{Advice: result.Tried}}
		for j := range kinds {
			f := result.Finding{Mode: result.Mode(fmt.Sprintf("mode-%d", j)), Summary: fmt.Sprintf("Mode %d of variant %d.", j, i), PodsAffected: 100 - 10*j + i,
				Checks: []result.Check{{Command: "kubectl get pods", Shows: "pods"}}}
			for k := range 5 {
				f.Evidence = append(f.Evidence, fmt.Sprintf("fact %d", k))
			}
			f.Remedies = []result.Remedy{{Set: []string{fmt.Sprintf("duration=%dm", 1+i%2)}, Verdict: result.Cures, Tried: map[string]result.Change{}}}
			v.Findings = append(v.Findings, f)
		}
		r.Variants = append(r.Variants, v)
	}
	return r
}

// A kind of finding that several variants have is told once, where it hits most
// pods; every variant's remedy is told, and wide tells everything.
func TestAKindOfFindingIsToldOnce(t *testing.T) {
	r := repeated(4, 9)
	short, wide := table(t, r, TableOptions{}), table(t, r, TableOptions{Wide: true})
	for j := range 9 {
		shown := strings.Count(short, fmt.Sprintf("  Mode %d of variant", j))
		if j < kindsShown && (shown != 1 || !strings.Contains(short, fmt.Sprintf("  Mode %d of variant 3.", j))) || j >= kindsShown && shown != 0 {
			t.Errorf("mode %d is told %d times:\n%s", j, shown, short)
		}
		if !strings.Contains(short, fmt.Sprintf("mode-%d", j)) {
			t.Errorf("mode %d is not named", j)
		}
		if n := strings.Count(wide, fmt.Sprintf("  Mode %d of variant", j)); n != 4 {
			t.Errorf("wide tells mode %d of %d variants", j, n)
		}
	}
	for _, want := range []string{"and 3 more kinds (-o wide shows all): mode-6 in", "36 findings of 9 kinds", "and 2 more facts (-o wide)", "in variant-0 and variant-2:", "in variant-1:\n    the same (cures it):", "--set duration=1m", "--set duration=2m"} {
		if !strings.Contains(short, want) {
			t.Errorf("the text lacks %q:\n%s", want, short)
		}
	}
	for i := range r.Variants {
		if !strings.Contains(short, r.Variants[i].Name) {
			t.Errorf("%s is not named", r.Variants[i].Name)
		}
	}
	if strings.Contains(wide, "more fact") || strings.Contains(wide, "more kind") {
		t.Error("wide leaves something out")
	}
}

// Of many rows only the actions that EC2 has refused are shown, and the totals.
func TestManyActionsAreCutDownToTheRefused(t *testing.T) {
	r := repeated(5, 0)
	for i := range r.Variants {
		r.Variants[i].API = map[string]*result.Action{}
		for j := range 8 {
			r.Variants[i].API[fmt.Sprintf("Action%d", j)] = &result.Action{Calls: 1, Attempts: 2}
		}
	}
	r.Variants[2].API["Action3"].Throttled = 1
	r.Variants[3].API["Action5"].Errors = map[string]int{"InvalidParameterValue": 1}
	short, wide := table(t, r, TableOptions{}), table(t, r, TableOptions{Wide: true})
	for j := range 8 {
		name := fmt.Sprintf("\nAction%d ", j)
		if strings.Contains(short, name) != (j == 3 || j == 5) || !strings.Contains(wide, name) {
			t.Errorf("action %d:\n%s", j, short)
		}
	}
	if !strings.Contains(short, "and 6 actions of which no request was throttled or failed") || strings.Count(short, "16") != 5 {
		t.Errorf("the text does not say what it leaves out, or lacks totals:\n%s", short)
	}
}
