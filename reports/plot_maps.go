package reports

import (
	"fmt"
	"strings"

	"gonum.org/v1/plot/vg"

	"ipamsim/internal/words"
	"ipamsim/sim/result"
)

// Of a run's maps so many moments stand side by side, and so many subnets below
// one another: what a page has room for. What is left out is said.
const (
	mapsMoments = 6
	mapsSubnets = 8
)

// keptLooks are the letters of result.Maps.
var keptLooks = []struct {
	letter byte
	mapLook
}{
	{'.', mapLook{"free", paleGrey, mapMark{}}},
	{'a', mapLook{"on pods", blue, mapMark{}}},
	{'i', mapLook{"on interfaces, without a pod", orange, mapMark{bottom: true}}},
	{'o', mapLook{"others", grey, mapMark{top: true, middle: true, bottom: true}}},
	{'r', mapLook{"kept by AWS", black, mapMark{}}},
}

// keptMaps draws the maps that a variant's result holds.
func keptMaps(r *result.Result, v *result.Variant) *mapPicture {
	p := &mapPicture{title: r.Scenario.Name + ", " + v.Name + ": addresses of the subnets", width: pictureWidth}
	frames := chosenFrames(v.Maps.Frames)
	if left := len(v.Maps.Subnets) - mapsSubnets; left > 0 {
		p.title += " (the first " + fmt.Sprint(mapsSubnets) + ", without " + words.Plural(left, "other") + ")"
	}
	p.title += "; a cell is what most of its addresses are"
	if len(frames) == 0 || len(v.Maps.Subnets) == 0 {
		p.title += ": there are no samples"
	}
	var about []string
	for k, s := range v.Maps.Subnets[:min(len(v.Maps.Subnets), mapsSubnets)] {
		var row []mapPanel
		for _, f := range frames {
			panel := keptPanel(v, s, k, f)
			about = append(about, strings.Join(panel.lines, ": ")+".")
			row = append(row, panel)
		}
		if len(row) > 0 {
			p.panels = append(p.panels, row)
		}
	}
	p.about = "First replication. " + strings.Join(about, " ")
	var looks []mapLook
	for _, l := range keptLooks {
		looks = append(looks, l.mapLook)
	}
	p.arrange(looks)
	return p
}

// chosenFrames are the first, the last, and some between them.
func chosenFrames(all []result.Frame) (frames []result.Frame) {
	n := min(len(all), mapsMoments)
	for i := range n {
		frames = append(frames, all[i*(len(all)-1)/max(1, n-1)])
	}
	return frames
}

// keptPanel is the k-th subnet in a frame.
func keptPanel(v *result.Variant, s result.MapSubnet, k int, f result.Frame) mapPanel {
	p := mapPanel{cells: keptCells(f.Cells[k]), columns: 16}
	p.rows = (len(p.cells) + p.columns - 1) / p.columns
	p.cell = min(mapCell, mapRoom(mapsMoments)/vg.Length(p.columns))
	p.block = max(1, min(p.columns, blockSize/max(1, s.CellAddresses)))
	p.lines = []string{s.Name + " at " + moment(f.AtSeconds), words.Count(s.CellAddresses) + " a cell"}
	if free, is := freeAt(v, s.Name, f.AtSeconds); is {
		p.lines[1] = words.Count(free) + " free, " + p.lines[1]
	}
	return p
}

// keptCells reads runs of letters: 1r14a1.
func keptCells(text string) (cells []mapLook) {
	n := 0
	for i := range len(text) {
		if c := text[i]; c >= '0' && c <= '9' {
			n = min(10*n+int(c-'0'), mostCells)
			continue
		}
		look := keptLooks[0].mapLook
		for _, l := range keptLooks {
			if l.letter == text[i] {
				look = l.mapLook
			}
		}
		for range min(max(n, 1), mostCells-len(cells)) {
			cells = append(cells, look)
		}
		n = 0
	}
	return cells
}

// mostCells bounds a map that was read: a stored one has 256.
const mostCells = 4096

// freeAt is how many addresses of a subnet are free at a sample.
func freeAt(v *result.Variant, subnet string, at float64) (free int, is bool) {
	for i := range v.Series.Subnets {
		s := &v.Series.Subnets[i]
		for k, t := range v.Series.AtSeconds {
			if s.Name != subnet || t != at {
				continue
			}
			if k < len(s.Free) {
				free = s.Free[k] // a list of zeros is left out
			}
			return free, true
		}
	}
	return 0, false
}
