package fleet_test

import (
	_ "embed"
	"testing"
	"time"

	"ipamsim/sim/cluster"
)

//go:embed testdata/karpenter-not-ready-nodes.yaml
var notReadyNodes string

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
}
