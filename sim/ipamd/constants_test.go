package ipamd

import (
	"testing"
	"time"

	"ipamsim/internal/source"
)

func TestEveryConstantHasAUniqueNameAKindAndASource(t *testing.T) {
	names := map[string]bool{}
	for _, c := range Constants() {
		if c.Name == "" || c.Value == "" || names[c.Name] {
			t.Errorf("without a value or twice: %+v", c)
		}
		names[c.Name] = true
		if c.Kind != source.FromCode {
			t.Errorf("%s has the kind %q", c.Name, c.Kind)
		}
		if len(c.Source) < 20 {
			t.Errorf("%s has the source %q", c.Name, c.Source)
		}
	}
}

// The documented values, as the recorded daemon and its source have them.
func TestConstantsSayWhatTheCodeUses(t *testing.T) {
	values := map[string]string{}
	for _, c := range Constants() {
		values[c.Name] = c.Value
	}
	for name, want := range map[string]string{
		"pool.halfPass": "2.5", "pool.insufficientPause": "120", "waitForENI.firstPause": "0.1", "waitForENI.tries": "12",
		"tag.jitter": "0 to 30", "WARM_ENI_TARGET": "1", "WARM_PREFIX_TARGET": "0", "IP_COOLDOWN_PERIOD": "30",
		"ENABLE_SUBNET_DISCOVERY": "true", "DISABLE_LEAKED_ENI_CLEANUP": "false", "describe.pause": "0.01",
	} {
		if values[name] != want {
			t.Errorf("%s is %q, want %q", name, values[name], want)
		}
	}
	if got := seconds("", HalfPass+time.Millisecond, "").Value; got != "2.501" {
		t.Errorf("a changed timer prints as %s", got)
	}
}
