package fleet_test

import (
	"strings"
	"testing"
	"time"

	"ipamsim/ec2model"
	"ipamsim/sim/cluster"
)

const mixedPool = `
apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: pools}
warmUp: 1m
duration: 1h
vpc:
  cidrs: [10.0.0.0/16]
  subnets: [{name: a, cidr: 10.0.0.0/20, az: one}, {name: b, cidr: 10.0.16.0/20, az: two}]
nodeGroups: [{name: nodes, instanceTypes: [m5.large, m5.xlarge, m5.2xlarge], max: 50, GROUP}]
autoscaler: {kind: KIND, scaleDown: false}
workloads: [{name: web, replicas: [{at: 10s, count: PODS}], resources: {cpu: CPU, memory: 64Mi}}]
`

func inPool(t *testing.T, kind, pods, cpu, group string, more ...string) *lab {
	t.Helper()
	r := strings.NewReplacer("KIND", kind, "PODS", pods, "CPU", cpu, ", GROUP", group)
	return inText(t, r.Replace(mixedPool)+strings.Join(more, ""))
}

// types are the nodes by instance type.
func (l *lab) types() map[string]int {
	list := map[string]int{}
	for _, n := range l.Cluster.Select(nil, 1, -1, "") {
		list[n.Type()]++
	}
	return list
}

// A NodeClaim takes pods for as long as some type holds them all, and EC2 gives
// the cheapest type that does.
func TestKarpenterTakesTheCheapestTypeThatHoldsAClaimsPods(t *testing.T) {
	for _, tc := range []struct {
		pods, cpu string
		want      map[string]int
	}{
		{"1", "500m", map[string]int{"m5.large": 1}},
		{"6", "500m", map[string]int{"m5.xlarge": 1}},
		{"15", "500m", map[string]int{"m5.2xlarge": 1}},
		{"17", "500m", map[string]int{"m5.2xlarge": 1, "m5.large": 1}},
		{"2", "5", map[string]int{"m5.2xlarge": 2}},
		// 58 max pods less aws-node and kube-proxy on the two large ones, 29 on the small one
		{"60", "10m", map[string]int{"m5.xlarge": 1, "m5.large": 1}},
	} {
		l := inPool(t, "karpenter", tc.pods, tc.cpu, "")
		l.to(5 * time.Minute)
		got := l.types()
		if len(got) != len(tc.want) {
			t.Errorf("%s pods of %s: %v, want %v", tc.pods, tc.cpu, got, tc.want)
		}
		for name, n := range tc.want {
			if got[name] != n {
				t.Errorf("%s pods of %s: %v, want %v", tc.pods, tc.cpu, got, tc.want)
			}
		}
		if n := l.Cluster.Counts(); n.Pending != 0 {
			t.Errorf("%s pods of %s: %d wait", tc.pods, tc.cpu, n.Pending)
		}
		for _, m := range l.Machines {
			limits, _ := ec2model.Limits(m.Node.Type())
			if m.Daemon.MaxENI != limits.DefaultCardENIs() || m.Node.MaxPods() != limits.DefaultCardENIs()*(limits.IPv4PerENI-1)+2 {
				t.Errorf("a %s has %d interfaces and %d max pods", m.Node.Type(), m.Daemon.MaxENI, m.Node.MaxPods())
			}
		}
	}
}

// Nodes of a managed group have the lowest max pods of its types, and the group
// takes them in its order.
func TestAManagedGroupHasTheLowestMaxPodsOfItsTypes(t *testing.T) {
	l := inPool(t, "cluster-autoscaler", "60", "10m", "", `
faults: [{kind: insufficient-capacity, instanceType: m5.large, at: 0s, count: 2}]
`)
	l.to(10 * time.Minute)
	if got := l.types(); got["m5.large"] != 2 || got["m5.xlarge"] != 1 || len(got) != 2 {
		t.Errorf("%v", got)
	}
	for _, m := range l.Machines {
		if m.Node.MaxPods() != 29 {
			t.Errorf("a %s has %d max pods", m.Node.Type(), m.Node.MaxPods())
		}
	}
	if n := l.Cluster.Counts(); n.Running != 60 {
		t.Errorf("%d of 60 pods run", n.Running)
	}
}

// Where a type is not to be had in any zone Karpenter gets the next one, in the
// same request, and does not ask for the first for three minutes.
func TestAShortageOfATypeIsPassedOverAndRemembered(t *testing.T) {
	l := inPool(t, "karpenter", "3", "500m", "", `
faults: [{kind: insufficient-capacity, instanceType: m5.large, at: 0s, for: 1m}]
`)
	l.to(2 * time.Minute)
	if got := l.types(); got["m5.xlarge"] != 1 || len(got) != 1 {
		t.Errorf("%v", got)
	}
	if calls, _ := l.calls(ec2model.CreateFleet); calls != 1 {
		t.Errorf("%d fleet requests", calls)
	}
	if n := l.Cluster.Counts(); n.FailedLaunches != 0 || n.Running != 3 {
		t.Errorf("%+v", n)
	}
}

// A fleet that comes back with a part is made up for: at once where it was
// throttled, and with the pods' next turn where there was no capacity.
func TestPartialFleetsAreMadeUpFor(t *testing.T) {
	throttled := inPool(t, "karpenter", "60", "6", "", `
ec2: {resourceThrottle: {CreateFleet: {burst: 20, refillPerSecond: 2}}}
`)
	throttled.to(30 * time.Second)
	if n := throttled.Cluster.Counts(); n.Nodes >= 50 || n.Nodes < 20 || !throttled.Cluster.Groups()[0].Launches() {
		t.Errorf("half a minute in: %+v", n)
	}
	throttled.to(5 * time.Minute)
	if got := throttled.types(); got["m5.2xlarge"] != 50 {
		t.Errorf("%v", got)
	}
	short := inPool(t, "karpenter", "60", "6", "", `
faults: [{kind: insufficient-capacity, at: 0s, for: 2m, count: 8}]
`)
	short.to(time.Minute)
	if n := short.Cluster.Counts(); n.Nodes != 8 || n.FailedLaunches != 42 {
		t.Errorf("of eight instances: %+v", n)
	}
	short.to(6 * time.Minute)
	if got := short.types(); got["m5.2xlarge"] != 50 {
		t.Errorf("%v", got)
	}
}

// On the notice nodes are drained, their pods find others, and the instances end
// before EC2 takes them.
func TestASpotInterruptionIsHeeded(t *testing.T) {
	for _, kind := range []string{"karpenter", "cluster-autoscaler"} {
		l := inPool(t, kind, "20", "500m", ", capacityType: spot", "\nfaults: [{kind: spot-interruption, at: 5m}]\n")
		l.to(5*time.Minute - time.Second)
		var first []*cluster.Node
		for _, m := range l.Machines {
			first = append(first, m.Node)
		}
		if got := len(l.pods()); got != 20 {
			t.Fatalf("%s: %d of 20 pods run", kind, got)
		}
		in := func(state cluster.NodeState) (n int) {
			for _, node := range first {
				if node.State() == state {
					n++
				}
			}
			return n
		}
		if l.to(5*time.Minute + 1900*time.Millisecond); in(cluster.Ready) != len(first) {
			t.Errorf("%s: before anybody has heard of it, %d of %d nodes are in service", kind, in(cluster.Ready), len(first))
		}
		if l.to(5*time.Minute + 2050*time.Millisecond); in(cluster.Ready) != 0 || in(cluster.Draining) == 0 {
			t.Errorf("%s: %d of %d nodes are in service, %d drained", kind, in(cluster.Ready), len(first), in(cluster.Draining))
		}
		if l.to(6*time.Minute + 59*time.Second); in(cluster.Gone) != len(first) {
			t.Errorf("%s: %d of %d nodes have gone just before their time is over", kind, in(cluster.Gone), len(first))
		}
		l.to(15 * time.Minute)
		if got := len(l.pods()); got != 20 || l.Faults.Hits()[0] != len(first) {
			t.Errorf("%s: %d of 20 pods run in the end; hits %v", kind, got, l.Faults.Hits())
		}
		if n := l.Cluster.Counts().Interruptions; n != len(first) {
			t.Errorf("%s: %d interruptions are counted, %d nodes were told", kind, n, len(first))
		}
	}
}

// Instances on spot go at their rate, those on demand never; a pod that does not
// leave in two minutes is lost with its node.
func TestSpotInstancesGoAtTheirRate(t *testing.T) {
	const fleet = `
apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: spot}
warmUp: 1m
duration: 10h
vpc: {cidrs: [10.0.0.0/16], subnets: [{name: a, cidr: 10.0.0.0/20, az: a}]}
nodeGroups:
  - {name: spot, instanceType: m5.large, count: 20, capacityType: spot, interruptionsPerHour: 0.5}
  - {name: demand, instanceType: m5.large, count: 20}
workloads: [{name: web, initial: 10}]
`
	l := inText(t, fleet)
	first := map[string]bool{}
	for _, m := range l.Machines {
		first[m.Node.Instance.ID] = true
	}
	l.to(10 * time.Hour)
	kept := map[string]int{}
	for _, m := range l.Machines {
		if first[m.Node.Instance.ID] {
			kept[m.Node.Group.Name]++
		}
	}
	// 20 instances for 10 h at one in two hours: 100 go, and exp(-5) of the first stay
	if terminated, _ := l.calls(ec2model.TerminateInstances); l.Cluster.Counts().Interruptions < 60 || kept["demand"] != 20 || kept["spot"] > 2 || terminated < 60 || terminated > 140 {
		t.Errorf("still there: %v; %d were terminated", kept, terminated)
	}
	if n := l.Cluster.Counts(); n.Running != 10 || n.Nodes < 38 {
		t.Errorf("%+v", n)
	}
}
