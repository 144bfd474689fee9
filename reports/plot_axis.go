package reports

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	plottext "gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg/draw"

	"ipamsim/reports/chart"
)

// gridLines are pale lines through the ticks.
func gridLines() *plotter.Grid {
	g := plotter.NewGrid()
	g.Horizontal.Color, g.Vertical.Color = gridGrey, gridGrey
	g.Horizontal.Width, g.Vertical.Width = 0.5, 0.5
	return g
}

// countAxis prepares an axis from zero to the given greatest number.
func countAxis(a *plot.Axis, greatest float64) {
	made := chart.CountAxis("", greatest)
	setAxis(a, &made)
}

// empty makes a picture that says why there is nothing in it.
func (p *picture) empty(why string) *picture {
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, 1, 0, 1
	none := plot.ConstantTicks{}
	p.X.Tick.Marker, p.Y.Tick.Marker = none, none
	p.Add(note{why, p.X.Label.TextStyle})
	return p
}

// note is a line of text in the middle of a plot.
type note struct {
	words string
	style plottext.Style
}

// Plot draws the note.
func (n note) Plot(c draw.Canvas, _ *plot.Plot) {
	n.style.XAlign, n.style.YAlign = plottext.XCenter, plottext.YCenter
	middle := c.Center()
	wide, high := n.style.Width(n.words)+margin, n.style.FontExtents().Height+margin
	c.SetColor(white) // no line of the grid, and no fault's, goes through the words
	c.Fill(rectangle(middle.X-wide/2, middle.Y-high/2, wide, high).Path())
	c.FillText(n.style, middle, n.words)
}

// logTicks marks 1, 2 and 5 of each decade as people write them.
type logTicks struct{}

// Ticks between two positive values.
func (logTicks) Ticks(low, high float64) (ticks []plot.Tick) {
	for _, t := range chart.LogTicks(low, high) {
		ticks = append(ticks, plot.Tick{Value: t.Value, Label: t.Label})
	}
	return ticks
}
