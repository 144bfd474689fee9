package reports

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"ipamsim/scenarios"
	"ipamsim/sim/controlplane"
	"ipamsim/sim/result"
)

// Every result says how fast its control plane creates and binds pods, which
// decides most bursts: each shipped scenario, each tier, in the text and in the
// documents.
func TestEveryResultSaysWhatItsControlPlaneIs(t *testing.T) {
	for _, name := range scenarios.EmbeddedNames() {
		for _, tier := range []string{"", "standard", "xl", "2xl", "4xl", "unlimited"} {
			file, err := scenarios.Open(name)
			if err != nil {
				t.Fatal(err)
			}
			var set []string
			if tier != "" {
				set = []string{"controlPlane={tier: " + tier + "}"}
			}
			variants, err := file.Variants(scenarios.Options{Set: set})
			if err != nil {
				t.Fatal(err)
			}
			r := &result.Result{SchemaVersion: result.SchemaVersion}
			lines := map[string]bool{}
			for _, v := range variants {
				text, err := v.EffectiveJSON()
				if err != nil {
					t.Fatal(err)
				}
				r.Variants = append(r.Variants, result.Variant{Name: v.Name, Scenario: text})
				lines[controlPlaneLine(v.Scenario, tier)] = true
			}
			shown := strings.Join(strings.Fields(table(t, r, TableOptions{})), " ")
			for line := range lines {
				if !strings.Contains(shown, line) {
					t.Errorf("%s, tier %q: the text does not say %q:\n%s", name, tier, line, shown[:min(len(shown), 600)])
				}
			}
			for _, v := range r.Variants {
				var doc struct {
					ControlPlane *struct{ Tier string }
				}
				if err := json.Unmarshal(v.Scenario, &doc); err != nil || doc.ControlPlane == nil || doc.ControlPlane.Tier == "" || tier != "" && doc.ControlPlane.Tier != tier {
					t.Errorf("%s: the scenario of %s does not say the tier: %v", name, v.Name, err)
				}
			}
		}
	}
}

// controlPlaneLine is what is to be said of a scenario; with a tier alone by the
// table of tiers.
func controlPlaneLine(s *scenarios.Scenario, tier string) string {
	creation, scheduling := s.ControlPlane.PodCreation.Bucket(), s.ControlPlane.Scheduling.Bucket()
	if tier != "" {
		known, _ := controlplane.TierNamed(tier)
		creation, scheduling = known.PodCreation, known.Scheduling
	} else {
		tier = s.ControlPlane.Tier
	}
	text := func(r controlplane.Rate) string {
		if r.PerSecond == 0 {
			return "no limit"
		}
		return fmt.Sprintf("%g/s (%d at once)", r.PerSecond, r.Burst)
	}
	return fmt.Sprintf("tier %s; pod creation of each controller %s, scheduling %s", tier, text(creation), text(scheduling))
}
