package hostnet_test

import (
	"testing"

	"ipamsim/internal/source"
	"ipamsim/sim/hostnet"
)

func TestEveryConstantHasAUniqueNameAKindAndASource(t *testing.T) {
	names := map[string]bool{}
	for _, c := range hostnet.Constants() {
		if c.Name == "" || c.Value == "" || names[c.Name] {
			t.Errorf("without a value or twice: %+v", c)
		}
		names[c.Name] = true
		if c.Kind != source.FromCode && c.Kind != source.FromDocs {
			t.Errorf("%s has the kind %q", c.Name, c.Kind)
		}
		if len(c.Source) < 20 {
			t.Errorf("%s has the source %q", c.Name, c.Source)
		}
	}
}
