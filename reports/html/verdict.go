package html

import (
	"fmt"

	"ipamsim/internal/words"
	"ipamsim/reports"
	"ipamsim/reports/page"
	"ipamsim/sim/result"
)

// reasonsMost bounds the reasons of a verdict; below it are all.
const reasonsMost = 12

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
	if left := len(v.Reasons) - reasonsMost; left > 0 {
		v.Reasons = append(v.Reasons[:reasonsMost], reason{Text: "and " + words.Count(left) + " more", Link: "thresholds", Tone: page.Bad})
	}
	for _, f := range found {
		v.Reasons = append(v.Reasons, reason{Text: f.Mode + " " + f.Where + ": " + f.Summary, Link: f.ID, Tone: page.Warning})
	}
	return v
}
