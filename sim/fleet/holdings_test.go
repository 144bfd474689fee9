package fleet_test

import (
	"fmt"
	"testing"

	"ipamsim/scenarios"
	"ipamsim/scenarios/scenariotest"
	"ipamsim/sim/fleet"
)

// oneGroup is a scenario of one node group and one Deployment that is there from
// the start.
func oneGroup(instance string, nodes, pods int, cni string) string {
	return fmt.Sprintf(`
apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: fleet}
duration: 5m
vpc:
  cidrs: [10.0.0.0/16]
  subnets: [{name: a, cidr: 10.0.0.0/18, az: a}]
nodeGroups:
  - {name: nodes, instanceType: %s, count: %d, cni: {%s}}
workloads:
  - {name: pods, initial: %d}
`, instance, nodes, cni, pods)
}

// settled runs a scenario and returns its world at the end.
func settled(t testing.TB, text string) *tested {
	t.Helper()
	w, err := newTested(scenariotest.Expand(t, text, scenarios.Options{})[0], fleet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Run(t.Context(), w.End, nil); err != nil {
		t.Fatal(err)
	}
	w.Outcome()
	return w
}

// What AWS and upstream's documents say that a node holds: addresses of the
// subnet, primaries included.
func TestNodesHoldWhatTheDocumentsSay(t *testing.T) {
	tests := []struct {
		name       string
		scenario   string
		held, warm int // warm: without pods and primaries
	}{
		// EKS best practices guide, VPC CNI page: CoreDNS runs on two of three
		// nodes; 20 + 20 + 10 addresses, 17 + 17 + 9 of them warm.
		{"three c5.large, two CoreDNS pods", oneGroup("c5.large", 3, 2, ""), 50, 17 + 17 + 9},
		{"m5.large without pods", oneGroup("m5.large", 1, 0, ""), 10, 9},
		{"m5.large with one pod", oneGroup("m5.large", 1, 1, ""), 20, 17},
		{"m5.large with ten pods", oneGroup("m5.large", 1, 10, ""), 30, 17},
		{"m5.large full", oneGroup("m5.large", 1, 27, ""), 30, 0},
		// upstream docs/eni-and-ip-target.md
		{"t3.small, WARM_IP_TARGET 1, MINIMUM_IP_TARGET 1, no pods", oneGroup("t3.small", 1, 0, "WARM_IP_TARGET: 1, MINIMUM_IP_TARGET: 1"), 2, 1},
		// upstream docs/prefix-and-ip-target.md
		{"m5.large, prefixes, WARM_PREFIX_TARGET 1, five pods", oneGroup("m5.large", 1, 5, "ENABLE_PREFIX_DELEGATION: true, WARM_PREFIX_TARGET: 1"), 33, 27},
		{"m5.large, prefixes, no pods", oneGroup("m5.large", 1, 0, "ENABLE_PREFIX_DELEGATION: true"), 17, 16},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := settled(t, test.scenario)
			subnet := &w.Measured.Outcome().Subnets[0]
			end := subnet.Held
			if held := w.Measured.Outcome().Subnets[0].Usable - subnet.FreeAtEnd; held != test.held {
				t.Errorf("%d addresses held, want %d (%+v)", held, test.held, end)
			}
			if end.Warm != test.warm {
				t.Errorf("%d warm addresses, want %d (%+v)", end.Warm, test.warm, end)
			}
		})
	}
}

// Host-network pods aside, a node carries (ENIs x (addresses - 1)) pods: the
// scheduler counts aws-node and kube-proxy as two more.
func TestAFullNodeCarriesItsMaxPods(t *testing.T) {
	for instance, pods := range map[string]int{"t3.small": 9, "m5.large": 27, "m5.xlarge": 56, "c5.4xlarge": 232} {
		w := settled(t, oneGroup(instance, 1, 300, ""))
		if got := w.Cluster.Counts().Running; got != pods {
			t.Errorf("%s carries %d pods, want %d", instance, got, pods)
		}
	}
}
