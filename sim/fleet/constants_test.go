package fleet_test

import (
	"slices"
	"testing"

	"ipamsim/internal/source"
	"ipamsim/sim/fleet"
	"ipamsim/sim/machine"
	"ipamsim/sim/measure"
)

func TestEveryConstantHasAUniqueNameAKindAndASource(t *testing.T) {
	values := map[string]string{}
	for _, c := range slices.Concat(fleet.Constants(), machine.Constants(), measure.Constants()) {
		if _, twice := values[c.Name]; twice || c.Name == "" || c.Value == "" {
			t.Errorf("without a value or twice: %+v", c)
		}
		values[c.Name] = c.Value
		if c.Kind != source.FromCode && c.Kind != source.Assumption {
			t.Errorf("%s has the kind %q", c.Name, c.Kind)
		}
		if len(c.Source) < 20 {
			t.Errorf("%s has the source %q", c.Name, c.Source)
		}
	}
	for name, want := range map[string]string{"manifest.WARM_ENI_TARGET": "1", "ipamd.loopOverhead": "0.1"} {
		if values[name] != want {
			t.Errorf("%s is %q, want %q", name, values[name], want)
		}
	}
}
