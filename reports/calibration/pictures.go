package calibration

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/reports"
	"ipamsim/reports/chart"
	"ipamsim/scenarios/calibration"
	"ipamsim/scenarios/calibration/fit"
)

// Pictures draws into a folder, for each latency that was fitted, the share of durations
// that were observed to be so short, and the fitted one; and for each start the share that
// was observed, and the simulated one: SVG and PNG.
func Pictures(ctx context.Context, dir string, r *calibration.Report) error {
	var list []chart.Figure
	for i := range r.Latencies {
		list = append(list, figure(&r.Latencies[i]))
	}
	for i := range r.Starts {
		list = append(list, started(&r.Starts[i]))
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
	p := chart.Panel{X: x, Y: shares("share of durations (%)")}
	f := chart.Figure{Name: fileName.Replace(l.Key), Title: l.Key + ": fitted against observed", Heading: l.Key}
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

// fileName is a picture's, of a key that may be of an image.
var fileName = strings.NewReplacer("/", "+", ":", "@", " ", "-")

// shares is the axis from none to all.
func shares(label string) chart.Axis {
	y := chart.Axis{Label: label, Max: 100}
	for v := 0; v <= 100; v += 20 {
		y.Ticks = append(y.Ticks, chart.Tick{Value: float64(v), Label: fmt.Sprint(v)})
	}
	return y
}

// startFiles are the names of the pictures of starts.
var startFiles = map[string]string{calibration.SandboxStart: "start.sandbox", calibration.PodStart: "start.pod", calibration.NodeStart: "start.node"}

// started draws the curves between which those of a start lie, observed and simulated.
func started(s *calibration.StartReport) chart.Figure {
	f := chart.Figure{Name: startFiles[s.Start], Title: s.Start, Heading: s.Start}
	p := chart.Panel{Y: shares("share of starts (%)")}
	high := 0.0
	observed, simulated := s.Bounds()
	for k, of := range []struct {
		name   string
		bounds []fit.Between
	}{{"observed", observed}, {"simulated", simulated}} {
		if len(of.bounds) == 0 {
			continue
		}
		for _, c := range band(of.bounds, of.name) {
			c.Look, c.Steps = chart.LineOf(k), true
			high = max(high, c.At[len(c.At)-1])
			p.Lines = append(p.Lines, c.Line)
		}
		f.Legend = append(f.Legend, chart.Entry{Name: of.name + ", between two curves", Look: chart.LineOf(k), As: chart.OfLine})
	}
	f.About = fmt.Sprintf("The share of starts that took so long at most, %s: observed, half of %d within %s.", s.Start, s.Observed.Starts, between(s.Observed.P50, seconds))
	if s.Simulated != nil {
		f.Legend = append(f.Legend, chart.Entry{Name: fmt.Sprintf("distance %.3g", *s.Distance), As: chart.OfNothing}, chart.Entry{Name: fmt.Sprintf("(differs from %.3g)", *s.Critical), As: chart.OfNothing})
		f.About += fmt.Sprintf(" Simulated, half of %d within %s, at a distance of %.3g, where %.3g is exceeded in 5 of 100 cases in which both are alike.", s.Simulated.Starts, between(s.Simulated.P50, seconds), *s.Distance, *s.Critical)
	}
	p.X = chart.CountAxis("seconds", high)
	f.Panels = []chart.Panel{p}
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
	return band(l.Bounds, "observed")
}

// band are the curves between which that of bounded durations lies.
func band(list []fit.Between, name string) []curve {
	lows, highs := make([]float64, len(list)), make([]float64, len(list))
	for i, b := range list {
		lows[i], highs[i] = b.Least(), b.Most()
	}
	return []curve{{steps(lows), name + ", at the earliest"}, {steps(highs), name + ", at the latest"}}
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
