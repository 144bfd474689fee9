package html

import (
	"fmt"
	"slices"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/reports"
	"ipamsim/reports/chart"
	"ipamsim/reports/page"
	"ipamsim/sim/result"
	"ipamsim/sim/suite"
)

// Bounds of a suite's page.
const (
	drawnMost  = 24  // files that have pictures: those that fail first
	casesMost  = 400 // rows of cases, those that hold counted
	blamedMost = 200 // cases whose pods are named
	filesShown = 300 // that have a part of their own
)

// suiteSizes are how fine the pictures of a file among others are.
var suiteSizes = chart.Sizes{Points: 60, Panels: panelsLeast}

// ofSuite is the document of several scenario files.
func ofSuite(s *suite.Suite) *document {
	d := &document{Title: words.Plural(len(s.Files), "scenario file"), Kind: "test", Facts: s.Tally()}
	if s.Version != "" {
		d.Facts += "; ipamsim " + s.Version
	}
	for _, o := range s.Overrides {
		d.About = append(d.About, "--set "+o)
	}
	b := suiteBuilder{suite: s, drawn: drawnMost, rows: casesMost, blame: blamedMost}
	wrong, fine := section{ID: "wrong", Title: "What does not hold", Level: 2}, section{ID: "fine", Title: "What holds", Level: 2}
	var list []*suite.File
	for _, f := range s.WorstFirst() {
		list = append(list, f)
		if len(list) > filesShown {
			continue
		}
		made := b.file(f, fmt.Sprintf("f%d", len(list)))
		if f.Status == suite.Passed {
			fine.Blocks = append(fine.Blocks, block{More: &more{Summary: f.Path + ": " + f.Summary(), Screen: true, Blocks: made.Blocks}})
		} else {
			wrong.Blocks = append(wrong.Blocks, block{Section: &made})
		}
	}
	d.Verdict = b.verdict(list)
	d.Sections = append(d.Sections, section{ID: "files", Title: "Files", Level: 2, Blocks: []block{{Table: filesTable(list)}}})
	for _, s := range []section{wrong, fine} {
		if len(s.Blocks) > 0 {
			d.Sections = append(d.Sections, s)
		}
	}
	if left := len(list) - filesShown; left > 0 {
		d.Sections = append(d.Sections, section{ID: "more", Title: "More files", Level: 2, Blocks: []block{{Text: &page.Text{Body: "and " + words.Plural(left, "more file") + ", which ipamsim test -o json has"}}}})
	}
	if len(s.PassedOver) > 0 {
		d.Sections = append(d.Sections, passedOver(s.PassedOver))
	}
	return d
}

// suiteBuilder makes the parts of a page, as long as there is room.
type suiteBuilder struct {
	suite *suite.Suite
	drawn int // files that may still have pictures
	rows  int // cases that may still have a row
	blame int // cases whose pods may still be named
}

// verdict says what the suite comes to, and what fails.
func (b *suiteBuilder) verdict(list []*suite.File) *verdict {
	s := b.suite
	v := &verdict{OK: s.Verdict == suite.Holds, Text: s.Verdict.Head() + ": " + s.Reason}
	left := 0
	room := func() bool { // for one more; else it is counted
		if len(v.Reasons) == reasonsMost {
			left++
			return false
		}
		return true
	}
	for i, f := range list {
		link := fmt.Sprintf("f%d", i+1)
		if i >= filesShown {
			link = "files"
		}
		whole := slices.Contains([]suite.Status{suite.Broken, suite.Bad, suite.CutOff, suite.NotRun}, f.Status)
		if whole && room() {
			v.Reasons = append(v.Reasons, reason{f.Path + ": " + f.Wrong(), link, toneOf(f.Status)})
		}
		for j := range f.Cases {
			if c := &f.Cases[j]; c.Outcome != suite.Held && room() {
				tone := map[bool]page.Tone{true: page.Bad, false: page.Warning}[s.Fails(c)]
				v.Reasons = append(v.Reasons, reason{f.Path + ", " + c.Variant + ": " + c.Metric + " " + c.Condition() + ". " + reports.Why(c.Threshold), link, tone})
			}
		}
	}
	if left > 0 {
		v.Reasons = append(v.Reasons, reason{"and " + words.Count(left) + " more", "files", page.Bad})
	}
	return v
}

// tonesOf statuses.
var tonesOf = map[suite.Status]page.Tone{suite.Passed: page.Good, suite.Warned: page.Warning, suite.NotRun: page.Warning}

// toneOf is how a status stands out: unless it is told, as what fails.
func toneOf(s suite.Status) page.Tone {
	if tone, is := tonesOf[s]; is {
		return tone
	}
	return page.Bad
}

// filesTable is a row for each file, failures first.
func filesTable(list []*suite.File) *table {
	t := &page.Table{Labels: 1, Columns: []page.Column{{Head: "File", Left: true}, {Head: "Scenario", Left: true}, {Head: "Result", Left: true}, {Head: "What it came to", Left: true}, {Head: "Variants"}}}
	for _, f := range list {
		row := []page.Cell{{Text: f.Path}, {Text: f.Scenario}, {Text: f.Status.Head(), Tone: toneOf(f.Status)}, {Text: f.Summary()}}
		if f.Variants > 0 {
			row = append(row, page.Cell{Text: words.Count(f.Variants)})
		}
		t.Rows = append(t.Rows, row)
	}
	return tableOf(t, "Files, failures first")
}

// file is the part of one.
func (b *suiteBuilder) file(f *suite.File, id string) section {
	s := section{ID: id, Title: f.Status.Head() + " " + f.Path, Note: f.Summary(), Level: 3}
	for _, p := range f.Problems {
		what, excerpt, _ := strings.Cut(p.Text, "\n")
		s.Blocks = append(s.Blocks, block{Text: &page.Text{Body: what}})
		if excerpt != "" {
			s.Blocks = append(s.Blocks, block{Text: &page.Text{Body: excerpt, Listing: true}})
		}
	}
	if t := b.cases(f); t != nil {
		s.Blocks = append(s.Blocks, block{Table: t})
	}
	if pods := b.brokenBy(f); pods != nil {
		s.Blocks = append(s.Blocks, block{List: pods})
	}
	for i := range f.Findings {
		s.Blocks = append(s.Blocks, because(&f.Findings[i])...)
	}
	if figures := b.figures(f, id); figures != nil {
		s.Blocks = append(s.Blocks, block{Figures: figures})
	}
	if f.Result != nil && f.Status != suite.Passed {
		s.Blocks = append(s.Blocks, block{Text: &page.Text{Lead: "The whole report:", Body: "ipamsim run " + f.Path + setsOf(b.suite) + " --out html=report.html", Listing: true}})
	}
	for _, p := range f.Warnings {
		s.Blocks = append(s.Blocks, block{List: []page.Text{{Body: p.Message, Tone: page.Warning}}})
	}
	return s
}

// setsOf are the changes of the command line, as it takes them.
func setsOf(s *suite.Suite) (flags string) {
	for _, o := range s.Overrides {
		flags += " --set '" + strings.ReplaceAll(o, "'", `'\''`) + "'"
	}
	return flags
}

// cases are a file's conditions: those that do not hold with all that is known of
// them, and first.
func (b *suiteBuilder) cases(f *suite.File) *table {
	t := &page.Table{Labels: 1, Columns: []page.Column{{Head: "Verdict", Left: true}, {Head: "Variant", Left: true}, {Head: "Condition", Left: true}, {Head: "Expected"}, {Head: "Actual"}, {Head: "Difference"}, {Head: "First broken"}}}
	for _, held := range []bool{false, true} {
		for i := range f.Cases {
			c := &f.Cases[i]
			if (c.Outcome == suite.Held) != held || b.rows == 0 {
				continue
			}
			b.rows--
			t.Rows = append(t.Rows, caseRow(c, b.suite))
		}
	}
	if len(t.Rows) == 0 {
		return nil
	}
	made := tableOf(t, "Conditions of "+f.Path)
	made.Left = len(f.Cases) - len(t.Rows)
	return made
}

// caseRow is one condition.
func caseRow(c *suite.Case, s *suite.Suite) []page.Cell {
	of, what := page.Cell{Text: c.Variant}, page.Cell{Text: c.Metric + " " + c.Condition()}
	if c.Outcome == suite.Held {
		return []page.Cell{{Text: "holds", Tone: page.Good}, of, what, {}, {Text: reports.Actual(c.Threshold)}}
	}
	verdict := page.Cell{Text: "warns", Tone: page.Warning}
	if s.Fails(c) {
		verdict = page.Cell{Text: "fails", Tone: page.Bad}
	}
	why := reports.BreachOf(c.Threshold)
	if why.Actual == "" || why.Difference == "" && why.Note != "" {
		why.Actual = strings.TrimPrefix(why.Actual+": "+why.Note, ": ")
	}
	return []page.Cell{verdict, of, what, {Text: why.Expected}, {Text: why.Actual}, {Text: why.Difference}, {Text: why.When}}
}

// brokenBy are the pods that broke conditions.
func (b *suiteBuilder) brokenBy(f *suite.File) (list []page.Text) {
	for i := range f.Cases {
		c := &f.Cases[i]
		if c.Outcome == suite.Held || len(c.Pods) == 0 || b.blame == 0 {
			continue
		}
		b.blame--
		list = append(list, page.Text{Lead: c.Variant + ", " + c.Metric + " " + c.Condition() + ":", Body: "pods " + reports.BreachOf(c.Threshold).Pods, Item: true})
	}
	return list
}

// because is why a variant is as it is, and what helps.
func because(f *suite.Finding) []block {
	list := []block{{Text: &page.Text{Lead: string(f.Mode) + " in " + f.Variant + ":", Body: f.Summary}}}
	var evidence []page.Text
	for _, e := range f.Evidence {
		evidence = append(evidence, page.Text{Body: e, Item: true})
	}
	if evidence != nil {
		list = append(list, block{List: evidence})
	}
	for _, s := range reports.RemedyPage(&f.Finding).Sections {
		list = append(list, blocksOf(s.Blocks, "")...)
	}
	return list
}

// figures are a few pictures of a file that was run: how long pods took, and of the
// first variant that fails the addresses and the failed CNI ADDs.
func (b *suiteBuilder) figures(f *suite.File, id string) (list []figure) {
	r := f.Result
	if r == nil || b.drawn == 0 {
		return nil
	}
	b.drawn--
	list = append(list, figureOf(chart.PodStart(r, suiteSizes), id+"-pod-start"))
	if v := worstOf(f); v != nil {
		for _, each := range chart.OverTime(r, v, chart.ScaleOf(r), suiteSizes)[:2] {
			made := figureOf(each, id+"-"+each.Name)
			made.Title += " in " + v.Name
			list = append(list, made)
		}
	}
	return list
}

// worstOf is the first variant of which a condition does not hold.
func worstOf(f *suite.File) *result.Variant {
	for i := range f.Cases {
		if f.Cases[i].Outcome == suite.Held {
			continue
		}
		for k := range f.Result.Variants {
			if v := &f.Result.Variants[k]; v.Name == f.Cases[i].Variant {
				return v
			}
		}
	}
	return nil
}

// passedOver are the files that were not meant.
func passedOver(list []suite.PassedOver) section {
	t := &page.Table{Labels: 1, Columns: []page.Column{{Head: "File", Left: true}, {Head: "Why", Left: true}}}
	for _, p := range list {
		t.Rows = append(t.Rows, []page.Cell{{Text: p.Path}, {Text: p.Why}})
	}
	return section{ID: "passed-over", Title: "Passed over", Level: 2, Blocks: []block{{Table: tableOf(t, "Files that were passed over")}}}
}
