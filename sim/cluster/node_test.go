package cluster

import (
	"testing"
	"time"

	"ipamsim/sim/des"
)

func TestExistingNodesJoinInTheFirstHalfOfTheWarmUpWithoutAPITraffic(t *testing.T) {
	w := newWorld(t, Config{WarmUp: 100 * time.Second, End: time.Minute, Groups: []GroupConfig{workers(5)}})
	w.runTo(0)
	if len(w.cloud.requests) != 0 || len(w.nodes) != 5 {
		t.Fatalf("%d launches, %d nodes", len(w.cloud.requests), len(w.nodes))
	}
	for i, n := range w.nodes {
		if want := time.Duration(i) * 10 * time.Second; n.Registered != want || n.Launched != des.Never || n.Instance.Subnet != []string{"a", "b", "c"}[i%3] {
			t.Errorf("%s registered at %v in %s, launched %v", n.Name, n.Registered, n.Instance.Subnet, n.Launched)
		}
	}
}

func TestWithoutWarmUpNodesAreLaunchedAndBoot(t *testing.T) {
	g := workers(6)
	w := newWorld(t, Config{End: time.Minute, Groups: []GroupConfig{g},
		Workloads: []WorkloadConfig{{Name: "web", Kind: Deployment, Initial: 6}, {Name: "agent", Kind: DaemonSet, TolerateNotReady: true}, {Name: "log", Kind: DaemonSet, HostNetwork: true, TolerateNotReady: true}}})
	w.runTo(time.Minute)
	w.verify(t)
	if len(w.cloud.requests) != 3 || len(w.nodes) != 6 || w.running != 18 {
		t.Fatalf("%d launches, %d nodes, %d running", len(w.cloud.requests), len(w.nodes), w.running)
	}
	for _, n := range w.nodes {
		// VM 12..16 s, kubelet 8 s, registered 1 s; the fake machine needs 5 s more
		if boot := n.Registered - n.Launched; boot < 21*time.Second || boot > 25*time.Second || n.Ready != n.Registered+5*time.Second {
			t.Errorf("%s: launched %v, registered %v, ready %v", n.Name, n.Launched, n.Registered, n.Ready)
		}
		for _, p := range n.pods {
			if p.Workload.Kind != DaemonSet {
				continue
			}
			want := n.Registered
			if !p.HostNetwork {
				want = n.Ready
			}
			if p.Bound != n.Registered || p.Running != want+time.Second {
				t.Errorf("%s is bound at %v and runs at %v; its node registered at %v", p.Name(), p.Bound, p.Running, n.Registered)
			}
		}
	}
}

func TestEqualOrdinalsBootEquallyLongInAllVariants(t *testing.T) {
	boots := func(count int) map[string]time.Duration {
		m := map[string]time.Duration{}
		w := newWorld(t, Config{End: time.Minute, Groups: []GroupConfig{workers(count)}})
		w.runTo(time.Minute)
		for _, n := range w.nodes {
			m[n.Name] = n.Registered - n.Launched
		}
		return m
	}
	few, many := boots(3), boots(9)
	for name, d := range few {
		if many[name] != d {
			t.Errorf("%s boots %v and %v", name, d, many[name])
		}
	}
	if many["workers-1"] == many["workers-2"] {
		t.Error("all nodes boot equally long")
	}
}
