package reports

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	plottext "gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"ipamsim/reports/chart"
)

// letterRoom is what letters of faults take above the axes.
const letterRoom = 0.16 * vg.Inch

// faultShade is over what is drawn while a fault lasts.
var faultShade = color.NRGBA{0, 0, 0, 0x14}

// happenings draw what has happened: faults as a dashed line with a letter above
// it, and a shade as long as they last; launches and ends of nodes as triangles at
// the upper edge.
type happenings []chart.Mark

// Plot implements plot.Plotter.
func (h happenings) Plot(c draw.Canvas, p *plot.Plot) {
	x, _ := p.Transforms(&c)
	last := vg.Length(-1)
	for _, m := range h {
		from, to := x(m.From), x(m.To)
		switch m.Kind {
		case chart.ScaleOut, chart.ScaleIn:
			triangle(c, vg.Point{X: from, Y: c.Max.Y - 5}, m.Kind == chart.ScaleOut)
			continue
		}
		if to > from {
			c.SetColor(faultShade)
			c.Fill(rectangle(from, c.Min.Y, to-from, c.Size().Y).Path())
		}
		c.StrokeLine2(draw.LineStyle{Color: black, Width: 0.8, Dashes: []vg.Length{3, 2}}, from, c.Min.Y, from, c.Max.Y)
		if last < 0 || from-last >= 7 { // letters that would lie on one another are left out
			letter(c, m.Letter, vg.Point{X: from, Y: c.Max.Y + 2})
			last = from
		}
	}
}

// letter writes a fault's letter with its lower end in the middle at a point.
func letter(c draw.Canvas, text string, at vg.Point) {
	style := plottext.Style{Color: black, Font: font.Font{Typeface: "Liberation", Variant: "Sans", Size: 9}, XAlign: plottext.XCenter, Handler: plottext.Plain{Fonts: font.DefaultCache}}
	c.FillText(style, at, text)
}

// triangle points up for nodes that were launched, and down for those that ended.
func triangle(c draw.Canvas, at vg.Point, up bool) {
	const half, high = 3, 5
	tip, base := at.Y+high/2., at.Y-high/2.
	if !up {
		tip, base = base, tip
	}
	var path vg.Path
	path.Move(vg.Point{X: at.X, Y: tip})
	path.Line(vg.Point{X: at.X - half, Y: base})
	path.Line(vg.Point{X: at.X + half, Y: base})
	path.Close()
	if up {
		c.SetColor(black)
		c.Fill(path)
		return
	}
	c.SetColor(white)
	c.Fill(path)
	c.SetColor(black)
	c.SetLineWidth(0.8)
	c.Stroke(path)
}
