package fleet_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// trustSays holds a row of docs/trust.md against a run: that of a report, by the
// number of its link, must say what the run shows.
func trustSays(t *testing.T, report, figures string) {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "trust.md"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(page)) {
		if strings.HasPrefix(line, "| ") && strings.Contains(line, report) {
			if !strings.Contains(line, figures) {
				t.Errorf("docs/trust.md does not say %q, which the run shows: %s", figures, line)
			}
			return
		}
	}
	t.Errorf("docs/trust.md has no row of %s", report)
}
