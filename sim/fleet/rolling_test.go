package fleet_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ipamsim/sim/cluster"
	"ipamsim/sim/result"
)

const rolledFleet = `
apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: rolled}
warmUp: 4m
duration: 2h
vpc:
  cidrs: [10.0.0.0/16]
  subnets: [{name: a, cidr: 10.0.0.0/CIDR, az: one}, {name: b, cidr: 10.0.16.0/CIDR, az: two}]
nodeGroups: [{name: nodes, instanceType: m5.large, count: 12}]
workloads: [{name: web, initial: 120, podDisruptionBudget: {BUDGET}}]
faults: [{kind: roll-nodes, at: 1m, FAULT}]
`

func rolled(cidr, budget, fault string) string {
	return strings.NewReplacer("CIDR", cidr, "BUDGET", budget, ", FAULT", fault).Replace(rolledFleet)
}

// What becomes of the update of a managed node group.
func TestAManagedGroupIsReplacedOrSaysWhyNot(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, cidr, budget, fault string
		failure                   string
		done, peak                int
		refused                   bool
		least, most               time.Duration
	}{
		// a drained node takes some seconds and a minute, and four more come first
		{"one at a time", "22", "maxUnavailable: 25%", "", "", 12, 16, false, 13 * time.Minute, 17 * time.Minute},
		{"a quarter at a time", "22", "maxUnavailable: 10%", ", maxUnavailable: 25%", "", 12, 16, true, 5 * time.Minute, 7 * time.Minute},
		{"more at a time than two a zone", "22", "minAvailable: 50%", ", maxUnavailable: 6", "", 12, 18, false, 3 * time.Minute, 6 * time.Minute},
		{"without a surge", "22", "maxUnavailable: 25%", ", maxSurge: 0", "", 12, 12, false, 20 * time.Minute, 40 * time.Minute},
		{"a stated surge", "22", "maxUnavailable: 25%", ", maxSurge: 50%", "", 12, 18, false, 13 * time.Minute, 17 * time.Minute},
		{"a budget of nothing", "22", "maxUnavailable: 0", "", "PodEvictionFailure", 0, 16, true, 0, 0},
		{"and force", "22", "maxUnavailable: 0", ", drainTimeout: 2m, force: true", "", 12, 16, true, 35 * time.Minute, 45 * time.Minute},
		{"no address for a new node", "22", "maxUnavailable: 25%", "}, {kind: subnet-occupy, at: 0s, for: 30m, subnet: a", "NodeCreationFailure", 0, 16, false, 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			l := inText(t, rolled(test.cidr, test.budget, test.fault))
			before := map[string]bool{}
			for _, n := range l.Cluster.Select(nil, 1, -1, "") {
				before[n.Name] = true
			}
			if len(before) != 12 {
				t.Fatalf("%d nodes at time 0", len(before))
			}
			l.to(2 * time.Hour)
			o := l.Outcome()
			r := o.Rollouts[0]
			took := time.Duration(0)
			if r.TookSeconds != nil {
				took = time.Duration(*r.TookSeconds * 1e9)
			}
			if len(o.Rollouts) != 1 || r.Failure != test.failure || r.Total != 12 || r.Done != test.done || (took > 0) != (test.failure == "") || took < test.least || took > test.most || r.Of != "nodes" || r.AtSeconds != 60 {
				t.Errorf("%+v, took %v", r, took)
			}
			if o.Nodes.Peak != test.peak || (o.Pods.RefusedEvictions > 0) != test.refused {
				t.Errorf("%d nodes at the peak, %d evictions refused", o.Nodes.Peak, o.Pods.RefusedEvictions)
			}
			old := 0
			nodes := l.Cluster.Select(nil, 1, -1, "")
			for _, n := range nodes {
				if before[n.Name] {
					old++
				}
				if n.State() != cluster.Ready || n.Unschedulable() {
					t.Errorf("%s is %v", n.Name, n.State())
				}
			}
			if len(nodes) != 12 || old != 12-test.done || l.Cluster.Counts().Running != 120 || len(l.defects) > 0 {
				t.Errorf("%d nodes, %d old ones, %d pods run, %d defects", len(nodes), old, l.Cluster.Counts().Running, len(l.defects))
			}
			if err := l.Account.CheckBooks(); err != nil {
				t.Error(err)
			}
		})
	}
}

// Nodes that die while they are replaced count, and a second update of a group
// under way is refused, as EKS does.
func TestAnUpdateComesToItsEndWhateverHappens(t *testing.T) {
	t.Parallel()
	l := inText(t, strings.Replace(rolled("22", "maxUnavailable: 25%", ", maxUnavailable: 2"), "faults: [", "faults: [{kind: kill-nodes, at: 3m, share: 0.5}, {kind: roll-nodes, at: 2m}, ", 1))
	l.to(2 * time.Hour)
	o := l.Outcome()
	at := func(s float64) *result.Rollout {
		i := slices.IndexFunc(o.Rollouts, func(r result.Rollout) bool { return r.AtSeconds == s })
		return &o.Rollouts[i]
	}
	if r := at(60); r.TookSeconds == nil || r.Done != 12 || r.Failure != "" {
		t.Errorf("%+v", r)
	}
	if r := at(120); r.TookSeconds != nil || r.Failure != "ResourceInUseException" {
		t.Errorf("%+v", r)
	}
	if n := l.Cluster.Counts(); n.Ready != 12 || n.Running != 120 {
		t.Errorf("%+v", n)
	}
}

// A Deployment's update has its bounds from the workload, and the result says how
// far it came.
func TestADeploymentIsRolled(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		update, ready string
		least, most   time.Duration
		failure       string
		more          string
	}{
		{"", "0s", time.Second, 5 * time.Minute, "", ""},
		{", rollingUpdate: {maxSurge: 2, maxUnavailable: 0}", "20s", 19 * time.Minute, 30 * time.Minute, "", ""},
		{", rollingUpdate: {maxSurge: 100%}", "20s", 20 * time.Second, 3 * time.Minute, "", ""},
		{"", "1h", 0, 0, "", ""}, // half of them are not ready in time
		{"", "20s", 0, 0, "Superseded", ", {kind: roll-deployment, at: 62s, workload: web}"},
	} {
		text := strings.Replace(rolled("22", "maxUnavailable: 25%"+"}, readyAfter: "+test.ready+test.update+", resources: {cpu: 1m", ""), "roll-nodes, at: 1m", "roll-deployment, at: 1m, workload: web", 1)
		l := inText(t, strings.Replace(text, "web}]", "web}"+test.more+"]", 1))
		l.to(2 * time.Hour)
		o := l.Outcome()
		r, took := o.Rollouts[0], time.Duration(0)
		if r.TookSeconds != nil {
			took = time.Duration(*r.TookSeconds * 1e9)
		}
		whole := test.failure == "" && test.most > 0
		if r.Kind != "roll-deployment" || r.Of != "web" || r.Total != 120 || r.Failure != test.failure || (r.Done == 120) != whole || (took > 0) != whole || took < test.least || took > test.most {
			t.Errorf("%+v: %+v, took %v", test, r, took)
		}
		if last := o.Rollouts[len(o.Rollouts)-1]; whole != (len(o.Rollouts) == 1 && l.Cluster.Counts().Running == 120) || len(o.Rollouts) > 1 && last.Done != 120 {
			t.Errorf("%+v: %d pods run, %+v", test, l.Cluster.Counts().Running, last)
		}
	}
}

const driftedFleet = `
apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: drifted}
warmUp: 4m
duration: 2h
vpc:
  cidrs: [10.0.0.0/16]
  subnets: [{name: a, cidr: 10.0.0.0/22, az: one}, {name: b, cidr: 10.0.16.0/22, az: two}]
nodeGroups: [{name: nodes, instanceType: m5.large, count: 12}]
autoscaler: {kind: karpenter, AUTOSCALER}
workloads: [{name: web, initial: 120, resources: {cpu: 150m, memory: 64Mi}, podDisruptionBudget: {BUDGET}}]
faults: [{kind: roll-nodes, at: 1m, FAULT}]
`

// Karpenter replaces drifted nodes within its budget, the replacement first; a
// pod that its budget protects keeps its node.
func TestDriftedNodesAreReplacedWithinTheBudget(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, autoscaler, budget, fault string
		done, atOnce                    int
		most                            time.Duration
	}{
		{"10 % of the nodes", "scaleDown: false", "maxUnavailable: 25%", "", 12, 2, 40 * time.Minute},
		{"half of them", "scaleDown: false", "maxUnavailable: 25%", ", maxUnavailable: 50%", 12, 7, 20 * time.Minute},
		{"with consolidation", "scaleDown: true", "maxUnavailable: 25%", ", maxUnavailable: 3", 11, 3, 30 * time.Minute},
		{"a tight budget of pods", "scaleDown: false", "maxUnavailable: 1", ", maxUnavailable: 3", 12, 3, 60 * time.Minute},
		{"a budget of nothing", "scaleDown: false", "maxUnavailable: 0", "", 0, 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			l := inText(t, strings.NewReplacer("AUTOSCALER", test.autoscaler, "BUDGET", test.budget, ", FAULT", test.fault).Replace(driftedFleet))
			before := map[string]bool{}
			for _, n := range l.Cluster.Select(nil, 1, -1, "") {
				before[n.Name] = true
			}
			for at := time.Minute; at < 2*time.Hour; at += 5 * time.Second {
				l.to(at)
				closed := 0
				for _, n := range l.Cluster.Select(nil, 1, -1, "") {
					if n.State() == cluster.Draining || n.Tainted() {
						closed++
					}
				}
				if n := l.Cluster.Counts(); closed > test.atOnce || n.Ready < 12-test.atOnce && test.autoscaler == "scaleDown: false" {
					t.Fatalf("at %v %d nodes are going, %d are Ready", at, closed, n.Ready)
				}
			}
			o := l.Outcome()
			r, took := o.Rollouts[0], time.Duration(0)
			if r.TookSeconds != nil {
				took = time.Duration(*r.TookSeconds * 1e9)
			}
			if r.Done != test.done || (took > 0) != (test.done > 0) || took > test.most || r.Failure != "" {
				t.Errorf("%+v, took %v", r, took)
			}
			old := 0
			for _, n := range l.Cluster.Select(nil, 1, -1, "") {
				if before[n.Name] {
					old++
				}
			}
			if n := l.Cluster.Counts(); n.Running != 120 || test.autoscaler == "scaleDown: false" && old != len(before)-test.done || old > 0 && test.done > 0 || len(l.defects) > 0 || test.done == 0 && o.Pods.RefusedEvictions > 0 {
				t.Errorf("%d pods run, %d old nodes, %d refusals, %d defects", n.Running, old, o.Pods.RefusedEvictions, len(l.defects))
			}
		})
	}
}

// A replacement that cannot be had leaves the node as it was, until it can.
func TestADriftedNodeWithoutAReplacementStays(t *testing.T) {
	t.Parallel()
	text := strings.NewReplacer("AUTOSCALER", "scaleDown: false", "BUDGET", "maxUnavailable: 25%", ", FAULT", "}, {kind: subnet-occupy, at: 0s, for: 30m, subnet: a}, {kind: subnet-occupy, at: 0s, for: 30m, subnet: b").Replace(driftedFleet)
	l := inText(t, text)
	l.to(29 * time.Minute)
	if n := l.Cluster.Counts(); n.Ready < 11 || n.Running != 120 { // the pods of one node fit on the others
		t.Errorf("without an address %d nodes are Ready, and %d pods run", n.Ready, n.Running)
	}
	l.to(2 * time.Hour)
	if r := l.Outcome().Rollouts[0]; r.Done != 12 || r.TookSeconds == nil || l.Cluster.Counts().Running != 120 {
		t.Errorf("%+v, %d pods run", r, l.Cluster.Counts().Running)
	}
}
