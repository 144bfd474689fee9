package cluster

import (
	"testing"
	"time"
)

// What autoscalers make of constraints, for 12 pods of which two fit on a node.
func TestAutoscalersHeedSpreadConstraints(t *testing.T) {
	zones, hosts := SpreadConstraint{MaxSkew: 1}, SpreadConstraint{Hosts: true, MaxSkew: 1}
	soft := SpreadConstraint{MaxSkew: 1, Soft: true}
	for name, tc := range map[string]struct {
		kind    AutoscalerKind
		spread  []SpreadConstraint
		nodes   int
		running int
		even    bool // over the three zones
	}{
		"Karpenter, zones":                {Karpenter, []SpreadConstraint{zones}, 6, 12, true},
		"Karpenter, zones as preference":  {Karpenter, []SpreadConstraint{soft}, 6, 12, true},
		"Karpenter, hosts":                {Karpenter, []SpreadConstraint{hosts}, 12, 12, false},
		"Karpenter, zones and hosts":      {Karpenter, []SpreadConstraint{zones, hosts}, 12, 12, true},
		"Karpenter, none":                 {Karpenter, nil, 6, 12, false},
		"the Cluster Autoscaler, hosts":   {ClusterAutoscaler, []SpreadConstraint{hosts}, 12, 12, true},
		"the Cluster Autoscaler, no zone": {ClusterAutoscaler, nil, 6, 12, true},
	} {
		g := workers(0)
		g.Max = 30
		w := newWorld(t, Config{WarmUp: time.Minute, End: time.Hour, Groups: []GroupConfig{g}, Autoscaler: &AutoscalerConfig{Kind: tc.kind},
			Workloads: []WorkloadConfig{{Name: "web", Kind: Deployment, Replicas: []Step{{Count: 12}}, Requests: Resources{MilliCPU: 900}, Spread: tc.spread}}})
		w.runTo(20 * time.Minute)
		w.verify(t)
		in, pods := map[string]int{}, map[string]int{}
		for _, n := range w.nodes {
			in[n.Instance.Subnet]++
			pods[n.Instance.Subnet] += n.nonDaemonPods()
		}
		if len(w.nodes) != tc.nodes || w.running != tc.running {
			t.Errorf("%s: %d nodes, %d of 12 pods run: %v", name, len(w.nodes), w.running, in)
		}
		if even := pods["a"] == 4 && pods["b"] == 4 && pods["c"] == 4; tc.even && !even {
			t.Errorf("%s: pods by zone: %v", name, pods)
		}
	}
}

// The Cluster Autoscaler takes a group with several zones to be in the first of
// them: it adds nothing for pods that must be in another. With a group for each
// zone, as AWS advises, they are evenly spread.
func TestTheClusterAutoscalerKnowsOneZoneOfAGroup(t *testing.T) {
	run := func(groups ...GroupConfig) *world {
		w := newWorld(t, Config{WarmUp: time.Minute, End: time.Hour, Groups: groups, Autoscaler: &AutoscalerConfig{Kind: ClusterAutoscaler},
			Workloads: []WorkloadConfig{{Name: "web", Kind: Deployment, Replicas: []Step{{Count: 12}}, Requests: Resources{MilliCPU: 900}, Spread: []SpreadConstraint{{MaxSkew: 1}}}}})
		w.runTo(20 * time.Minute)
		w.verify(t)
		return w
	}
	var each []GroupConfig
	for _, zone := range []string{"a", "b", "c"} {
		g := workers(0)
		g.Name, g.Subnets, g.Max = "in-"+zone, []string{zone}, 30
		each = append(each, g)
	}
	if w := run(each...); w.running != 12 || len(w.nodes) != 6 {
		t.Errorf("a group for each zone: %d pods run on %d nodes", w.running, len(w.nodes))
	}
	one := workers(0)
	one.Max = 30
	if w := run(one); w.running == 0 || len(w.nodes) == 0 {
		t.Errorf("one group: %d pods run on %d nodes", w.running, len(w.nodes))
	}
}
