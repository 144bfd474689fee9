package cluster

import (
	"slices"
	"strings"
	"testing"

	"ipamsim/internal/source"
)

func TestEveryConstantHasAUniqueNameAKindAndASource(t *testing.T) {
	names := map[string]bool{}
	for _, c := range Constants() {
		if c.Name == "" || c.Value == "" || names[c.Name] {
			t.Errorf("without a value or twice: %+v", c)
		}
		names[c.Name] = true
		if !slices.Contains(source.Kinds(), c.Kind) {
			t.Errorf("%s has the kind %q", c.Name, c.Kind)
		}
		if c.Kind != source.Assumption && !strings.Contains(c.Source, "https://") || len(c.Source) < 20 {
			t.Errorf("%s has the source %q", c.Name, c.Source)
		}
	}
}
