package html

import (
	"fmt"
	"html/template"
	"math"
	"strconv"

	"ipamsim/internal/words"
	"ipamsim/reports"
	"ipamsim/reports/chart"
	"ipamsim/reports/page"
	"ipamsim/sim/compare"
)

// differences are the metrics that differ, each with its replications.
type differences struct {
	Caption, Legend string
	Variants        bool // there are several, and each row says of which it is
	Rows            []difference
	Left            int // metrics that are not drawn
}

// difference is one of them.
type difference struct {
	Name, Variant, Old, New, Delta, Interval, P, Verdict string
	Tone                                                 page.Tone
	SVG                                                  template.HTML
}

// differencesMost is how many metrics are drawn, what matters first.
const differencesMost = 40

// tonesOfVerdicts is how they stand out.
var tonesOfVerdicts = map[compare.Verdict]page.Tone{compare.Regression: page.Bad, compare.Improvement: page.Good, compare.Changed: page.Warning}

// differencesOf are those of a comparison that are more than chance and more than
// little; nil without any.
func differencesOf(c *compare.Comparison) *differences {
	made := &differences{Caption: "Metrics that differ, replication by replication: " + c.Scenario.Name, Variants: len(c.Variants) > 1,
		Legend: "Each dot is the difference of one pair of replications in the same random world, the bar the 95 % interval of the median difference, the line across it the median; the upright line is no difference. Each metric has a scale of its own, whose ends are written at it."}
	if c.Method.Test == compare.RankSum {
		made.Legend = "Each dot is a replication: of the old one above, of the new one below. The bar is the 95 % interval of the median difference, counted from the old median, which is the upright line; the line across it is the median difference. Each metric has a scale of its own, whose ends are written at it."
	}
	for i := range c.Metrics {
		m := &c.Metrics[i]
		if m.Verdict == compare.NoChange || m.Verdict == compare.Small || reports.LikeOthers(c, m) {
			continue
		}
		if len(made.Rows) == differencesMost {
			made.Left++
			continue
		}
		made.Rows = append(made.Rows, difference{Name: m.Name, Variant: m.Variant, Old: reports.FigureText(m.Old, m.Unit), New: reports.FigureText(m.New, m.Unit), Delta: reports.DeltaText(m),
			Interval: reports.IntervalText(m), P: reports.PText(m.P), Verdict: string(m.Verdict), Tone: tonesOfVerdicts[m.Verdict], SVG: spread(m, c.Method.Test == compare.SignedRank)})
	}
	if made.Rows == nil {
		return nil
	}
	return made
}

// Measures of a drawing of differences.
const (
	spreadWidth  = 260
	spreadHeight = 34
	spreadEnds   = 12 // left and right of the scale
	spreadBase   = 20 // above the numbers at its ends
)

// spread draws the differences of a metric, or the replications where nothing pairs
// them.
func spread(m *compare.Metric, paired bool) template.HTML {
	var rows [][]compare.Value
	if paired {
		rows = [][]compare.Value{pairsOf(m)}
	} else {
		rows = [][]compare.Value{shifted(m.OldValues, m.Old), shifted(m.NewValues, m.Old)}
	}
	s := spanOf(rows, m.Low, m.High, m.Delta)
	d := &drawing{}
	d.f(`<svg xmlns="http://www.w3.org/2000/svg" aria-hidden="true" focusable="false" viewBox="0 0 %d %d" width="%d" height="%d" fill="currentColor" font-family="system-ui, sans-serif" font-size="9">`, spreadWidth, spreadHeight, spreadWidth, spreadHeight)
	d.f(`<path d="M%s 1v%d" stroke="currentColor" stroke-opacity=".6"/>`, number(s.x(0)), spreadBase)
	if m.Low.Observed() && m.High.Observed() {
		low, high := s.x(float64(m.Low)), s.x(float64(m.High))
		d.f(`<path d="M%s 7h%sv8h%sz" fill="%s" fill-opacity=".45"/>`, number(low), number(max(1.5, high-low)), number(-max(1.5, high-low)), hex(chart.LineOf(0)))
	}
	d.f(`<path d="M%s 4v14" stroke="%s" stroke-width="2"/>`, number(s.x(float64(m.Delta))), hex(chart.LineOf(0)))
	for i, row := range rows {
		y := 11.
		if len(rows) > 1 {
			y = []float64{4, 18}[i]
		}
		for _, v := range row {
			if v.Observed() {
				d.f(`<circle cx="%s" cy="%s" r="2.2" fill-opacity=".65"/>`, number(s.x(float64(v))), number(y))
			}
		}
	}
	d.text(0, spreadHeight-2, "", "", s.name(s.low, m.Unit, s.beneath, "no longer never"))
	d.text(spreadWidth, spreadHeight-2, "end", "", s.name(s.high, m.Unit, s.above, "never"))
	d.f("</svg>")
	return template.HTML(d.String())
}

// pairsOf are the differences of pairs: those of which one never came to its end are
// infinite, and those of which none did are none.
func pairsOf(m *compare.Metric) (list []compare.Value) {
	for i := range min(len(m.OldValues), len(m.NewValues)) {
		old, new := m.OldValues[i], m.NewValues[i]
		switch {
		case !old.Observed() || !new.Observed():
		case old == new: // both may be infinite
			list = append(list, 0)
		default:
			list = append(list, new-old)
		}
	}
	return list
}

// shifted are values counted from another.
func shifted(list []compare.Value, from compare.Value) (out []compare.Value) {
	for _, v := range list {
		switch {
		case !v.Observed() || !from.Observed():
		case v == from:
			out = append(out, 0)
		default:
			out = append(out, v-from)
		}
	}
	return out
}

// span is the scale of one metric's differences. What is infinite is at its end.
type span struct {
	low, high      float64 // of what is finite, zero included
	beneath, above bool    // something is infinite on that side
}

// spanOf is one on which all have room.
func spanOf(rows [][]compare.Value, more ...compare.Value) (s span) {
	for _, row := range append(rows, more) {
		for _, v := range row {
			switch f := float64(v); {
			case !v.Observed():
			case math.IsInf(f, 1):
				s.above = true
			case math.IsInf(f, -1):
				s.beneath = true
			default:
				s.low, s.high = min(s.low, f), max(s.high, f)
			}
		}
	}
	if s.low == s.high && !s.above && !s.beneath {
		s.high = 1
	}
	return s
}

// x is the place of a value.
func (s span) x(v float64) float64 {
	left, right := float64(spreadEnds), float64(spreadWidth-spreadEnds)
	switch {
	case math.IsInf(v, 1):
		return right
	case math.IsInf(v, -1):
		return left
	}
	const apart = 30 // of what is infinite from what is not
	if s.above {
		right -= apart
	}
	if s.beneath {
		left += apart
	}
	if s.high == s.low {
		return map[bool]float64{true: left, false: right}[s.above]
	}
	return left + (right-left)*(v-s.low)/(s.high-s.low)
}

// name is what is written at an end of the scale: what is infinite has a word.
func (s span) name(v float64, unit string, infinite bool, word string) string {
	if infinite {
		return word
	}
	text := reports.FigureText(compare.Value(v), unit)
	if unit == "seconds" && math.Abs(v) < 0.1 {
		text = strconv.FormatFloat(v, 'g', 1, 64)
	}
	if v > 0 {
		text = "+" + text
	}
	if unit == "seconds" {
		text += " s"
	}
	return text
}

// differencesSection draws those of a comparison; without any there is none.
func differencesSection(c *compare.Comparison, id, of string) (s section, any bool) {
	found := differencesOf(c)
	if found == nil {
		return section{}, false
	}
	return section{ID: id, Title: "Replication by replication" + of, Note: words.Plural(len(found.Rows)+found.Left, "metric") + " that differ by more than chance and more than little", Level: 2, Blocks: []block{{Differences: found}}}, true
}

// ofComparison is a comparison's document: what differs, drawn, before the tables.
func ofComparison(c *compare.Comparison) *document {
	d := ofPage(reports.ComparisonPage(c), "comparison")
	if s, any := differencesSection(c, "differences", ""); any {
		d.insertBefore("Metrics", s)
	}
	return d
}

// ofCheck is that of several.
func ofCheck(c *compare.Check) *document {
	d := ofPage(reports.CheckPage(c), "comparison")
	for i, each := range c.Comparisons {
		if s, any := differencesSection(each, fmt.Sprintf("differences-%d", i+1), ": "+each.Scenario.Name); any {
			d.Sections = append(d.Sections, s)
		}
	}
	return d
}

// insertBefore puts a section before the one of a title, or at the end.
func (d *document) insertBefore(title string, s section) {
	for i := range d.Sections {
		if d.Sections[i].Title == title {
			d.Sections = append(d.Sections[:i], append([]section{s}, d.Sections[i:]...)...)
			return
		}
	}
	d.Sections = append(d.Sections, s)
}
