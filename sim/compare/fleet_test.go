package compare_test

import (
	"context"
	"testing"

	"ipamsim/scenarios"
	"ipamsim/sim"
	"ipamsim/sim/compare"
)

// kept is what a shipped scenario comes to in some random worlds.
func kept(t *testing.T, name string, seed uint64, replications int, set ...string) *compare.Baseline {
	t.Helper()
	file, err := scenarios.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	return ran(t, file, scenarios.Options{Seed: &seed, Replications: &replications, Set: set})
}

// ran is what a scenario comes to.
func ran(t *testing.T, file *scenarios.File, o scenarios.Options) *compare.Baseline {
	t.Helper()
	list, err := file.Variants(o)
	if err != nil {
		t.Fatal(err)
	}
	out, err := sim.Run(context.Background(), list, sim.Options{Version: "v1"})
	if err != nil {
		t.Fatal(err)
	}
	return compare.Keep(out)
}

// A fleet in other random worlds is another fleet by chance alone: of the metrics that
// differ not many more than one in twenty may be significant, and hardly any by as much
// as counts. The seeds are fixed.
func TestAFleetInOtherWorldsIsRarelyARegression(t *testing.T) {
	const comparisons, replications = 25, 6
	tested, significant, regressions := 0, 0, 0
	for i := range uint64(comparisons) {
		a, b := kept(t, "hello", 100+2*i, replications), kept(t, "hello", 101+2*i, replications)
		c, err := compare.Compare(a, b, compare.Options{MinEffect: compare.MinEffect, Allow: []compare.Kind{compare.OfSeed}})
		if err != nil {
			t.Fatal(err)
		}
		tested, significant, regressions = tested+c.Method.Tested, significant+c.Method.Significant, regressions+c.Regressions
	}
	if share := float64(significant) / float64(tested); tested < 5*comparisons || share > 0.07 {
		t.Errorf("%.1f %% of %d metrics are significant by chance", 100*share, tested)
	}
	if regressions > comparisons/10 {
		t.Errorf("%d regressions in %d comparisons by chance", regressions, comparisons)
	}
}

// In the same worlds the same setting changes nothing, to the bit; and the more worlds
// there are, the surer it is that another one does.
func TestMoreWorldsMakeAnEffectSurer(t *testing.T) {
	last := 2.0
	for _, n := range []int{2, 4, 6, 9, 12} {
		a := kept(t, "hello", 1, n)
		same, err := compare.Compare(a, kept(t, "hello", 1, n), compare.Options{})
		if err != nil || same.Method.Tested != 0 {
			t.Fatalf("%d metrics differ in the same worlds: %v", same.Method.Tested, err)
		}
		c, err := compare.Compare(a, kept(t, "hello", 1, n, "nodeGroups.workers.cni.WARM_IP_TARGET=1"), compare.Options{MinEffect: compare.MinEffect})
		if err != nil {
			t.Fatal(err)
		}
		p := 1.0
		for i := range c.Metrics {
			if m := &c.Metrics[i]; m.Name == "pod_start_p99_seconds" {
				p = m.P
			}
		}
		if p >= last || (p < 0.05) != (n >= compare.FewestReplications()) || (c.Regressions > 0) != (p < 0.05) {
			t.Errorf("p = %v of %d replications, and %v of fewer; %d regressions", p, n, last, c.Regressions)
		}
		last = p
	}
}

// What a setting of one node group does is seen of its pods and not of the others',
// and each figure of the whole has its parts.
func TestWhatAGroupsSettingDoesIsSeenOfItsPods(t *testing.T) {
	file := func(set ...string) *compare.Baseline {
		n := 6
		f, err := scenarios.Load("two.yaml", []byte(`
apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: two}
duration: 4m
vpc: {cidrs: [10.0.0.0/16], subnets: [{name: a, cidr: 10.0.0.0/23, az: a}]}
nodeGroups:
  - {name: big, instanceType: m5.large, count: 2, labels: {size: big}}
  - {name: small, instanceType: m5.large, count: 2, labels: {size: small}}
workloads:
  - {name: web, initial: 6, replicas: [{at: 1m, count: 26}], nodeSelector: {size: big}}
  - {name: api, initial: 6, replicas: [{at: 1m, count: 16}], nodeSelector: {size: small}}
`))
		if err != nil {
			t.Fatal(err)
		}
		return ran(t, f, scenarios.Options{Replications: &n, Set: set})
	}
	c, err := compare.Compare(file(), file("nodeGroups.big.cni.MINIMUM_IP_TARGET=8", "nodeGroups.big.cni.WARM_IP_TARGET=0"), compare.Options{MinEffect: compare.MinEffect})
	if err != nil {
		t.Fatal(err)
	}
	verdicts := map[string]compare.Verdict{}
	for _, m := range c.Metrics {
		verdicts[m.Name] = m.Verdict
	}
	for name, want := range map[string]compare.Verdict{
		"pod_start_p99_seconds{workload:web}": compare.Regression, "pod_start_p99_seconds{nodegroup:big}": compare.Regression, "pod_failed_adds{workload:web}": compare.Regression,
		"pod_start_p99_seconds{workload:api}": compare.NoChange, "pod_failed_adds{workload:api}": compare.NoChange, "pod_failed_adds{nodegroup:small}": compare.NoChange,
		"nodes_peak{nodegroup:big}": compare.NoChange,
	} {
		if verdicts[name] != want {
			t.Errorf("%s is %q, want %q", name, verdicts[name], want)
		}
	}
}
