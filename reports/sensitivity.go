package reports

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/sim/sensitivity"
)

// SensitivityTable writes an analysis as text for people: what decides, and what
// survives.
func SensitivityTable(w io.Writer, a *sensitivity.Analysis, opts TableOptions) error {
	p := newPrinter(w, opts)
	title := []string{"variant " + a.Variant, fmt.Sprintf("seed %d", a.Seed), words.Plural(a.Replications, "replication"), words.Plural(a.Runs, "setting") + " of the assumptions"}
	p.titled(bold, a.Scenario.Name, plain, strings.Join(title, ", "))
	p.paragraph("  ", "  ", deciding(a))
	movedAssumptions(p, a, opts.Wide)
	conclusions(p, a)
	for _, l := range a.Left {
		p.paragraph("  not moved: ", "    ", l.Name+": "+l.Why)
	}
	return p.out.Flush()
}

// deciding is the sentence that names the assumption which decides.
func deciding(a *sensitivity.Analysis) string {
	first := &a.Parameters[0]
	never := func(p sensitivity.Parameter) bool { return p.Low == nil && p.High == nil }
	switch {
	case a.Usual == nil && !slices.ContainsFunc(a.Parameters, func(p sensitivity.Parameter) bool { return !never(p) }):
		return fmt.Sprintf("Nothing can be said of what decides %s: there is no finite one, neither with all assumptions as the file has them nor with any of them moved by itself. Ask for another figure with --metric, such as pods_never_started.", a.Metric)
	case first.Effect == nil:
		return fmt.Sprintf("%s decides: at an end of its range there is no finite %s.", first.Name, a.Metric)
	case *first.Effect == 0:
		return fmt.Sprintf("No assumption moves %s by itself.", a.Metric)
	}
	text := fmt.Sprintf("%s decides most: over its range %s goes from %s to %s, and is %s with all as the file has them.",
		first.Name, a.Metric, measured(a, first.Low), measured(a, first.High), measured(a, a.Usual))
	var idle []string
	for i := range a.Parameters {
		p := &a.Parameters[i]
		if p.Effect != nil && *p.Effect == 0 && (p.MeanEffect == nil || *p.MeanEffect == 0) {
			idle = append(idle, p.Name)
		}
	}
	if len(idle) > 0 {
		text += fmt.Sprintf(" It does not depend on %s.", words.And(idle))
	}
	return text
}

// measured is a number of the metric with its unit.
func measured(a *sensitivity.Analysis, v *float64) string {
	switch {
	case v == nil:
		return "-"
	case a.Unit == "seconds":
		return digits(*v) + " s"
	}
	return digits(*v)
}

// digits is a number to three digits, or to the last one before the point.
func digits(v float64) string {
	if math.Abs(v) >= 100 {
		return words.Apart(strconv.FormatFloat(v, 'f', 0, 64))
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

func movedAssumptions(p *printer, a *sensitivity.Analysis, wide bool) {
	p.heading("ASSUMPTIONS", a.Metric+", each moved alone; what decides most comes first")
	g := grid{columns: []column{{head: "  NAME", left: true}, {head: "FROM"}, {head: "TO"}, {head: "AT LOW"}, {head: "AT HIGH"}, {head: "CHANGE"}}}
	if a.Trajectories > 0 {
		g.columns = append(g.columns, column{group: "WITH ALL OTHERS", head: "MEAN"}, column{group: "WITH ALL OTHERS", head: "SPREAD"})
	}
	for i := range a.Parameters {
		x := &a.Parameters[i]
		row := []cell{text("  " + x.Name), text(x.From), text(x.To), text(measured(a, x.Low)), text(measured(a, x.High)), text(change(a, x.Effect))}
		if a.Trajectories > 0 {
			row = append(row, text(measured(a, x.MeanEffect)), text(measured(a, x.Spread)))
		}
		g.add(row...)
	}
	g.write(p)
	if wide {
		for i := range a.Parameters {
			x := &a.Parameters[i]
			p.paragraph("  "+x.Name+": ", "    ", x.Means+". "+x.Source)
		}
	}
}

// change is a difference with its sign.
func change(a *sensitivity.Analysis, v *float64) string {
	if v != nil && *v > 0 {
		return "+" + measured(a, v)
	}
	return measured(a, v)
}

func conclusions(p *printer, a *sensitivity.Analysis) {
	p.heading("CONCLUSIONS", "what the file as it is shows, wherever the assumptions are moved")
	for i := range a.Conclusions {
		c := &a.Conclusions[i]
		switch {
		case c.Survives:
			p.paragraph("  ✓ ", "    ", c.Text+fmt.Sprintf(": at all %d points", c.Runs))
		case len(c.BrokenBy) == 0:
			p.paragraph("  ✗ ", "    ", c.Text+fmt.Sprintf(": not at %d of %d points, where several assumptions differ at once", c.Broken, c.Runs))
		default:
			p.paragraph("  ✗ ", "    ", c.Text+fmt.Sprintf(": not at %d of %d points; %s alone can change that", c.Broken, c.Runs, words.Or(c.BrokenBy)))
		}
	}
	if len(a.Conclusions) == 0 {
		p.line("  none: the file has no threshold, and one variant")
	}
}
