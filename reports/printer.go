package reports

import (
	"bufio"
	"io"
	"strings"
	"unicode/utf8"
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

// printer writes styled lines and remembers the first error.
type printer struct {
	out   *bufio.Writer
	color bool
	width int // to wrap at
}

func newPrinter(w io.Writer, opts TableOptions) *printer {
	p := &printer{out: bufio.NewWriter(w), color: opts.Color, width: opts.Width}
	if p.width <= 0 {
		p.width = DefaultWidth
	}
	return p
}

// styled wraps text in the style's escape sequence when colours are on.
func (p *printer) styled(s style, text string) string {
	if !p.color || s == plain || text == "" {
		return text
	}
	return "\x1b[" + string(s) + "m" + text + "\x1b[0m"
}

// line writes its parts and ends the line. Errors show at flush.
func (p *printer) line(parts ...string) {
	for _, part := range parts {
		p.out.WriteString(part)
	}
	p.out.WriteByte('\n')
}

// heading starts a section.
func (p *printer) heading(title, note string) {
	p.line()
	if note != "" {
		note = "  " + p.styled(faint, note)
	}
	p.line(p.styled(bold, title), note)
}

// paragraph writes text wrapped to the width: first before its first line,
// rest before the others. Lines that begin with a space or a tab are commands
// or listings and are kept as they are.
func (p *printer) paragraph(first, rest, text string) {
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
