package explain_test

import (
	"context"
	"testing"

	"ipamsim/scenarios"
	"ipamsim/scenarios/scenariotest"
	"ipamsim/sim/explain"
)

// Explain runs twice, and only the second time with somebody who reads ipamd's
// log: that must change nothing, also when what ipamd reads does not answer.
func TestALogChangesNothingWhileMetadataIsDown(t *testing.T) {
	const text = `
apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: down}
duration: 300s
vpc: {cidrs: [10.0.0.0/16], subnets: [{name: a, cidr: 10.0.0.0/24, az: x}]}
nodeGroups: [{name: g, instanceType: c5.4xlarge, count: 1}]
workloads: [{name: w, kind: Job, arrivals: {every: 44s, batch: 12}, lifetime: {constant: 116101ms}}]
faults: [{kind: metadata-down}]
`
	v := scenariotest.Expand(t, text, scenarios.Options{})[0]
	if _, err := explain.Explain(context.Background(), v, explain.Question{Replication: 1, Slowest: 3}, explain.Options{}); err != nil {
		t.Fatal(err) // a recording that changes its run panics
	}
}
