package findings

import (
	"strings"
	"testing"
)

// What no run shows of a change is said with it, and nothing of other changes.
func TestRisksAreSaidWithTheChange(t *testing.T) {
	for _, c := range []struct {
		set  string
		says string // nothing if empty
	}{
		{"nodeGroups.workers.cni.IP_COOLDOWN_PERIOD=0", "kube-proxy"},
		{"faults.0.cni.IP_COOLDOWN_PERIOD=5", "kube-proxy"},
		{"nodeGroups.workers.maxPods=12", "replaced"},
		{"nodeGroups.workers.cni.MINIMUM_IP_TARGET=12", ""},
		{"faults.0.maxUnavailable=10%", ""},
	} {
		risks := Remedy([]string{c.set, c.set}).Risks
		switch {
		case c.says == "" && len(risks) > 0:
			t.Errorf("%s: %v", c.set, risks)
		case c.says != "" && (len(risks) != 1 || !strings.Contains(risks[0], c.says)):
			t.Errorf("%s: %v, want one about %s", c.set, risks, c.says)
		}
	}
}
