package reports

import (
	"math"
	"testing"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"ipamsim/reports/chart"
)

// One looks down from a fault's mark to what it does in the next subnet.
func TestPanelsOfAPictureHaveTheirAxesAtTheSamePlace(t *testing.T) {
	var plots []*plot.Plot
	heights := []float64{59, 65_531, 1_019}
	for i, high := range heights {
		p := chart.Panel{Title: "subnet", X: chart.SpanAxis(chart.TimeLabel, 0, 60), Y: chart.CountAxis("addresses", high)}
		plots = append(plots, panelPlot(&p, i == len(heights)-1))
	}
	rooms := roomsOf(plots, draw.New(vgimg.New(pictureWidth, pictureHeight)))
	first := plots[0].DataCanvas(rooms[0])
	for i := range plots[1:] {
		data := plots[i+1].DataCanvas(rooms[i+1])
		for what, apart := range map[string]vg.Length{"left end": data.Min.X - first.Min.X, "right end": data.Max.X - first.Max.X, "height": data.Size().Y - first.Size().Y} {
			if math.Abs(apart.Points()) > 0.5 {
				t.Errorf("the %s of panel %d is %.1f points off", what, i+1, apart.Points())
			}
		}
	}
}
