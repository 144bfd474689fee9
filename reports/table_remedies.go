package reports

import (
	"fmt"
	"slices"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/sim/result"
)

// remedies says what changes a finding: what was tried and found good, or what
// there is to try, or what would where no setting does. The variant's
// recommendation is one for all of its findings, and is shown with the first.
func remedies(p *printer, v *result.Variant, f *result.Finding) {
	switch {
	case len(f.Remedies)+len(f.Rejected) == 0:
		inWords(p, "remedy: ", f.Remedy)
	case v.Trying == nil || v.Trying.Advice != result.Tried:
		inWords(p, "remedy: ", f.Remedy)
		for i := range f.Remedies {
			p.listing("  untried: ", plain, flags(&f.Remedies[i]))
			onACluster(p, &f.Remedies[i])
		}
	case len(f.Remedies) == 0:
		p.paragraph("  remedy: ", "    ", "No setting that was tried cures it or helps without harm. "+f.Remedy)
		rejected(p, f)
	default:
		recommended(p, v, f)
	}
}

// inWords shows a text that may be empty.
func inWords(p *printer, first, text string) {
	if text != "" {
		p.paragraph("  "+first, "    ", text)
	}
}

// verdictWords are what a verdict says of a finding.
var verdictWords = map[result.Verdict]string{
	result.Cures: "cures it", result.Helps: "helps",
	result.ChangesNothing: "changes next to nothing", result.Worsens: "harms", result.Unfinished: "took too many events",
}

// recommended shows the variant's recommendation, or where it stands.
func recommended(p *printer, v *result.Variant, f *result.Finding) {
	r := &f.Remedies[0]
	if above := firstRemedied(v); above.Mode != f.Mode {
		p.paragraph("  remedy: ", "    ", fmt.Sprintf("The one of %s %s, too.", above.Mode, strings.Replace(verdictWords[r.Verdict], "cures it", "cures this", 1)))
	} else {
		p.listing("  remedy ("+verdictWords[r.Verdict]+"): ", plain, flags(r))
		onACluster(p, r)
		p.paragraph("  tried: ", "    ", trial(r, f.Mode))
	}
	if r.Verdict != result.Cures || r.Kubectl == "" || f.Mode.OfNetwork() && !r.Repairs() {
		inWords(p, "besides: ", f.Remedy)
	}
}

// firstRemedied is the first finding that the recommendation is good for.
func firstRemedied(v *result.Variant) *result.Finding {
	for i := range v.Findings {
		if len(v.Findings[i].Remedies) > 0 {
			return &v.Findings[i]
		}
	}
	return &result.Finding{}
}

// rejected shows what was tried in vain.
func rejected(p *printer, f *result.Finding) {
	for i := range f.Rejected {
		r := &f.Rejected[i]
		p.listing("  "+verdictWords[r.Verdict]+": ", plain, flags(r))
		if r.Tried != nil {
			p.paragraph("    tried: ", "      ", trial(r, f.Mode))
		}
	}
}

// flags are a remedy's overrides as the command line takes them.
func flags(r *result.Remedy) string {
	var list []string
	for _, set := range r.Set {
		list = append(list, "--set "+shellWord(set))
	}
	return strings.Join(list, " ")
}

// onACluster is a remedy as kubectl and the EKS add-on take it. Each is one
// line, so that it can be copied.
func onACluster(p *printer, r *result.Remedy) {
	if r.Kubectl != "" {
		p.listing("  "+kubectlLabel(r), plain, r.Kubectl)
	}
	if r.AddOn != "" {
		p.listing("  add-on configuration: ", plain, r.AddOn)
	}
	for _, risk := range r.Risks {
		p.paragraph("  mind: ", "    ", risk)
	}
}

// kubectlLabel says what a command is about.
func kubectlLabel(r *result.Remedy) string {
	if r.AddOn == "" {
		return "run: "
	}
	return "set: "
}

// shellWord is a word as a shell takes it for one.
func shellWord(s string) string {
	if !strings.ContainsAny(s, " \t\"'\\$`*?[]{}()<>|&;#~!") {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// trial is what trying a remedy came to: what it is always asked for, and
// whatever else has changed.
func trial(r *result.Remedy, of result.Mode) string {
	var list []string
	for _, m := range result.TriedMetrics {
		c, known := r.Tried[m.Name]
		never := r.Tried["pods_never_started"]
		before, after := metricValue(c.Before, m.Unit, never.Before), metricValue(c.After, m.Unit, never.After)
		if !known || !m.Always && before == after || m.Of != nil && !slices.Contains(m.Of, of) {
			continue
		}
		text := m.Label + " " + before + " -> " + after
		if m.Unit != "" && c.After != nil {
			text += " " + m.Unit
		}
		list = append(list, text)
	}
	text := strings.Join(list, ", ")
	if len(r.Leaves) > 0 && (r.Verdict == result.Cures || r.Verdict == result.Helps) {
		text += "; it leaves " + words.And(modeNames(r.Leaves))
	}
	return text
}

func modeNames(list []result.Mode) (names []string) {
	for _, m := range list {
		names = append(names, string(m))
	}
	return names
}

// metricValue is a number of a trial. It has none where that share never
// starts, or where none had to.
func metricValue(v *float64, unit string, neverStarted *float64) string {
	switch {
	case v == nil && neverStarted != nil && *neverStarted == 0:
		return "none"
	case v == nil:
		return "never"
	case unit == "":
		return words.Count(int(*v))
	}
	return fmt.Sprintf("%.1f", *v)
}

// trying says what a reader must know of how remedies were tried.
func trying(p *printer, r *result.Result) {
	for i := range r.Variants {
		v := &r.Variants[i]
		if v.Trying == nil || v.Trying.Trials == 0 && !v.Trying.Cut {
			continue
		}
		var notes []string
		if n := v.Trying.Replications; n < len(v.Replications) {
			notes = append(notes, fmt.Sprintf("on %s of %d, for the work it is", words.Plural(n, "replication"), len(v.Replications)))
		}
		if v.Trying.Cut {
			notes = append(notes, fmt.Sprintf("not to the end: %s are the bound (--remedies-events)", words.Plural(int(v.Trying.MostEvents), "event")))
		}
		if len(notes) > 0 {
			p.line()
			p.paragraph("", "  ", "remedies of "+v.Name+" were tried "+strings.Join(notes, ", and "))
		}
	}
}
