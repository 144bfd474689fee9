package measure_test

import (
	"math"
	"testing"

	"ipamsim/scenarios"
	"ipamsim/scenarios/scenariotest"
	"ipamsim/sim/fleet"
)

// The phases of each pod add up to its time from created to running, for pods
// of every kind: DaemonSets' wait for the network of their node, hosts' need
// no address, jobs come and go.
func TestPhasesAddUpToTheTimeFromCreatedToRunning(t *testing.T) {
	const text = `
apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: phases}
warmUp: 0s
duration: 10m
vpc:
  cidrs: [10.0.0.0/16]
  subnets: [{name: a, cidr: 10.0.0.0/22, az: a}]
nodeGroups:
  - {name: nodes, instanceType: m5.large, count: 3, max: 20}
autoscaler: {kind: karpenter}
workloads:
  - {name: agents, kind: DaemonSet}
  - {name: exporters, kind: DaemonSet, hostNetwork: true}
  - {name: web, replicas: [{at: 1m, count: 150}, {at: 5m, count: 20}]}
  - {name: pulled, kind: Job, arrivals: {rate: 1}, lifetime: {mean: 20s}, imagePull: {mean: 3s}}
faults:
  - {kind: restart-ipamd, at: 90s}
`
	w, err := fleet.New(scenariotest.Expand(t, text, scenarios.Options{})[0], fleet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Run(t.Context(), w.End, nil); err != nil {
		t.Fatal(err)
	}
	waited := false
	for _, p := range w.Measured.Samples.Running {
		if sum := p.Phases.Sum(); math.Abs(sum-p.Pending) > 1e-6 {
			t.Fatalf("phases add up to %v of %v: %+v", sum, p.Pending, p.Phases)
		}
		for _, phase := range []float64{p.Phases.Node, p.Phases.Scheduling, p.Phases.Sandbox, p.Phases.AddressWait, p.Phases.Backoff, p.Phases.Image} {
			if phase < 0 {
				t.Fatalf("a negative phase: %+v", p.Phases)
			}
		}
		waited = waited || p.Phases.Node > 0
	}
	if len(w.Measured.Samples.Running) < 500 || !waited {
		t.Errorf("%d pods ran: the scenario does not show what it should", len(w.Measured.Samples.Running))
	}
}
