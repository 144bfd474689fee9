package explain_test

import (
	"testing"

	"ipamsim/scenarios"
	"ipamsim/scenarios/scenariotest"
	"ipamsim/sim/explain"
	"ipamsim/sim/fleet"
	"ipamsim/sim/recording"
)

// ipamd is said to ask for nothing for 120 s where it does so, and not where it
// goes on asking, because EC2 says by another code that no block is free.
func TestAPauseIsSaidOnlyWhereIPAMDAsksForNothing(t *testing.T) {
	for _, test := range []struct {
		cni, used string
		pauses    bool
	}{
		{"ENABLE_PREFIX_DELEGATION: true", "addresses: [10.0.0.9, 10.0.0.21, 10.0.0.40, 10.0.0.55]", false},
		{"", "count: 48", true}, // ten addresses for the node
	} {
		v := scenariotest.Expand(t, `
apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: x}
duration: 6m
vpc: {cidrs: [10.0.0.0/16], subnets: [{name: a, cidr: 10.0.0.0/26, az: a, used: [{`+test.used+`}]}]}
nodeGroups: [{name: workers, instanceType: m5.large, count: 1, cni: {`+test.cni+`}}]
workloads: [{name: web, replicas: [{at: 10s, count: 14}], resources: {cpu: 10m, memory: 16Mi}}]
`, scenarios.Options{})[0]
		w, err := fleet.New(v, fleet.Options{})
		if err != nil {
			t.Fatal(err)
		}
		recorder := recording.Attach(w, recording.Selection{})
		if err := w.Run(t.Context(), w.End, nil); err != nil {
			t.Fatal(err)
		}
		out := recorder.Finish()
		var paused recording.Time
		for _, p := range out.Pods {
			for _, ph := range explain.Phases(out, p) {
				for _, m := range ph.Meanwhile {
					if m.Boundary == explain.InPause {
						paused = max(paused, m.Took())
					}
				}
			}
		}
		if (paused > 0) != test.pauses {
			t.Errorf("with %q: it is said to pause for %v", test.cni, paused)
		}
	}
}
