package sim

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"ipamsim/scenarios"
	"ipamsim/scenarios/scenariotest"
	"ipamsim/sim/recording"
	"ipamsim/sim/result"
)

func mustRun(t testing.TB, variants []scenarios.Expanded, opts Options) *result.Result {
	t.Helper()
	r, err := Run(context.Background(), variants, opts)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func asJSON(t testing.TB, r *result.Result) string {
	t.Helper()
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// twice is the result of a shipped scenario with two replications on one
// worker. Several properties compare it with something.
var twice = func() map[string]func(testing.TB) *result.Result {
	list := map[string]func(testing.TB) *result.Result{}
	for _, name := range scenarios.EmbeddedNames() {
		var once sync.Once
		var r *result.Result
		list[name] = func(t testing.TB) *result.Result {
			t.Helper()
			two := 2
			once.Do(func() {
				r = mustRun(t, scenariotest.Shipped(t, name, scenarios.Options{Replications: &two}), Options{Workers: 1})
			})
			return r
		}
	}
	return list
}()

func TestEqualInputsGiveEqualBytesOnAnyNumberOfWorkers(t *testing.T) {
	for _, name := range scenarios.EmbeddedNames() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			two := 2
			three := mustRun(t, scenariotest.Shipped(t, name, scenarios.Options{Replications: &two}), Options{Workers: 3})
			if asJSON(t, twice[name](t)) != asJSON(t, three) {
				t.Error("the result depends on the number of workers")
			}
		})
	}
}

func TestParkingIdleDaemonsChangesNothing(t *testing.T) {
	for _, name := range scenarios.EmbeddedNames() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			one := 1
			parked := twice[name](t)
			ticking := mustRun(t, scenariotest.Shipped(t, name, scenarios.Options{Replications: &one}), Options{Workers: 1, TickIdle: true})
			for i := range parked.Variants {
				p, k := parked.Variants[i].Replications[0], ticking.Variants[i].Replications[0]
				if p.Fingerprint != k.Fingerprint {
					t.Errorf("variant %s: %s when parked, %s when ticking", parked.Variants[i].Name, p.Fingerprint, k.Fingerprint)
				}
				if p.Events != k.Events || p.Events == 0 {
					t.Errorf("variant %s: %d events are counted when parked, %d when ticking", parked.Variants[i].Name, p.Events, k.Events)
				}
			}
		})
	}
}

func TestAnotherSeedIsAnotherWorld(t *testing.T) {
	seed := uint64(2)
	a := mustRun(t, scenariotest.Shipped(t, "hello", scenarios.Options{}), Options{})
	b := mustRun(t, scenariotest.Shipped(t, "hello", scenarios.Options{Seed: &seed}), Options{})
	if a.Fingerprint == b.Fingerprint {
		t.Error("two seeds gave one fingerprint")
	}
}

func TestACancelledRunEndsWithTheContextsError(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(ctx, scenariotest.Shipped(t, "hello", scenarios.Options{}), Options{}); err != context.Canceled {
		t.Errorf("got %v", err)
	}
}

// A shipped scenario shows what it says in other random worlds, too.
func TestShippedThresholdsHoldOnOtherSeeds(t *testing.T) {
	for _, name := range scenarios.EmbeddedNames() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, seed := range []uint64{1, 2, 3} {
				r := mustRun(t, scenariotest.Shipped(t, name, scenarios.Options{Seed: &seed}), Options{Workers: 1})
				for _, v := range r.Variants {
					for _, judged := range v.Thresholds {
						if !judged.OK && !(scenariotest.IsLarge(name) && judged.Metric == "nodes_peak") {
							t.Errorf("seed %d, variant %s: %s %s does not hold", seed, v.Name, judged.Metric, judged.Expression)
						}
					}
				}
			}
		})
	}
}

func TestRecordingLeavesTheRunAsItIs(t *testing.T) {
	for _, variants := range [][]scenarios.Expanded{
		scenariotest.Expand(t, scenariotest.Cliff, scenarios.Options{Set: []string{"replications=2"}}),
		scenariotest.Shipped(t, "latency-cliff", scenarios.Options{Variants: []string{"default"}}),
		scenariotest.Shipped(t, "subnet-exhaustion", scenarios.Options{}),
	} {
		without := mustRun(t, variants, Options{})
		var recordings []recording.Recorded
		with := mustRun(t, variants, Options{Record: &recording.Selection{}, Recorded: func(r recording.Recorded) { recordings = append(recordings, r) }})
		if with.Fingerprint != without.Fingerprint {
			t.Errorf("%s: fingerprint %s, recorded %s", without.Scenario, without.Fingerprint, with.Fingerprint)
		}
		for i := range with.Variants {
			if i >= len(recordings) || recordings[i].Variant != with.Variants[i].Name || recordings[i].Recording == nil {
				t.Errorf("%s: there is no recording of it", with.Variants[i].Name)
			}
		}
	}
}

// A trace's file is read when its scenario is expanded: that it is gone or
// another one later changes no run.
func TestATraceIsReadOnceForAllRuns(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	trace := write("pods.csv", "created_s,lifetime_s\n1,10\n2,\n3,\n")
	f, err := scenarios.LoadPath(write("f.yaml", `
apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: replay}
replications: 2
duration: 1m
vpc: {cidrs: [10.0.0.0/16], subnets: [{name: a, cidr: 10.0.0.0/24, az: a}]}
nodeGroups: [{name: workers, instanceType: m5.large, count: 1}]
workloads: [{name: replay, kind: Trace, file: pods.csv, resources: {cpu: 10m, memory: 10Mi}}]
variants: [{name: one}, {name: two, set: {nodeGroups.workers.count: 2}}]
`))
	if err != nil {
		t.Fatal(err)
	}
	variants, err := f.Variants(scenarios.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(trace); err != nil {
		t.Fatal(err)
	}
	for _, v := range mustRun(t, variants, Options{}).Variants {
		if v.Pods.Wanted != 3 || v.Pods.Running != 2 {
			t.Errorf("%s: %d pods, of which %d run", v.Name, v.Pods.Wanted, v.Pods.Running)
		}
	}
}

// The mark of a rolling update ends with it; one that fails has no end.
func TestMarksOfRollingUpdatesEndWithThem(t *testing.T) {
	r := mustRun(t, scenariotest.Shipped(t, "node-upgrade", scenarios.Options{Variants: []string{"warm-targets", "all-first"}}), Options{})
	for _, v := range r.Variants {
		i := slices.IndexFunc(v.Marks, func(m result.Mark) bool { return strings.Contains(m.Text, "roll-nodes") })
		if i < 0 {
			t.Fatalf("%s has no mark of its update", v.Name)
		}
		m, u := v.Marks[i], v.Rollouts[0]
		if (m.EndSeconds == nil) != (u.TookSeconds == nil) || m.EndSeconds != nil && *m.EndSeconds != m.AtSeconds+*u.TookSeconds {
			t.Errorf("%s: %+v of %+v", v.Name, m, u)
		}
	}
}
