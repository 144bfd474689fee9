package html

import (
	"strings"

	"ipamsim/reports/page"
)

// table is one with heads that span what they are of.
type table struct {
	Caption string
	Groups  []head // above the heads; nil without any
	Heads   []head
	Rows    [][]cell
	Left    int  // rows that were left out
	Long    bool // its cells are long texts, and may be wrapped
}

// head is a column's, or that of several.
type head struct {
	Text string
	Span int
	Left bool
}

// cell is one entry; Rows is how many rows it spans as a label, and 0 for the
// cells of numbers and words.
type cell struct {
	Text  string
	Tone  page.Tone
	Left  bool
	Under bool // it is a part of what the row above says
	Rows  int
}

// rowsMost bounds the rows of a table: nobody reads more, and a page is to be
// small. The stored result has all.
const rowsMost = 300

func tableOf(from *page.Table, caption string) *table {
	t := &table{Caption: caption}
	for i, c := range from.Columns {
		t.Heads = append(t.Heads, head{c.Head, 1, c.Left})
		if last := len(t.Groups) - 1; i > 0 && c.Group != "" && c.Group == t.Groups[last].Text {
			t.Groups[last].Span++
		} else {
			t.Groups = append(t.Groups, head{c.Group, 1, false})
		}
	}
	grouped := false
	for _, g := range t.Groups {
		grouped = grouped || g.Text != ""
	}
	if !grouped {
		t.Groups = nil
	}
	rows := from.Rows
	if len(rows) > rowsMost {
		rows, t.Left = rows[:rowsMost], len(rows)-rowsMost
	}
	for _, row := range rows {
		t.Rows = append(t.Rows, cellsOf(from, row))
	}
	t.merge()
	return t
}

func cellsOf(t *page.Table, row []page.Cell) []cell {
	cells := make([]cell, len(t.Columns))
	for i := range cells {
		cells[i].Left = t.Columns[i].Left
		if i < t.Labels {
			cells[i].Rows = 1
		}
		if i < len(row) {
			text := row[i].Text
			cells[i].Text, cells[i].Tone, cells[i].Under = strings.TrimSpace(text), row[i].Tone, strings.HasPrefix(text, "  ")
		}
	}
	return cells
}

// merge lets a label in the first column span the rows below that have none:
// in text once is enough.
func (t *table) merge() {
	first := -1
	for i, row := range t.Rows {
		switch {
		case len(row) < 2 || row[0].Rows == 0:
			return
		case row[0].Text == "" && first >= 0:
			t.Rows[first][0].Rows++
			t.Rows[i] = row[1:]
		default:
			first = i
		}
	}
}
