package fleet_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"ipamsim/scenarios"
	"ipamsim/scenarios/scenariotest"
	"ipamsim/sim/cluster"
	"ipamsim/sim/fleet"
	"ipamsim/sim/result"
)

// censusAgrees: the running sums are what a walk over all pods and nodes
// finds.
func (w *tested) censusAgrees() error {
	all, workloads, groups, zones := w.Measured.States()
	var found result.State
	byWorkload, byGroup, byZone := map[string]result.State{}, map[string]result.State{}, map[string]result.State{}
	add := func(in map[string]result.State, name string, s result.State) {
		sum := in[name]
		sum.Add(s)
		in[name] = sum
	}
	for _, p := range w.Cluster.Pods() {
		var s result.State
		switch {
		case p.State() == cluster.Running:
			s.Running = 1
		case p.State() == cluster.Bound && p.Lacks():
			s.WaitingForAddress = 1
		case p.State() == cluster.Queued && p.Unschedulable():
			s.Unschedulable = 1
		}
		found.Add(s)
		add(byWorkload, p.Workload.Name, s)
		if n := p.Node; n != nil {
			add(byGroup, n.Group.Name, s)
			add(byZone, w.Zone(n.Instance.Subnet), s)
		} else if g := p.Workload.Only(); g != nil {
			add(byGroup, g.Name, s)
		}
	}
	for _, of := range w.Cluster.Workloads() {
		of.Awaited(func(_ time.Duration, pods int) {
			s := result.State{NotCreated: pods}
			found.Add(s)
			add(byWorkload, of.Name, s)
			if g := of.Only(); g != nil {
				add(byGroup, g.Name, s)
			}
		})
	}
	for _, m := range w.Machines {
		for _, d := range m.Defects {
			if d.Kind.Dropping() {
				s := result.State{WithoutNetwork: 1}
				found.Add(s)
				add(byWorkload, strings.TrimSuffix(d.Pod, numberOf(d.Pod)), s)
				add(byGroup, m.Node.Group.Name, s)
				add(byZone, w.Zone(m.Node.Instance.Subnet), s)
			}
		}
	}
	if all != found {
		return fmt.Errorf("the pods are %+v, the sums say %+v", found, all)
	}
	for _, each := range []struct {
		what       string
		sums, walk map[string]result.State
	}{{"workload", workloads, byWorkload}, {"node group", groups, byGroup}, {"zone", zones, byZone}} {
		for name, sum := range each.sums {
			if each.walk[name] != sum {
				return fmt.Errorf("the pods of %s %s are %+v, the sums say %+v", each.what, name, each.walk[name], sum)
			}
			delete(each.walk, name)
		}
		maps.DeleteFunc(each.walk, func(_ string, s result.State) bool { return s == result.State{} })
		if len(each.walk) > 0 {
			return fmt.Errorf("%ss without sums: %v", each.what, each.walk)
		}
	}
	return nil
}

// numberOf is the end of a pod's name, from the hyphen on.
func numberOf(pod string) string {
	i := len(pod) - 1
	for pod[i] != '-' {
		i--
	}
	return pod[i:]
}

// countsAddUp: each pod is one thing, and in one workload.
func countsAddUp(o result.Outcome) error {
	var sum result.Counts
	sets := [][]result.PodSet{o.Workloads, o.NodeGroups, o.Zones, {{Name: "all", Counts: o.Pods.Counts}}}
	for _, list := range sets {
		for _, s := range list {
			if s.Wanted != s.Started+s.NeverStarted+s.Deleted+s.Starting || s.Running != s.AtEnd.Running || s.RanBefore > s.Started || s.Running > s.Started || s.NotCreated > s.NeverStarted || s.NotCreated > s.AtEnd.NotCreated {
				return fmt.Errorf("%s: %+v", s.Name, s.Counts)
			}
			worst := s.Worst
			if worst.Worsen(s.AtEnd); worst != s.Worst {
				return fmt.Errorf("%s: %+v at the end, %+v at worst", s.Name, s.AtEnd, s.Worst)
			}
		}
	}
	for _, s := range o.Workloads {
		sum.Wanted += s.Wanted
		sum.Started += s.Started
		sum.NeverStarted += s.NeverStarted
		sum.NotCreated += s.NotCreated
		sum.FailedAdds += s.FailedAdds
		sum.AtEnd.Add(s.AtEnd)
	}
	for _, list := range [][]result.PodSet{o.NodeGroups, o.Zones} {
		var nodes result.NodeCounts
		for _, s := range list {
			nodes.Peak += s.Nodes.Peak
			nodes.FailedLaunch += s.Nodes.FailedLaunch
			nodes.Interruptions += s.Nodes.Interruptions
			nodes.AgentRestarts += s.Nodes.AgentRestarts
		}
		if all := &o.Nodes; nodes.Peak < all.Peak || nodes.Interruptions != all.Interruptions || nodes.AgentRestarts != all.AgentRestarts || nodes.FailedLaunch != 0 && nodes.FailedLaunch != all.FailedLaunch {
			return fmt.Errorf("the nodes of groups or zones come to %+v, all nodes are %+v", nodes, all.NodeCounts)
		}
	}
	p := &o.Pods
	if sum.Wanted != p.Wanted || sum.Started != p.Started || sum.NeverStarted != p.NeverStarted || sum.NotCreated != p.NotCreated || sum.FailedAdds != p.FailedAdds || sum.AtEnd != p.AtEnd {
		return fmt.Errorf("the workloads come to %+v, all pods are %+v", sum, p.Counts)
	}
	if q := p.Start; q.Never > p.NeverStarted || q.Count > p.Started-p.RanBefore {
		return fmt.Errorf("quantiles of %d and %d of %+v", q.Count, q.Never, p.Counts)
	}
	return nil
}

func outcomeOf(t *testing.T, text string) result.Outcome {
	t.Helper()
	w, err := newTested(scenariotest.Expand(t, text, scenarios.Options{})[0], fleet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Run(t.Context(), w.End, nil); err != nil {
		t.Fatal(err)
	}
	return w.Outcome().Outcome
}

// A /24 has 251 addresses: with 24 nodes that is 227 pods, whenever the others
// were created.
func TestInitialPodsWithoutAnAddressNeverStart(t *testing.T) {
	o := outcomeOf(t, `
apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: initial}
duration: 5m
vpc: {cidrs: [10.0.0.0/16], subnets: [{name: a, cidr: 10.0.0.0/24, az: a}]}
nodeGroups: [{name: workers, instanceType: m5.xlarge, count: 200}]
workloads: [{name: web, initial: 5000, resources: {cpu: 50m, memory: 64Mi}}]
`)
	p := &o.Pods
	if p.Wanted != 5000 || p.Started+p.NeverStarted != 5000 || p.Running != p.RanBefore || p.Running+o.Nodes.Peak != 251 || p.InitialNeverStarted != p.NeverStarted {
		t.Errorf("%+v on %d nodes", p.Counts, o.Nodes.Peak)
	}
	if p.AtEnd.WaitingForAddress+p.AtEnd.Unschedulable != p.NeverStarted || p.AtEnd.WaitingForAddress == 0 || p.FailedAdds == 0 {
		t.Errorf("%+v", p.Counts)
	}
	if p.Start.P50.Reached() || p.Start.Never != p.NeverStarted {
		t.Errorf("%+v", p.Start)
	}
}

// https://github.com/aws/amazon-vpc-cni-k8s/issues/331: of 15 pods on a
// t2.medium with custom networking 10 have an address and 5 do not; those that
// no node has room for are pending, and that is something else.
func TestPendingIsNotStuck(t *testing.T) {
	o := outcomeOf(t, `
apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: custom-networking-t2}
duration: 56m
vpc:
  cidrs: [10.0.0.0/16, 100.64.0.0/16]
  subnets: [{name: nodes, cidr: 10.0.0.0/24, az: a}, {name: pods, cidr: 100.64.0.0/20, az: a}]
nodeGroups:
  - {name: workers, instanceType: t2.medium, count: 1, subnets: [nodes], eniConfig: {a: pods}, cni: {AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: "true"}}
workloads: [{name: nginx, replicas: [{at: 1m, count: 200}], resources: {cpu: 10m, memory: 16Mi}}]
`)
	if got, want := o.Pods.AtEnd, (result.State{Running: 10, WaitingForAddress: 5, Unschedulable: 185}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if o.Pods.NeverStarted != 190 || o.Pods.WaitingForNode != 185 {
		t.Errorf("%+v", o.Pods)
	}
}

// A condition may be about a part of the pods, and the DaemonSets' starts are
// their own matter.
func TestSelectorsAreAboutAPartOfThePods(t *testing.T) {
	o := outcomeOf(t, `
apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: parts}
duration: 5m
vpc: {cidrs: [10.0.0.0/16], subnets: [{name: a, cidr: 10.0.0.0/24, az: a}, {name: b, cidr: 10.0.1.0/24, az: b}]}
nodeGroups:
  - {name: big, instanceType: m5.large, count: 2, labels: {size: big}}
  - {name: small, instanceType: t3.small, count: 2, labels: {size: small}, steps: [{at: 1m, count: 4}]}
workloads:
  - {name: web, initial: 10, replicas: [{at: 1m, count: 30}], nodeSelector: {size: big}}
  - {name: api, replicas: [{at: 1m, count: 60}], nodeSelector: {size: small}}
  - {name: agent, kind: DaemonSet}
thresholds:
  pods_never_started{workload:web}: ["count==0"]
  pods_unschedulable_end{workload:api}: ["value>0"]
  pods_unschedulable_end{nodegroup:small}: ["value>0"]
  pods_running{zone:a}: ["value>0"]
  pods_running{nodegroup:small,subnet:b}: ["value>0"]
  pod_start{workload:web,zone:b}: ["p(99)<60s"]
  pod_start{workload:agent}: ["max<60s"]
`)
	counts := map[string]result.Counts{}
	for _, s := range o.Selected {
		counts[s.Selector.String()] = s.Counts
	}
	of := func(list []result.PodSet, name string) result.Counts {
		for _, s := range list {
			if s.Name == name {
				return s.Counts
			}
		}
		t.Fatalf("no %s", name)
		panic("unreachable")
	}
	for selector, want := range map[string]result.Counts{
		"{workload:web}": of(o.Workloads, "web"), "{workload:api}": of(o.Workloads, "api"), "{workload:agent}": of(o.Workloads, "agent"),
		"{nodegroup:small}": of(o.NodeGroups, "small"), "{zone:a}": of(o.Zones, "a"),
	} {
		if counts[selector] != want {
			t.Errorf("%s: %+v, want %+v", selector, counts[selector], want)
		}
	}
	if api := of(o.Workloads, "api"); api.AtEnd.Unschedulable == 0 || api.NeverStarted != api.AtEnd.Unschedulable || of(o.NodeGroups, "small").AtEnd.Unschedulable != api.AtEnd.Unschedulable {
		t.Errorf("%+v", api)
	}
	if q := o.Pods.Start; q.Count+q.Never != 80 {
		t.Errorf("%+v: 20 of web and 60 of api were expected, and none of agent", q)
	}
	if err := countsAddUp(o); err != nil {
		t.Error(err)
	}
}

// What a selector of nodes means is what results have of the node group or zone,
// and what is asked of parts adds up to what is asked of the whole.
func TestSelectorsAreAboutAPartOfTheNodes(t *testing.T) {
	o := outcomeOf(t, `
apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: parts}
duration: 12m
vpc: {cidrs: [10.0.0.0/16], subnets: [{name: a, cidr: 10.0.0.0/22, az: a}, {name: b, cidr: 10.0.4.0/22, az: b}]}
nodeGroups:
  - {name: spot, instanceType: m5.large, count: 6, capacityType: spot, interruptionsPerHour: 10}
  - {name: small, instanceType: m5.large, count: 3, steps: [{at: 4m, count: 7}]}
workloads: [{name: web, initial: 40, podDisruptionBudget: {maxUnavailable: 1}}, {name: api, initial: 30, podDisruptionBudget: {maxUnavailable: 1}}]
faults:
  - {kind: restart-ipamd, at: 2m, group: small}
  - {kind: flush-rules, at: 3m, share: 0.5}
  - {kind: insufficient-capacity, at: 4m, for: 1m}
thresholds:
  nodes_peak{nodegroup:spot}: ["value<0"]
  nodes_peak{zone:b}: ["value<0"]
  nodes_failed_launches{nodegroup:small}: ["count<0"]
  pods_affected{nodegroup:spot,zone:a}: ["count<0"]
  pods_affected{nodegroup:spot,zone:b}: ["count<0"]
  pods_affected{nodegroup:small}: ["count<0"]
  pods_affected{workload:web}: ["count<0"]
  pods_affected{workload:api}: ["count<0"]
  evictions_refused{workload:web}: ["count<0"]
  evictions_refused{workload:api}: ["count<0"]
`)
	selected := map[string]*result.Selected{}
	for i := range o.Selected {
		selected[o.Selected[i].Selector.String()] = &o.Selected[i]
	}
	for selector, want := range map[string]*result.NodeCounts{"{nodegroup:spot}": o.NodeGroups[0].Nodes, "{nodegroup:small}": o.NodeGroups[1].Nodes, "{zone:b}": o.Zones[1].Nodes} {
		got := selected[selector].Nodes
		if selector == "{zone:b}" {
			want.FailedLaunch = 0 // nobody knows where they would have been
		}
		if got != *want || got.Peak == 0 {
			t.Errorf("%s: %+v, and results have %+v", selector, got, *want)
		}
	}
	small, spot := o.NodeGroups[1].Nodes, o.NodeGroups[0].Nodes
	if small.AgentRestarts == 0 || spot.AgentRestarts != 0 || spot.Interruptions == 0 || small.Interruptions != 0 || small.FailedLaunch == 0 {
		t.Errorf("of spot %+v, of small %+v: the fault restarts small's, EC2 takes spot's, and small wants more", *spot, *small)
	}
	for _, parts := range [][]string{{"{nodegroup:spot,zone:a}", "{nodegroup:spot,zone:b}", "{nodegroup:small}"}, {"{workload:web}", "{workload:api}"}} {
		affected := 0
		for _, part := range parts {
			affected += selected[part].Network.Affected
		}
		if affected != o.Network.Affected || affected == 0 {
			t.Errorf("%d pods of %v lost packets, %d in all", affected, parts, o.Network.Affected)
		}
	}
	if web, api := selected["{workload:web}"].RefusedEvictions, selected["{workload:api}"].RefusedEvictions; web == 0 || web+api != o.Pods.RefusedEvictions {
		t.Errorf("%d evictions of web and %d of api were refused, %d in all", web, api, o.Pods.RefusedEvictions)
	}
	if err := countsAddUp(o); err != nil {
		t.Error(err)
	}
}
