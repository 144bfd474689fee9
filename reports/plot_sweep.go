package reports

import (
	"context"
	"fmt"
	"image/color"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"ipamsim/internal/words"
	"ipamsim/reports/chart"
	"ipamsim/sim/result"
)

// CurveFigures are what pictures of a sweep show unless told otherwise.
var CurveFigures = []string{"pod_start_p99_seconds", "pods_never_started"}

// curvePicture is a figure over the values of one axis, a line for each variant
// and for each point of the other axes that it shows.
type curvePicture struct {
	s      *result.Sweep
	figure result.Figure
	x      int                // axis
	at     []float64          // of its values, on the picture's axis
	places map[string]float64 // the same by value
	curves []*curve           // in the order of the rows
	known  map[string]*curve
	fixed  string // the point of the other axes, where each has a picture
	least  int    // replications
	most   int
}

// curve is one line.
type curve struct {
	name   string
	points map[float64]curvePoint // by x
}

type curvePoint struct {
	value           float64
	never, observed bool
	interval        *result.Interval
}

// Curves draws each figure of a sweep over an axis into a folder, as SVG and as
// PNG: sweep-FIGURE, and where the lines would be too many sweep-FIGURE-1 and so
// on, one for each point of the other axes. The axis is the first one with
// several numbers.
func Curves(ctx context.Context, dir string, s *result.Sweep, rows Rows, figures []string) error {
	pictures := map[string]*curvePicture{}
	var order []string
	for row, err := range rows {
		if err != nil {
			return err
		}
		for _, name := range figures {
			key, fixed := curveKey(s, row, name)
			if pictures[key] == nil {
				f, _, _ := result.FigureNamed(name)
				pictures[key] = newCurvePicture(s, f, fixed)
				order = append(order, key)
			}
			pictures[key].add(row)
		}
	}
	var files []NamedFile
	for _, key := range order {
		p, err := pictures[key].draw()
		if err != nil {
			return err
		}
		files = append(files, NamedFile{key + ".svg", p.svg}, NamedFile{key + ".png", p.png})
	}
	return WriteFiles(ctx, dir, files)
}

// MostPictures is how many pictures a sweep may have: our choice, what a page can
// show.
const MostPictures = 60

// CurvePictures is how many pictures Curves draws of a sweep.
func CurvePictures(s *result.Sweep, figures int) int {
	if n := otherPoints(s); n*len(s.Variants) > chart.LineLooks {
		return n * figures
	}
	return figures
}

// curveAxis is the first axis with several numbers, or the first.
func curveAxis(s *result.Sweep) int {
	for i, a := range s.Axes {
		if _, numbers := axisPlaces(a); numbers && len(a.Values) > 1 {
			return i
		}
	}
	return 0
}

// otherPoints is how many points the other axes have.
func otherPoints(s *result.Sweep) int {
	n, x := 1, curveAxis(s)
	for i, a := range s.Axes {
		if i != x {
			n *= a.Count
		}
	}
	return n
}

// curveKey is the name of the picture that a row is in, and the point of the
// other axes where that has a picture of its own.
func curveKey(s *result.Sweep, row *result.Row, figure string) (key, fixed string) {
	n := otherPoints(s)
	if n*len(s.Variants) <= chart.LineLooks {
		return "sweep-" + figure, ""
	}
	point, place := s.Point(row.Row), 0
	var parts []string
	for i, a := range s.Axes {
		if i == curveAxis(s) {
			continue
		}
		place = place*a.Count + slices.Index(a.Values, point[i])
		parts = append(parts, axisName(s, i)+"="+point[i])
	}
	return fmt.Sprintf("sweep-%s-%d", figure, place+1), strings.Join(parts, ", ")
}

func newCurvePicture(s *result.Sweep, f result.Figure, fixed string) *curvePicture {
	c := &curvePicture{s: s, figure: f, x: curveAxis(s), fixed: fixed, places: map[string]float64{}, known: map[string]*curve{}, least: math.MaxInt}
	if len(s.Axes) == 0 {
		c.at = []float64{0}
		return c
	}
	axis := s.Axes[c.x]
	c.at, _ = axisPlaces(axis)
	for i, v := range axis.Values {
		c.places[v] = c.at[i]
	}
	return c
}

// axisPlaces are the numbers that the values of an axis are, durations in
// seconds, or 0, 1, 2, … where not all are numbers.
func axisPlaces(a result.Axis) (at []float64, numbers bool) {
	numbers = true
	for _, v := range a.Values {
		n, err := strconv.ParseFloat(v, 64)
		if d, e := time.ParseDuration(v); err != nil && e == nil {
			n, err = d.Seconds(), nil
		}
		numbers = numbers && err == nil && !math.IsInf(n, 0) && !math.IsNaN(n)
		at = append(at, n)
	}
	if !numbers {
		at = at[:0]
		for i := range a.Values {
			at = append(at, float64(i))
		}
	}
	return at, numbers
}

// add takes a row in.
func (c *curvePicture) add(row *result.Row) {
	name, x := row.Variant, 0.0
	for i, value := range c.s.Point(row.Row) {
		switch {
		case i == c.x:
			x = c.places[value]
		case c.fixed == "":
			name += ", " + axisName(c.s, i) + "=" + value
		}
	}
	if c.known[name] == nil {
		c.known[name] = &curve{name: name, points: map[float64]curvePoint{}}
		c.curves = append(c.curves, c.known[name])
	}
	var p curvePoint
	p.value, p.never, p.observed = row.Figure(c.figure.Name)
	if i, is := row.Intervals[c.figure.Name]; is {
		p.interval, p.value = &i, i.Mean
	}
	c.known[name].points[x] = p
	c.least, c.most = min(c.least, row.Replications), max(c.most, row.Replications)
}

// glyphs tell the points of lines apart, beside colour and dashes.
var glyphs = []draw.GlyphDrawer{draw.CircleGlyph{}, draw.SquareGlyph{}, draw.TriangleGlyph{}, draw.RingGlyph{}, draw.BoxGlyph{}, draw.PyramidGlyph{}, draw.PlusGlyph{}}

// draw makes the picture.
func (c *curvePicture) draw() (*picture, error) {
	title := c.s.Scenario.Name + ": " + c.label()
	if c.fixed != "" {
		title += ", " + c.fixed
	}
	x := "no value was gone over"
	if len(c.s.Axes) > 0 {
		x = c.s.Axes[c.x].Path
	}
	p := newPicture(title, x, c.label())
	p.about = c.about()
	low, high, any := c.span()
	if !any {
		return p.empty("never observed, at no value"), nil
	}
	c.xAxis(p)
	c.yAxis(p, low, high)
	p.Add(gridLines())
	nevers := false
	for i, line := range c.curves {
		drawn, err := c.drawLine(p, i, line)
		if err != nil {
			return nil, err
		}
		nevers = nevers || drawn
	}
	if nevers {
		p.legend.Add("× at the top: never")
	}
	return p, nil
}

// label names the figure with its unit.
func (c *curvePicture) label() string {
	text := strings.ReplaceAll(c.figure.Metric.Name, "_", " ")
	if c.figure.How != "" {
		text += ", " + c.figure.How
	}
	if c.figure.Unit == "seconds" {
		text += " (s)"
	}
	return text
}

// about says in words what the picture shows.
func (c *curvePicture) about() string {
	text := c.label() + " of " + c.s.Scenario.Name
	if len(c.s.Axes) > 0 {
		text += " over " + c.s.Axes[c.x].Path + " = " + someValues(c.s.Axes[c.x].Values)
	}
	var list []string
	for _, line := range c.curves {
		list = append(list, line.name)
	}
	text += ". A line each for " + words.And(list) + "."
	switch {
	case c.most < 2:
		text += " One replication: there is no confidence interval."
	case c.least == c.most:
		text += fmt.Sprintf(" Lines are the mean of %d replications, bands its 95 %% confidence interval.", c.most)
	default:
		text += fmt.Sprintf(" Lines are the mean of %d to %d replications, bands its 95 %% confidence interval.", c.least, c.most)
	}
	return text
}

// span is the least and the greatest that is drawn.
func (c *curvePicture) span() (low, high float64, any bool) {
	low = math.Inf(1)
	for _, line := range c.curves {
		for _, p := range line.points { // any order: extremes
			any = any || p.observed
			if !p.observed || p.never {
				continue
			}
			low, high = min(low, p.value), max(high, p.value)
			if p.interval != nil {
				high = max(high, p.interval.High)
			}
		}
	}
	return low, high, any
}

func (c *curvePicture) xAxis(p *picture) {
	low, high := slices.Min(c.at), slices.Max(c.at)
	switch {
	case low == high:
		p.X.Min, p.X.Max = low-1, high+1
	case low > 0 && high/low >= chart.LogRange:
		p.X.Scale = plot.LogScale{}
		p.X.Label.Text += ", logarithmic"
		p.X.Min, p.X.Max = low/1.1, high*1.1
	default:
		p.X.Min, p.X.Max = low-(high-low)/40, high+(high-low)/40
	}
	const most = 16 // labels that have room
	if len(c.s.Axes) == 0 {
		p.X.Tick.Marker = plot.ConstantTicks{}
		return
	}
	var ticks plot.ConstantTicks
	for i, value := range c.s.Axes[c.x].Values {
		tick := plot.Tick{Value: c.at[i]}
		if len(c.at) <= most || i%(len(c.at)/most+1) == 0 {
			tick.Label = value
		}
		ticks = append(ticks, tick)
	}
	p.X.Tick.Marker = ticks
}

func (c *curvePicture) yAxis(p *picture, low, high float64) {
	if low > 0 && !math.IsInf(low, 0) && high/low >= chart.LogRange && c.figure.Unit == "seconds" {
		p.Y.Scale = plot.LogScale{}
		p.Y.Min, p.Y.Max = chart.NiceBelow(low), chart.NiceAbove(high)
		p.Y.Tick.Marker = logTicks{}
		p.Y.Label.Text += ", logarithmic"
		return
	}
	countAxis(&p.Y, high)
}

// drawLine draws one line with its band, and says whether it has points that are
// infinite.
func (c *curvePicture) drawLine(p *picture, i int, line *curve) (nevers bool, err error) {
	look := colorOf(chart.LineOf(i))
	dashes := dashesOf(chart.LineOf(i + i/chart.LineLooks))
	var never plotter.XYs
	pieces := line.pieces(c.at, &never, p.Y.Max)
	var thumb *plotter.Line
	for _, piece := range pieces {
		if band := bandOf(piece, p.Y.Min, p.Y.Max); len(band) > 0 {
			area, err := plotter.NewPolygon(band)
			if err != nil {
				return false, err
			}
			pale := look.(color.NRGBA)
			pale.A = 0x38
			area.Color, area.LineStyle.Width = pale, 0
			p.Add(area)
		}
	}
	for _, piece := range pieces {
		var points plotter.XYs
		for _, q := range piece {
			points = append(points, plotter.XY{X: q.x, Y: q.value})
		}
		curve, marks, err := plotter.NewLinePoints(points)
		if err != nil {
			return false, err
		}
		curve.Color, curve.Width, curve.Dashes = look, 2, dashes
		marks.GlyphStyle = draw.GlyphStyle{Color: look, Radius: 3, Shape: glyphs[i%len(glyphs)]}
		p.Add(curve, marks)
		if thumb == nil {
			thumb = curve
			p.legend.Add(line.name, curve, marks)
		}
	}
	if thumb == nil {
		p.legend.Add(line.name + " (nothing to show)")
	}
	if len(never) > 0 {
		marks, err := plotter.NewScatter(never)
		if err != nil {
			return false, err
		}
		marks.GlyphStyle = draw.GlyphStyle{Color: look, Radius: vg.Points(4), Shape: draw.CrossGlyph{}}
		p.Add(marks)
	}
	return len(never) > 0, nil
}

// placedPoint is a point of a line, and where it is.
type placedPoint struct {
	x float64
	curvePoint
}

// pieces are the stretches of a line without a gap; points that are infinite are
// put at the top.
func (line *curve) pieces(at []float64, never *plotter.XYs, top float64) (pieces [][]placedPoint) {
	var piece []placedPoint
	for _, x := range slices.Sorted(slices.Values(at)) {
		p, is := line.points[x]
		if is && p.observed && !p.never {
			piece = append(piece, placedPoint{x, p})
			continue
		}
		if is && p.never {
			*never = append(*never, plotter.XY{X: x, Y: top})
		}
		if len(piece) > 0 {
			pieces = append(pieces, piece)
			piece = nil
		}
	}
	if len(piece) > 0 {
		pieces = append(pieces, piece)
	}
	return pieces
}

// bandOf is the outline of the confidence intervals of a stretch, nothing where
// it has one point, or none.
func bandOf(piece []placedPoint, least, most float64) (outline plotter.XYs) {
	if len(piece) < 2 {
		return nil
	}
	for _, p := range piece {
		if p.interval == nil {
			return nil
		}
		outline = append(outline, plotter.XY{X: p.x, Y: max(least, p.interval.Low)})
	}
	for _, p := range slices.Backward(piece) {
		outline = append(outline, plotter.XY{X: p.x, Y: min(most, p.interval.High)})
	}
	return outline
}
