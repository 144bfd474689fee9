package reports

import (
	"bufio"
	"io"
	"strings"
	"unicode/utf8"

	"ipamsim/internal/words"
	"ipamsim/reports/page"
)

// style is how a piece of text stands out. It never carries meaning alone.
type style string

const (
	plain   style = ""
	bold    style = "1"
	faint   style = "2"
	good    style = "32"
	bad     style = "1;31"
	warning style = "33"
)

// printer writes styled lines and remembers the first error. One with a page
// fills that instead.
type printer struct {
	out   *bufio.Writer
	color bool
	width int // to wrap at
	page  *page.Page
}

func newPrinter(w io.Writer, opts TableOptions) *printer {
	p := &printer{out: bufio.NewWriter(w), color: opts.Color, width: opts.Width}
	if p.width <= 0 {
		p.width = DefaultWidth
	}
	return p
}

// aside is what write writes, as a text that is to be so far to the right.
func (p *printer) aside(indent int, write func(*printer)) string {
	var b strings.Builder
	q := newPrinter(&b, TableOptions{Width: p.width - indent})
	write(q)
	q.out.Flush()
	return b.String()
}

// styled wraps text in the style's escape sequence when colours are on.
func (p *printer) styled(s style, text string) string {
	if !p.color || s == plain || text == "" {
		return text
	}
	return "\x1b[" + string(s) + "m" + text + "\x1b[0m"
}

// line writes its parts and ends the line. Errors show at flush. Of escape
// sequences only the printer's own styles pass: whatever else is in a part came
// out of a file.
func (p *printer) line(parts ...string) {
	if p.page != nil {
		p.takeText("", strings.Join(parts, ""))
		return
	}
	for _, part := range parts {
		p.text(part)
	}
	p.out.WriteByte('\n')
}

// text writes a part of a line.
func (p *printer) text(part string) {
	for p.color {
		before, rest, found := strings.Cut(part, escape)
		if !found {
			break
		}
		p.out.WriteString(words.Printable(before))
		part = p.sequence(rest)
	}
	p.out.WriteString(words.Printable(part))
}

const escape = "\x1b["

// sequence writes the style that text begins with after an escape, or the escape
// spelt out, and returns what follows.
func (p *printer) sequence(rest string) string {
	for _, s := range []style{"0", bold, faint, good, bad, warning} {
		if after, is := strings.CutPrefix(rest, string(s)+"m"); is {
			p.out.WriteString(escape + string(s) + "m")
			return after
		}
	}
	p.out.WriteString(words.Printable(escape))
	return rest
}

// whereAll says where a reader finds what a brief table leaves out.
func (p *printer) whereAll() string {
	if p.page != nil {
		return "(" + allFigures + " has them)"
	}
	return "(-o wide shows all)"
}

// allFigures is the heading of a page's part with the wide tables.
const allFigures = "All figures"

// heading starts a section. A note that does not fit beside the title goes on
// below.
func (p *printer) heading(title, note string) {
	if p.page != nil {
		p.page.Sections = append(p.page.Sections, page.Section{Title: sentence(title), Note: note})
		return
	}
	p.line()
	p.titled(bold, title, faint, note)
}

// part starts a section that the following ones are parts of: what it is of has
// a name.
func (p *printer) part(of, name, note string) {
	if p.page != nil {
		p.page.Sections = append(p.page.Sections, page.Section{Title: name, Note: note, Part: true})
		return
	}
	p.heading(of+" "+name, note)
}

// listing writes lines that are kept as they are, so that they can be copied:
// what is before the first one is no part of it.
func (p *printer) listing(before string, s style, lines ...string) {
	if p.page != nil {
		p.page.Add(page.Block{Text: &page.Text{Lead: strings.TrimSpace(before), Body: strings.Join(lines, "\n"), Listing: true, Tone: tones[s]}})
		return
	}
	for _, line := range lines {
		p.line(before, p.styled(s, line))
	}
}

// titled writes a title and what is said beside it, wrapped to the width.
func (p *printer) titled(s style, title string, beside style, note string) {
	if p.page != nil && p.page.Title == "" {
		p.page.Title, p.page.Facts = title, note
		return
	}
	if note == "" {
		p.line(p.styled(s, title))
		return
	}
	indent := utf8.RuneCountInString(title) + 2
	for i, line := range Wrap(note, p.width-indent) {
		if i == 0 {
			p.line(p.styled(s, title), "  ", p.styled(beside, line))
		} else {
			p.line(strings.Repeat(" ", indent), p.styled(beside, line))
		}
	}
}

// paragraph writes text wrapped to the width: first before its first line,
// rest before the others. Lines that begin with a space or a tab are commands
// or listings and are kept as they are.
func (p *printer) paragraph(first, rest, text string) {
	if p.page != nil {
		p.takeText(first, text)
		return
	}
	indent := first
	for _, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		if strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t") {
			p.line(indent, line)
			indent = rest
			continue
		}
		for _, wrapped := range Wrap(line, p.width-utf8.RuneCountInString(rest)) {
			p.line(strings.TrimRight(indent+wrapped, " "))
			indent = rest
		}
	}
}

// Wrap breaks text at spaces into lines of at most width characters; a longer
// word has a line of its own.
func Wrap(text string, width int) []string {
	var lines []string
	line, length := "", 0
	for _, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		if length > 0 && length+1+n > width {
			lines = append(lines, line)
			line, length = "", 0
		}
		if length > 0 {
			line, length = line+" ", length+1
		}
		line, length = line+word, length+n
	}
	return append(lines, line)
}
