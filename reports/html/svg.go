package html

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strconv"
	"strings"

	"ipamsim/reports/chart"
)

// Sizes of a chart, in the units of its view box: it is as wide as a telephone,
// so that its text can be read there, and two or three stand side by side
// elsewhere.
const (
	chartWidth  = 480
	plotLeft    = 54
	plotRight   = 8
	plotHeight  = 150
	panelHeight = 96 // of each of several panels
	titleLine   = 18
	letterLine  = 12
	tickLine    = 18
	legendLine  = 17
	letterSize  = 11
)

// widthOf is how wide a text of the usual size is at most: which sans the reader has
// is not known, so each letter counts as in a wide one.
func widthOf(text string) (wide float64) {
	for _, r := range text {
		switch {
		case strings.ContainsRune("fijlrtI.,:;'|![]()/ ", r):
			wide += 0.42
		case strings.ContainsRune("mwMW%…→", r):
			wide += 0.98
		case r >= 'A' && r <= 'Z':
			wide += 0.78
		default:
			wide += 0.64
		}
	}
	return wide * letterSize
}

// drawing is an SVG that is being written. Colours are presentation attributes,
// and what is ink is the page's own colour, so that it suits light and dark,
// with CSS and without.
type drawing struct {
	strings.Builder
	id string
}

func (d *drawing) f(format string, args ...any) { fmt.Fprintf(d, format, args...) }

// text writes a text at a place.
func (d *drawing) text(x, y float64, anchor, size, text string) {
	d.f(`<text x="%s" y="%s"`, number(x), number(y))
	if anchor != "" {
		d.f(` text-anchor="%s"`, anchor)
	}
	if size != "" {
		d.f(` font-size="%s"`, size)
	}
	d.f(`>%s</text>`, template.HTMLEscapeString(text))
}

// number is a coordinate to the tenth.
func number(v float64) string {
	return strconv.FormatFloat(math.Round(10*v)/10, 'f', -1, 64)
}

// svgOf draws a figure. The id sets apart what is named in it.
func svgOf(f *chart.Figure, id string) template.HTML {
	d := &drawing{id: id}
	each := plotHeight
	if len(f.Panels) > 1 {
		each = panelHeight
	}
	height := 4.
	tops := make([]float64, len(f.Panels))
	for i := range f.Panels {
		p := &f.Panels[i]
		if p.Title != "" {
			height += titleLine
		} else if lettered(p) {
			height += letterLine // below the name of the axis
		}
		height += letterLine
		tops[i] = height
		height += float64(each) + tickLine
		if p.X.Label != chart.TimeLabel { // time one knows by its ticks
			height += tickLine
		}
	}
	legend, rows := arranged(f.Legend)
	base := height + 6
	height = base + float64(rows)*legendLine
	d.f(`<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="%s-t %s-d" viewBox="0 0 %d %s" width="%d" height="%s" fill="currentColor" font-family="system-ui, sans-serif" font-size="11">`,
		id, id, chartWidth, number(height), chartWidth, number(height))
	d.f(`<title id="%s-t">%s</title><desc id="%s-d">%s</desc>`, id, template.HTMLEscapeString(f.Title), id, template.HTMLEscapeString(f.About))
	for i := range f.Panels {
		d.panel(&f.Panels[i], tops[i], float64(each))
	}
	for _, e := range legend {
		d.entry(e, base)
	}
	d.f("</svg>")
	return template.HTML(d.String())
}

// placed is a line of a legend with its place.
type placed struct {
	chart.Entry
	x, y float64
}

// arranged puts a legend in rows.
func arranged(list []chart.Entry) (out []placed, rows int) {
	x := 0.
	for i, e := range list {
		wide := 24 + widthOf(e.Name) + 12
		if i == 0 || x+wide > chartWidth {
			x = 0
			rows++
		}
		out = append(out, placed{e, x, float64(rows-1) * legendLine})
		x += wide
	}
	return out, rows
}

func (d *drawing) entry(e placed, base float64) {
	x, y := e.x, base+e.y
	switch e.As {
	case chart.OfArea:
		d.f(`<rect x="%s" y="%s" width="18" height="10" %s/>`, number(x), number(y), fill(e.Look))
	case chart.OfLine:
		d.f(`<path d="M%s %sh20" %s/>`, number(x), number(y+5.5), stroke(e.Look))
	case chart.OfFault:
		d.text(x+9, y+9.5, "middle", "", e.Letter)
	case chart.OfScaleOut, chart.OfScaleIn:
		d.triangle(x+9, y+5.5, e.As == chart.OfScaleOut)
	case chart.OfShape:
		d.f(`<path d="%s" %s/>`, outline(e.Shape, x+9, y+5.5), dotted(e.Look, e.Shape))
	}
	d.text(x+24, y+9.5, "", "", e.Name)
}

// panel draws one pair of axes and what is between them.
func (d *drawing) panel(p *chart.Panel, top, high float64) {
	wide := float64(chartWidth - plotLeft - plotRight)
	s := scale{p, plotLeft, top, wide, high}
	switch {
	case p.Title != "":
		d.text(plotLeft, top-letterLine-3, "", "12", p.Title)
	case lettered(p):
		d.text(plotLeft, top-letterLine-3, "", "", p.Y.Label)
	default:
		d.text(plotLeft, top-4, "", "", p.Y.Label)
	}
	grid, labels := &strings.Builder{}, &drawing{}
	d.ticks(&s, grid, labels)
	if grid.Len() > 0 {
		d.f(`<path d="%s" stroke="currentColor" stroke-opacity=".14" fill="none"/>`, grid.String())
	}
	for i := range p.Areas {
		d.area(&s, &p.Areas[i])
	}
	for i := range p.Lines {
		d.line(&s, &p.Lines[i])
	}
	for i := range p.Shapes {
		d.dots(&s, &p.Shapes[i])
	}
	d.marks(&s)
	d.WriteString(labels.String())
	d.f(`<path d="M%s %sv%sh%s" stroke="currentColor" stroke-opacity=".5" fill="none"/>`, number(s.left), number(s.top), number(s.high), number(s.wide))
	if p.X.Label != chart.TimeLabel {
		d.text(s.left+s.wide, s.top+s.high+13+tickLine, "end", "", p.X.Label)
	}
	if p.Note != "" {
		d.text(s.left+s.wide/2, s.top+s.high/2, "middle", "12", p.Note)
	}
}

// ticks writes the grid and the labels of the axes; those that would touch the
// one before are left out.
func (d *drawing) ticks(s *scale, grid *strings.Builder, labels *drawing) {
	end := math.Inf(-1)
	for _, t := range s.X.Ticks {
		x := s.x(t.Value)
		if t.Value > s.X.Min {
			fmt.Fprintf(grid, "M%s %sv%s", number(x), number(s.top), number(s.high))
		}
		half := widthOf(t.Label) / 2
		if at := min(x, chartWidth-half-3); t.Label != "" && at-half > end+4 {
			labels.text(at, s.top+s.high+15, "middle", "", t.Label)
			end = at + half
		}
	}
	last := math.Inf(1)
	for _, t := range s.Y.Ticks {
		y := s.y(t.Value)
		if t.Value > s.Y.Min {
			fmt.Fprintf(grid, "M%s %sh%s", number(s.left), number(y), number(s.wide))
		}
		if t.Label != "" && last-y >= 12 {
			labels.text(s.left-5, y+4, "end", "", t.Label)
			last = y
		}
	}
}

// scale puts values on a panel.
type scale struct {
	*chart.Panel
	left, top, wide, high float64
}

func (s *scale) x(v float64) float64 { return s.left + s.wide*placeOn(&s.X, v) }
func (s *scale) y(v float64) float64 { return s.top + s.high*(1-placeOn(&s.Y, v)) }

// polyline writes points as a path with steps relative to the last one, in tenths
// of a unit; points on a straight line are left out.
type polyline struct {
	strings.Builder
	x, y int // where it is, in tenths
	have bool
}

func tenths(v float64) int { return int(math.Round(10 * v)) }

func (p *polyline) to(x, y float64) {
	ix, iy := tenths(x), tenths(y)
	dx, dy := ix-p.x, iy-p.y
	switch {
	case !p.have:
		fmt.Fprintf(p, "M%s %s", tenth(ix), tenth(iy))
	case dx == 0 && dy == 0:
		return
	case dy == 0:
		p.WriteString("h" + tenth(dx))
	case dx == 0:
		p.WriteString("v" + tenth(dy))
	default:
		p.WriteString("l" + tenth(dx))
		if dy >= 0 {
			p.WriteByte(' ')
		}
		p.WriteString(tenth(dy))
	}
	p.x, p.y, p.have = ix, iy, true
}

// tenth writes a number of tenths as short as it can be: -.5
func tenth(n int) string {
	text := strconv.FormatFloat(float64(n)/10, 'f', -1, 64)
	text = strings.TrimPrefix(text, "0.")
	if n > 0 && n < 10 {
		return "." + text
	}
	return strings.Replace(text, "-0.", "-.", 1)
}

// straight leaves out the points that lie between two of the same height.
func straight(at, values []float64) (x, y []float64) {
	for i := range at {
		if i > 0 && i < len(at)-1 && values[i-1] == values[i] && values[i] == values[i+1] {
			continue
		}
		x, y = append(x, at[i]), append(y, values[i])
	}
	return x, y
}

// area draws what is below a curve and above another.
func (d *drawing) area(s *scale, a *chart.Area) {
	var p polyline
	x, y := straight(a.At, a.High)
	for i := range x {
		p.to(s.x(x[i]), s.y(y[i]))
	}
	x, y = straight(a.At, a.Low)
	for i := len(x) - 1; i >= 0; i-- {
		p.to(s.x(x[i]), s.y(y[i]))
	}
	if p.Len() > 0 {
		d.f(`<path d="%sz" %s/>`, p.String(), fill(a.Look))
	}
}

func (d *drawing) line(s *scale, l *chart.Line) {
	var p polyline
	for i := range l.At {
		x, y := s.x(l.At[i]), s.y(l.Values[i])
		if l.Steps && i > 0 {
			p.to(x, s.y(l.Values[i-1]))
		}
		p.to(x, y)
	}
	d.f(`<path d="%s" %s/>`, p.String(), stroke(l.Look))
}

// dots draws single values as one path.
func (d *drawing) dots(s *scale, list *chart.Shapes) {
	var b strings.Builder
	for i := range list.At {
		b.WriteString(outline(list.Shape, s.x(list.At[i]), s.y(list.Values[i])))
	}
	d.f(`<path d="%s" %s/>`, b.String(), dotted(list.Look, list.Shape))
}

// outline is the path of a shape at a place.
func outline(shape chart.Shape, x, y float64) string {
	at := func(dx, dy float64) string { return "M" + number(x+dx) + " " + number(y+dy) }
	switch shape {
	case chart.Cross:
		return at(-2.5, -2.5) + "l5 5" + at(-2.5, 2.5) + "l5 -5"
	case chart.Ring:
		return at(-2.5, 0) + "a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0 -5 0"
	case chart.Disc:
		return at(-3.5, 0) + "a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0z"
	case chart.Square:
		return at(-4.5, -4.5) + "h9v9h-9z"
	}
	return at(0, -5.5) + "l5.5 9.5h-11z"
}

// dotted is how a shape is drawn: only the disc is filled, so that none hides
// another.
func dotted(l chart.Look, shape chart.Shape) string {
	color := hex(l)
	if l.Ink {
		color = "currentColor"
	}
	switch shape {
	case chart.Disc:
		return fmt.Sprintf(`fill="%s"`, color)
	case chart.Square, chart.Triangle:
		return fmt.Sprintf(`stroke="%s" stroke-width="1.6" fill="none"`, color)
	}
	return fmt.Sprintf(`stroke="%s" fill="none"`, color)
}

// marks draws what has happened: faults as a dashed line with a letter above it and
// a shade, launches of nodes as triangles, and ends of nodes below them; letters and
// triangles that would touch the one before are left out.
func (d *drawing) marks(s *scale) {
	lettered := math.Inf(-1)
	scaled := map[chart.MarkKind]float64{chart.ScaleOut: lettered, chart.ScaleIn: lettered}
	reach := s.high * chart.LineReach(s.Marks)
	for _, m := range s.Marks {
		x := s.x(m.From)
		if m.Kind != chart.Fault {
			if x-scaled[m.Kind] >= triangleApart {
				d.triangle(x, s.top+laneOf[m.Kind], m.Kind == chart.ScaleOut)
				scaled[m.Kind] = x
			}
			continue
		}
		if to := s.x(m.To); to > x {
			d.f(`<path d="M%s %sh%sv%sh%sz" fill-opacity=".09"/>`, number(x), number(s.top), number(to-x), number(s.high), number(x-to))
		}
		d.f(`<path d="M%s %sv%s" stroke="currentColor" stroke-dasharray="3 2" fill="none"/>`, number(x), number(s.top), number(reach))
		if x-lettered > letterApart {
			d.text(x, s.top-2, "middle", "10", m.Letter)
			lettered = x
		}
	}
}

// lettered says whether letters of faults stand above a panel.
func lettered(p *chart.Panel) bool {
	return slices.ContainsFunc(p.Marks, func(m chart.Mark) bool { return m.Kind == chart.Fault })
}

// triangleApart and letterApart are how far apart two of them are at least, and
// laneOf how far below the upper edge each kind of triangle stands.
const triangleApart, letterApart = 8, 9

var laneOf = map[chart.MarkKind]float64{chart.ScaleOut: 6, chart.ScaleIn: 14}

// triangle points up for nodes that were launched, and down for those that ended.
func (d *drawing) triangle(x, y float64, up bool) {
	if up {
		d.f(`<path d="M%s %sl3.5 6h-7z"/>`, number(x), number(y-3))
		return
	}
	d.f(`<path d="M%s %sl3.5 -6h-7z" fill="none" stroke="currentColor"/>`, number(x), number(y+3))
}

// fill is how an area is filled.
func fill(l chart.Look) string {
	switch {
	case l.Ground && l.Hatch == chart.Plain:
		return `fill-opacity=".07"`
	case l.Ground:
		return `fill-opacity=".24"`
	case l.Ink:
		return ""
	case l.Hatch == chart.Plain:
		return fmt.Sprintf(`fill="%s"`, hex(l))
	}
	return fmt.Sprintf(`fill="url(#%s)"`, patternOf(l))
}

// stroke is how a line is drawn.
func stroke(l chart.Look) string {
	color := hex(l)
	if l.Ink {
		color = "currentColor"
	}
	text := fmt.Sprintf(`stroke="%s" stroke-width="2" fill="none"`, color)
	if len(l.Dashes) > 0 {
		text += fmt.Sprintf(` stroke-dasharray="%s"`, strings.Trim(fmt.Sprint(l.Dashes), "[]"))
	}
	return text
}

func hex(l chart.Look) string {
	return fmt.Sprintf("#%02x%02x%02x", l.Color.R, l.Color.G, l.Color.B)
}

// placeOn is where a value lies on an axis, from 0 to 1, and beyond where it is
// not between its ends.
func placeOn(a *chart.Axis, v float64) float64 {
	if a.Log {
		return math.Log(v/a.Min) / math.Log(a.Max/a.Min)
	}
	return (v - a.Min) / (a.Max - a.Min)
}
