package fleet_test

import (
	_ "embed"
	"fmt"
	"testing"
	"time"

	"ipamsim/scenarios"
	"ipamsim/scenarios/scenariotest"
	"ipamsim/sim/cluster"
	"ipamsim/sim/fleet"
)

var (
	//go:embed testdata/karpenter-not-ready-nodes.yaml
	notReadyNodes string
	//go:embed testdata/karpenter-skewed-subnets.yaml
	skewedSubnets string
	//go:embed testdata/karpenter-two-subnets.yaml
	twoSubnets string
	//go:embed testdata/karpenter-fixed-zone.yaml
	fixedZone string
)

// nodesIn are the nodes by their subnet.
func (l *lab) nodesIn() map[string]int {
	list := map[string]int{}
	for _, m := range l.Machines {
		list[m.Node.Instance.Subnet]++
	}
	return list
}

func TestKarpenterFillsEqualSubnetsOfAZoneEvenly(t *testing.T) {
	l := inText(t, skewedSubnets)
	l.to(15 * time.Minute)
	if got := l.nodesIn(); got["a1"] != 8 || got["a2"] != 8 || got["a3"] != 7 {
		t.Errorf("23 nodes by subnet: %v", got)
	} else {
		trustSays(t, "[3364]", fmt.Sprintf("%d, %d and %d of 23 nodes, all pods run", got["a1"], got["a2"], got["a3"]))
	}
	if n := l.Cluster.Counts(); n.Running != 200 {
		t.Errorf("%d of 200 pods run", n.Running)
	}
}

// What the pull request that brought the deduction has measured.
func TestTwoSubnetsOfAZoneLoseTheSame(t *testing.T) {
	l := inText(t, twoSubnets)
	l.to(5 * time.Minute)
	for _, s := range l.Account.Subnets() {
		if s.Free != 151 {
			t.Errorf("%s has %d free addresses", s.Name, s.Free)
		}
	}
	free := l.Account.Subnets()
	trustSays(t, "[3419]", fmt.Sprintf("%d and %d; the type of the nodes is our assumption", free[0].Free, free[1].Free))
}

// Where EC2 always picks the same zone, its subnet runs out of addresses while
// those of the other zones are empty; pods there never start. Only a choice that
// looks at the free addresses, which EC2's does not, is safe from it.
func TestPodsNeverStartWhereEC2PicksTheSameZoneEachTime(t *testing.T) {
	for _, v := range scenariotest.Expand(t, fixedZone, scenarios.Options{}) {
		w, err := newTested(v, fleet.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(w.Kernel.Close)
		l := &lab{tested: w, t: t}
		l.Start()
		l.to(15 * time.Minute)
		zones, stuck := l.nodesIn(), 600-l.Cluster.Counts().Running
		switch v.Name {
		case "fixed":
			if zones["c"] != 0 || zones["a"] < 2*zones["b"] || stuck < 50 { // in b is what a had no address for
				t.Errorf("fixed: nodes in %v, %d pods never start", zones, stuck)
			}
		case "most-free":
			if len(zones) != 3 || stuck != 0 {
				t.Errorf("most-free: nodes in %v, %d pods never start", zones, stuck)
			}
		}
	}
}

// Ten nodes register and cannot become Ready for an hour: Karpenter goes on
// counting on them, and so launches no others for their pods.
func TestKarpenterCountsOnRegisteredNodesHoweverLongTheyTake(t *testing.T) {
	l := inText(t, notReadyNodes)
	l.to(59 * time.Minute)
	if n := l.Cluster.Counts(); n.Nodes != 10 || n.Ready != 0 {
		t.Errorf("%d nodes, %d of them Ready, for ten pods", n.Nodes, n.Ready)
	}
	l.to(70 * time.Minute)
	if n := l.Cluster.Counts(); n.Nodes != 10 || n.Running != 10 {
		t.Errorf("%d nodes and %d running pods when ipamd can start again", n.Nodes, n.Running)
	}
	for _, m := range l.Machines {
		if m.Node.State() != cluster.Ready {
			t.Errorf("%s is %v", m.Node.Name, m.Node.State())
		}
	}
	trustSays(t, "`liveness.go`", fmt.Sprintf("%d nodes for %d pods", l.Cluster.Counts().Nodes, l.Cluster.Counts().Running))
}
