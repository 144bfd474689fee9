package html

import (
	"fmt"

	"ipamsim/internal/words"
	"ipamsim/reports"
	"ipamsim/reports/page"
	"ipamsim/sim/result"
)

// ofResult is a run's document.
func ofResult(r *result.Result) *document {
	told := reports.ResultPage(r)
	d := &document{Title: told.Title, Kind: "run", Facts: told.Facts, Fingerprint: r.Fingerprint}
	found := findingsOf(r)
	d.Verdict = verdictOf(r, found)
	for i := range told.Sections {
		s := &told.Sections[i]
		d.Sections = append(d.Sections, sectionOf(s, idOf(s.Title)))
		if s.Title == "Thresholds" {
			d.Sections = append(d.Sections, findingsSection(found))
		}
	}
	return d
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

// verdictOf says whether all holds that must hold, and if not why.
func verdictOf(r *result.Result, found []*finding) *verdict {
	v := &verdict{OK: true}
	total, failed := 0, 0
	for i := range r.Variants {
		variant := &r.Variants[i]
		for _, t := range variant.Thresholds {
			total++
			if t.OK {
				continue
			}
			tone := page.Warning
			if t.Failed() {
				v.OK, tone = false, page.Bad
				failed++
			}
			v.Reasons = append(v.Reasons, reason{Text: variant.Name + ": " + t.Metric + " " + t.Condition() + ". " + reports.Why(t), Link: "thresholds", Tone: tone})
		}
	}
	warned := len(v.Reasons) - failed
	switch {
	case failed > 0:
		v.Text = fmt.Sprintf("%s of %s failed", words.Count(failed), words.Plural(total, "threshold"))
	case total == 0:
		v.Text = "The scenario has no thresholds"
	case warned > 0:
		v.Text = fmt.Sprintf("None of %s failed, %s warned", words.Plural(total, "threshold"), words.Count(warned))
	case total == 1:
		v.Text = "The threshold holds"
	default:
		v.Text = "All " + words.Count(total) + " thresholds hold"
	}
	for _, f := range found {
		v.Reasons = append(v.Reasons, reason{Text: f.Mode + " " + f.Where + ": " + f.Summary, Link: f.ID, Tone: page.Warning})
	}
	return v
}
