package reports

import (
	"image/color"

	"gonum.org/v1/plot/font"
	plottext "gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// length is in points.
type length = vg.Length

// Measures of a picture of maps.
const (
	mapText       = length(9)
	mapTextLine   = length(13)
	mapGap        = length(14) // between panels
	mapCell       = length(8)  // the most that a cell has
	mapHeading    = length(24)
	mapsBeside    = 6         // panels
	leastMarked   = length(4) // cells that are smaller have no mark: it would hide the colour
	legendColumns = 3
)

var outlineColor = color.NRGBA{0x55, 0x55, 0x55, 0xFF}

// mapRoom is how wide each of n panels may be.
func mapRoom(n int) length {
	n = min(n, mapsBeside)
	return (pictureWidth - 2*margin - mapGap*length(n-1)) / length(n)
}

// fit makes the cells as large as there is room.
func (p *mapPanel) fit(room length) {
	gaps := length(0)
	if p.block > 1 {
		gaps = length(p.columns/p.block) * blockGap
	}
	p.cell = min(mapCell, room/(length(p.columns)+gaps))
}

// blockGap is what is between blocks, in parts of a cell; cells that are blocks
// themselves stand close.
const blockGap = 0.4

func (p *mapPanel) gaps() (x, y length) {
	if p.block == 1 {
		return 0, 0
	}
	return p.cell * blockGap, p.cell * blockGap
}

// at is the upper left corner of a cell, from that of the panel's first one.
func (p *mapPanel) at(i int) (x, y length) {
	column, row := i%p.columns, i/p.columns
	gapX, gapY := p.gaps()
	return p.cell*length(column) + gapX*length(column/p.block), (p.cell + gapY) * length(row)
}

func (p *mapPanel) height() length {
	_, y := p.at(len(p.cells) - 1)
	return mapTextLine*length(len(p.lines)) + y + p.cell
}

// rows of panels in a section, each as high as its highest.
func (s *mapSection) rows() (rows [][]mapPanel) {
	for i := 0; i < len(s.panels); i += mapsBeside {
		rows = append(rows, s.panels[i:min(len(s.panels), i+mapsBeside)])
	}
	return rows
}

func tallest(row []mapPanel) (h length) {
	for i := range row {
		h = max(h, row[i].height())
	}
	return h
}

// arrange finds how high the picture is.
func (p *mapPicture) arrange() {
	p.height = 2*margin + mapHeading
	for i := range p.sections {
		s := &p.sections[i]
		p.height += mapTextLine * length(len(s.lines))
		for _, row := range s.rows() {
			p.height += tallest(row) + mapGap
		}
	}
	p.height += mapTextLine * length((len(p.legend)+legendColumns-1)/legendColumns)
}

func (p *mapPicture) draw(c draw.Canvas) {
	c.SetColor(white)
	c.Fill(c.Rectangle.Path())
	style := plottext.Style{Color: black, Font: font.Font{Typeface: "Liberation", Variant: "Sans", Size: mapText}, Handler: plottext.Plain{Fonts: font.DefaultCache}}
	heading := style
	heading.Font.Size = 13
	left, top := c.Min.X+margin, c.Max.Y-margin
	c.FillText(heading, vg.Point{X: left, Y: top - 12}, fitting(heading, p.title, p.width-2*margin))
	top -= mapHeading
	for i := range p.sections {
		s := &p.sections[i]
		for _, line := range s.lines {
			c.FillText(style, vg.Point{X: left, Y: top - mapText}, fitting(style, line, p.width-2*margin))
			top -= mapTextLine
		}
		room := mapRoom(len(s.panels))
		for _, row := range s.rows() {
			for k := range row {
				row[k].draw(c, style, left+(room+mapGap)*length(k), top, room)
			}
			top -= tallest(row) + mapGap
		}
	}
	p.drawLegend(c, style, left, top)
}

func (p *mapPicture) drawLegend(c draw.Canvas, style plottext.Style, left, top length) {
	column := (p.width - 2*margin) / legendColumns
	for i, entry := range p.legend {
		x := left + column*length(i%legendColumns)
		y := top - mapTextLine*length(i/legendColumns+1) + 4
		swatch := rectangle(x, y, 2*mapCell, mapCell)
		drawRuns(c, entry.mapLook, swatch)
		outline(c, outlineColor, 0.4, swatch)
		c.FillText(style, vg.Point{X: x + 2*mapCell + 4, Y: y + 1}, fitting(style, entry.name, column-2*mapCell-8))
	}
}

// fitting is a text that is cut where there is no room for it.
func fitting(style plottext.Style, text string, room length) string {
	if style.Width(text) <= room {
		return text
	}
	runes := []rune(text)
	for len(runes) > 0 && style.Width(string(runes)+"…") > room {
		runes = runes[:len(runes)-1]
	}
	return string(runes) + "…"
}

// draw draws the panel with its upper left corner at a point.
func (p *mapPanel) draw(c draw.Canvas, style plottext.Style, left, top, room length) {
	for _, line := range p.lines {
		c.FillText(style, vg.Point{X: left, Y: top - mapText}, fitting(style, line, room))
		top -= mapTextLine
	}
	// Equal cells of a block are one rectangle, and all that look alike one path.
	runs := map[mapLook][]vg.Rectangle{}
	var looks []mapLook
	for i := 0; i < len(p.cells); {
		run := i + 1
		for run < len(p.cells) && run%p.columns != 0 && (p.block == 1 || run%p.block != 0) && p.cells[run] == p.cells[i] {
			run++
		}
		look := p.cells[i]
		if runs[look] == nil {
			looks = append(looks, look)
		}
		x, y := p.at(i)
		runs[look] = append(runs[look], rectangle(left+x, top-y-p.cell, p.cell*length(run-i), p.cell))
		i = run
	}
	for _, look := range looks {
		if look.color == white {
			continue // the ground
		}
		cells := runs[look]
		if p.cell < leastMarked {
			look.mark = mapMark{}
		}
		drawRuns(c, look, cells...)
	}
	if p.block == 1 {
		if p.cell >= leastMarked {
			outline(c, gridGrey, 0.4, p.blocks(left, top)...)
		}
		outline(c, outlineColor, 0.4, rectangle(left, top+mapTextLine*length(len(p.lines))-p.height(), p.cell*length(p.columns), p.height()-mapTextLine*length(len(p.lines))))
		return
	}
	outline(c, outlineColor, min(0.5, p.cell/8), p.blocks(left, top)...)
}

// blocks are what has an outline: each block, where they stand apart; rows and
// columns, where cells are blocks.
func (p *mapPanel) blocks(left, top length) (list []vg.Rectangle) {
	if rows := len(p.cells) / p.columns; p.block == 1 && rows*p.columns == len(p.cells) {
		for i := range rows {
			list = append(list, rectangle(left, top-p.cell*length(i+1), p.cell*length(p.columns), p.cell))
		}
		for i := range p.columns {
			list = append(list, rectangle(left+p.cell*length(i), top-p.cell*length(rows), p.cell, p.cell*length(rows)))
		}
		return list
	}
	for i := 0; i < len(p.cells); i += p.block {
		x, y := p.at(i)
		list = append(list, rectangle(left+x, top-y-p.cell, p.cell*length(min(p.block, len(p.cells)-i)), p.cell))
	}
	return list
}

func rectangle(x, y, w, h length) vg.Rectangle {
	return vg.Rectangle{Min: vg.Point{X: x, Y: y}, Max: vg.Point{X: x + w, Y: y + h}}
}

func outline(c draw.Canvas, of color.Color, width length, rectangles ...vg.Rectangle) {
	var path vg.Path
	for _, r := range rectangles {
		path = append(path, r.Path()...)
	}
	c.SetColor(of)
	c.SetLineWidth(width)
	c.Stroke(path)
}

// drawRuns fills runs of equal cells, and draws their mark.
func drawRuns(c draw.Canvas, look mapLook, runs ...vg.Rectangle) {
	var filled, marks vg.Path
	for _, r := range runs {
		filled = append(filled, r.Path()...)
		h := r.Size().Y
		for _, line := range []struct {
			is bool
			at length
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
