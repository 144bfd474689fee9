package html

import (
	"fmt"
	"html/template"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/reports/chart"
	"ipamsim/sim/result"
)

// mapsView is the addresses of a variant's subnets at some moments. A script
// shows one moment at a time; without it they stand side by side.
type mapsView struct {
	ID      string
	Moments []string
	Subnets []mapStrip
	Legend  template.HTML
	End     []mapStrip // at the end of the run, with all that is told of an address
	Holders template.HTML
	Left    int // subnets that are not shown
}

// mapStrip is one subnet.
type mapStrip struct {
	Name, Note string
	Frames     []mapFrame
}

// mapFrame is one subnet at one moment.
type mapFrame struct {
	Moment, Free string
	SVG          template.HTML
}

// mapBudget is about how many maps a page has, and so how many moments: from
// momentsLeast to momentsMost.
const (
	mapBudget    = 120
	momentsLeast = 3
	momentsMost  = 13
)

// mapsOf are a variant's maps; nil without any.
func mapsOf(v *result.Variant, variants, panels int, id string) *mapsView {
	subnets := min(len(v.Maps.Subnets), panels)
	if subnets == 0 || len(v.Maps.Frames) == 0 {
		return nil
	}
	frames := chart.Frames(v, max(momentsLeast, min(momentsMost, mapBudget/(variants*subnets))))
	m := &mapsView{ID: id, Left: len(v.Maps.Subnets) - subnets}
	for _, f := range frames {
		m.Moments = append(m.Moments, chart.Moment(f.AtSeconds))
	}
	seen := map[byte]bool{}
	for k, s := range v.Maps.Subnets[:subnets] {
		strip := mapStrip{Name: s.Name, Note: chart.CellNote(s, frames, k)}
		for i, f := range frames {
			letters, _ := result.ReadCells(f.Cells[k], cellsMost) // a result's are checked
			made := mapFrame{Moment: m.Moments[i]}
			if free, is := chart.FreeAt(v, s.Name, f.AtSeconds); is {
				made.Free = words.Count(free) + " free"
			}
			made.SVG = cellsSVG(letters, chart.CellHolders, 16, s.Name+" at "+made.Moment, made.Free, fmt.Sprintf("%s-%d-%d", id, k, i), seen)
			strip.Frames = append(strip.Frames, made)
		}
		m.Subnets = append(m.Subnets, strip)
	}
	m.Legend = cellsLegend(chart.CellHolders, seen)
	m.end(v, subnets)
	return m
}

// Addresses are shown one by one of a subnet up to a /22, of a larger one by /28
// block, up to a /18: there is no room for more.
const (
	singlyMost = 1 << 10
	blocksMost = 1 << 10
)

// end adds the maps of the run's end.
func (m *mapsView) end(v *result.Variant, subnets int) {
	seen := map[byte]bool{}
	for k, s := range v.Maps.End[:min(subnets, len(v.Maps.End))] {
		note := "a cell is an address"
		if s.Addresses() > singlyMost {
			s, note = s.InBlocks(), "a cell is what most of a /28 block's addresses are"
		}
		letters := s.Letters()
		if len(letters) > blocksMost {
			continue
		}
		for i, l := range letters {
			if l >= 'A' && l <= 'Z' {
				letters[i] = result.LetterOthers
			}
		}
		free := words.Count(s.Free) + " free, " + words.Plural(s.FreeBlocks, "free /28 block")
		m.End = append(m.End, mapStrip{Name: s.Name, Note: note, Frames: []mapFrame{{Free: free, SVG: cellsSVG(letters, chart.EndHolders, 32, s.Name+" at the end", free, fmt.Sprintf("%s-%d-end", m.ID, k), seen)}}})
	}
	m.Holders = cellsLegend(chart.EndHolders, seen)
}

// cellsMost bounds a map that was read: a stored one has 256.
const cellsMost = 4096

// cellSize is the same as the patterns' tiles: a cell is one.
const cellSize = 6

// cellsSVG draws cells in rows, equal ones as one path.
func cellsSVG(letters []byte, holders []chart.CellHolder, most int, title, free, id string, seen map[byte]bool) template.HTML {
	columns := max(1, min(most, len(letters)))
	rows := (len(letters) + columns - 1) / columns
	d := &drawing{}
	wide, high := columns*cellSize, rows*cellSize
	counts := map[byte]int{}
	for _, l := range letters {
		counts[l]++
	}
	var about []string
	for _, h := range holders {
		if counts[h.Letter] > 0 {
			seen[h.Letter] = true
			about = append(about, words.Percent(counts[h.Letter], len(letters))+" "+h.Name)
		}
	}
	d.f(`<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="%s-t %s-d" viewBox="-1 -1 %d %d" width="%d" height="%d" fill="currentColor">`, id, id, wide+2, high+2, wide+2, high+2)
	d.f(`<title id="%s-t">%s</title><desc id="%s-d">%s</desc>`, id, template.HTMLEscapeString(title), id, template.HTMLEscapeString(strings.Join(append([]string{free}, about...), ", ")))
	d.f(`<path d="M0 0h%dv%dh-%dz" fill-opacity=".05" stroke="currentColor" stroke-opacity=".4"/>`, wide, high, wide)
	for _, h := range holders {
		if path := runs(letters, h.Letter, columns); path != "" && h.Letter != '.' {
			d.f(`<path d="%s" %s/>`, path, fill(h.Look))
		}
	}
	d.f("</svg>")
	return template.HTML(d.String())
}

// runs are the rectangles of a letter's cells: whole rows together.
func runs(letters []byte, letter byte, columns int) string {
	var b strings.Builder
	for i := 0; i < len(letters); {
		if letters[i] != letter {
			i++
			continue
		}
		end := i
		for end < len(letters) && letters[end] == letter {
			end++
		}
		for i < end {
			column := i % columns
			n := min(end-i, columns-column)
			high := 1
			if column == 0 && n == columns {
				high = (end - i) / columns
				n = columns * high
			}
			wide := n / high
			fmt.Fprintf(&b, "M%d %dh%dv%dh-%dz", column*cellSize, i/columns*cellSize, wide*cellSize, high*cellSize, wide*cellSize)
			i += n
		}
	}
	return b.String()
}

// cellsLegend says what the cells mean.
func cellsLegend(holders []chart.CellHolder, seen map[byte]bool) template.HTML {
	var entries []chart.Entry
	for _, h := range holders {
		if seen[h.Letter] {
			entries = append(entries, chart.Entry{Name: h.Name, Look: h.Look})
		}
	}
	return legendSVG(entries)
}

// legendSVG is a legend alone.
func legendSVG(entries []chart.Entry) template.HTML {
	list, rows := arranged(entries)
	d := &drawing{}
	d.f(`<svg xmlns="http://www.w3.org/2000/svg" aria-hidden="true" focusable="false" viewBox="0 0 %d %d" width="%d" height="%d" fill="currentColor" font-family="system-ui, sans-serif" font-size="11">`, chartWidth, rows*legendLine, chartWidth, rows*legendLine)
	for _, e := range list {
		d.entry(e, 2)
	}
	d.f("</svg>")
	return template.HTML(d.String())
}
