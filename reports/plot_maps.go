package reports

import (
	"strings"

	"ipamsim/internal/words"
	"ipamsim/reports/chart"
	"ipamsim/sim/inspect"
	"ipamsim/sim/result"
)

// mapsMoments is how many of a run's maps are drawn, and stripAddresses the most
// addresses of a subnet that are shown one by one where several moments stand side
// by side: those of a /22.
const (
	mapsMoments    = mapsBeside
	stripAddresses = 1 << 10
)

// endMap draws the maps of a variant's end.
func endMap(r *result.Result, v *result.Variant) *mapPicture {
	return newMapPicture(&inspect.AddressMaps{
		Head:    inspect.Head{Scenario: r.Scenario.Name, Variant: v.Name},
		Moments: []inspect.AddressMap{{AtSeconds: r.DurationSeconds, Subnets: v.Maps.End}},
	})
}

// keptLook is how a letter of result.Maps is drawn.
type keptLook struct {
	letter byte
	mapEntry
}

// keptLooks are all of them, in the order of the legend.
var keptLooks = func() (list []keptLook) {
	for _, h := range chart.CellHolders {
		list = append(list, keptLook{h.Letter, mapEntry{h.Name, mapLooks[h.Letter].mapLook}})
	}
	return list
}()

// keptMaps draws the maps over time that a variant's result holds.
func keptMaps(r *result.Result, v *result.Variant) *mapPicture {
	p := &mapPicture{title: r.Scenario.Name + ", " + v.Name + ": who has the addresses, over time", width: pictureWidth}
	p.title += mapsLeftOut(len(v.Maps.Subnets))
	frames := chart.Frames(v, mapsMoments)
	if len(frames) == 0 || len(v.Maps.Subnets) == 0 {
		p.title += ": there are no samples"
	}
	var about []string
	seen := map[mapLook]bool{}
	for k, s := range v.Maps.Subnets[:min(len(v.Maps.Subnets), mapsSubnets)] {
		section := mapSection{lines: []string{s.Name}}
		if note := chart.CellNote(s, frames, k); note != "" {
			section.lines[0] += "; " + note
		}
		for _, f := range frames {
			panel := keptPanel(v, s, k, f)
			for _, look := range panel.cells {
				seen[look] = true
			}
			about = append(about, s.Name+" "+strings.Join(panel.lines, ": ")+".")
			section.panels = append(section.panels, panel)
		}
		if len(section.panels) > 0 {
			p.sections = append(p.sections, section)
		}
	}
	p.about = "First replication. " + strings.Join(about, " ")
	for _, l := range keptLooks {
		if seen[l.mapLook] {
			p.legend = append(p.legend, l.mapEntry)
		}
	}
	p.arrange()
	return p
}

// keptPanel is the k-th subnet in a frame.
func keptPanel(v *result.Variant, s result.MapSubnet, k int, f result.Frame) mapPanel {
	p := mapPanel{block: 1}
	if s.CellAddresses == 1 {
		p.block = result.BlockAddresses // of larger cells a free one does not say that a block is free
	}
	letters, _ := result.ReadCells(f.Cells[k], mostCells) // a result's are checked
	for _, letter := range letters {
		look := keptLooks[0].mapLook
		for _, l := range keptLooks {
			if l.letter == letter {
				look = l.mapLook
			}
		}
		p.cells = append(p.cells, look)
	}
	p.columns = max(1, min(16, len(p.cells)))
	p.fit(mapRoom(mapsMoments))
	p.lines = []string{"at " + moment(f.AtSeconds)}
	if free, is := chart.FreeAt(v, s.Name, f.AtSeconds); is {
		p.lines = append(p.lines, words.Count(free)+" free")
	}
	return p
}

// mostCells bounds a map that was read: a stored one has 256.
const mostCells = 4096
