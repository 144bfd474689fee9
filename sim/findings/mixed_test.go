package findings

import (
	"slices"
	"strings"
	"testing"

	"ipamsim/scenarios"
	"ipamsim/scenarios/scenariotest"
	"ipamsim/sim/result"
)

// What binds is said of each of a group's types: a node of the larger one takes
// other pods, and holds others, than one of the first.
func TestEachTypeOfAGroupIsReckoned(t *testing.T) {
	facts := func(group, more string) Facts {
		text := `
apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: mixed}
duration: 1m
vpc: {cidrs: [10.0.0.0/16], subnets: [{name: a, cidr: 10.0.0.0/20, az: a}]}
nodeGroups: [{name: workers, ` + group + `, count: 2}]
workloads: [{name: web, initial: 1}]
` + more
		return FactsOf(scenariotest.Expand(t, text, scenarios.Options{})[0].Scenario)
	}
	full := failing(result.CauseNodeFull, 5, 5)

	f := facts("instanceTypes: [m5.4xlarge, m5.large], maxPods: 110", "")
	found, _ := eniLimit(&outcome{Outcome: &full}, &f)
	text := strings.Join(found.Evidence, "\n")
	// m5.large: 3 interfaces of 9, and 2 pods on the host's network; m5.4xlarge has 234.
	if strings.Contains(text, "m5.4xlarge") || !strings.Contains(text, "(m5.large) take 110 pods (max pods), and 29 of them can run") {
		t.Errorf("the type that is too small is not named:\n%s", text)
	}
	if sets := found.Remedies[len(found.Remedies)-1].Set; !slices.Equal(sets, []string{"nodeGroups.workers.maxPods=29"}) {
		t.Errorf("max pods are set by %v", sets)
	}

	f = facts("instanceTypes: [m5.large, m4.large]", "")
	if f.canPrefix {
		t.Error("a type on Xen cannot have prefixes")
	}

	waiting := result.Outcome{}
	waiting.Pods.Wanted, waiting.Pods.WaitingForNode, waiting.Pods.WaitingForPlace, waiting.Nodes.Peak = 100, 50, 50, 2
	f = facts("instanceTypes: [m5.large, m5.xlarge]", "autoscaler: {kind: karpenter}\n")
	found, _ = unschedulable(&outcome{Outcome: &waiting}, &f)
	if text := strings.Join(found.Evidence, "\n"); !strings.Contains(text, "29 on nodes of workers of type m5.large and 58 on nodes of workers of type m5.xlarge") {
		t.Errorf("max pods of each type are not said:\n%s", text)
	}
	f = facts("instanceTypes: [m5.large, m5.xlarge]", "")
	found, _ = unschedulable(&outcome{Outcome: &waiting}, &f)
	if text := strings.Join(found.Evidence, "\n"); !strings.Contains(text, "29 on nodes of workers of type m5.large and 29 on nodes of workers of type m5.xlarge") {
		t.Errorf("a managed group has the lowest max pods for all:\n%s", text)
	}

	// A finding that has nothing to do with the type says it once.
	f = facts("instanceTypes: [m5.large, m5.xlarge], cni: {MINIMUM_IP_TARGET: 5}", "")
	stuck := failing(result.CauseTargetsMet, 5, 5)
	found, _ = poolAtMinimum(&outcome{Outcome: &stuck}, &f)
	if n := strings.Count(strings.Join(found.Evidence, "\n"), "MINIMUM_IP_TARGET 5 and no"); n != 1 {
		t.Errorf("the minimum is told %d times", n)
	}
}
