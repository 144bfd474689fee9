package fleet_test

import (
	"fmt"
	"testing"

	"ipamsim/ec2model"
)

// fleetUnderQuota asks for 12 nodes from an account with another resource
// bucket of RunInstances.
func fleetUnderQuota(burst int) string {
	return fmt.Sprintf(`
apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: quota}
duration: 20m
vpc:
  cidrs: [10.0.0.0/16]
  subnets: [{name: a, cidr: 10.0.0.0/20, az: a}]
ec2: {resourceThrottle: {RunInstances: {burst: %d, refillPerSecond: 0}}}
nodeGroups:
  - {name: nodes, instanceType: m5.large, max: 20}
autoscaler: {kind: cluster-autoscaler, scaleDown: false}
workloads:
  - {name: pods, initial: 0, replicas: [{at: 1s, count: 12}], resources: {cpu: 1200m}}
`, burst)
}

// The resource bucket counts instances, not requests, and a scenario may raise
// it: AWS raises this quota on request.
func TestAFleetGrowsAsFarAsItsResourceTokensReach(t *testing.T) {
	for _, c := range []struct{ burst, nodes int }{{0, 0}, {5, 5}, {12, 12}, {1000, 12}} {
		w := settled(t, fleetUnderQuota(c.burst))
		if got := w.Cluster.Counts().Ready; got > c.nodes || c.nodes == 12 && got != 12 {
			t.Errorf("%d tokens: %d nodes, want at most %d, and 12 when there are as many", c.burst, got, c.nodes)
		}
		if u := w.Account.Usage(); u.Instances > c.burst {
			t.Errorf("%d tokens: %+v", c.burst, u)
		}
	}
	if p := ec2model.DefaultProfile(); p.Resources[ec2model.RunInstances].Burst != 1000 || p.Resources[ec2model.CreateFleet].Burst < 1e9 {
		t.Error("it is RunInstances that counts instances, not CreateFleet unless it is told to")
	}
}
