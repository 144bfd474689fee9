package calibration

import (
	"context"
	"fmt"
	"math"
	"slices"

	"ipamsim/internal/words"
	"ipamsim/reports"
	"ipamsim/reports/chart"
	"ipamsim/scenarios/calibration"
	"ipamsim/scenarios/calibration/fit"
)

// Pictures draws into a folder, for each latency that was fitted, the share of durations
// that were observed to be so short, and the fitted one: SVG and PNG.
func Pictures(ctx context.Context, dir string, r *calibration.Report) error {
	var list []chart.Figure
	for i := range r.Latencies {
		list = append(list, figure(&r.Latencies[i]))
	}
	if len(list) == 0 {
		list = append(list, chart.Figure{Name: "latencies", Title: "fitted against observed", Note: "no latency was fitted"})
	}
	return reports.Charts(ctx, dir, list)
}

// placesShown is how many places a curve is drawn at.
const placesShown = 300

func figure(l *calibration.LatencyReport) chart.Figure {
	observed := observedCurves(l)
	low, high := math.Inf(1), 0.0
	for _, c := range observed {
		for _, x := range c.At {
			if x > 0 { // what is not bounded from below begins with the axis
				low = min(low, x)
				break
			}
		}
		high = max(high, c.At[len(c.At)-1])
	}
	low, high = max(min(low, l.Fit.Quantile(0.005)), 1e-6), max(high, l.Fit.Quantile(0.995))
	x := chart.CountAxis("seconds", high)
	if high/low >= chart.LogRange {
		x = chart.Axis{Label: "seconds, logarithmic", Min: chart.NiceBelow(low), Max: chart.NiceAbove(high), Log: true}
		x.Ticks = chart.LogTicks(x.Min, x.Max)
	}
	y := chart.Axis{Label: "share of durations (%)", Max: 100}
	for v := 0; v <= 100; v += 20 {
		y.Ticks = append(y.Ticks, chart.Tick{Value: float64(v), Label: fmt.Sprint(v)})
	}
	p := chart.Panel{X: x, Y: y}
	f := chart.Figure{Name: l.Key, Title: l.Key + ": fitted against observed", Heading: l.Key}
	for i, c := range observed {
		c.Look, c.Steps = chart.LineOf(i+1), true
		p.Lines = append(p.Lines, clip(c.Line, x))
		f.Legend = append(f.Legend, chart.Entry{Name: c.name, Look: c.Look, As: chart.OfLine})
	}
	fitted := chart.Line{Look: chart.LineOf(0)}
	for i := range placesShown {
		at := float64(i) / (placesShown - 1)
		if at = x.Min + at*(x.Max-x.Min); x.Log {
			at = x.Min * math.Pow(x.Max/x.Min, float64(i)/(placesShown-1))
		}
		fitted.At, fitted.Values = append(fitted.At, at), append(fitted.Values, 100*expected(l, at))
	}
	p.Lines = append(p.Lines, fitted)
	f.Legend = append(f.Legend, chart.Entry{Name: "fitted", Look: fitted.Look, As: chart.OfLine},
		chart.Entry{Name: fmt.Sprintf("distance %.3g", l.Distance), As: chart.OfNothing}, chart.Entry{Name: fmt.Sprintf("(poor from %.3g)", l.Critical), As: chart.OfNothing})
	f.Panels = []chart.Panel{p}
	f.About = fmt.Sprintf("The share of durations that were so short, observed (%s, %s) and fitted: log-normal, mean %s, sigma %s, at a distance of %.3g, where %.3g is exceeded in 5 of 100 cases in which the family is right.",
		l.Source, words.Plural(l.Observations, "observation"), seconds(l.MeanSeconds.Value), number(l.Sigma.Value), l.Distance, l.Critical)
	return f
}

// expected is the share that the fit has at most so long: of sums, of the means of as many
// draws as each has.
func expected(l *calibration.LatencyReport, x float64) float64 {
	if len(l.Sums) == 0 {
		return l.Fit.Share(x)
	}
	by := map[int]int{}
	for _, s := range l.Sums {
		by[s.Draws]++
	}
	all := 0.0
	draws := make([]int, 0, len(by))
	for n := range by { // any order: they are sorted below
		draws = append(draws, n)
	}
	slices.Sort(draws)
	for _, n := range draws {
		all += float64(by[n]) * l.Fit.ShareOfSum(fit.Sum{Draws: n, Total: x * float64(n)})
	}
	return all / float64(len(l.Sums))
}

// curve is what was observed.
type curve struct {
	chart.Line
	name string
}

// observedCurves are one, or two between which the observed one lies.
func observedCurves(l *calibration.LatencyReport) []curve {
	if len(l.Sums) > 0 {
		name, means := "observed", make([]float64, len(l.Sums))
		for i, s := range l.Sums {
			means[i] = s.Total / float64(s.Draws)
			if s.Draws > 1 {
				name = "observed, means of intervals"
			}
		}
		return []curve{{steps(means), name}}
	}
	lows, highs := make([]float64, len(l.Bounds)), make([]float64, len(l.Bounds))
	for i, b := range l.Bounds {
		lows[i], highs[i] = b.Least(), b.Most()
	}
	return []curve{{steps(lows), "observed, at the earliest"}, {steps(highs), "observed, at the latest"}}
}

// steps is the share of values that are at most so long, thinned to what shows.
func steps(values []float64) (c chart.Line) {
	slices.Sort(values)
	every := max(1, len(values)/placesShown)
	for i, x := range values {
		if math.IsInf(x, 1) { // nobody has seen its end
			break
		}
		if i == 0 {
			c.At, c.Values = append(c.At, x), append(c.Values, 0)
		}
		if i%every == 0 || i == len(values)-1 {
			c.At, c.Values = append(c.At, x), append(c.Values, 100*float64(i+1)/float64(len(values)))
		}
	}
	return c
}

// clip moves what is left of an axis to its beginning.
func clip(c chart.Line, x chart.Axis) chart.Line {
	for i := range c.At {
		c.At[i] = max(c.At[i], x.Min)
	}
	return c
}
