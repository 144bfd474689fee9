package reports

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/reports/page"
	"ipamsim/sim/compare"
)

// ComparisonTable writes a comparison as text for people: what is compared, the
// verdict, and the metrics that differ, what matters first.
func ComparisonTable(w io.Writer, c *compare.Comparison, opts TableOptions) error {
	p := newPrinter(w, opts)
	p.titled(bold, c.Scenario.Name, plain, ComparisonFacts(c))
	compared(p, c, opts.Wide)
	return p.out.Flush()
}

// ComparisonPage is what ComparisonTable says.
func ComparisonPage(c *compare.Comparison) *page.Page {
	return taken(func(p *printer) {
		p.titled(bold, c.Scenario.Name, plain, ComparisonFacts(c))
		compared(p, c, true)
	})
}

// compared is a comparison without its title.
func compared(p *printer, c *compare.Comparison, wide bool) {
	sides(p, c)
	p.line()
	mark, s := "✓ ", good
	if c.Regressions > 0 {
		mark, s = "✗ ", bad
	}
	if p.page != nil {
		p.paragraph(mark, "", ComparisonVerdict(c))
	} else {
		for _, line := range Wrap(ComparisonVerdict(c), p.width-len(mark)) {
			p.line(p.styled(s, mark+line))
			mark = "  "
		}
	}
	for i := range c.Variants {
		pairOf(p, c, &c.Variants[i])
	}
	metrics(p, c, wide)
	p.line()
	for _, note := range ComparisonNotes(c) {
		p.paragraph("", "", note)
	}
}

// ComparisonFacts are said beside the title.
func ComparisonFacts(c *compare.Comparison) string {
	worlds := "in the same random worlds, seed " + strconv.FormatUint(c.New.Seed, 10)
	if c.Method.Test == compare.RankSum {
		worlds = fmt.Sprintf("in other random worlds, seeds %d and %d", c.Old.Seed, c.New.Seed)
	}
	return words.Plural(c.Method.Replications, "replication") + " " + worlds
}

// ComparisonVerdict is the verdict in one sentence.
func ComparisonVerdict(c *compare.Comparison) string {
	counted := fmt.Sprintf("p < %g and a difference of at least %s", c.Method.Alpha, words.Share(c.Method.MinEffect))
	switch {
	case c.Regressions > 0 && c.Improvements > 0:
		return fmt.Sprintf("%s, %s: %s", words.Plural(c.Regressions, "regression"), words.Plural(c.Improvements, "improvement"), counted)
	case c.Regressions > 0:
		return fmt.Sprintf("%s: %s", words.Plural(c.Regressions, "regression"), counted)
	case c.Method.TooFew():
		return fmt.Sprintf("no regression can be told from chance: of %s no p is below %g; it takes %d", words.Plural(c.Method.Replications, "replication"), c.Method.Alpha, c.Method.Needed)
	case c.Improvements > 0:
		return fmt.Sprintf("no regression, %s: %s", words.Plural(c.Improvements, "improvement"), counted)
	case c.Method.Tested == 0:
		return "no regression: nothing differs"
	}
	return "no regression"
}

// sides say what the two are.
func sides(p *printer, c *compare.Comparison) {
	for _, each := range []struct {
		name string
		s    *compare.Side
	}{{"old", &c.Old}, {"new", &c.New}} {
		facts := []string{each.s.Name}
		if c.Old.Version != c.New.Version {
			facts = append(facts, "ipamsim "+each.s.Version)
		}
		if len(each.s.Overrides) > 0 {
			facts = append(facts, "--set "+strings.Join(each.s.Overrides, " --set "))
		}
		p.paragraph("  "+each.name+"  ", "       ", strings.Join(facts, ", "))
	}
	for _, m := range c.Allowed {
		p.paragraph("  ! ", "    ", fmt.Sprintf("not the same %s, %s and %s: %s", m.Kind, m.Old, m.New, m.Means))
	}
}

const sameHappened = "the same happened in all replications"

// pairOf says what differs between two variants besides their figures.
func pairOf(p *printer, c *compare.Comparison, v *compare.Pair) {
	if v.Identical && len(v.Settings) == 0 && len(v.Broken) == 0 {
		if len(c.Variants) > 1 {
			p.part("VARIANT", v.Name(), sameHappened)
		}
		return
	}
	note := ""
	if v.Identical {
		note = sameHappened
	}
	p.part("VARIANT", v.Name(), note)
	settingsOf(p, v)
	for _, t := range v.Broken {
		p.paragraph(p.mark(bad, "✗")+" ", "    ", "threshold "+t+" held in the old one and fails")
	}
	for _, t := range v.Mended {
		p.paragraph(p.mark(good, "✓")+" ", "    ", "threshold "+t+" failed in the old one and holds")
	}
	for _, f := range v.Appeared {
		p.paragraph(p.mark(warning, "!")+" ", "    ", "new finding, "+string(f.Mode)+": "+f.Summary)
	}
	for _, f := range v.Gone {
		p.paragraph(p.mark(good, "✓")+" ", "    ", "no longer found, "+string(f.Mode)+": "+f.Summary)
	}
}

// mark is a sign before a line.
func (p *printer) mark(s style, sign string) string { return "  " + p.styled(s, sign) }

// settingsShown is how many settings that differ a table has room for.
const settingsShown = 20

func settingsOf(p *printer, v *compare.Pair) {
	if len(v.Settings) == 0 {
		p.line("  no setting differs")
		return
	}
	g := grid{columns: []column{{head: "  SETTING", left: true}, {head: "OLD", left: true}, {head: "NEW", left: true}}}
	for _, s := range v.Settings[:min(settingsShown, len(v.Settings))] {
		g.add(text("  "+s.Path), text(SettingValue(s.Old)), text(SettingValue(s.New)))
	}
	g.write(p)
	if left := len(v.Settings) - settingsShown; left > 0 {
		p.line("  and ", words.Count(left), " more (-o json has all)")
	}
}

// settingMost is how many characters of a setting's value are shown.
const settingMost = 40

// SettingValue is the value of a setting as it is shown.
func SettingValue(value []byte) string {
	s := strings.Trim(string(value), `"`)
	if s == "null" {
		return "–"
	}
	if runes := []rune(s); len(runes) > settingMost {
		return string(runes[:settingMost-1]) + "…"
	}
	return s
}

// metrics is the table of figures.
func metrics(p *printer, c *compare.Comparison, wide bool) {
	g := grid{columns: []column{{head: "METRIC", left: true}, {head: "VARIANT", left: true}, {head: "OLD"}, {head: "NEW"}, {head: "DIFFERENCE"}, {head: "95 % INTERVAL", left: true}, {head: "CHANGE"},
		{head: "P"}, {head: "N"}, {head: "VERDICT", left: true}}}
	left := 0
	var like []string
	for i := range c.Metrics {
		m := &c.Metrics[i]
		switch {
		case !wide && (m.Verdict == compare.NoChange || m.Verdict == compare.Small):
			left++
			continue
		case !wide && LikeOthers(c, m):
			like = append(like, m.Name)
			continue
		}
		g.add(text(m.Name), text(m.Variant), text(figureText(m.Old, m.Unit)), text(figureText(m.New, m.Unit)), text(DeltaText(m)), text(IntervalText(m)),
			text(ChangeText(m)), text(PText(m.P)), text(strconv.Itoa(m.N)), cell{string(m.Verdict), verdictStyle(m.Verdict)})
	}
	if len(c.Variants) < 2 {
		g.dropColumn(1)
	}
	if len(g.rows) > 0 {
		p.heading("METRICS", "medians of the replications; difference: median and its 95 % interval")
		g.write(p)
	}
	if len(like) > 0 {
		p.paragraph("and ", "  ", LikeText(like)+" (-o wide shows them)")
	}
	if left > 0 {
		p.line()
		p.paragraph("~ ", "  ", words.Plural(left, "metric")+" without a difference, or with one that chance explains or that is too small to count (-o wide shows them)")
	}
}

// LikeOthers says whether a metric is one subnet's, and came to what all of them did,
// or is of a workload or a node group to which all of the difference is due: that is
// told once.
func LikeOthers(c *compare.Comparison, m *compare.Metric) bool {
	name, label, _ := partOf(m.Name)
	return name != m.Name && label != "action" && slices.ContainsFunc(c.Metrics, func(x compare.Metric) bool {
		same := label == "subnet" || x.Delta == m.Delta && x.Low == m.Low && x.High == m.High
		return x.Name == name && x.Variant == m.Variant && x.Verdict == m.Verdict && same
	})
}

// partOf is a metric without its selector, the selector's label and what it names.
func partOf(metric string) (name, label, of string) {
	name, rest, _ := strings.Cut(metric, "{")
	label, of, _ = strings.Cut(strings.TrimSuffix(rest, "}"), ":")
	return name, label, of
}

// LikeText is how many metrics came out like others, and of what they are.
func LikeText(metrics []string) string {
	var parts []string
	for _, m := range metrics {
		_, label, of := partOf(m)
		part := map[string]string{"subnet": "of single subnets", "workload": "of workload " + of, "nodegroup": "of node group " + of}[label]
		if !slices.Contains(parts, part) {
			parts = append(parts, part)
		}
	}
	return words.Plural(len(metrics), "metric") + " " + words.And(parts) + " that came out as those of all"
}

func verdictStyle(v compare.Verdict) style {
	switch v {
	case compare.Regression:
		return bad
	case compare.Improvement:
		return good
	case compare.Changed:
		return warning
	}
	return plain
}

// figureText is a figure of a unit: of seconds two decimals, of things none where
// it is whole.
func figureText(v compare.Value, unit string) string {
	f := float64(v)
	switch {
	case !v.Observed():
		return "–"
	case math.IsInf(f, 1):
		return "never"
	case unit == "seconds":
		return decimal(f, 2)
	case f == math.Trunc(f):
		return decimal(f, 0)
	}
	return decimal(f, 1)
}

// FigureText is a metric's value as it is shown.
func FigureText(v compare.Value, unit string) string { return figureText(v, unit) }

// signedFigure is a difference: with a sign, unless it is zero.
func signedFigure(v compare.Value, unit string) string {
	if v.Infinite() {
		return map[bool]string{true: "+∞", false: "-∞"}[v > 0]
	}
	s := figureText(v, unit)
	if v > 0 {
		return "+" + s
	}
	return s
}

// DeltaText is the median difference of a metric.
func DeltaText(m *compare.Metric) string { return signedFigure(m.Delta, m.Unit) }

// IntervalText is the interval of a metric's difference.
func IntervalText(m *compare.Metric) string {
	if !m.Low.Observed() {
		return "–"
	}
	return signedFigure(m.Low, m.Unit) + " to " + signedFigure(m.High, m.Unit)
}

// manifold is the change in percent from which on it is said how many times as much
// there is.
const manifold = 1000

// ChangeText is a metric's change in percent, or how many times as much there is.
func ChangeText(m *compare.Metric) string {
	switch share := float64(m.Change) * 100; {
	case m.Delta == 0:
		return "0 %"
	case !m.Change.Observed() && m.Old == 0:
		return "from 0"
	case !m.Change.Observed() || m.Change.Infinite():
		return "–"
	case share >= manifold:
		return "×" + decimal(1+share/100, 0)
	case math.Abs(share) < 10:
		return fmt.Sprintf("%+.1f %%", share)
	default:
		return fmt.Sprintf("%+.0f %%", share)
	}
}

// PText is a p-value: what is below a thousandth is said to be.
func PText(p float64) string {
	if p < 0.001 {
		return "<0.001"
	}
	return strconv.FormatFloat(p, 'f', 3, 64)
}

// ComparisonNotes say how chance was told from difference, and what was not
// compared.
func ComparisonNotes(c *compare.Comparison) []string {
	m := &c.Method
	test := fmt.Sprintf("p: Wilcoxon's signed-rank test of the differences of %s in the same random worlds, two-sided, exact", words.Plural(m.Replications, "pair"))
	if m.Test == compare.RankSum {
		test = fmt.Sprintf("p: Mann and Whitney's test, two-sided, of %s and %s", words.Plural(c.Old.Replications, "replication"), words.Count(c.New.Replications))
	}
	notes := []string{test + "; with so many the least is " + leastText(m.LeastP) + "."}
	many := fmt.Sprintf("%s differed in some replication, %d with p < %g; were it chance alone, %s would.", words.Plural(m.Tested, "metric"), m.Significant, m.Alpha, decimal(m.ByChance, 1))
	if m.Correction == compare.Holm {
		many = fmt.Sprintf("p is corrected for the %s that differed in some replication (Holm): verdicts go by that, %d with p < %g.", words.Plural(m.Tested, "metric"), m.Significant, m.Alpha)
	} else if m.Tested > 0 {
		many += " There is no correction for that; --correct holm has one."
	}
	if m.Tested > 0 {
		notes = append(notes, many)
	}
	if n := len(c.NotCompared); n > 0 {
		first := c.NotCompared[0]
		notes = append(notes, fmt.Sprintf("Not compared: %s, such as %s: %s.", words.Plural(n, "metric"), first.Name, first.Why))
	}
	return notes
}

func leastText(p float64) string {
	if p < 0.0001 {
		return "below 0.0001"
	}
	return strconv.FormatFloat(p, 'g', 3, 64)
}
