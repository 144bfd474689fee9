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

// dominates says whether a setting has fewer addresses at the peak and no longer
// starts than another, or as many and shorter ones, as finely as grain tells them
// apart.
func (g grain) dominates(a, b *result.Costs) bool {
	x, y := g.of(a), g.of(b)
	return x != y && x.addresses <= y.addresses && x.start <= y.start
}

// grain is how finely figures are told apart.
type grain struct {
	digits int     // of both
	start  float64 // seconds, at the finest
}

// The grains: a rung goes on with what differs visibly, and not with many that are
// the same but for chance. Of the front a tenth of a second more or less is none.
// Our choice.
var (
	coarse = grain{2, 0.1}
	fine   = grain{15, 0.1}
)

// cell is where a setting stands, as finely as a grain has it.
type cell struct{ addresses, start float64 }

func (g grain) of(c *result.Costs) cell {
	start := float64(c.PodStartP99)
	if !math.IsInf(start, 0) {
		start = math.Round(start/g.start) * g.start
	}
	return cell{rounded(float64(c.AddressesPeak), g.digits), rounded(start, g.digits)}
}

// rounded leaves so many digits of a number that is not negative.
func rounded(x float64, digits int) float64 {
	if math.IsInf(x, 0) {
		return x
	}
	most := 1.0
	for range digits {
		most *= 10
	}
	unit := 1.0
	for x/unit >= most {
		unit *= 10
	}
	for unit > 1e-3 && x/unit < most/10 {
		unit /= 10
	}
	return math.Round(x/unit) * unit
}

// front are the points that none dominates, fewest addresses first. Of those that
// stand in one cell it is the one that is nearest to the best in every respect.
func front(points []point, g grain) (list []point) {
	best, far := map[cell]int{}, distances(points)
	for i := range points {
		at := g.of(&points[i].trial.Costs)
		if j, is := best[at]; !is || far[i] < far[j] {
			best[at] = i
		}
	}
	for i := range points {
		a := &points[i].trial.Costs
		if best[g.of(a)] == i && !slices.ContainsFunc(points, func(b point) bool { return g.dominates(&b.trial.Costs, a) }) {
			list = append(list, points[i])
		}
	}
	slices.SortStableFunc(list, func(a, b point) int {
		return cmp.Or(cmp.Compare(a.trial.Costs.AddressesPeak, b.trial.Costs.AddressesPeak), cmp.Compare(a.place, b.place))
	})
	return list
}

// layers are a front, the front of what is left without it, and so on.
func layers(points []point, g grain) (list [][]point) {
	for len(points) > 0 {
		f := front(points, g)
		on := map[int]bool{}
		for i := range f {
			on[f[i].place] = true
		}
		list = append(list, f)
		points = slices.DeleteFunc(slices.Clone(points), func(p point) bool { return on[p.place] })
	}
	return list
}

// respects are what the knee weighs: each is a ratio of which the logarithm
// counts, so that twice as many addresses weigh as much as twice as long a start.
// Starts are from a second on, and what there is of pods and of calls is for each
// pod of the scenario beside 1: a call more or less for a pod weighs something, one
// in a hour does not.
var respects = []func(*result.Trial) float64{
	func(t *result.Trial) float64 { return float64(max(1, t.Costs.AddressesPeak)) },
	func(t *result.Trial) float64 { return max(1, t.Costs.AddressesMean) },
	func(t *result.Trial) float64 { return 1 + certainStart(t) },
	func(t *result.Trial) float64 { return perPod(t, float64(t.Costs.WithoutAddress)) },
	func(t *result.Trial) float64 { return perPod(t, t.Costs.APICalls) },
	func(t *result.Trial) float64 { return perPod(t, t.Costs.APIThrottled) },
}

func perPod(t *result.Trial, n float64) float64 { return 1 + n/max(1, t.Costs.Pods) }

// certainStart is a p99 of starts on the safe side: that of all worlds together, or
// the upper end of the interval of its mean over them.
func certainStart(t *result.Trial) float64 {
	p99 := float64(t.Costs.PodStartP99)
	if interval, is := t.Intervals()["pod_start_p99"]; is {
		p99 = max(p99, interval.High)
	}
	return p99
}

// distances say how far each point is from having the least of all of them in every
// respect: the root of the sum of the squares of the ratios' logarithms.
func distances(points []point) []float64 {
	list := make([]float64, len(points))
	for _, of := range respects {
		least := math.Inf(1)
		values := make([]float64, len(points))
		for i := range points {
			values[i] = of(points[i].trial)
			least = min(least, values[i])
		}
		for i, x := range values {
			if math.IsInf(x, 0) {
				list[i] = x
				continue
			}
			ratio := portable.Log(x / least)
			list[i] += float64(ratio * ratio)
		}
	}
	for i := range list {
		list[i] = math.Sqrt(list[i])
	}
	return list
}
