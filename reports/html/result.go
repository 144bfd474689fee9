package html

import (
	"fmt"
	"slices"

	"ipamsim/internal/words"
	"ipamsim/reports"
	"ipamsim/reports/chart"
	"ipamsim/reports/page"
	"ipamsim/sim/result"
)

// Bounds of a page, so that it stays small whatever it is of.
const (
	variantsMost = 10 // that have pictures
	panelsMost   = 12 // subnets that have pictures
	panelsLeast  = 3
	panelBudget  = 60 // of all variants together
	pointsMost   = 180
	pointsLeast  = 30
	pointBudget  = 40_000 // of all pictures together, about
)

// ofResult is a run's document.
func ofResult(r *result.Result) *document {
	brief, whole := reports.ResultPages(r)
	d := &document{Title: brief.Title, Kind: "run", Facts: brief.Facts, Fingerprint: r.Fingerprint}
	found := findingsOf(r)
	d.Verdict = verdictOf(r, found)
	sections := map[string]section{}
	for i := range brief.Sections {
		s := &brief.Sections[i]
		sections[s.Title] = sectionOf(s, idOf(s.Title))
	}
	take := func(names ...string) {
		for _, name := range names {
			if s, is := sections[name]; is {
				d.Sections = append(d.Sections, s)
			}
		}
	}
	sizes := sizesOf(r)
	take("Thresholds")
	d.Sections = append(d.Sections, findingsSection(found))
	take("", "Warnings", "Expected")
	sections["Pod start"] = withFigure(sections["Pod start"], figureOf(chart.PodStart(r, sizes), "pod-start-picture"))
	if f, any := phasesFigure(r, "phases-picture"); any {
		sections[phasesTitle] = withFigure(sections[phasesTitle], f)
	}
	take("Pod start", phasesTitle)
	d.Sections = append(d.Sections, detailSection(r, sizes))
	take("Rolling updates", "Workloads", "Node groups", "Zones", "Addresses", "EC2 API")
	d.Sections = append(d.Sections, wholeSection(whole), settingsSection(r), sourcesSection())
	return d
}

const phasesTitle = "Where the time went (s)"

// sizesOf are how fine the pictures of a result are: many of them are coarser.
func sizesOf(r *result.Result) chart.Sizes {
	variants := max(1, min(len(r.Variants), variantsMost))
	panels := max(panelsLeast, min(panelsMost, panelBudget/variants))
	subnets := 1
	for i := range r.Variants {
		subnets = max(subnets, min(panels, len(r.Variants[i].Series.Subnets)))
	}
	const layers, others = 6, 4
	curves := variants * layers * (subnets + others)
	return chart.Sizes{Points: max(pointsLeast, min(pointsMost, pointBudget/curves)), Panels: panels}
}

// withFigure puts a picture before all else in a section.
func withFigure(s section, f figure) section {
	s.Blocks = slices.Insert(s.Blocks, 0, block{Figures: []figure{f}})
	return s
}

// findingsSection says what went wrong, or that nothing did.
func findingsSection(found []*finding) section {
	s := section{ID: "findings", Title: "Findings", Level: 2}
	if len(found) == 0 {
		s.Blocks = []block{{Text: &page.Text{Body: "none"}}}
	}
	for _, f := range found {
		s.Blocks = append(s.Blocks, block{Finding: f})
	}
	return s
}

// detailSection shows each variant over time.
func detailSection(r *result.Result, sizes chart.Sizes) section {
	s := section{ID: "over-time", Title: "Over time", Note: "the first replication of each variant", Level: 2}
	t := &tabs{Label: "Variants"}
	scale := chart.ScaleOf(r)
	shown := min(len(r.Variants), variantsMost)
	for i := range r.Variants[:shown] {
		t.List = append(t.List, detail(r, &r.Variants[i], scale, sizes, fmt.Sprintf("v%d", i+1), shown))
	}
	s.Blocks = []block{{Tabs: t}}
	if left := len(r.Variants) - shown; left > 0 {
		s.Blocks = append(s.Blocks, block{Text: &page.Text{Body: "and " + words.Plural(left, "more variant") + ", which ipamsim report of the stored result draws (--out plots=DIR)"}})
	}
	return s
}

// detail is one variant.
func detail(r *result.Result, v *result.Variant, scale chart.Scale, sizes chart.Sizes, id string, variants int) section {
	s := section{ID: id, Title: v.Name, Note: v.Description, Level: 3}
	if marks := marksTable(v); marks != nil {
		s.Blocks = append(s.Blocks, block{More: &more{Summary: "What happened meanwhile: " + words.Plural(len(v.Marks), "event"), Blocks: []block{{Table: marks}}}})
	}
	var figures []figure
	for _, f := range chart.OverTime(r, v, scale, sizes) {
		made := figureOf(f, id+"-"+f.Name)
		made.Wide = len(f.Panels) > 3
		figures = append(figures, made)
	}
	s.Blocks = append(s.Blocks, block{Figures: figures})
	if actions := actionsOf(v); actions != nil {
		s.Blocks = append(s.Blocks, block{Actions: actions})
	}
	if m := mapsOf(v, variants, sizes.Panels, id+"-map"); m != nil {
		s.Blocks = append(s.Blocks, block{Maps: m})
	}
	if slow := slowestOf(v, r.DurationSeconds); slow != nil {
		s.Blocks = append(s.Blocks, block{Slowest: slow})
	}
	return s
}

// marksTable lists what happened to a variant's fleet.
func marksTable(v *result.Variant) *table {
	if len(v.Marks) == 0 {
		return nil
	}
	t := &page.Table{Labels: 1, Columns: []page.Column{{Head: "At"}, {Head: "Until"}, {Head: "What", Left: true}}}
	for _, m := range v.Marks {
		until := ""
		if m.EndSeconds != nil {
			until = chart.Moment(*m.EndSeconds)
		}
		t.Rows = append(t.Rows, []page.Cell{{Text: chart.Moment(m.AtSeconds)}, {Text: until}, {Text: m.Text}})
	}
	return tableOf(t, "What happened to "+v.Name)
}

// wholeSection has the wide tables.
func wholeSection(p *page.Page) section {
	s := section{ID: "all", Title: "All figures", Note: "every row and column, each replication; on paper those that are open", Level: 2}
	for i := range p.Sections {
		from := &p.Sections[i]
		s.Blocks = append(s.Blocks, block{More: &more{Summary: from.Title, Screen: true, Blocks: blocksOf(from.Blocks, from.Title+", in full")}})
	}
	return s
}

// settingsSection is what was run.
func settingsSection(r *result.Result) section {
	s := section{ID: "settings", Title: "Settings and scenario", Note: "scenarios are on paper if they are open", Level: 2}
	if t := settingsTable(r); t != nil {
		s.Blocks = append(s.Blocks, block{Table: t})
	}
	s.Blocks = append(s.Blocks, block{Text: &page.Text{Lead: "File:", Body: r.Scenario.Name + ", " + r.Scenario.Digest}})
	for _, o := range r.Overrides {
		s.Blocks = append(s.Blocks, block{Text: &page.Text{Lead: "--set", Body: o, Listing: true}})
	}
	for i := range r.Variants[:min(len(r.Variants), variantsMost)] {
		v := &r.Variants[i]
		s.Blocks = append(s.Blocks, block{More: &more{Summary: "Scenario of " + v.Name + ", with every default", Screen: true, Blocks: []block{{Text: &page.Text{Body: asYAML(v.Scenario), Listing: true}}}}})
	}
	return s
}

// sourcesSection is what the simulation computes with.
func sourcesSection() section {
	return section{ID: "sources", Title: "Sources", Note: "every latency, limit, timer and default that the simulation computes with, and where it comes from; on paper those that are open", Level: 2, Blocks: sources()}
}
