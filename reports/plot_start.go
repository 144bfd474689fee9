package reports

import (
	"fmt"
	"image/color"
	"math"
	"sort"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"ipamsim/sim/result"
)

// logRange is the ratio of the longest to the shortest start from which on the
// axis is logarithmic.
const logRange = 20

// lines tell variants apart, by colour and by dashes.
var lines = []struct {
	color  color.Color
	dashes []vg.Length
}{
	{blue, nil},
	{vermillion, []vg.Length{6, 2}},
	{green, []vg.Length{2, 2}},
	{purple, []vg.Length{8, 2, 2, 2}},
	{orange, []vg.Length{4, 4}},
	{skyBlue, []vg.Length{10, 3}},
	{black, []vg.Length{1, 3}},
}

// podStartPicture draws for each variant the share of its pods that had
// started within a time. Pods that never started keep a curve below 100 %.
func podStartPicture(r *result.Result) (*picture, error) {
	p := newPicture(r.Scenario.Name+": pod start", "bound to a node until running (s)", "share of pods started (%)")
	low, high := startRange(r)
	if high == 0 {
		return p.empty("no pod started"), nil
	}
	logarithmic := low > 0 && high/low >= logRange
	if logarithmic {
		p.X.Scale = plot.LogScale{}
		p.X.Min, p.X.Max = niceBelow(low), niceAbove(high)
		p.X.Tick.Marker = logTicks{}
		p.X.Label.Text += ", logarithmic"
	} else {
		countAxis(&p.X, high)
	}
	p.Y.Min, p.Y.Max = 0, 100
	p.Y.Tick.Marker = plot.TickerFunc(percentTicks)
	p.Add(gridLines())
	for i := range r.Variants {
		v := &r.Variants[i]
		if v.Pods.Start.Count+v.Pods.Start.Never == 0 { // a line at nought would say that none of them starts
			p.legend.Add(v.Name + " (no pods)")
			continue
		}
		look := lines[i%len(lines)]
		curve, err := plotter.NewLine(startCurve(v, p.X.Min, p.X.Max))
		if err != nil {
			return nil, err
		}
		curve.StepStyle = plotter.PostStep
		curve.Color, curve.Width, curve.Dashes = look.color, 2, look.dashes
		p.Add(curve)
		p.legend.Add(v.Name+neverStarted(v), curve)
	}
	return p, nil
}

// startRange is the shortest and the longest start of all variants.
func startRange(r *result.Result) (low, high float64) {
	low = math.Inf(1)
	for _, v := range r.Variants {
		if v.Pods.Start.Count > 0 {
			low, high = min(low, float64(v.Pods.Start.Min)), max(high, longest(&v))
		}
	}
	return low, high
}

// longest is the longest start of those that did, to the upper end of its bin
// where others never started.
func longest(v *result.Variant) float64 {
	bins := v.Distributions.PodStart.BelowSeconds
	if most := v.Pods.Start.Max; most.Reached() || len(bins) == 0 {
		return float64(most)
	}
	return bins[len(bins)-1]
}

// startCurve is the distribution of a variant's starts between two times: at
// the upper end of each bin, the share of pods below it.
func startCurve(v *result.Variant, from, to float64) plotter.XYs {
	d, q := &v.Distributions.PodStart, &v.Pods.Start
	all := float64(max(1, d.Count+q.Never))
	least, most := float64(q.Min), longest(v)
	points := plotter.XYs{{X: from, Y: 0}}
	below := 0
	for i, n := range d.Counts {
		below += n
		points = append(points, plotter.XY{X: min(max(d.BelowSeconds[i], least), most), Y: 100 * float64(below) / all})
	}
	return append(points, plotter.XY{X: to, Y: 100 * float64(below) / all})
}

// neverStarted is what the legend says of a variant's pods that are on no
// curve.
func neverStarted(v *result.Variant) string {
	never := v.Pods.Start.Never
	if never == 0 {
		return ""
	}
	share := 100 * float64(never) / float64(never+v.Pods.Start.Count)
	if share < 10 {
		return fmt.Sprintf(" (%.1f %% never)", share)
	}
	return fmt.Sprintf(" (%.0f %% never)", share)
}

// percentTicks marks every tenth and names every second of them.
func percentTicks(low, high float64) []plot.Tick {
	var ticks []plot.Tick
	for v := 0; v <= 100; v += 10 {
		tick := plot.Tick{Value: float64(v)}
		if v%20 == 0 {
			tick.Label = number(float64(v))
		}
		ticks = append(ticks, tick)
	}
	return ticks
}

// logTicks marks 1, 2 and 5 of each decade as people write them.
type logTicks struct{}

// Ticks between two positive values.
func (logTicks) Ticks(low, high float64) []plot.Tick {
	var ticks []plot.Tick
	for exponent := math.Floor(math.Log10(low)); exponent <= math.Ceil(math.Log10(high)); exponent++ {
		for _, digit := range []float64{1, 2, 5} {
			if v := digit * math.Pow(10, exponent); v >= low*0.999 && v <= high*1.001 {
				ticks = append(ticks, plot.Tick{Value: v, Label: number(v)})
			}
		}
	}
	return ticks
}

// niceBelow is the greatest 1, 2 or 5 of a decade that is not above v.
func niceBelow(v float64) float64 {
	decade := math.Pow(10, math.Floor(math.Log10(v)))
	steps := []float64{1, 2, 5, 10}
	i := sort.Search(len(steps), func(i int) bool { return steps[i]*decade > v*(1+1e-9) })
	return steps[max(0, i-1)] * decade
}

// niceAbove is the least 1, 2 or 5 of a decade that is not below v.
func niceAbove(v float64) float64 {
	decade := math.Pow(10, math.Floor(math.Log10(v)))
	for _, step := range []float64{1, 2, 5} {
		if step*decade >= v*(1-1e-9) {
			return step * decade
		}
	}
	return 10 * decade
}
