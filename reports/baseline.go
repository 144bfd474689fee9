package reports

import (
	"fmt"
	"io"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/reports/page"
	"ipamsim/sim/compare"
)

// BaselineChange is what becomes of one baseline.
type BaselineChange struct {
	Path   string
	New    *compare.Baseline
	Old    *compare.Baseline   // nil where there is none
	Change *compare.Comparison // of the old one with the new one; nil where there is nothing to compare
	Same   bool                // nothing differs but, perhaps, the program's version
}

// Stays says that the file is as it is to be.
func (b *BaselineChange) Stays() bool { return b.Same && b.Old.Version == b.New.Version }

// changesShown is how many metrics of a baseline that changes are listed.
const changesShown = 10

// BaselineTable says what becomes of baselines, and what changes in each.
func BaselineTable(w io.Writer, list []BaselineChange, dry bool, opts TableOptions) error {
	p := newPrinter(w, opts)
	added, changed, same := 0, 0, 0
	for i := range list {
		b := &list[i]
		switch {
		case b.Stays():
			same++
			p.line("= ", b.Path, "  unchanged")
		case b.Old == nil:
			added++
			p.line(p.styled(good, "+ "+b.Path), "  new: ", words.Plural(len(b.New.Variants), "variant"), ", ", words.Plural(b.New.Replications, "replication"), ", seed ", fmt.Sprint(b.New.Seed))
		default:
			changed++
			baselineChange(p, b)
		}
	}
	p.line()
	summary := fmt.Sprintf("%d to add, %d to change, %d unchanged", added, changed, same)
	switch {
	case dry && added+changed > 0:
		summary += "; nothing was written, as --dry-run says"
	case added+changed > 0:
		summary = fmt.Sprintf("%d added, %d changed, %d unchanged", added, changed, same)
	}
	p.line(summary)
	return p.out.Flush()
}

// baselineChange lists what changes in one baseline.
func baselineChange(p *printer, b *BaselineChange) {
	p.line(p.styled(warning, "~ "+b.Path))
	if b.Old.Version != b.New.Version {
		p.line("    ipamsim: ", b.Old.Version, " → ", b.New.Version)
	}
	c := b.Change
	if b.Same {
		p.line("    nothing else")
		return
	}
	if c == nil {
		p.line("    it has no variant that the scenario has")
		return
	}
	for _, m := range c.Allowed {
		if m.Kind != compare.OfVersion {
			p.paragraph("    ", "    ", fmt.Sprintf("%s: %s → %s", m.Kind, m.Old, m.New))
		}
	}
	for i := range c.Variants {
		for _, s := range c.Variants[i].Settings[:min(changesShown, len(c.Variants[i].Settings))] {
			p.line("    ", c.Variants[i].Name(), ": ", s.Path, ": ", SettingValue(s.Old), " → ", SettingValue(s.New))
		}
	}
	g := grid{columns: []column{{left: true}, {left: true}, {}, {left: true}, {}, {left: true}}}
	left := 0
	for i := range c.Metrics {
		m := &c.Metrics[i]
		if m.Delta == 0 {
			continue
		}
		if len(g.rows) == changesShown {
			left++
			continue
		}
		g.add(text("    "+m.Name), text(m.Variant), text(figureText(m.Old, m.Unit)), text("→ "+figureText(m.New, m.Unit)), text(ChangeText(m)), cell{strings.TrimPrefix(string(m.Verdict), "~"), verdictStyle(m.Verdict)})
	}
	if len(g.rows) > 0 {
		g.write(p)
	}
	if left > 0 {
		p.line("    and ", words.Plural(left, "metric"), " more")
	}
}

// CheckTable writes scenarios that were compared with their baselines as text: those
// with regressions first, what did not differ in a line.
func CheckTable(w io.Writer, c *compare.Check, opts TableOptions) error {
	p := newPrinter(w, opts)
	short := false
	for i, each := range c.Comparisons {
		before := short
		short = each.Method.Tested == 0 && !opts.Wide
		if i > 0 && !(before && short) {
			p.line()
		}
		if short {
			p.line(p.styled(good, "✓ "), each.Scenario.Name, "  ", ComparisonVerdict(each), " (", each.New.Name, ")")
			continue
		}
		p.titled(bold, each.Scenario.Name, plain, ComparisonFacts(each))
		compared(p, each, opts.Wide)
	}
	if len(c.NotCompared) > 0 && len(c.Comparisons) > 0 {
		p.line()
	}
	unchecked(p, c)
	p.line()
	p.line(CheckVerdict(c))
	return p.out.Flush()
}

func unchecked(p *printer, c *compare.Check) {
	for _, n := range c.NotCompared {
		p.paragraph(p.styled(bad, "✗ "), "  ", n.Name+": not compared: "+n.Why)
	}
}

// CheckPage is what CheckTable says.
func CheckPage(c *compare.Check) *page.Page {
	return taken(func(p *printer) {
		p.titled(bold, "Scenarios and their baselines", plain, CheckVerdict(c))
		unchecked(p, c)
		for _, each := range c.Comparisons {
			p.part("SCENARIO", each.Scenario.Name, ComparisonFacts(each))
			compared(p, each, true)
		}
	})
}

// CheckVerdict is the verdict of scenarios that were compared with their baselines.
func CheckVerdict(c *compare.Check) string {
	bad := 0
	for _, each := range c.Comparisons {
		bad += min(each.Regressions, 1)
	}
	s := words.Plural(len(c.Comparisons), "scenario") + " compared with " + map[bool]string{true: "its baseline", false: "their baselines"}[len(c.Comparisons) == 1]
	if bad > 0 {
		s += fmt.Sprintf(": %s in %d of them", words.Plural(c.Regressions, "regression"), bad)
	} else if len(c.Comparisons) > 0 {
		s += ": no regression"
	}
	if n := len(c.NotCompared); n > 0 {
		s += fmt.Sprintf("; %d not compared", n)
	}
	return s
}
