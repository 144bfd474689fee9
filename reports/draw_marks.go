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
// it, and a shade as long as they last; launches of nodes as triangles at the upper
// edge, and ends of nodes below them. Marks that would lie on the one before are
// left out.
type happenings []chart.Mark

// Plot implements plot.Plotter.
func (h happenings) Plot(c draw.Canvas, p *plot.Plot) {
	x, _ := p.Transforms(&c)
	none := c.Min.X - c.Size().X
	last := map[chart.MarkKind]vg.Length{chart.ScaleOut: none, chart.ScaleIn: none}
	lettered := none
	reach := c.Size().Y * vg.Length(chart.LineReach(h))
	for _, m := range h {
		from, to := x(m.From), x(m.To)
		if m.Kind != chart.Fault {
			if from-last[m.Kind] >= triangleApart {
				triangle(c, vg.Point{X: from, Y: c.Max.Y - laneOf[m.Kind]}, m.Kind == chart.ScaleOut)
				last[m.Kind] = from
			}
			continue
		}
		if to > from {
			c.SetColor(faultShade)
			c.Fill(rectangle(from, c.Min.Y, to-from, c.Size().Y).Path())
		}
		c.StrokeLine2(draw.LineStyle{Color: black, Width: 0.8, Dashes: []vg.Length{3, 2}}, from, c.Max.Y-reach, from, c.Max.Y)
		if from-lettered >= letterApart {
			letter(c, m.Letter, vg.Point{X: from, Y: c.Max.Y + 2})
			lettered = from
		}
	}
}

// triangleApart and letterApart are how far apart two of them are at least, and
// laneOf how far below the upper edge each kind of triangle stands.
const triangleApart, letterApart = vg.Length(7), vg.Length(7)

var laneOf = map[chart.MarkKind]vg.Length{chart.ScaleOut: 5, chart.ScaleIn: 12}

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
