package findings

import (
	"testing"

	"ipamsim/scenarios"
)

// Settings that come to the same are one thing to try.
func TestARemedyIsProposedOnce(t *testing.T) {
	file, err := scenarios.Open("hello")
	if err != nil {
		t.Fatal(err)
	}
	variants, err := file.Variants(scenarios.Options{})
	if err != nil {
		t.Fatal(err)
	}
	f := FactsOf(variants[0].Scenario)
	same := environment{"WARM_IP_TARGET": "2", "MINIMUM_IP_TARGET": "12"}
	if got := f.candidates(same, same, environment{"WARM_ENI_TARGET": "2"}, same); len(got) != 2 {
		t.Errorf("%d remedies, want 2: %v", len(got), got)
	}
}
