package tuning

import (
	"cmp"
	"math"
	"slices"

	"ipamsim/internal/portable"
	"ipamsim/sim/result"
)

// point is a candidate with its latest trial.
type point struct {
	candidate
	place int // among the candidates
	trial *result.Trial
	kept  bool   // to the last rung, whatever it comes to
	unfit string // what it makes worse than it is now
}

// objectives are what settings are compared in: less is better in each.
var objectives = []func(*result.Costs) float64{
	func(c *result.Costs) float64 { return float64(c.AddressesPeak) },
	func(c *result.Costs) float64 { return float64(c.PodStartP99) },
	func(c *result.Costs) float64 { return float64(c.WithoutAddress) },
	func(c *result.Costs) float64 { return c.APICalls },
}

// dominates says whether a setting is better than another in some respect, and
// worse in none.
func dominates(a, b *result.Costs) bool {
	better := false
	for _, of := range objectives {
		x, y := of(a), of(b)
		if x > y {
			return false
		}
		better = better || x < y
	}
	return better
}

// front are the points that none dominates, fewest addresses first. Of those that
// are equal in every respect it is the first.
func front(points []point) (list []point) {
	for i := range points {
		a := &points[i]
		beaten := slices.ContainsFunc(points, func(b point) bool {
			return dominates(&b.trial.Costs, &a.trial.Costs) || b.place < a.place && equal(&b.trial.Costs, &a.trial.Costs)
		})
		if !beaten {
			list = append(list, *a)
		}
	}
	slices.SortStableFunc(list, func(a, b point) int {
		return cmp.Or(cmp.Compare(a.trial.Costs.AddressesPeak, b.trial.Costs.AddressesPeak), cmp.Compare(a.trial.Costs.PodStartP99, b.trial.Costs.PodStartP99), cmp.Compare(a.place, b.place))
	})
	return list
}

func equal(a, b *result.Costs) bool {
	return !slices.ContainsFunc(objectives, func(of func(*result.Costs) float64) bool { return of(a) != of(b) })
}

// layers are a front, the front of what is left without it, and so on. What differs
// by less than the second digit counts as equal, so that a rung does not go on with
// many that are the same but for chance.
func layers(points []point) (list [][]point) {
	coarse := make([]point, len(points))
	for i, p := range points {
		trial := *p.trial
		trial.Costs = coarsely(trial.Costs)
		p.trial = &trial
		coarse[i] = p
	}
	exact := map[int]point{}
	for _, p := range points {
		exact[p.place] = p
	}
	for len(coarse) > 0 {
		var layer []point
		on := map[int]bool{}
		for _, p := range front(coarse) {
			on[p.place] = true
			layer = append(layer, exact[p.place])
		}
		list = append(list, layer)
		coarse = slices.DeleteFunc(coarse, func(p point) bool { return on[p.place] })
	}
	return list
}

// coarsely leaves two digits of each objective.
func coarsely(c result.Costs) result.Costs {
	c.AddressesPeak = portable.Int(twoDigits(float64(c.AddressesPeak)))
	c.PodStartP99 = result.Seconds(twoDigits(float64(c.PodStartP99)))
	c.WithoutAddress = portable.Int(twoDigits(float64(c.WithoutAddress)))
	c.APICalls = twoDigits(c.APICalls)
	return c
}

// twoDigits rounds to two digits; what is below 10 is rounded to tenths.
func twoDigits(x float64) float64 {
	if math.IsInf(x, 0) {
		return x
	}
	unit := 0.1
	for x/unit >= 100 {
		unit *= 10
	}
	return math.Round(x/unit) * unit
}

// distances say how far each point is from having the best of the front in every
// respect. Each objective counts by its ratios: its logarithm is 0 for the least of
// the front and 1 for the most. The distance is the root of the sum of the squares.
func distances(points []point) []float64 {
	list := make([]float64, len(points))
	for _, of := range objectives {
		ratio := func(i int) float64 {
			x := of(&points[i].trial.Costs)
			if math.IsInf(x, 0) {
				return x
			}
			return portable.Log(1 + x) // 0 has no logarithm
		}
		low, high := math.Inf(1), math.Inf(-1)
		for i := range points {
			if x := ratio(i); !math.IsInf(x, 0) {
				low, high = min(low, x), max(high, x)
			}
		}
		for i := range points {
			switch x := ratio(i); {
			case math.IsInf(x, 0):
				list[i] = math.Inf(1)
			case high > low:
				share := (x - low) / (high - low)
				list[i] += float64(share * share)
			}
		}
	}
	for i := range list {
		list[i] = math.Sqrt(list[i])
	}
	return list
}
