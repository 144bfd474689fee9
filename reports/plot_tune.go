package reports

import (
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"ipamsim/internal/words"
	"ipamsim/reports/chart"
	"ipamsim/sim/result"
)

// TuningPlots draws what a search has found into a folder: tune-front as SVG and
// as PNG, addresses against the p99 of pod starts.
func TuningPlots(dir string, t *result.Tuning) error {
	p, err := frontPicture(t)
	if err != nil {
		return err
	}
	return WriteFiles(dir, []NamedFile{{"tune-front.svg", p.svg}, {"tune-front.png", p.png}})
}

// frontPicture has a dot for each setting.
func frontPicture(t *result.Tuning) (*picture, error) {
	p := newPicture(fmt.Sprintf("%s: settings over %s", t.Scenario.Name, t.Variant), "addresses held at the peak", "pod start, p99 (s)")
	f := frontDots{picture: p, t: t}
	if !f.measure() {
		return p.empty("in no setting did 99 % of the pods start"), nil
	}
	p.Add(gridLines())
	for _, draw := range []func() error{f.tried, f.steps, f.front, f.special} {
		if err := draw(); err != nil {
			return nil, err
		}
	}
	p.about = fmt.Sprintf("p99 of pod starts over the addresses held at the peak of %s, a dot each. %s; the line joins those of which no other has fewer addresses and a shorter p99.",
		words.Plural(len(t.Tried), "setting"), words.Plural(len(t.Front), "setting")+" of the front are filled")
	if r := t.Recommended; r != nil {
		p.about += fmt.Sprintf(" Recommended: %s, with %s and %s.", environment(r.Env), words.Plural(r.AddressesPeak, "address"), tuningCost(&r.Costs, "pod_start_p99"))
	}
	return p, nil
}

// frontDots draws the dots.
type frontDots struct {
	*picture
	t   *result.Tuning
	top float64 // where settings stand of which 99 % never start
}

// measure sets the axes.
func (f *frontDots) measure() bool {
	low, high := math.Inf(1), 0.0
	least, most := math.Inf(1), 0.0
	for _, x := range f.all() {
		least, most = min(least, float64(x.AddressesPeak)), max(most, float64(x.AddressesPeak))
		if s := float64(x.PodStartP99); x.PodStartP99.Reached() && s > 0 {
			low, high = min(low, s), max(high, s)
		}
	}
	if high == 0 {
		return false
	}
	wide := max(1, most-least)
	f.X.Min, f.X.Max = max(0, least-wide/20), most+wide/20
	f.X.Tick.Marker = plot.TickerFunc(func(low, high float64) (ticks []plot.Tick) {
		step := max(1, chart.NiceAbove((high-low)/6))
		for v := step * math.Ceil(low/step); v <= high; v += step {
			ticks = append(ticks, plot.Tick{Value: v, Label: chart.Number(v)})
		}
		return ticks
	})
	if low > 0 && high/low >= chart.LogRange {
		f.Y.Scale = plot.LogScale{}
		f.Y.Min, f.Y.Max = chart.NiceBelow(low*0.9), chart.NiceAbove(high*1.05)
		f.Y.Tick.Marker = logTicks{}
		f.Y.Label.Text += ", logarithmic"
	} else {
		countAxis(&f.Y, high)
	}
	f.top = f.Y.Max
	return true
}

func (f *frontDots) all() []result.Setting { return append(slices.Clone(f.t.Tried), f.t.Now) }

// at is where a setting stands.
func (f *frontDots) at(x *result.Setting) plotter.XY {
	y := float64(x.PodStartP99)
	if !x.PodStartP99.Reached() {
		y = f.top
	}
	return plotter.XY{X: float64(x.AddressesPeak), Y: min(f.top, max(f.Y.Min, y))}
}

// dots draws some settings alike.
func (f *frontDots) dots(name string, list []result.Setting, c color.Color, radius vg.Length, shape draw.GlyphDrawer) error {
	if len(list) == 0 {
		return nil
	}
	points := make(plotter.XYs, len(list))
	for i := range list {
		points[i] = f.at(&list[i])
	}
	marks, err := plotter.NewScatter(points)
	if err != nil {
		return err
	}
	marks.GlyphStyle = draw.GlyphStyle{Color: c, Radius: radius, Shape: shape}
	f.Add(marks)
	f.legend.Add(name, marks)
	return nil
}

func (f *frontDots) tried() error {
	var fit, unfit []result.Setting
	for _, x := range f.t.Tried {
		if x.Unfit == "" {
			fit = append(fit, x)
		} else {
			unfit = append(unfit, x)
		}
	}
	if err := f.dots("makes something worse", unfit, vermillion, 2.5, draw.CrossGlyph{}); err != nil {
		return err
	}
	return f.dots("left aside", fit, grey, 2.5, draw.RingGlyph{})
}

// steps joins the settings of the front of which none has fewer addresses and a
// shorter p99.
func (f *frontDots) steps() error {
	var line plotter.XYs
	best := math.Inf(1)
	for i := range f.t.Front { // fewest addresses first
		x := &f.t.Front[i]
		if s := float64(x.PodStartP99); s < best {
			at := f.at(x)
			if len(line) > 0 {
				line = append(line, plotter.XY{X: at.X, Y: line[len(line)-1].Y})
			}
			line, best = append(line, at), s
		}
	}
	if len(line) < 2 {
		return nil
	}
	drawn, err := plotter.NewLine(line)
	if err != nil {
		return err
	}
	drawn.Color, drawn.Width = blue, 1.5
	f.Add(drawn)
	return nil
}

func (f *frontDots) front() error { return f.dots("front", f.t.Front, blue, 3.5, draw.CircleGlyph{}) }

// special are what is now, and what is recommended.
func (f *frontDots) special() error {
	if err := f.dots("now", []result.Setting{f.t.Now}, black, 5, draw.SquareGlyph{}); err != nil || f.t.Recommended == nil {
		return err
	}
	return f.dots("recommended", []result.Setting{f.t.Recommended.Setting}, green, 5, draw.TriangleGlyph{})
}
