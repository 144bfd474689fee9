package reports

import (
	"math"
	"strconv"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	plottext "gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"ipamsim/internal/words"
)

// gridLines are pale lines through the ticks.
func gridLines() *plotter.Grid {
	g := plotter.NewGrid()
	g.Horizontal.Color, g.Vertical.Color = gridGrey, gridGrey
	g.Horizontal.Width, g.Vertical.Width = 0.5, 0.5
	return g
}

// number writes a tick's value without superfluous digits.
func number(v float64) string {
	s := strconv.FormatFloat(v, 'f', -1, 64)
	if math.Abs(v) < 1 {
		s = strconv.FormatFloat(v, 'g', 3, 64)
	}
	return words.Apart(s)
}

// countAxis prepares an axis from zero to the given greatest number.
func countAxis(a *plot.Axis, greatest float64) {
	a.Min = 0
	if greatest <= 0 {
		greatest = 1
	}
	step := niceAbove(greatest / 5)
	a.Max = step * math.Ceil(greatest/step)
	a.Tick.Marker = plot.TickerFunc(func(_, high float64) []plot.Tick {
		var ticks []plot.Tick
		for i := 0; float64(i)*step <= high*(1+1e-9); i++ {
			v := float64(i) * step
			ticks = append(ticks, plot.Tick{Value: v, Label: number(v)})
		}
		return ticks
	})
}

// timeSteps are the distances of ticks on an axis of virtual time.
var timeSteps = []time.Duration{
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour,
	2 * 24 * time.Hour, 7 * 24 * time.Hour, 30 * 24 * time.Hour,
}

// timeAxis prepares an axis of virtual time in seconds, named as people name
// times: 30s, 2m, 1h.
func timeAxis(a *plot.Axis, from, to float64) {
	if to <= from {
		to = from + 1
	}
	a.Min, a.Max = from, to
	step := timeSteps[len(timeSteps)-1].Seconds()
	for _, s := range timeSteps {
		if (to-from)/s.Seconds() <= 10 {
			step = s.Seconds()
			break
		}
	}
	a.Tick.Marker = plot.TickerFunc(func(low, high float64) []plot.Tick {
		var ticks []plot.Tick
		for i := math.Ceil(low/step - 1e-9); i*step <= high*(1+1e-9); i++ {
			ticks = append(ticks, plot.Tick{Value: i * step, Label: moment(i * step)})
		}
		return ticks
	})
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
	c.FillText(n.style, vg.Point{X: c.Center().X, Y: c.Center().Y}, n.words)
}
