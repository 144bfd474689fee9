package findings

import (
	"slices"
	"testing"
	"time"

	"ipamsim/scenarios"
	"ipamsim/sim/result"
)

// Repairs come after the last damage that lasts and the last fault, are not
// proposed again once they are done, nor where a run ends before they show.
func TestRepairsComeAfterTheDamageAndOnce(t *testing.T) {
	minutes := func(n float64) scenarios.Duration { return scenarios.Duration(n * float64(time.Minute)) }
	restart := scenarios.Fault{Kind: scenarios.FaultRestartIPAMD, At: minutes(3)}
	recreate := scenarios.Fault{Kind: scenarios.FaultRecreatePods, At: minutes(4)}
	flush := scenarios.Fault{Kind: scenarios.FaultFlushRules, At: minutes(2)}
	some := restart
	some.Group = "workers"
	for _, c := range []struct {
		name   string
		faults []scenarios.Fault
		ways   []repair
		ends   float64
		list   []result.Episode
		want   [][]string
	}{
		{"both", []scenarios.Fault{flush}, bothDone, 8, []result.Episode{{LastBegan: 125, Lasting: 1}}, [][]string{
			{"faults.+={kind: restart-ipamd, at: 2m40s}"},
			{"faults.+={kind: restart-ipamd, at: 2m40s}", "faults.+={kind: recreate-pods, at: 3m10s, maxUnavailable: 1%}"},
			{"faults.+={kind: restart-ipamd, at: 2m40s}", "faults.+={kind: recreate-pods, at: 3m10s}"}}},
		{"restarted", []scenarios.Fault{flush, restart}, bothDone, 8, []result.Episode{{LastBegan: 120, Lasting: 1}}, [][]string{
			{"faults.+={kind: recreate-pods, at: 3m30s, maxUnavailable: 1%}"}, {"faults.+={kind: recreate-pods, at: 3m30s}"}}},
		{"restarted before", []scenarios.Fault{restart}, restarted, 8, []result.Episode{{LastBegan: 200, Lasting: 1}}, [][]string{{"faults.+={kind: restart-ipamd, at: 3m50s}"}}},
		{"restarted in part", []scenarios.Fault{some}, restarted, 8, []result.Episode{{LastBegan: 120, Lasting: 1}}, [][]string{{"faults.+={kind: restart-ipamd, at: 3m30s}"}}},
		{"all done", []scenarios.Fault{flush, restart, recreate}, bothDone, 8, []result.Episode{{LastBegan: 120, Lasting: 1}}, nil},
		{"over", []scenarios.Fault{flush}, bothDone, 8, []result.Episode{{LastBegan: 120}}, nil},
		{"just in time", []scenarios.Fault{flush}, bothDone, 4, []result.Episode{{LastBegan: 120, Lasting: 1}}, [][]string{
			{"faults.+={kind: restart-ipamd, at: 2m30s}"},
			{"faults.+={kind: restart-ipamd, at: 2m30s}", "faults.+={kind: recreate-pods, at: 3m, maxUnavailable: 1%}"},
			{"faults.+={kind: restart-ipamd, at: 2m30s}", "faults.+={kind: recreate-pods, at: 3m}"}}},
		{"later", []scenarios.Fault{flush}, bothDone, 3.5, []result.Episode{{LastBegan: 120, Lasting: 1}}, [][]string{{"faults.+={kind: restart-ipamd, at: 2m30s}"}}},
	} {
		f := FactsOf(&scenarios.Scenario{Duration: minutes(c.ends), Faults: c.faults, Workloads: []scenarios.Workload{{Name: "web", Kind: "Deployment"}}})
		var got [][]string
		for _, r := range f.repairs(&result.Outcome{Network: result.Network{Episodes: c.list}}, c.list, c.ways) {
			got = append(got, r.Set)
			if r.Kubectl == "" {
				t.Errorf("%s: no command for %v", c.name, r.Set)
			}
		}
		if !slices.EqualFunc(got, c.want, slices.Equal[[]string]) {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
