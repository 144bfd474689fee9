package explain_test

import (
	"errors"
	"fmt"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	_ "ipamsim/internal/properties"

	"ipamsim/scenarios"
	"ipamsim/scenarios/scenariotest"
	"ipamsim/sim/explain"
	"ipamsim/sim/fleet"
)

// growing is a fleet in which pods get nodes that were there and nodes that
// come for them, and some get none.
const growing = `
apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: growing}
duration: 12m
vpc: {cidrs: [10.0.0.0/16], subnets: [{name: a, cidr: 10.0.0.0/20, az: a}]}
nodeGroups:
  - {name: workers, instanceType: m5.large, count: 3, max: 8}
autoscaler: {kind: karpenter}
workloads:
  - name: web
    initial: 10
    replicas: [{at: 1m, count: 70, over: 1m}, {at: 6m, count: 20}, {at: 8m, count: 90}]
    resources: {cpu: 200m, memory: 100Mi}
`

// To follow a pod tells what two runs tell, digit for digit, whether its node
// was there before it, came after it, or never came.
func TestOneRunTellsOfANamedPodWhatTwoTell(t *testing.T) {
	v := scenariotest.Expand(t, growing, scenarios.Options{})[0]
	runs := map[int]int{} // pods by the number of runs
	rapid.Check(t, func(t *rapid.T) {
		q := explain.Question{Replication: 1, Pod: fmt.Sprint("web-", rapid.IntRange(0, 180).Draw(t, "pod"))}
		two, wrong := explain.Searched(t.Context(), v, q, explain.Options{})
		total := 0
		one, err := explain.Followed(t.Context(), v, q, explain.Options{Progress: func(p fleet.Progress) { total = p.Total }})
		var unknown, same *explain.UnknownPodError
		if errors.As(wrong, &unknown) {
			if !errors.As(err, &same) || !reflect.DeepEqual(unknown, same) {
				t.Fatalf("%v, want %v", err, wrong)
			}
			return
		}
		if wrong != nil || err != nil {
			t.Fatal(wrong, err)
		}
		runs[total]++
		if !reflect.DeepEqual(one, two) {
			t.Errorf("%s in %d runs: %+v\nwant %+v", q.Pod, total, one, two)
		}
	})
	if runs[1] == 0 || runs[2] == 0 {
		t.Errorf("pods by their runs: %v, want some of each", runs)
	}
}
