package main

import (
	"os"
	"testing"

	"ipamsim/sim"
)

// The page "Plan a migration" goes on with the scenario that its first step makes.
func TestTheScenarioOfTheMigrationIsWhatImportMakes(t *testing.T) {
	t.Chdir("../..")
	want, err := os.ReadFile("docs/migration/found.yaml")
	if err != nil {
		t.Fatal(err)
	}
	code, got, stderr := invoke(sim.Run, "import", "docs/migration/cluster", "--quiet")
	if code != 0 || got != string(want) {
		t.Errorf("exit code %d, %s\ndocs/migration/found.yaml is not what import makes of docs/migration/cluster any more:\ngo run ./cmd/ipamsim import docs/migration/cluster > docs/migration/found.yaml", code, stderr)
	}
}
