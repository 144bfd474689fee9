package reports

import (
	"io"
	"slices"
	"strings"

	"ipamsim/sim/inspect"
	"ipamsim/sim/result"
)

// View writes a node or a pod as a session on its machine: what is wrong, as
// far as the model knows, and then each command and what it prints.
func View(w io.Writer, v *inspect.View, opts TableOptions) error {
	p := newPrinter(w, opts)
	p.line(p.styled(bold, v.Kind+" "+v.Name), "  ", strings.Join(append([]string{v.Scenario}, headOf(&v.Head)...), ", "))
	g := grid{columns: []column{{left: true}, {left: true}}}
	for _, f := range v.About {
		g.add(cell{"  " + f.Name, faint}, text(f.Value))
	}
	g.write(p)
	defects(p, v.Defects)
	for _, t := range v.Terminals {
		kind, name, _ := strings.Cut(t.Place, " ")
		p.heading("ON "+strings.ToUpper(kind)+" "+name, "")
		for i, c := range t.Commands {
			if i > 0 {
				p.line()
			}
			p.line(p.styled(bold, "# "+c.Name))
			p.text(c.Text)
		}
	}
	return p.out.Flush()
}

// defects lists what is wrong by kind and cause, and below whom it is wrong
// with.
func defects(p *printer, list []result.Defect) {
	if len(list) == 0 {
		return
	}
	p.heading("WRONG", "")
	for len(list) > 0 {
		first := list[0]
		alike := func(a result.Defect) bool { return a.Kind == first.Kind && a.Cause == first.Cause }
		var whom []string
		began, last := first.Began, first.Began
		for _, a := range list {
			if !alike(a) {
				continue
			}
			began, last = min(began, a.Began), max(last, a.Began)
			one := a.Address
			if a.Pod != "" {
				one = a.Pod + " (" + a.Address + ")"
			}
			whom = append(whom, one)
		}
		list = slices.DeleteFunc(slices.Clone(list), alike)
		since := "since " + moment(began)
		if last > began {
			since = "since " + moment(began) + " to " + moment(last)
		}
		p.line("  ", p.styled(bad, string(first.Kind)), ", ", since)
		p.paragraph("    ", "    ", "by "+first.Cause.Text)
		p.paragraph("    ", "    ", strings.Join(whom, ", "))
	}
}
