// Package page is what a report says before it is set: sections of tables and
// paragraphs. A terminal has them as columns of text, a browser as HTML.
package page

// Page is a whole report.
type Page struct {
	Title    string
	Facts    string // what is said beside the title
	Sections []Section
}

// Section is what stands below one heading.
type Section struct {
	Title  string
	Note   string // what is said beside the heading
	Part   bool   // the sections up to the next one of a kind are parts of this one
	Blocks []Block
}

// Block is a table or a text; one of the two is set.
type Block struct {
	Table *Table
	Text  *Text
}

// Text is a paragraph, an item of a list, or a listing.
type Text struct {
	Lead    string // what it begins with and stands out by: remedy:
	Body    string
	Item    bool // one of a list
	Listing bool // a command, or lines that are kept as they are
	Tone    Tone
}

// Table has rows of as many cells as it has columns, or fewer.
type Table struct {
	Columns []Column
	Rows    [][]Cell
	Labels  int // so many columns are the heads of their rows
}

// Column is a column's head. Neighbours of one group share a head above theirs.
type Column struct {
	Group, Head string
	Left        bool // text, and no numbers
}

// Cell is one entry.
type Cell struct {
	Text string
	Tone Tone
}

// Tone is how something stands out. It never carries meaning alone.
type Tone string

// The tones.
const (
	Plain   Tone = ""
	Strong  Tone = "strong"
	Faint   Tone = "faint"
	Good    Tone = "good"
	Bad     Tone = "bad"
	Warning Tone = "warning"
)

// Add puts a block at the end of the last section, or makes one without a
// heading for it.
func (p *Page) Add(b Block) {
	if len(p.Sections) == 0 {
		p.Sections = append(p.Sections, Section{})
	}
	last := &p.Sections[len(p.Sections)-1]
	last.Blocks = append(last.Blocks, b)
}
