package fleet_test

import (
	"context"
	"fmt"
	"testing"

	"ipamsim/scenarios"
	"ipamsim/sim"
)

// The reader of scenarios warns of pods that no node can hold; it must know
// what the cluster takes for itself.
func TestTheReaderKnowsWhichPodsFitOnANode(t *testing.T) {
	const text = `
apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: room}
duration: 1m
vpc: {cidrs: [10.0.0.0/16], subnets: [{name: a, cidr: 10.0.0.0/24, az: a}]}
nodeGroups: [{name: w, instanceType: m5.large, count: 1, maxPods: %d}]
workloads:
  - {name: d, kind: DaemonSet, resources: {cpu: 100m, memory: 10Mi}}
  - {name: web, replicas: [{at: 1s, count: 1}], resources: {cpu: %s, memory: %s}}
`
	for _, test := range []struct {
		maxPods     int
		cpu, memory string
		fits        bool
	}{
		{29, "1680m", "7508Mi", true},
		{29, "1681m", "7508Mi", false},
		{29, "1680m", "7509Mi", false},
		{4, "100m", "1Mi", true},
		{3, "100m", "1Mi", false},
	} {
		f, err := scenarios.Load("f.yaml", fmt.Appendf(nil, text, test.maxPods, test.cpu, test.memory))
		if err != nil {
			t.Fatal(err)
		}
		variants, err := f.Variants(scenarios.Options{})
		if err != nil {
			t.Fatal(err)
		}
		result, err := sim.Run(context.Background(), variants, sim.Options{Workers: 1})
		if err != nil {
			t.Fatal(err)
		}
		pending := result.Variants[0].Pods.NeverStarted
		if (pending == 0) != test.fits || (len(f.Warnings) == 0) != test.fits {
			t.Errorf("%+v: %d pods never started; warnings %v", test, pending, f.Warnings)
		}
	}
}
