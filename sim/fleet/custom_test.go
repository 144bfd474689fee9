package fleet_test

import (
	"fmt"
	"slices"
	"testing"

	"ipamsim/sim/cluster"
)

// customFleet is a fleet under custom networking: nodes in one block of the
// VPC, pods in another.
func customFleet(maxPods, pods int, eniConfig string) string {
	return fmt.Sprintf(`
apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: custom}
duration: 5m
vpc:
  cidrs: [10.0.0.0/16, 100.64.0.0/16]
  subnets:
    - {name: nodes-a, cidr: 10.0.0.0/20, az: a}
    - {name: nodes-b, cidr: 10.0.16.0/20, az: b}
    - {name: pods-a, cidr: 100.64.0.0/18, az: a}
    - {name: pods-b, cidr: 100.64.64.0/18, az: b}
nodeGroups:
  - name: nodes
    instanceType: m5.large
    count: 2
    maxPods: %d
    subnets: [nodes-a, nodes-b]
    cni: {AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: true}
    eniConfig: {%s}
workloads:
  - {name: pods, initial: %d}
`, maxPods, eniConfig, pods)
}

// An m5.large has 3 interfaces with 10 addresses: (3 - 1) x (10 - 1) + 2 pods.
// The two are on the host's network and not among the workload's.
func TestUnderCustomNetworkingPodsHaveAddressesOfTheirOwnSubnetsOnly(t *testing.T) {
	w := settled(t, customFleet(20, 100, "a: pods-a, b: pods-b"))
	if got := w.Cluster.Counts().Running; got != 2*18 {
		t.Errorf("two nodes carry %d pods, want 36", got)
	}
	for i, want := range []struct{ primaries, pods int }{{1, 0}, {1, 0}, {2, 18}, {2, 18}} {
		s := w.Measured.Outcome().Subnets[i]
		if s.Held.Primaries != want.primaries || s.Held.Assigned != want.pods || s.Held.Warm != 0 {
			t.Errorf("%s: %+v, want %d interfaces and %d pods", s.Name, s.Held, want.primaries, want.pods)
		}
	}
}

// What nodeadm would set, 29, is more than the pods' interfaces carry.
func TestUnderCustomNetworkingTheUsualMaxPodsAreTooMany(t *testing.T) {
	w := settled(t, customFleet(29, 54, "a: pods-a, b: pods-b"))
	if got := w.Cluster.Counts(); got.Running != 36 || got.Pending != 18 || slices.ContainsFunc(w.Cluster.Pending(), (*cluster.Pod).Unschedulable) {
		t.Errorf("%+v, want 36 of 54 bound pods running", got)
	}
}

func TestUnderCustomNetworkingANodeWithoutAnENIConfigNeverGetsReady(t *testing.T) {
	w := settled(t, customFleet(20, 100, "a: pods-a"))
	if got := w.Cluster.Counts().Running; got != 18 {
		t.Errorf("%d pods run, want those of one node", got)
	}
}
