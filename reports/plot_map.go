package reports

import (
	"context"
	"fmt"
	"io"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/sim/inspect"
	"ipamsim/sim/result"
)

// MapPictures draws maps of addresses into a folder: map.svg and map.png, several
// moments side by side.
func MapPictures(ctx context.Context, dir string, m *inspect.AddressMaps) error {
	p := newMapPicture(m)
	return WriteFiles(ctx, dir, []NamedFile{
		{"map.svg", p.svg}, {"map.png", p.png},
	})
}

func (p *mapPicture) svg(w io.Writer) error {
	return svgOf(w, p.width, p.height, p.title, p.about, p.draw)
}

func (p *mapPicture) png(w io.Writer) error { return pngOf(w, p.width, p.height, p.draw) }

// mapPicture is maps of subnets, one below the other.
type mapPicture struct {
	title, about  string
	width, height length
	sections      []mapSection
	legend        []mapEntry
}

// mapSection is one subnet: what is said above it, and its maps, of several moments
// side by side.
type mapSection struct {
	lines  []string
	panels []mapPanel
}

// mapPanel is one subnet at one moment.
type mapPanel struct {
	lines   []string // above it
	cells   []mapLook
	block   int // cells that are a /28 block
	columns int
	cell    length // its size
}

// mapEntry is a line of the legend.
type mapEntry struct {
	name string
	mapLook
}

// mapsSubnets is how many subnets a picture has room for. What is left out is
// said; text and JSON leave none out.
const mapsSubnets = 12

// newMapPicture draws what the map command looked at.
func newMapPicture(m *inspect.AddressMaps) *mapPicture {
	last := &m.Moments[len(m.Moments)-1]
	p := &mapPicture{title: m.Scenario + ", " + m.Variant + ": who has the addresses", width: pictureWidth}
	p.title += mapsLeftOut(len(last.Subnets))
	var before, after, drawn []*result.SubnetMap
	for k := range last.Subnets[:min(len(last.Subnets), mapsSubnets)] {
		section := mapSection{lines: []string{mapTitle(last.AtSeconds, &last.Subnets[k]), heldInWords(&last.Subnets[k])}}
		limit := mapAddresses
		if len(m.Moments) > 1 {
			limit = stripAddresses
			section.lines = []string{stripTitle(&last.Subnets[k])}
		}
		for i := range m.Moments {
			s := shown(&m.Moments[i].Subnets[k], limit)
			drawn = append(drawn, &s)
		}
		strip := drawn[len(drawn)-len(m.Moments):]
		before, after = append(before, strip[0]), append(after, strip[len(strip)-1])
		p.sections = append(p.sections, section)
	}
	holders := holdersOf(drawn)
	for k := range p.sections {
		section := &p.sections[k]
		for i := range m.Moments {
			s := drawn[k*len(m.Moments)+i]
			panel := newMapPanel(s, holders, len(m.Moments))
			if len(m.Moments) > 1 {
				panel.lines = []string{"at " + moment(m.Moments[i].AtSeconds), words.Count(s.Free) + " free", words.Plural(s.FreeBlocks, "free /28")}
			}
			section.panels = append(section.panels, panel)
		}
		if drawn[k*len(m.Moments)].CellAddresses > 1 {
			section.lines[0] += "; a cell is a /28 block"
		}
	}
	for i := range holders {
		h := &holders[i]
		p.legend = append(p.legend, mapEntry{h.name + mapCount(h, before, after, len(m.Moments) > 1), h.mapLook})
	}
	p.about = aboutMaps(m)
	p.arrange()
	return p
}

// mapCount is how many addresses a holder has, in several moments from the first to
// the last one.
func mapCount(h *mapHolder, before, after []*result.SubnetMap, strip bool) string {
	if h.letter == result.LetterBroken {
		return "" // blocks
	}
	first, last := h.held(before), h.held(after)
	if strip && first != last {
		return ": " + words.Count(first) + " → " + words.Count(last)
	}
	return ": " + words.Count(last)
}

func mapsLeftOut(subnets int) string {
	if left := subnets - mapsSubnets; left > 0 {
		return fmt.Sprintf(" (%d of %s)", mapsSubnets, words.Plural(subnets, "subnet"))
	}
	return ""
}

// aboutMaps is the picture in words.
func aboutMaps(m *inspect.AddressMaps) string {
	var about []string
	for i := range m.Moments {
		for k := range m.Moments[i].Subnets {
			s := &m.Moments[i].Subnets[k]
			about = append(about, mapTitle(m.Moments[i].AtSeconds, s)+"; "+heldInWords(s)+".")
		}
	}
	return strings.Join(about, " ")
}

// stripTitle is what is said of a subnet above several moments of it.
func stripTitle(s *result.SubnetMap) string {
	return fmt.Sprintf("%s %s, zone %s, %s usable addresses", s.Name, s.CIDR, s.Zone, words.Count(s.Usable))
}

// newMapPanel is a map, one of so many side by side.
func newMapPanel(s *result.SubnetMap, holders []mapHolder, beside int) mapPanel {
	looks := map[byte]mapLook{}
	for _, h := range holders {
		looks[h.letter] = h.mapLook
	}
	letters := s.Letters()
	p := mapPanel{block: result.BlockAddresses / s.CellAddresses, cells: make([]mapLook, len(letters))}
	for i, l := range letters {
		p.cells[i] = looks[l]
	}
	p.columns = columnsOf(len(letters), beside > 1)
	p.fit(mapRoom(beside))
	return p
}

// columnsOf is how many cells stand side by side, a whole number of blocks.
func columnsOf(cells int, strip bool) int {
	switch {
	case strip && cells <= 256:
		return min(cells, 16)
	case strip && cells <= 1024:
		return 32
	case strip || cells <= 1024:
		return min(cells, 64)
	}
	return 128
}
