package tuning

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"ipamsim/internal/properties"
	"ipamsim/sim/result"
)

func init() { properties.Checks(12) }

// points draws settings with what they came to, many of them alike.
func points(t *rapid.T) (list []point) {
	for i := range rapid.IntRange(1, 40).Draw(t, "settings") {
		c := result.Costs{
			AddressesPeak: rapid.IntRange(0, 30).Draw(t, "peak"), AddressesMean: rapid.Float64Range(0, 30).Draw(t, "mean"),
			PodStartP99:    result.Seconds(rapid.SampledFrom([]float64{0, 2.04, 2.05, 2.1, 7.3, 31.4, 812, math.Inf(1)}).Draw(t, "p99")),
			WithoutAddress: rapid.IntRange(0, 5).Draw(t, "wait"), APICalls: rapid.Float64Range(0, 100).Draw(t, "calls"), Pods: 20,
		}
		list = append(list, point{place: i, trial: &result.Trial{Costs: c}})
	}
	return list
}

// None of the front has fewer addresses than another and starts as short, or as
// many and shorter ones; and whatever was tried, something of the front has no
// more addresses, and starts as short to a tenth of a second.
func TestTheFrontIsWhatIsWorthHaving(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := points(t)
		f := front(all, fine)
		for _, a := range f {
			for _, b := range f {
				x, y := &a.trial.Costs, &b.trial.Costs
				if a.place != b.place && x.AddressesPeak <= y.AddressesPeak && x.PodStartP99 <= y.PodStartP99 {
					t.Fatalf("%+v is no worse than %+v", *x, *y)
				}
			}
		}
		for _, p := range all {
			found := false
			for _, a := range f {
				x, y := &a.trial.Costs, &p.trial.Costs
				found = found || x.AddressesPeak <= y.AddressesPeak && x.PodStartP99 <= y.PodStartP99+0.1
			}
			if !found {
				t.Fatalf("nothing is as good as %+v in\n%+v", p.trial.Costs, f)
			}
		}
	})
}

// What is best does not depend on the order in which settings are listed, but for
// those that are equal.
func TestTheFrontKnowsNoOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := points(t)
		f, g := front(all, coarse), front(rapid.Permutation(all).Draw(t, "order"), coarse)
		if len(f) != len(g) {
			t.Fatalf("%d and %d", len(f), len(g))
		}
		for i := range f {
			if coarse.of(&f[i].trial.Costs) != coarse.of(&g[i].trial.Costs) {
				t.Fatalf("%+v and %+v", f[i].trial.Costs, g[i].trial.Costs)
			}
		}
	})
}

// The layers have each point once, and a best point is the nearest to the best.
func TestLayersHaveEverySettingOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all, seen := points(t), map[int]int{}
		for _, layer := range layers(all, coarse) {
			if len(layer) == 0 {
				t.Fatal("an empty layer")
			}
			for _, p := range layer {
				seen[p.place]++
			}
		}
		for _, p := range all {
			if seen[p.place] != 1 {
				t.Fatalf("%d is in the layers %d times", p.place, seen[p.place])
			}
		}
	})
}

// A setting that is no worse than another in any respect is no farther from the
// best.
func TestTheKneeFollowsEveryRespect(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := points(t)
		far := distances(all)
		for i := range all {
			for j := range all {
				no := true
				for _, of := range respects {
					no = no && of(all[i].trial) <= of(all[j].trial)
				}
				if no && far[i] > far[j] {
					t.Fatalf("%+v is at %v, and %+v at %v", all[i].trial.Costs, far[i], all[j].trial.Costs, far[j])
				}
			}
		}
	})
}

// A p99 that chance may have made short counts as its interval's upper end.
func TestAnUncertainStartCountsAsALongOne(t *testing.T) {
	world := func(p99 result.Seconds) result.Costs { return result.Costs{PodStartP99: p99} }
	steady := result.Trial{Costs: world(2.5), Worlds: []result.Costs{world(2.4), world(2.5), world(2.6)}}
	lucky := result.Trial{Costs: world(2.5), Worlds: []result.Costs{world(2.4), world(2.5), world(14)}}
	if a, b := certainStart(&steady), certainStart(&lucky); a > 3 || b < 14 {
		t.Errorf("%v and %v", a, b)
	}
	fine := []result.Probe{{Name: heldBackSeed, Then: world(4)}}
	longer := []result.Probe{{Name: heldBackSeed, Then: world(9)}}
	if fragile(&steady, fine) != "" || fragile(&steady, longer) == "" || fragile(&lucky, longer) != "" {
		t.Error("2.5 s in the search: 4 s elsewhere is chance, 9 s is not unless the search had seen such")
	}
}

func TestNumbersAreRoundedToTheirDigits(t *testing.T) {
	for _, c := range []struct {
		x      float64
		digits int
		want   float64
	}{{0, 2, 0}, {7, 2, 7}, {99, 2, 99}, {104, 2, 100}, {1751, 2, 1800}, {1749, 3, 1750}, {2.51, 2, 2.5}, {math.Inf(1), 2, math.Inf(1)}} {
		if got := rounded(c.x, c.digits); math.Abs(got-c.want) > 1e-9 && got != c.want {
			t.Errorf("%v in %d digits is %v, want %v", c.x, c.digits, got, c.want)
		}
	}
}
