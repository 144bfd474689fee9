package reports

import (
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/sim/result"
)

// TableOptions of a text report.
type TableOptions struct {
	Wide  bool // more rows and columns: means, the end of the run, each replication
	Color bool // ANSI colours; they repeat what the words say
	Width int  // columns to wrap at; DefaultWidth unless given
}

// DefaultWidth of a text report, in columns.
const DefaultWidth = 100

// Table writes the result as text for people: what was probably not meant,
// what was asked for and whether it holds, how pods started and what held them
// up, who had the addresses, which failure modes that adds up to, what the API
// was asked, and last the fingerprint.
func Table(w io.Writer, r *result.Result, opts TableOptions) error {
	p := newPrinter(w, opts)
	title(p, r)
	surroundings(p, r)
	warnings(p, r)
	thresholds(p, r)
	expectations(p, r)
	podStart(p, r, opts.Wide)
	rollouts(p, r)
	podSets(p, r, opts.Wide)
	phases(p, r, opts.Wide)
	addresses(p, r, opts.Wide)
	foundIn(p, r, opts.Wide)
	api(p, r, opts.Wide)
	if opts.Wide {
		replications(p, r)
	}
	p.line()
	p.line("fingerprint ", r.Fingerprint)
	return p.out.Flush()
}

// title says what was run.
func title(p *printer, r *result.Result) {
	parts := []string{
		words.Plural(len(r.Variants), "variant"),
		words.Plural(r.Replications, "replication"),
		"seed " + strconv.FormatUint(r.Seed, 10),
		moment(r.DurationSeconds) + " of virtual time",
	}
	if r.Version != "" {
		parts = append(parts, "ipamsim "+r.Version)
	}
	p.titled(bold, r.Scenario.Name, plain, strings.Join(parts, ", "))

	widest := 0
	for _, v := range r.Variants {
		if v.Description != "" {
			widest = max(widest, len([]rune(v.Name)))
		}
	}
	for _, v := range r.Variants {
		if v.Description != "" {
			pad := strings.Repeat(" ", widest-len([]rune(v.Name)))
			p.paragraph("  "+v.Name+pad+"  ", strings.Repeat(" ", widest+4), v.Description)
		}
	}
	otherReleases(p, r)
}

// otherReleases says which node groups run another release of the VPC CNI than
// the default one.
func otherReleases(p *printer, r *result.Result) {
	for _, v := range r.Variants {
		var groups []string
		for _, name := range slices.Sorted(maps.Keys(v.CNIVersions)) {
			if version := v.CNIVersions[name]; version != result.DefaultCNIVersion {
				groups = append(groups, name+" with VPC CNI "+version)
			}
		}
		if len(groups) > 0 {
			p.paragraph("  "+v.Name+": ", "    ", strings.Join(groups, ", "))
		}
	}
}

// warnings shows what a scenario says that was probably not meant, each once.
func warnings(p *printer, r *result.Result) {
	var said []string
	for _, v := range r.Variants {
		for _, w := range v.Warnings {
			if !slices.Contains(said, w) {
				said = append(said, w)
			}
		}
	}
	if len(said) == 0 {
		return
	}
	p.heading("WARNINGS", "")
	for _, w := range said {
		p.paragraph("- ", "  ", w+inVariants(r, w))
	}
}

// inVariants says which variants have a warning, if not all.
func inVariants(r *result.Result, warning string) string {
	var names []string
	for _, v := range r.Variants {
		if slices.Contains(v.Warnings, warning) {
			names = append(names, v.Name)
		}
	}
	if len(names) == len(r.Variants) {
		return ""
	}
	return " (in " + words.And(names) + ")"
}

// thresholds shows each condition with its actual value, in the order of the
// variants and of the file.
func thresholds(p *printer, r *result.Result) {
	conditions(p, r, "THRESHOLDS", "✓ ok", func(v *result.Variant) []result.Threshold { return v.Thresholds }, func(t *result.Threshold) cell {
		switch {
		case t.Unjudged:
			return cell{"? stopped", warning}
		case t.Failed():
			return cell{"✗ FAIL", bad}
		}
		return cell{"! warn", warning}
	}, thresholdNote)
	whys(p, r)
}

// thresholdNote says how many hold, and of the others how many fail and how many
// warn.
func thresholdNote(list []*result.Threshold) string {
	failed, warned, unjudged := 0, 0, 0
	for _, t := range list {
		switch {
		case t.Unjudged:
			unjudged++
		case t.Failed():
			failed++
		case t.Warned():
			warned++
		}
	}
	var parts []string
	if failed > 0 {
		parts = append(parts, words.Count(failed)+" of "+words.Count(len(list))+" failed")
	}
	if warned > 0 {
		parts = append(parts, words.Count(warned)+" of "+words.Count(len(list))+" warned")
	}
	if unjudged > 0 {
		parts = append(parts, words.Count(unjudged)+" of "+words.Count(len(list))+" not judged")
	}
	switch {
	case len(parts) > 0:
		return strings.Join(parts, ", ")
	case len(list) == 1:
		return "holds"
	case len(list) == 2:
		return "both hold"
	}
	return "all " + words.Count(len(list)) + " hold"
}

// expectations shows what the scenario is there to show.
func expectations(p *printer, r *result.Result) {
	conditions(p, r, "EXPECTED", "✓ reproduced", func(v *result.Variant) []result.Threshold { return v.Expectations }, func(*result.Threshold) cell {
		return cell{"✗ not so", warning}
	}, func(list []*result.Threshold) string {
		held := 0
		for _, t := range list {
			if t.OK {
				held++
			}
		}
		return words.Count(held) + " of " + words.Count(len(list)) + " reproduced"
	})
}

// conditions are those of each variant, with the verdict on each: yes where one
// holds.
func conditions(p *printer, r *result.Result, title, yes string, of func(*result.Variant) []result.Threshold, no func(*result.Threshold) cell, note func([]*result.Threshold) string) {
	var all []*result.Threshold
	g := grid{columns: []column{{left: true}, {head: "VARIANT", left: true}, {head: "METRIC", left: true},
		{head: "CONDITION", left: true}, {head: "ACTUAL"}}}
	if len(r.Variants) == 1 {
		g.columns[1].head = "" // nothing to tell apart
	}
	for i := range r.Variants {
		v := &r.Variants[i]
		for i := range of(v) {
			t := &of(v)[i]
			all = append(all, t)
			verdict, s := cell{yes, good}, plain
			if !t.OK {
				verdict = no(t)
				s = verdict.style
			}
			name := v.Name
			if len(r.Variants) == 1 {
				name = ""
			}
			g.add(verdict, text(name), text(t.Metric), text(t.Condition()), cell{Actual(*t), s})
		}
	}
	if len(all) == 0 {
		return
	}
	p.heading(title, note(all))
	g.dropEmptyColumns()
	if g.width() > p.width {
		g.inTwoLines(len(g.columns) - 2)
	}
	g.write(p)
}

// inTwoLines puts each row's cells from a column on below the others.
func (g *grid) inTwoLines(from int) {
	var rows [][]cell
	for _, row := range g.rows {
		below := cell{"  " + row[from].text + "   " + row[from+1].text, row[from+1].style}
		second := make([]cell, from)
		second[from-1] = below
		rows = append(rows, row[:from:from], second)
	}
	g.rows = rows
	g.columns = g.columns[:from:from]
	g.columns[from-1].head += ", CONDITION AND ACTUAL"
}

// Actual is the value of a threshold's metric with its unit.
func Actual(t result.Threshold) string {
	switch {
	case t.Never:
		return none
	case t.Value == nil:
		return "never observed"
	}
	v := *t.Value
	places := 3 // fine enough to see on which side of a bound it lies
	if v == float64(int64(v)) && t.Unit != "s" {
		places = 0
	}
	s := decimal(v, places)
	if t.Unit != "" {
		s += " " + t.Unit
	}
	return s
}

// sideBySide is a grid with a column for each variant; group holds the heads
// under a variant's name, or is empty for one column without.
func sideBySide(r *result.Result, label string, group ...string) *grid {
	g := &grid{fold: true, named: true, columns: []column{{head: label, left: true}}}
	for _, v := range r.Variants {
		if len(group) == 0 {
			g.columns = append(g.columns, column{head: v.Name})
		}
		for _, head := range group {
			g.columns = append(g.columns, column{group: v.Name, head: head})
		}
	}
	return g
}

// dropEmptyColumns removes columns in which no row has anything and that have
// no head.
func (g *grid) dropEmptyColumns() {
	for i := len(g.columns) - 1; i >= 0; i-- {
		used := g.columns[i].head != ""
		for _, row := range g.rows {
			used = used || (i < len(row) && row[i].text != "")
		}
		if !used {
			g.dropColumn(i)
		}
	}
}

func (g *grid) dropColumn(i int) {
	g.columns = append(g.columns[:i:i], g.columns[i+1:]...)
	for j, row := range g.rows {
		if i < len(row) {
			g.rows[j] = append(row[:i:i], row[i+1:]...)
		}
	}
}
