package reports

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// grid is a table of text with aligned columns. Its first column holds the
// labels of its rows.
type grid struct {
	columns []column
	rows    [][]cell
	fold    bool // when too wide, continue below and repeat the labels
	labels  int  // how many columns those are; 1 unless given
	named   bool // the columns have names of the scenario, not words of ours
}

// column is a column's head. Neighbours of one group share a line above
// their heads.
type column struct {
	group string
	head  string
	left  bool // numbers stand right
}

// cell is one entry.
type cell struct {
	text  string
	style style
}

// gap is between columns, groupGap between groups.
const (
	gap      = "  "
	groupGap = "    "
)

// text is a cell without a style.
func text(s string) cell { return cell{text: s} }

// add appends a row.
func (g *grid) add(cells ...cell) { g.rows = append(g.rows, cells) }

// write prints the grid, in several pieces if it is folded.
func (g *grid) write(p *printer) {
	if p.page != nil {
		p.takeGrid(g)
		return
	}
	widths := g.widths()
	for i, piece := range g.pieces(widths, p.width) {
		if i > 0 {
			p.line()
		}
		g.writePiece(p, widths, piece)
	}
}

// widths of the columns; a group that is wider than its columns widens the
// first of them.
func (g *grid) widths() []int {
	widths := make([]int, len(g.columns))
	for i, c := range g.columns {
		widths[i] = utf8.RuneCountInString(c.head)
		for _, row := range g.rows {
			if i < len(row) {
				widths[i] = max(widths[i], utf8.RuneCountInString(row[i].text))
			}
		}
	}
	for _, unit := range g.units() {
		if group := g.columns[unit[0]].group; group != "" {
			widths[unit[0]] += max(0, utf8.RuneCountInString(group)-span(widths, unit))
		}
	}
	return widths
}

// width of the grid in one piece.
func (g *grid) width() int {
	widths, n := g.widths(), 0
	for i, unit := range g.units() {
		if n += span(widths, unit); i > 0 {
			n += len(g.between(unit[0]))
		}
	}
	return n
}

// units are the columns that stay together: the members of a group.
func (g *grid) units() [][]int {
	var units [][]int
	for i, c := range g.columns {
		if i > 0 && c.group != "" && c.group == g.columns[i-1].group {
			last := len(units) - 1
			units[last] = append(units[last], i)
		} else {
			units = append(units, []int{i})
		}
	}
	return units
}

// pieces share the units out so that each piece fits the width if it can.
func (g *grid) pieces(widths []int, width int) [][][]int {
	units := g.units()
	if !g.fold {
		return [][][]int{units}
	}
	labels, taken := units[:max(1, g.labels)], 0
	for i, unit := range labels {
		if taken += span(widths, unit); i > 0 {
			taken += len(gap)
		}
	}
	var pieces [][][]int
	piece, used := slices.Clone(labels), taken
	for _, unit := range units[len(labels):] {
		need := len(g.between(unit[0])) + span(widths, unit)
		if len(piece) > len(labels) && used+need > width {
			pieces = append(pieces, piece)
			piece, used = slices.Clone(labels), taken
		}
		piece, used = append(piece, unit), used+need
	}
	return append(pieces, piece)
}

func (g *grid) writePiece(p *printer, widths []int, units [][]int) {
	if groups := g.groupLine(p, widths, units); groups != "" {
		p.line(groups)
	}
	heads := make([]cell, len(g.columns))
	for i, c := range g.columns {
		heads[i] = cell{c.head, faint}
	}
	if g.hasHeads() {
		p.line(g.rowLine(p, widths, units, heads))
	}
	for _, row := range g.rows {
		p.line(g.rowLine(p, widths, units, row))
	}
}

func (g *grid) hasHeads() bool {
	for _, c := range g.columns {
		if c.head != "" {
			return true
		}
	}
	return false
}

// groupLine centres the groups' names over their columns.
func (g *grid) groupLine(p *printer, widths []int, units [][]int) string {
	var line strings.Builder
	pending, any := 0, false // spaces that matter only if something follows
	for i, unit := range units {
		if i > 0 {
			pending += len(g.between(unit[0]))
		}
		group, room := g.columns[unit[0]].group, span(widths, unit)
		if group == "" {
			pending += room
			continue
		}
		any = true
		n := utf8.RuneCountInString(group)
		before := (room - n) / 2
		line.WriteString(strings.Repeat(" ", pending+before))
		line.WriteString(p.styled(bold, group))
		pending = room - n - before
	}
	if !any {
		return ""
	}
	return line.String()
}

func (g *grid) rowLine(p *printer, widths []int, units [][]int, row []cell) string {
	var line strings.Builder
	pending, first := 0, true
	for _, unit := range units {
		for k, i := range unit {
			if !first {
				pending += len(gap)
				if k == 0 {
					pending += len(g.between(i)) - len(gap)
				}
			}
			first = false
			if i >= len(row) || row[i].text == "" {
				pending += widths[i]
				continue
			}
			padding := widths[i] - utf8.RuneCountInString(row[i].text)
			if g.columns[i].left {
				line.WriteString(strings.Repeat(" ", pending))
				line.WriteString(p.styled(row[i].style, row[i].text))
				pending = padding
			} else {
				line.WriteString(strings.Repeat(" ", pending+padding))
				line.WriteString(p.styled(row[i].style, row[i].text))
				pending = 0
			}
		}
	}
	return line.String()
}

// between is what stands before column i.
func (g *grid) between(i int) string {
	if i > 0 && g.columns[i].group != g.columns[i-1].group {
		return groupGap
	}
	return gap
}

// span is the width of neighbouring columns and the gaps between them.
func span(widths []int, unit []int) int {
	n := len(gap) * (len(unit) - 1)
	for _, i := range unit {
		n += widths[i]
	}
	return n
}
