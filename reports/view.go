package reports

import (
	"io"
	"strings"

	"ipamsim/sim"
)

// View writes a node or a pod as a session on its machine: each command and
// what it prints.
func View(w io.Writer, v *sim.View, opts TableOptions) error {
	p := newPrinter(w, opts)
	p.line(p.styled(bold, v.Kind+" "+v.Name))
	g := grid{columns: []column{{left: true}, {left: true}}}
	for _, f := range v.About {
		g.add(cell{"  " + f.Name, faint}, text(f.Value))
	}
	g.write(p)
	for _, a := range v.Ailments {
		who := a.Address
		if a.Pod != "" {
			who = a.Pod + " (" + a.Address + ")"
		}
		p.line("  ", p.styled(bad, string(a.Kind)), "  ", who, ", since ", moment(a.Began), ", by ", a.Cause)
	}
	for _, t := range v.Terminals {
		kind, name, _ := strings.Cut(t.Place, " ")
		p.heading("ON "+strings.ToUpper(kind)+" "+name, "")
		for i, c := range t.Commands {
			if i > 0 {
				p.line()
			}
			p.line(p.styled(bold, "# "+c.Name))
			p.out.WriteString(c.Text)
		}
	}
	return p.out.Flush()
}
