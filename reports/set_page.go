package reports

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"ipamsim/reports/page"
	"ipamsim/sim/planning"
	"ipamsim/sim/result"
)

// ResultPages are what a result's table says, and what the wide one says besides,
// but for the findings, which have a form of their own: in sections that others
// than a terminal can set.
func ResultPages(r *result.Result) (brief, whole *page.Page) {
	brief = taken(func(p *printer) {
		title(p, r)
		surroundings(p, r)
		warnings(p, r)
		thresholds(p, r)
		expectations(p, r)
		podStart(p, r, false)
		rollouts(p, r)
		podSets(p, r, false)
		phases(p, r, false)
		addresses(p, r, false)
		api(p, r, false)
	})
	whole = taken(func(p *printer) {
		podStart(p, r, true)
		podSets(p, r, true)
		phases(p, r, true)
		addresses(p, r, true)
		api(p, r, true)
		replications(p, r)
	})
	return brief, whole
}

// FindingPages are what is to be said of each finding of a variant besides its
// summary and its evidence: what changes it; and how one would see it, and be told
// of it.
func FindingPages(v *result.Variant) (remedied, seen []*page.Page) {
	for i := range v.Findings {
		f := &v.Findings[i]
		remedied = append(remedied, taken(func(p *printer) {
			remedies(p, v, f)
			if len(f.Remedies) > 0 {
				rejected(p, f)
			}
		}))
		seen = append(seen, taken(func(p *printer) { sights(p, *f, true) }))
	}
	return remedied, seen
}

// RemedyPage is what changes a finding that is shown without those beside it: the
// one that was tried and found good, in words where none was.
func RemedyPage(f *result.Finding) *page.Page {
	v := &result.Variant{Findings: []result.Finding{*f}, Trying: &result.Trying{Advice: result.Untried}}
	if len(f.Rejected) > 0 || len(f.Remedies) > 0 && f.Remedies[0].Verdict != "" {
		v.Trying.Advice = result.Tried
	}
	return taken(func(p *printer) { remedies(p, v, f) })
}

// PlanPage is what Plan says.
func PlanPage(plan *planning.Plan) *page.Page { return taken(func(p *printer) { planned(p, plan) }) }

// TuningPage is what TuningTable says.
func TuningPage(t *result.Tuning) *page.Page { return taken(func(p *printer) { tuning(p, t) }) }

// taken is what a report says, for others than a terminal.
func taken(write func(*printer)) *page.Page {
	p := newPrinter(nil, TableOptions{Wide: true, Width: endless})
	p.page = &page.Page{}
	write(p)
	return p.page
}

// endless is a width that nothing has to be wrapped at.
const endless = 1 << 20

// tones are the styles by their names.
var tones = map[style]page.Tone{plain: page.Plain, bold: page.Strong, faint: page.Faint, good: page.Good, bad: page.Bad, warning: page.Warning}

// marks are what lines begin with that stand out, and how.
var marks = map[string]page.Tone{"✗": page.Bad, "!": page.Warning, "✓": page.Good}

// takeText takes a paragraph: first is what stands before it.
func (p *printer) takeText(first, text string) {
	lead := strings.TrimSpace(first)
	if lead == "" && strings.TrimSpace(text) == "" {
		return
	}
	t := page.Text{Lead: lead, Body: strings.TrimSpace(text)}
	if lead == "-" {
		t.Lead, t.Item = "", true
	}
	if tone, is := marks[lead]; is {
		t.Item, t.Tone = true, tone
	}
	p.page.Add(page.Block{Text: &t})
}

// takeGrid takes a table.
func (p *printer) takeGrid(g *grid) {
	t := &page.Table{Labels: max(1, g.labels)}
	for _, c := range g.columns {
		taken := page.Column{Group: c.group, Head: c.head, Left: c.left}
		if !g.named || c.group != "" { // of several columns a variant has, its name is that of the group
			taken.Head = sentence(c.head)
		}
		if !g.named {
			taken.Group = sentence(c.group)
		}
		t.Columns = append(t.Columns, taken)
	}
	for _, row := range g.rows {
		cells := make([]page.Cell, len(row))
		for i, c := range row {
			cells[i] = page.Cell{Text: c.text, Tone: tones[c.style]}
		}
		t.Rows = append(t.Rows, cells)
	}
	p.page.Add(page.Block{Table: t})
}

// capitals are words that are written in capitals anywhere.
var capitals = []string{"EC2", "API", "CNI", "ADD", "CPU", "NAU", "AZ", "ENI", "IP", "VPC", "EKS"}

// sentence is a heading in capitals as one writes it in a sentence.
func sentence(head string) string {
	list := strings.Fields(head)
	for i, w := range list {
		if w != strings.ToUpper(w) || slices.Contains(capitals, strings.Trim(w, "(),")) {
			continue
		}
		list[i] = strings.ToLower(w)
		if r, n := utf8.DecodeRuneInString(list[i]); i == 0 && !strings.ContainsAny(list[i], "0123456789") {
			list[i] = string(unicode.ToUpper(r)) + list[i][n:]
		}
	}
	return strings.Join(list, " ")
}
