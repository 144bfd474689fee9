package sim

import (
	"context"
	"encoding/json"
	"testing"

	"ipamsim/scenarios"
	"ipamsim/sim/result"
)

// expand reads a scenario; a problem in it is the test's mistake.
func expand(t testing.TB, text string, opts scenarios.Options) []scenarios.Expanded {
	t.Helper()
	f, err := scenarios.Load("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	variants, err := f.Variants(opts)
	if err != nil {
		t.Fatal(err)
	}
	return variants
}

func shipped(t testing.TB, name string, opts scenarios.Options) []scenarios.Expanded {
	t.Helper()
	f, err := scenarios.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	variants, err := f.Variants(opts)
	if err != nil {
		t.Fatal(err)
	}
	return variants
}

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

func TestEqualInputsGiveEqualBytesOnAnyNumberOfWorkers(t *testing.T) {
	for _, name := range scenarios.EmbeddedNames() {
		t.Run(name, func(t *testing.T) {
			two := 2
			opts := scenarios.Options{Replications: &two}
			one := asJSON(t, mustRun(t, shipped(t, name, opts), Options{Workers: 1}))
			three := asJSON(t, mustRun(t, shipped(t, name, opts), Options{Workers: 3}))
			if one != three {
				t.Error("the result depends on the number of workers")
			}
		})
	}
}

func TestParkingIdleDaemonsChangesNothing(t *testing.T) {
	for _, name := range scenarios.EmbeddedNames() {
		t.Run(name, func(t *testing.T) {
			parked := mustRun(t, shipped(t, name, scenarios.Options{}), Options{})
			ticking := mustRun(t, shipped(t, name, scenarios.Options{}), Options{TickIdle: true})
			for i := range parked.Variants {
				p, k := parked.Variants[i].Replications[0], ticking.Variants[i].Replications[0]
				if p.Fingerprint != k.Fingerprint {
					t.Errorf("variant %s: %s when parked, %s when ticking", parked.Variants[i].Name, p.Fingerprint, k.Fingerprint)
				}
				if p.Events >= k.Events {
					t.Errorf("variant %s: parking saves no events: %d of %d", parked.Variants[i].Name, p.Events, k.Events)
				}
			}
		})
	}
}

func TestAnotherSeedIsAnotherWorld(t *testing.T) {
	seed := uint64(2)
	a := mustRun(t, shipped(t, "hello", scenarios.Options{}), Options{})
	b := mustRun(t, shipped(t, "hello", scenarios.Options{Seed: &seed}), Options{})
	if a.Fingerprint == b.Fingerprint {
		t.Error("two seeds gave one fingerprint")
	}
}

func TestACancelledRunEndsWithTheContextsError(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(ctx, shipped(t, "hello", scenarios.Options{}), Options{}); err != context.Canceled {
		t.Errorf("got %v", err)
	}
}

// A shipped scenario shows what it says in other random worlds, too.
func TestShippedThresholdsHoldOnOtherSeeds(t *testing.T) {
	for _, name := range scenarios.EmbeddedNames() {
		t.Run(name, func(t *testing.T) {
			for _, seed := range []uint64{1, 2, 3} {
				r := mustRun(t, shipped(t, name, scenarios.Options{Seed: &seed}), Options{})
				for _, v := range r.Variants {
					for _, judged := range v.Thresholds {
						if !judged.OK {
							t.Errorf("seed %d, variant %s: %s %s does not hold", seed, v.Name, judged.Metric, judged.Expression)
						}
					}
				}
			}
		})
	}
}
