package awssdk_test

import (
	"testing"

	"ipamsim/internal/source"
	"ipamsim/sim/awssdk"
)

func TestEveryConstantHasAUniqueNameAKindAndASource(t *testing.T) {
	values := map[string]string{}
	for _, c := range awssdk.Constants() {
		if _, twice := values[c.Name]; twice || c.Name == "" || c.Value == "" {
			t.Errorf("without a value or twice: %+v", c)
		}
		values[c.Name] = c.Value
		if c.Kind != source.FromCode && c.Kind != source.Measured {
			t.Errorf("%s has the kind %q", c.Name, c.Kind)
		}
		if len(c.Source) < 20 {
			t.Errorf("%s has the source %q", c.Name, c.Source)
		}
	}
	for name, want := range map[string]string{
		"attempts.most": "3", "attempt.timeout": "10", "quota.size": "500", "backoff.1": "0 to 2", "backoff.4": "0 to 16",
		"backoff.5AndLater": "20", "retryable.statuses": "500, 502, 503, 504",
	} {
		if values[name] != want {
			t.Errorf("%s is %q, want %q", name, values[name], want)
		}
	}
}
