package reports

import (
	"image/color"
	"io"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"ipamsim/reports/chart"
)

// chartPicture is a figure as SVG and PNG.
type chartPicture struct{ *chart.Figure }

// panelHeight is that of each of several panels, without its title.
const panelHeight = 1.7 * vg.Inch

func (p chartPicture) height() vg.Length {
	return max(pictureHeight, panelHeight*vg.Length(len(p.Panels)))
}

func (p chartPicture) svg(w io.Writer) error {
	return svgOf(w, pictureWidth, p.height(), p.Title, p.about(), p.draw)
}

func (p chartPicture) png(w io.Writer) error { return pngOf(w, pictureWidth, p.height(), p.draw) }

// about is the picture in words; one of nothing says why.
func (p chartPicture) about() string {
	if p.Note != "" {
		return p.Note
	}
	return p.About
}

// draw puts the title on top, the panels below one another, and the legend on
// their right.
func (p chartPicture) draw(c draw.Canvas) {
	if p.Note != "" {
		newPicture(p.Title, "", "").empty(p.Note).draw(c)
		return
	}
	head := newPicture(p.Title, "", "")
	for _, e := range p.Legend {
		if e.As == chart.OfNothing {
			head.legend.Add(e.Name)
		} else {
			head.legend.Add(e.Name, thumbnail{e})
		}
	}
	c.SetColor(white)
	c.Fill(c.Rectangle.Path())
	c = draw.Crop(c, margin, -margin, margin, -margin)
	style := head.Title.TextStyle
	title := style.FontExtents().Height + head.Title.Padding
	style.XAlign, style.YAlign = draw.XCenter, draw.YTop
	size := head.legend.Rectangle(c).Size()
	if size.X > 0 {
		size.X += margin
	}
	c.FillText(style, vg.Point{X: c.Min.X + (c.Size().X-size.X)/2, Y: c.Max.Y}, p.Title)
	c = draw.Crop(c, 0, 0, 0, -title)
	head.legend.Draw(draw.Crop(c, c.Size().X-size.X+margin, 0, 0, 0))
	p.drawPanels(draw.Crop(c, 0, -size.X, 0, 0))
}

// drawPanels draws the panels one below the other, with axes of the same length at
// the same place: what is at one moment stands in one column.
func (p chartPicture) drawPanels(c draw.Canvas) {
	plots := make([]*plot.Plot, len(p.Panels))
	for i := range plots {
		plots[i] = panelPlot(&p.Panels[i], i == len(plots)-1)
	}
	for i, room := range roomsOf(plots, c) {
		plots[i].Draw(room)
	}
}

// roomsOf are where plots are drawn.
func roomsOf(plots []*plot.Plot, c draw.Canvas) []draw.Canvas {
	last := len(plots) - 1
	label := below(plots[last], c) - below(plots[0], c) // the name of the axis that all share
	each := (c.Size().Y - label) / vg.Length(len(plots))
	rooms := make([]draw.Canvas, len(plots))
	left, right := c.Min.X, c.Max.X
	for i := range rooms {
		top := each * vg.Length(i)
		bottom := c.Size().Y - top - each
		if i == last {
			bottom = 0
		}
		rooms[i] = draw.Crop(c, 0, 0, bottom, -top)
		data := plots[i].DataCanvas(rooms[i])
		left, right = max(left, data.Min.X), min(right, data.Max.X)
	}
	for i := range rooms {
		data := plots[i].DataCanvas(rooms[i])
		rooms[i] = draw.Crop(rooms[i], left-data.Min.X, right-data.Max.X, 0, 0)
	}
	return rooms
}

// below is how much a plot takes below its data.
func below(p *plot.Plot, c draw.Canvas) vg.Length { return p.DataCanvas(c).Min.Y - c.Min.Y }

// panelPlot is a panel; the last one names the axis that all share.
func panelPlot(p *chart.Panel, last bool) *plot.Plot {
	x := ""
	if last {
		x = p.X.Label
	}
	made := newPicture(p.Title, x, p.Y.Label)
	made.Title.TextStyle.Font.Size, made.Title.Padding = 10, 0.06*vg.Inch
	if len(p.Marks) > 0 {
		made.Title.Padding = letterRoom
		if p.Title == "" {
			made.Title.Text = " " // the letters of faults stand above
		}
	}
	setAxis(&made.X, &p.X)
	setAxis(&made.Y, &p.Y)
	made.Add(gridLines())
	for i := range p.Areas {
		made.Add(area{&p.Areas[i]})
	}
	for i := range p.Lines {
		made.Add(chartLine{&p.Lines[i]})
	}
	for i := range p.Shapes {
		made.Add(chartShapes{&p.Shapes[i]})
	}
	made.Add(happenings(p.Marks))
	if p.Note != "" {
		made.Add(note{p.Note, made.X.Label.TextStyle})
	}
	return made.Plot
}

func setAxis(a *plot.Axis, from *chart.Axis) {
	a.Min, a.Max = from.Min, from.Max
	if from.Log {
		a.Scale = plot.LogScale{}
	}
	ticks := make([]plot.Tick, len(from.Ticks))
	for i, t := range from.Ticks {
		ticks[i] = plot.Tick{Value: t.Value, Label: t.Label}
	}
	a.Tick.Marker = plot.ConstantTicks(ticks)
}

// colorOf is a look's colour on white paper.
func colorOf(l chart.Look) color.Color {
	switch {
	case l.Ground:
		return paleGrey
	case l.Ink:
		return black
	}
	return l.Color
}

// dashesOf are a look's dashes.
func dashesOf(l chart.Look) (list []vg.Length) {
	for _, d := range l.Dashes {
		list = append(list, vg.Length(d))
	}
	return list
}

// chartLine draws a line.
type chartLine struct{ *chart.Line }

// Plot implements plot.Plotter.
func (l chartLine) Plot(c draw.Canvas, p *plot.Plot) {
	points := make(plotter.XYs, len(l.At))
	for i := range points {
		points[i] = plotter.XY{X: l.At[i], Y: l.Values[i]}
	}
	drawn, err := plotter.NewLine(points)
	if err != nil {
		return // no points, or some that are no numbers: there is nothing to draw
	}
	if l.Steps {
		drawn.StepStyle = plotter.PostStep
	}
	drawn.Color, drawn.Width, drawn.Dashes = colorOf(l.Look), 2, dashesOf(l.Look)
	drawn.Plot(c, p)
}

// chartShapes draws single values.
type chartShapes struct{ *chart.Shapes }

// Plot implements plot.Plotter.
func (d chartShapes) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	for i := range d.At {
		c.DrawGlyph(glyphOf(d.Look, d.Shape), vg.Point{X: x(d.At[i]), Y: y(d.Values[i])})
	}
}

// glyphOf is a shape in its look.
func glyphOf(l chart.Look, shape chart.Shape) draw.GlyphStyle {
	g := map[chart.Shape]draw.GlyphStyle{
		chart.Cross: {Radius: 2.5, Shape: draw.CrossGlyph{}}, chart.Ring: {Radius: 2.5, Shape: draw.RingGlyph{}}, chart.Disc: {Radius: 3.5, Shape: draw.CircleGlyph{}},
		chart.Square: {Radius: 5, Shape: draw.SquareGlyph{}}, chart.Triangle: {Radius: 5, Shape: draw.TriangleGlyph{}},
	}[shape]
	g.Color = colorOf(l)
	return g
}

// thumbnail draws what stands before a line of the legend.
type thumbnail struct{ chart.Entry }

// Thumbnail implements plot.Thumbnailer.
func (e thumbnail) Thumbnail(c *draw.Canvas) {
	middle := c.Center()
	switch e.As {
	case chart.OfArea:
		fillHatched(*c, e.Look, outlineOf{c.Min.X, c.Max.X, []vg.Length{c.Min.X, c.Max.X}, []vg.Length{c.Min.Y, c.Min.Y}, []vg.Length{c.Max.Y, c.Max.Y}})
	case chart.OfLine:
		c.StrokeLine2(draw.LineStyle{Color: colorOf(e.Look), Width: 2, Dashes: dashesOf(e.Look)}, c.Min.X, middle.Y, c.Max.X, middle.Y)
	case chart.OfShape:
		c.DrawGlyph(glyphOf(e.Look, e.Shape), middle)
	case chart.OfFault:
		letter(*c, e.Letter, vg.Point{X: middle.X, Y: c.Min.Y})
	case chart.OfScaleOut:
		triangle(*c, middle, true)
	case chart.OfScaleIn:
		triangle(*c, middle, false)
	}
}
