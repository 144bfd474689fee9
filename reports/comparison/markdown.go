package comparison

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/reports"
	"ipamsim/sim/compare"
)

// marker begins a comment, so that the next one can take its place: a comment is
// looked for by it. It is followed by the scenario's name.
const marker = "<!-- ipamsim compare "

// rowsShown is how many metrics a comment has room for: GitHub takes 65,536
// characters.
const rowsShown = 100

// Markdown writes a comparison as a comment on a pull request: the verdict, the
// metrics that differ, and below, folded, what is compared and how.
func Markdown(w io.Writer, c *compare.Comparison) error {
	m := markdown{bufio.NewWriter(w)}
	m.line(marker + strings.ReplaceAll(c.Scenario.Name, "--", "- -") + " -->")
	m.whole(c)
	return m.Flush()
}

// CheckMarkdown writes scenarios that were compared with their baselines as one
// comment.
func CheckMarkdown(w io.Writer, c *compare.Check) error {
	m := markdown{bufio.NewWriter(w)}
	m.line(checkMarker)
	sign := "✅"
	if c.Regressions > 0 || len(c.NotCompared) > 0 {
		sign = "❌"
	}
	m.line(sign + " " + escape(reports.CheckVerdict(c)))
	m.line("")
	for _, n := range c.NotCompared {
		m.line("- ❌ `" + cell(n.Name) + "` was not compared: " + escape(n.Why))
	}
	for _, each := range c.Comparisons {
		if each.Method.Tested == 0 {
			m.line("- " + verdictLine(each))
			continue
		}
		m.line("")
		m.whole(each)
	}
	return m.Flush()
}

// checkMarker is marker of a comment about baselines.
const checkMarker = "<!-- ipamsim baseline -->"

// verdictLine is the verdict of one comparison.
func verdictLine(c *compare.Comparison) string {
	sign := "✅"
	if c.Regressions > 0 {
		sign = "❌"
	}
	return sign + " **" + escape(c.Scenario.Name) + "**: " + escape(reports.ComparisonVerdict(c))
}

// whole is one comparison.
func (m *markdown) whole(c *compare.Comparison) {
	m.line(verdictLine(c))
	m.line("")
	m.metrics(c)
	for i := range c.Variants {
		m.pair(c, &c.Variants[i])
	}
	m.how(c)
}

type markdown struct{ *bufio.Writer }

func (m *markdown) line(text string) { m.WriteString(text + "\n") }

// metrics that differ.
func (m *markdown) metrics(c *compare.Comparison) {
	rows, left := 0, 0
	var like []string
	for i := range c.Metrics {
		x := &c.Metrics[i]
		if x.Verdict == compare.NoChange || x.Verdict == compare.Small || rows == rowsShown {
			left++
			continue
		}
		if reports.LikeOthers(c, x) {
			like = append(like, x.Name)
			continue
		}
		if rows++; rows == 1 {
			m.line("| Metric | Variant | Old | New | Difference | 95 % interval | Change | p | n | |")
			m.line("|---|---|---:|---:|---:|---|---:|---:|---:|---|")
		}
		m.line("| " + strings.Join([]string{"`" + cell(x.Name) + "`", escape(x.Variant), reports.FigureText(x.Old, x.Unit), reports.FigureText(x.New, x.Unit), reports.DeltaText(x),
			reports.IntervalText(x), reports.ChangeText(x), reports.PText(x.P), fmt.Sprint(x.N), verdict(x.Verdict)}, " | ") + " |")
	}
	if len(like) > 0 {
		m.line("")
		m.line("And " + escape(reports.LikeText(like)) + ".")
	}
	if left > 0 {
		m.line("")
		m.line(words.Plural(left, "metric") + " without a difference, or with one that chance explains or that is too small to count.")
	}
	m.line("")
}

func verdict(v compare.Verdict) string {
	switch v {
	case compare.Regression:
		return "❌ " + string(v)
	case compare.Improvement:
		return "✅ " + string(v)
	}
	return string(v)
}

// pair says what differs between two variants besides their figures, what has broken
// unfolded.
func (m *markdown) pair(c *compare.Comparison, v *compare.Pair) {
	name := ""
	if len(c.Variants) > 1 {
		name = escape(v.Name()) + ": "
	}
	for _, t := range v.Broken {
		m.line("- ❌ " + name + "threshold `" + cell(t) + "` held and fails")
	}
	for _, f := range v.Appeared {
		m.line("- ⚠️ " + name + "new finding, " + string(f.Mode) + ": " + escape(f.Summary))
	}
	for _, t := range v.Mended {
		m.line("- ✅ " + name + "threshold `" + cell(t) + "` failed and holds")
	}
	for _, f := range v.Gone {
		m.line("- ✅ " + name + "no longer found, " + string(f.Mode) + ": " + escape(f.Summary))
	}
	if len(v.Settings) == 0 {
		return
	}
	m.line("")
	m.line("<details><summary>" + name + words.Plural(len(v.Settings), "setting") + " changed</summary>")
	m.line("")
	m.line("| Setting | Old | New |")
	m.line("|---|---|---|")
	for i, s := range v.Settings {
		if i == rowsShown {
			m.line(fmt.Sprintf("| and %d more | | |", len(v.Settings)-i))
			break
		}
		m.line("| `" + cell(s.Path) + "` | " + escape(reports.SettingValue(s.Old)) + " | " + escape(reports.SettingValue(s.New)) + " |")
	}
	m.line("")
	m.line("</details>")
}

// how the two were compared.
func (m *markdown) how(c *compare.Comparison) {
	m.line("")
	m.line("<details><summary>How this was compared</summary>")
	m.line("")
	m.line(fmt.Sprintf("- old: `%s`, new: `%s`; %s", cell(c.Old.Name), cell(c.New.Name), escape(reports.ComparisonFacts(c))))
	for _, a := range c.Allowed {
		m.line(fmt.Sprintf("- not the same %s, %s and %s: %s", a.Kind, escape(a.Old), escape(a.New), a.Means))
	}
	for _, note := range reports.ComparisonNotes(c) {
		m.line("- " + escape(note))
	}
	m.line("")
	m.line("</details>")
}

// escape takes from a text what Markdown and HTML would take for theirs.
func escape(text string) string {
	var b strings.Builder
	for _, r := range strings.Join(strings.Fields(text), " ") {
		switch {
		case r == '<':
			b.WriteString("&lt;")
			continue
		case r == '&':
			b.WriteString("&amp;")
			continue
		case r == '@':
			b.WriteString("@<!-- -->") // names nobody
			continue
		case strings.ContainsRune("\\`*_[]|~#", r):
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// cell is a text between backquotes in a table.
func cell(text string) string {
	return strings.NewReplacer("`", "'", "|", `\|`, "\n", " ").Replace(text)
}
