package scenarios

import (
	"strings"
	"testing"
)

const rolled = `apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: rolled}
duration: 10m
vpc:
  cidrs: [10.0.0.0/16]
  subnets: [{name: a, cidr: 10.0.0.0/22, az: az1}]
nodeGroups: [{name: workers, instanceType: m5.large, count: 3}, {name: pool, instanceType: m5.large, labels: {pool: "1"}}]
autoscaler: {kind: cluster-autoscaler, groups: [pool]}
workloads: [{name: web, initial: 10, podDisruptionBudget: {BUDGET}}, {name: agent, kind: DaemonSet}]
faults: [{kind: roll-nodes, at: 1m, group: workers, FAULT}]
`

func TestBudgetsAndUpdatesThatCannotBeAreSaid(t *testing.T) {
	for _, test := range []struct{ budget, fault, old, new, want string }{
		{"", "", "", "", "workloads.web.podDisruptionBudget: how many pods may be missing was expected: give minAvailable, or maxUnavailable"},
		{"minAvailable: 1, maxUnavailable: 1", "", "", "", "workloads.web.podDisruptionBudget: minAvailable and maxUnavailable exclude each other"},
		{"maxUnavailable: 0.1", "", "", "", `workloads.web.podDisruptionBudget.maxUnavailable: "0.1" is not a number of pods or a percentage of them`},
		{"maxUnavailable: 101%", "", "", "", "workloads.web.podDisruptionBudget.maxUnavailable: 101% is out of range: the most is 100%"},
		{"maxUnavailable: 1", "", "kind: DaemonSet", "kind: DaemonSet, podDisruptionBudget: {maxUnavailable: 1}", "workloads.agent: a DaemonSet has no podDisruptionBudget"},
		{"maxUnavailable: 1", "", "kind: DaemonSet", "kind: DaemonSet, readyAfter: 1s", "workloads.agent: a DaemonSet has no readyAfter"},
		{"maxUnavailable: 1", ", maxUnavailable: 0", "", "", "faults[0].maxUnavailable: 0 lets nothing happen: at least 1 pod, or 1%"},
		{"maxUnavailable: 1", ", drainTimeout: 0s", "", "", "faults[0].drainTimeout: 0s is out of range: the least is 1s"},
		{"maxUnavailable: 1", ", share: 0.5", "", "", "faults[0]: roll-nodes has no share"},
		{"maxUnavailable: 1", "", "group: workers", "group: wrokers", `unknown node group "wrokers"; did you mean "workers"?`},
		{"maxUnavailable: 1", ", force: true", "kind: cluster-autoscaler, groups: [pool]", "kind: karpenter, groups: [workers]", "faults[0]: roll-nodes finds the nodes of workers drifted, which Karpenter replaces by itself: it has no force"},
		{"maxUnavailable: 1", "", "roll-nodes, at: 1m", "cordon, at: 1m, maxSurge: 1", "faults[0]: cordon has no maxSurge"},
	} {
		text := strings.NewReplacer("BUDGET", test.budget, ", FAULT", test.fault).Replace(rolled)
		if test.old != "" {
			text = strings.Replace(text, test.old, test.new, 1)
		}
		if _, err := Load("s.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v\nwant %q", text, err, test.want)
		}
	}
}

// A budget that never lets a pod go is warned of where nodes are to be replaced.
func TestABudgetThatLetsNothingHappenIsSaid(t *testing.T) {
	for _, test := range []struct {
		budget, fault, want string
	}{
		{"maxUnavailable: 0", "", "workloads.web: maxUnavailable 0 allows no pod to be missing: no node of workers with a pod of web is ever drained"},
		{"maxUnavailable: 0%", "", "maxUnavailable 0% allows no pod to be missing"},
		{"minAvailable: 100%", "", "minAvailable 100% of 10 replicas allows none to be missing"},
		{"minAvailable: 10", "", "minAvailable 10 of 10 replicas allows none to be missing"},
		{"minAvailable: 95%", "", "minAvailable 95% of 10 replicas allows none to be missing"},
		{"minAvailable: 90%", "", ""},
		{"maxUnavailable: 1%", "", ""},
		{"maxUnavailable: 0", ", force: true", ""},
	} {
		f, err := Load("s.yaml", []byte(strings.NewReplacer("BUDGET", test.budget, ", FAULT", test.fault).Replace(rolled)))
		if err != nil {
			t.Fatal(err)
		}
		text := Problems(f.Warnings).Error()
		if test.want == "" && strings.Contains(text, "podDisruptionBudget") || !strings.Contains(text, test.want) {
			t.Errorf("%s: %q, want %q", test.budget, text, test.want)
		}
	}
}

// Max pods that prefixes carry are no mistake where aws-node is rolled out with
// them.
func TestMaxPodsAreThoseOfTheRolledOutEnvironment(t *testing.T) {
	for env, warned := range map[string]bool{"": true, ", cni: {ENABLE_PREFIX_DELEGATION: true}": false, ", cni: {WARM_IP_TARGET: 2}": true} {
		f, err := Load("s.yaml", []byte(`apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: prefixes}
duration: 10m
vpc:
  cidrs: [10.0.0.0/16]
  subnets: [{name: a, cidr: 10.0.0.0/20, az: az1}]
nodeGroups: [{name: workers, instanceType: m5.large, count: 3, maxPods: 110}]
workloads: [{name: web, initial: 300, resources: {cpu: 1m}}]
faults: [{kind: roll-aws-node, at: -1m`+env+`}]
`))
		if err != nil {
			t.Fatal(err)
		}
		if text := Problems(f.Warnings).Error(); strings.Contains(text, "max pods 110 lets 108 pods") != warned {
			t.Errorf("%q: %s", env, text)
		}
	}
}

// Pods in addition may be more than all there are, as Kubernetes has it; pods that
// are missing may not.
func TestASurgeMayBeMoreThanAll(t *testing.T) {
	for _, test := range []struct{ update, want string }{
		{"maxSurge: 150%", ""},
		{"maxSurge: 1000%, maxUnavailable: 100%", ""},
		{"maxSurge: 1001%", "workloads.web.rollingUpdate.maxSurge: 1001% is out of range: the most is 1000%"},
		{"maxUnavailable: 101%", "workloads.web.rollingUpdate.maxUnavailable: 101% is out of range: the most is 100%"},
	} {
		f, err := Load("test.yaml", []byte(`
apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: surge}
duration: 5m
vpc: {cidrs: [10.0.0.0/16], subnets: [{name: a, cidr: 10.0.0.0/20, az: a}]}
nodeGroups: [{name: workers, instanceType: m5.large, count: 1}]
workloads: [{name: web, initial: 1, rollingUpdate: {`+test.update+`}}]
`))
		if err == nil {
			_, err = f.Variants(Options{})
		}
		got := ""
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, test.want) || (got == "") != (test.want == "") {
			t.Errorf("%s: %q", test.update, got)
		}
	}
}
