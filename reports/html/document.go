package html

import (
	"fmt"
	"html/template"
	"strings"

	"ipamsim/reports/page"
)

// document is a page as the templates take it.
type document struct {
	Title, Kind, Facts string
	About              []string // in words, below the title
	Verdict            *verdict
	Sections           []section
	Fingerprint        string
	Body               template.HTML // the sections, set
	Patterns           template.HTML
	CSS                template.CSS
	Script             template.JS
}

// verdict is what one is to know first.
type verdict struct {
	OK      bool
	Text    string
	Reasons []reason
}

// reason is one line of a verdict, with a link to where more is said.
type reason struct {
	Text, Link string
	Tone       page.Tone
}

// section is what stands below one heading.
type section struct {
	ID, Title, Note string
	Level           int // of its heading
	Blocks          []block
}

// block is one piece of a section; one of its fields is set.
type block struct {
	Table       *table
	Text        *page.Text
	List        []page.Text
	Figures     []figure
	Section     *section
	Finding     *finding
	Maps        *mapsView
	Actions     *actions
	Slowest     *slowest
	Differences *differences
	More        *more
	Tabs        *tabs
}

// more is what opens when somebody wants it, without scripts, too. On paper it is
// open, but for what is of the screen: that is long, and on paper if it is open there.
type more struct {
	Summary string
	Screen  bool
	Blocks  []block
}

// tabs are sections of which a script shows one at a time.
type tabs struct {
	Label string
	List  []section
}

// ofPage is a document of a page alone.
func ofPage(p *page.Page, kind string) *document {
	d := &document{Title: p.Title, Kind: kind, Facts: p.Facts}
	var parts *tabs
	for i := range p.Sections {
		s := &p.Sections[i]
		made := sectionOf(s, fmt.Sprintf("s%d", i+1))
		switch {
		case s.Part && parts == nil:
			parts = &tabs{Label: "Variants"}
			d.Sections = append(d.Sections, section{ID: "variants", Title: "Variants", Level: 2, Blocks: []block{{Tabs: parts}}})
			fallthrough
		case s.Part:
			made.Level = 3
			parts.List = append(parts.List, made)
		case parts != nil && i < len(p.Sections)-1: // the last one is of all parts
			made.Level = 4
			last := &parts.List[len(parts.List)-1]
			last.Blocks = append(last.Blocks, block{Section: &made})
		default:
			d.Sections = append(d.Sections, made)
		}
	}
	return d
}

// illustrate puts a picture on top of a section: of a part's, if the page has parts.
func (d *document) illustrate(part, title string, f figure) {
	in := func(list []block) {
		for i := range list {
			if s := list[i].Section; s != nil && s.Title == title {
				*s = withFigure(*s, f)
			}
		}
	}
	for i := range d.Sections {
		s := &d.Sections[i]
		if part == "" && s.Title == title {
			*s = withFigure(*s, f)
		}
		for _, b := range s.Blocks {
			if b.Tabs == nil {
				continue
			}
			for k := range b.Tabs.List {
				if of := &b.Tabs.List[k]; of.Title == part {
					in(of.Blocks)
				}
			}
		}
	}
}

// sectionOf is a section of a page.
func sectionOf(s *page.Section, id string) section {
	made := section{ID: id, Title: s.Title, Note: s.Note, Level: 2, Blocks: blocksOf(s.Blocks, s.Title)}
	if made.Title == "" {
		made.Title = "About"
	}
	return made
}

// blocksOf are a section's, items of a list together.
func blocksOf(list []page.Block, title string) (blocks []block) {
	for i := range list {
		b := &list[i]
		switch last := len(blocks) - 1; {
		case b.Table != nil:
			blocks = append(blocks, block{Table: tableOf(b.Table, title)})
		case b.Text.Item && last >= 0 && blocks[last].List != nil:
			blocks[last].List = append(blocks[last].List, *b.Text)
		case b.Text.Item:
			blocks = append(blocks, block{List: []page.Text{*b.Text}})
		default:
			blocks = append(blocks, block{Text: b.Text})
		}
	}
	return blocks
}

// idOf makes a name fit for a link.
func idOf(parts ...string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return '-'
	}, strings.Join(parts, "-"))
}
