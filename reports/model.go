package reports

import (
	"io"
	"strings"

	"ipamsim/internal/source"
	"ipamsim/internal/words"
	"ipamsim/model"
)

// Model writes the constants of parts of the model, each with its source.
func Model(w io.Writer, parts []model.Part, opts TableOptions) error {
	p := newPrinter(w, opts)
	for i, part := range parts {
		if i > 0 {
			p.line()
		}
		p.line(p.styled(bold, part.Name), "  ", p.styled(faint, part.About+", "+words.Plural(len(part.Constants), "constant")))
		constants(p, part.Constants)
	}
	return p.out.Flush()
}

// What the columns of a constant take of a line; its source has the rest, and
// at least sourceWidth.
const (
	valueWidth  = 30
	kindWidth   = len(source.FromDocs)
	sourceWidth = 60
)

// constants is a table whose long cells go on in the lines below.
func constants(p *printer, list []source.Constant) {
	g := grid{columns: []column{{head: "  NAME", left: true}, {head: "VALUE", left: true}, {head: "KIND", left: true}, {head: "SOURCE", left: true}}}
	longest := 0
	for _, c := range list {
		longest = max(longest, len("  "+c.Name))
	}
	rest := p.width - longest - valueWidth - kindWidth - 3*len(gap)
	for _, c := range list {
		value := Wrap(strings.TrimSpace(c.Value+" "+c.Unit), valueWidth)
		from := Wrap(c.Source, max(sourceWidth, rest))
		g.add(text("  "+c.Name), text(value[0]), text(string(c.Kind)), cell{from[0], faint})
		for i := 1; i < max(len(value), len(from)); i++ {
			g.add(text(""), text(lineOf(value, i)), text(""), cell{lineOf(from, i), faint})
		}
	}
	g.write(p)
}

// lineOf is the i-th of some lines, or nothing.
func lineOf(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}
