package reports

import (
	"image/color"
	"math"
	"sort"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"ipamsim/reports/chart"
)

// area draws what is between two curves, with its hatch.
type area struct{ *chart.Area }

// Plot implements plot.Plotter.
func (a area) Plot(c draw.Canvas, p *plot.Plot) {
	if len(a.At) == 0 {
		return
	}
	x, y := p.Transforms(&c)
	o := outlineOf{left: x(a.At[0]), right: x(a.At[len(a.At)-1])}
	for i := range a.At {
		o.at, o.low, o.high = append(o.at, x(a.At[i])), append(o.low, y(a.Low[i])), append(o.high, y(a.High[i]))
	}
	fillHatched(c, a.Look, o)
}

// outlineOf is an area on paper.
type outlineOf struct {
	left, right   vg.Length
	at, low, high []vg.Length
}

// between are the curves at a place.
func (o *outlineOf) between(x vg.Length) (low, high vg.Length) {
	i := sort.Search(len(o.at), func(i int) bool { return o.at[i] > x })
	if i == 0 || i == len(o.at) {
		i = min(max(i, 1), len(o.at)) - 1
		return o.low[i], o.high[i]
	}
	part := (x - o.at[i-1]) / (o.at[i] - o.at[i-1])
	return o.low[i-1] + part*(o.low[i]-o.low[i-1]), o.high[i-1] + part*(o.high[i]-o.high[i-1])
}

var (
	hatchInk   = color.NRGBA{0, 0, 0, 0x66}
	hatchEvery = vg.Length(6)
)

// fillHatched fills an outline with a look's colour and draws its hatch.
func fillHatched(c draw.Canvas, look chart.Look, o outlineOf) {
	var path vg.Path
	path.Move(vg.Point{X: o.at[0], Y: o.low[0]})
	for i := range o.at {
		path.Line(vg.Point{X: o.at[i], Y: o.high[i]})
	}
	for i := len(o.at) - 1; i > 0; i-- {
		path.Line(vg.Point{X: o.at[i], Y: o.low[i]})
	}
	path.Close()
	c.SetColor(colorOf(look))
	c.Fill(path)
	var hatch vg.Path
	switch look.Hatch {
	case chart.Rising:
		hatch = o.slanted(1)
	case chart.Falling:
		hatch = o.slanted(-1)
	case chart.Crossed:
		hatch = append(o.slanted(1), o.slanted(-1)...)
	case chart.Level:
		hatch = o.slanted(0)
	case chart.Upright:
		hatch = o.upright()
	case chart.Dots:
		hatch = o.dots()
	}
	if len(hatch) > 0 {
		c.SetColor(hatchInk)
		c.SetLineWidth(0.7)
		c.SetLineDash(nil, 0)
		c.Stroke(hatch)
	}
}

func (o *outlineOf) upright() (path vg.Path) {
	for x := above(o.left); x < o.right; x += hatchEvery {
		if low, high := o.between(x); high-low > 0.5 {
			path.Move(vg.Point{X: x, Y: low})
			path.Line(vg.Point{X: x, Y: high})
		}
	}
	return path
}

// above is the first place of a hatch, the same on all of a drawing.
func above(v vg.Length) vg.Length {
	return vg.Length(math.Ceil(float64(v/hatchEvery))) * hatchEvery
}

// slanted are lines that rise by so much a step, as far as they are inside.
func (o *outlineOf) slanted(rise vg.Length) (path vg.Path) {
	const step = 1
	bottom, top := o.low[0], o.high[0]
	for i := range o.at {
		bottom, top = min(bottom, o.low[i]), max(top, o.high[i])
	}
	wide := o.right - o.left
	from, to := above(bottom-max(0, rise*wide)), top+max(0, -rise*wide)
	for y0 := from; y0 <= to; y0 += hatchEvery {
		inside := false
		var last vg.Point
		for x := o.left; x <= o.right; x += step {
			at := vg.Point{X: x, Y: y0 + rise*(x-o.left)}
			low, high := o.between(x)
			if is := at.Y > low && at.Y < high; is != inside {
				if inside = is; is {
					path.Move(at)
				} else {
					path.Line(last)
				}
			}
			last = at
		}
		if inside {
			path.Line(last)
		}
	}
	return path
}

// dots are short lines, every second row between those of the one below.
func (o *outlineOf) dots() (path vg.Path) {
	for column, x := 0, above(o.left); x < o.right; column, x = column+1, x+hatchEvery/2 {
		low, high := o.between(x)
		for y := above(low) + hatchEvery/2*vg.Length(column%2); y < high; y += hatchEvery {
			path.Move(vg.Point{X: x - 0.5, Y: y})
			path.Line(vg.Point{X: x + 0.5, Y: y})
		}
	}
	return path
}
