package measure_test

import (
	"testing"
	"time"

	"ipamsim/scenarios"
	"ipamsim/scenarios/scenariotest"
	"ipamsim/sim/cluster"
	"ipamsim/sim/fleet"
	"ipamsim/sim/measure"
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
	waited, ran := false, 0
	w.Listener.PodRunning = func(p *cluster.Pod) {
		if p.Created < w.WarmUp {
			return
		}
		ran++
		phases := measure.PhasesOf(p)
		var sum time.Duration
		for _, phase := range []time.Duration{phases.Node, phases.Scheduling, phases.Sandbox, phases.AddressWait, phases.Backoff, phases.CPU, phases.Image} {
			if phase < 0 {
				t.Errorf("a negative phase: %+v", phases)
			}
			sum += phase
		}
		if sum != p.Running-p.Created {
			t.Errorf("%s: phases add up to %v of %v: %+v", p.Name(), sum, p.Running-p.Created, phases)
		}
		waited = waited || phases.Node > 0
	}
	if err := w.Run(t.Context(), w.End, nil); err != nil {
		t.Fatal(err)
	}
	if ran < 500 || !waited {
		t.Errorf("%d pods ran: the scenario does not show what it should", ran)
	}
}
