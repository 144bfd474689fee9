package reports

import (
	"context"
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"ipamsim/reports/chart"
	"ipamsim/sim/sensitivity"
)

// SensitivityPlots draws an analysis into a folder: tornado as SVG and as PNG, a
// bar for each assumption from the metric at one end of its range to that at the
// other.
func SensitivityPlots(ctx context.Context, dir string, a *sensitivity.Analysis) error {
	p, err := tornado(a)
	if err != nil {
		return err
	}
	return WriteFiles(ctx, dir, []NamedFile{{"tornado.svg", p.svg}, {"tornado.png", p.png}})
}

// tornado has the assumption that decides most at the top.
func tornado(a *sensitivity.Analysis) (*picture, error) {
	label := a.Metric
	if a.Unit == "seconds" {
		label += " (s)"
	}
	p := newPicture(fmt.Sprintf("%s, %s: what the assumptions decide", a.Scenario.Name, a.Variant), label, "")
	var shown []sensitivity.Parameter
	for _, x := range a.Parameters {
		if x.Low != nil && x.High != nil {
			shown = append(shown, x)
		}
	}
	if len(shown) == 0 || a.Usual == nil {
		return p.empty("nowhere is there a finite " + a.Metric), nil
	}
	if !slices.ContainsFunc(shown, func(x sensitivity.Parameter) bool { return *x.Low != *a.Usual || *x.High != *a.Usual }) {
		return p.empty(fmt.Sprintf("%s is %s whatever the assumptions are: none of the %d moves it", label, chart.Number(*a.Usual), len(shown))), nil
	}
	p.Add(gridLines())
	least, most := *a.Usual, *a.Usual
	var ticks []plot.Tick
	for i, x := range shown {
		y := float64(len(shown) - i)
		for _, end := range []struct {
			at   float64
			fill color.Color
		}{{*x.Low, skyBlue}, {*x.High, blue}} {
			bar, err := plotter.NewPolygon(plotter.XYs{{X: *a.Usual, Y: y - 0.35}, {X: end.at, Y: y - 0.35}, {X: end.at, Y: y + 0.35}, {X: *a.Usual, Y: y + 0.35}})
			if err != nil {
				return nil, err
			}
			bar.Color, bar.LineStyle.Width = end.fill, vg.Points(0.5)
			p.Add(bar)
			least, most = min(least, end.at), max(most, end.at)
		}
		ticks = append(ticks, plot.Tick{Value: y, Label: fmt.Sprintf("%s, %s to %s", x.Name, x.From, x.To)})
	}
	usual, err := plotter.NewLine(plotter.XYs{{X: *a.Usual, Y: 0.4}, {X: *a.Usual, Y: float64(len(shown)) + 0.6}})
	if err != nil {
		return nil, err
	}
	p.Add(usual)
	p.legend.Add("as the file has it", usual)
	room := (most - least) / 20
	axis := chart.SpanAxis(label, math.Max(0, least-room), most+room)
	setAxis(&p.X, &axis)
	p.Y.Min, p.Y.Max = 0.4, float64(len(shown))+0.6
	p.Y.Tick.Marker = plot.ConstantTicks(ticks)
	p.about = deciding(a)
	return p, nil
}
