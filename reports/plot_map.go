package reports

import (
	"errors"
	"fmt"
	"image/color"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"gonum.org/v1/plot/font"
	plottext "gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"ipamsim/internal/words"
	"ipamsim/sim/inspect"
)

// MapPictures draws maps of addresses into a folder: map.svg and map.png, the
// moments side by side.
func MapPictures(dir string, m *inspect.AddressMaps) error {
	if err := os.Mkdir(dir, 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	p := newMapPicture(m)
	return writeAll(dir, []named{
		{"map.svg", p.svg}, {"map.png", p.png},
	})
}

func (p *mapPicture) svg(w io.Writer) error {
	return svgOf(w, p.width, p.height, p.title, p.about, p.draw)
}

func (p *mapPicture) png(w io.Writer) error { return pngOf(w, p.width, p.height, p.draw) }

// mapPicture is maps of subnets, one below the other, and of moments side by
// side.
type mapPicture struct {
	title, about  string
	width, height vg.Length
	panels        [][]mapPanel // by subnet and moment
	legend        []mapLook
}

// mapPanel is one subnet at one moment.
type mapPanel struct {
	lines         []string // above it
	cells         []mapLook
	block         int // cells that are a /28 block
	columns, rows int
	cell          vg.Length // its size
}

// mapLook is how a cell is drawn.
type mapLook struct {
	name  string
	color color.NRGBA
	mark  mapMark
}

// otherColors are of others that have a name, in the order of the names, one
// after the other.
var otherColors = []color.NRGBA{
	purple, {0x66, 0x66, 0x66, 0xFF}, {0xBF, 0xA5, 0x8A, 0xFF}, {0x7A, 0x5C, 0x3D, 0xFF}, {0xBB, 0xBB, 0xBB, 0xFF}, {0x4D, 0x3B, 0x6B, 0xFF}, {0xA8, 0xC0, 0x90, 0xFF},
}

// Measures of the picture, in points.
const (
	mapText    = vg.Length(9)
	mapLine1   = vg.Length(13)
	mapGap     = vg.Length(14)
	mapCell    = vg.Length(8) // the most that a cell has
	mapHeading = vg.Length(24)
)

func newMapPicture(m *inspect.AddressMaps) *mapPicture {
	p := &mapPicture{title: m.Scenario + ", " + m.Variant + ": addresses of the subnets", width: pictureWidth}
	names := otherNames(m)
	var about []string
	for k := range m.Moments[0].Subnets {
		var row []mapPanel
		for i := range m.Moments {
			s := &m.Moments[i].Subnets[k]
			row = append(row, newMapPanel(s, m.Moments[i].AtSeconds, len(m.Moments) > 1, names, mapRoom(len(m.Moments))))
			about = append(about, mapTitle(m.Moments[i].AtSeconds, s)+"; "+heldInWords(s)+".")
		}
		p.panels = append(p.panels, row)
	}
	p.about = strings.Join(about, " ")
	p.arrange(mapLegendLooks(names))
	return p
}

// mapRoom is how wide each of n panels side by side may be.
func mapRoom(n int) vg.Length {
	return (pictureWidth - 2*margin - mapGap*vg.Length(n-1)) / vg.Length(n)
}

// arrange finds the looks that occur, and how high the picture is.
func (p *mapPicture) arrange(looks []mapLook) {
	seen := map[string]bool{}
	p.height = 2*margin + mapHeading
	for _, row := range p.panels {
		tallest := vg.Length(0)
		for i := range row {
			for _, look := range row[i].cells {
				seen[look.name] = true
			}
			tallest = max(tallest, row[i].height())
		}
		p.height += tallest + mapGap
	}
	for _, look := range looks {
		if seen[look.name] {
			p.legend = append(p.legend, look)
		}
	}
	p.height += mapLine1 * vg.Length((len(p.legend)+mapLegendColumns-1)/mapLegendColumns)
}

// otherNames are who the others are, sorted.
func otherNames(m *inspect.AddressMaps) (names []string) {
	for i := range m.Moments {
		for k := range m.Moments[i].Subnets {
			for name := range m.Moments[i].Subnets[k].Held.OthersBy { // any order: sorted below
				if !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
		}
	}
	slices.Sort(names)
	return names
}

func mapLegendLooks(names []string) (list []mapLook) {
	for _, h := range mapHolders {
		list = append(list, mapLook{h.name, h.color, h.mark})
	}
	for i, name := range names {
		list = append(list, otherLook(name, i))
	}
	return list
}

func otherLook(name string, i int) mapLook {
	return mapLook{"others: " + name, otherColors[i%len(otherColors)], mapMark{top: true, middle: true, bottom: true}}
}

func newMapPanel(s *inspect.SubnetMap, at float64, strip bool, names []string, room vg.Length) mapPanel {
	letters, blocks := mapCells(s)
	p := mapPanel{block: blockSize, cells: make([]mapLook, len(letters))}
	for i, l := range letters {
		h := holderOf(l)
		p.cells[i] = mapLook{h.name, h.color, h.mark}
		if name := ""; l == inspect.LetterOthers && !blocks {
			if name = s.Other(i); name != "" {
				p.cells[i] = otherLook(name, slices.Index(names, name))
			}
		}
	}
	p.columns = 64
	switch {
	case strip && len(letters) <= 512:
		p.columns = 16
	case strip && len(letters) <= 1024:
		p.columns = 32
	case !strip && len(letters) > 1024 && !blocks:
		p.columns = 128
	}
	p.columns = min(p.columns, len(letters))
	p.rows = (len(letters) + p.columns - 1) / p.columns
	p.cell = min(mapCell, room/vg.Length(p.columns))
	p.lines = []string{mapTitle(at, s), heldInWords(s)}
	if strip {
		p.lines = []string{fmt.Sprintf("%s at %s", s.Name, moment(at)), fmt.Sprintf("%s free, %s", words.Count(s.Free), words.Plural(s.FreeBlocks, "free /28"))}
	}
	if blocks {
		p.block = 1
		p.lines[0] += "; a cell is a /28 block"
		if strip {
			p.lines[0] = fmt.Sprintf("%s at %s, by /28", s.Name, moment(at))
		}
	}
	return p
}

func (p *mapPanel) height() vg.Length {
	return mapLine1*vg.Length(len(p.lines)) + p.cell*vg.Length(p.rows)
}

// mapLegendColumns is how many entries of the legend stand side by side.
const mapLegendColumns = 4

func (p *mapPicture) draw(c draw.Canvas) {
	c.SetColor(color.White)
	c.Fill(c.Rectangle.Path())
	style := plottext.Style{Color: black, Font: font.Font{Typeface: "Liberation", Variant: "Sans", Size: mapText}, Handler: plottext.Plain{Fonts: font.DefaultCache}}
	heading := style
	heading.Font.Size = 13
	top := c.Max.Y - margin
	c.FillText(heading, vg.Point{X: c.Min.X + margin, Y: top - 12}, p.title)
	top -= mapHeading
	for _, row := range p.panels {
		left, tallest := c.Min.X+margin, vg.Length(0)
		room := (p.width - 2*margin + mapGap) / vg.Length(len(row))
		for i := range row {
			row[i].draw(c, style, left+room*vg.Length(i), top)
			tallest = max(tallest, row[i].height())
		}
		top -= tallest + mapGap
	}
	for i, look := range p.legend {
		x := c.Min.X + margin + (p.width-2*margin)/mapLegendColumns*vg.Length(i%mapLegendColumns)
		y := top - mapLine1*vg.Length(i/mapLegendColumns+1) + 4
		swatch := rectangle(x, y, 2*mapCell, mapCell)
		drawRuns(c, look, swatch)
		outline(c, swatch)
		c.FillText(style, vg.Point{X: x + 2*mapCell + 4, Y: y + 1}, look.name)
	}
}

// draw draws the panel with its upper left corner at a point.
func (p *mapPanel) draw(c draw.Canvas, style plottext.Style, left, top vg.Length) {
	for _, line := range p.lines {
		c.FillText(style, vg.Point{X: left, Y: top - mapText}, line)
		top -= mapLine1
	}
	ground := holderOf(inspect.LetterFree)
	drawRuns(c, mapLook{color: ground.color}, rectangle(left, top-p.cell*vg.Length(p.rows), p.cell*vg.Length(p.columns), p.cell*vg.Length(p.rows)))
	// Equal cells of a line are one rectangle, and all of a holder one path.
	runs := map[string][]vg.Rectangle{}
	var looks []mapLook
	for row := range p.rows {
		line := p.cells[row*p.columns : min(len(p.cells), (row+1)*p.columns)]
		y := top - p.cell*vg.Length(row+1)
		for i := 0; i < len(line); {
			run := i
			for run < len(line) && line[run] == line[i] {
				run++
			}
			if runs[line[i].name] == nil {
				looks = append(looks, line[i])
			}
			runs[line[i].name] = append(runs[line[i].name], rectangle(left+p.cell*vg.Length(i), y, p.cell*vg.Length(run-i), p.cell))
			i = run
		}
	}
	for _, look := range looks {
		if look.name != ground.name {
			drawRuns(c, look, runs[look.name]...)
		}
	}
	p.outlines(c, left, top)
}

// outlines are around each /28 block, which is a part of a line.
func (p *mapPanel) outlines(c draw.Canvas, left, top vg.Length) {
	c.SetColor(outlineColor)
	c.SetLineWidth(0.6)
	bottom := top - p.cell*vg.Length(p.rows)
	right := left + p.cell*vg.Length(p.columns)
	var path vg.Path
	for i := 0; i <= p.columns; i += p.block {
		x := left + p.cell*vg.Length(i)
		path.Move(vg.Point{X: x, Y: top})
		path.Line(vg.Point{X: x, Y: bottom})
	}
	for i := 0; i <= p.rows; i++ {
		y := top - p.cell*vg.Length(i)
		path.Move(vg.Point{X: left, Y: y})
		path.Line(vg.Point{X: right, Y: y})
	}
	c.Stroke(path)
}

var outlineColor = color.NRGBA{0x55, 0x55, 0x55, 0xFF}

func rectangle(x, y, w, h vg.Length) vg.Rectangle {
	return vg.Rectangle{Min: vg.Point{X: x, Y: y}, Max: vg.Point{X: x + w, Y: y + h}}
}

func outline(c draw.Canvas, r vg.Rectangle) {
	c.SetColor(outlineColor)
	c.SetLineWidth(0.4)
	c.Stroke(r.Path())
}

// drawRuns fills runs of equal cells, and draws their mark.
func drawRuns(c draw.Canvas, look mapLook, runs ...vg.Rectangle) {
	var filled, marks vg.Path
	for _, r := range runs {
		filled = append(filled, r.Path()...)
		h := r.Size().Y
		for _, line := range []struct {
			is bool
			at vg.Length
		}{{look.mark.top, 0.78}, {look.mark.middle, 0.5}, {look.mark.bottom, 0.22}} {
			if line.is {
				marks.Move(vg.Point{X: r.Min.X, Y: r.Min.Y + h*line.at})
				marks.Line(vg.Point{X: r.Max.X, Y: r.Min.Y + h*line.at})
			}
		}
	}
	c.SetColor(look.color)
	c.Fill(filled)
	if len(marks) > 0 {
		c.SetColor(black)
		c.SetLineWidth(runs[0].Size().Y / 8)
		c.Stroke(marks)
	}
}
