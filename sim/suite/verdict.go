package suite

import (
	"fmt"
	"slices"

	"ipamsim/internal/words"
	"ipamsim/sim/findings"
	"ipamsim/sim/result"
)

// judge makes cases of a file's result, and says what they come to.
func (f *File) judge(r *result.Result, strict bool) {
	f.Result, f.Fingerprint = r, r.Fingerprint
	f.Scenario, f.Digest, f.Variants = r.Scenario.Name, r.Scenario.Digest, len(r.Variants)
	f.Status = Passed
	for i := range r.Variants {
		v := &r.Variants[i]
		for _, t := range v.Thresholds {
			f.add(v.Name, Threshold, t, map[bool]Outcome{true: Warns, false: Fell}[t.Warned()])
		}
		for _, t := range v.Expectations {
			f.add(v.Name, Expectation, t, map[bool]Outcome{true: Fell, false: Warns}[strict])
		}
	}
	f.explain(r)
	if len(f.Cases) == 0 {
		f.Status, f.Why = Warned, "it has no threshold: nothing was judged"
	}
}

// add makes a case of a condition; one that does not hold has the outcome
// otherwise.
func (f *File) add(variant string, kind Kind, t result.Threshold, otherwise Outcome) {
	c := Case{Variant: variant, Kind: kind, Outcome: Held, Threshold: t}
	if !t.OK {
		c.Outcome = otherwise
	}
	switch {
	case c.Outcome == Fell:
		f.Status = Failed
	case c.Outcome == Warns && f.Status == Passed:
		f.Status = Warned
	}
	f.Cases = append(f.Cases, c)
}

// explain takes of each case that does not hold the finding that says most of it.
// In results they stand in that order: what affects most pods comes first.
func (f *File) explain(r *result.Result) {
	var all []Finding
	for i := range r.Variants {
		for _, found := range r.Variants[i].Findings {
			all = append(all, Finding{r.Variants[i].Name, found})
		}
	}
	wanted := map[*Finding]bool{}
	for i := range f.Cases {
		if why := reason(all, &f.Cases[i]); why != nil {
			wanted[why] = true
		}
	}
	f.Findings = f.Findings[:0]
	for i := range all {
		if wanted[&all[i]] {
			f.Findings = append(f.Findings, all[i])
		}
	}
}

// Reason is the finding that says why a case does not hold, or nil.
func (f *File) Reason(c *Case) *Finding { return reason(f.Findings, c) }

// reason is the first of a list that bears on a case. Nothing explains what was
// never observed, and what nobody looked at.
func reason(list []Finding, c *Case) *Finding {
	if c.Outcome == Held || c.Unjudged || c.Value == nil && !c.Never {
		return nil
	}
	i := slices.IndexFunc(list, func(f Finding) bool { return f.Variant == c.Variant && findings.Bears(f.Mode, c.Metric) })
	if i < 0 {
		return nil
	}
	return &list[i]
}

// ends says whether the file is one that --fail-fast ends the suite at.
func (f *File) ends(failOnWarn bool) bool {
	return f.Status == Failed || f.Status == Bad || f.Status == Broken || f.Status == Warned && failOnWarn
}

// conclude counts, and comes to the verdict. A fault of the program goes before a
// threshold that fails, for then nothing is certain; that goes before a bad file,
// which is reported all the same.
func (s *Suite) conclude() {
	c := &s.Counts
	c.Files = len(s.Files)
	for i := range s.Files {
		f := &s.Files[i]
		*c.of(f.Status)++
		for _, k := range f.Cases {
			c.Cases++
			switch k.Outcome {
			case Held:
				c.CasesHeld++
			case Warns:
				c.CasesWarned++
			default:
				c.CasesFailed++
			}
		}
	}
	s.Verdict, s.Reason = s.verdict()
}

// of is the count of a status.
func (c *Counts) of(s Status) *int {
	return map[Status]*int{Passed: &c.FilesPassed, Warned: &c.FilesWarned, Failed: &c.FilesFailed, Bad: &c.FilesBad,
		Broken: &c.FilesBroken, CutOff: &c.FilesCutOff, NotRun: &c.FilesNotRun}[s]
}

// verdict and why it is that.
func (s *Suite) verdict() (Verdict, string) {
	c := &s.Counts
	files := func(n int, is string) string {
		return fmt.Sprintf("%s of %s %s", words.Count(n), words.Plural(c.Files, "file"), is)
	}
	unended := c.FilesCutOff + c.FilesNotRun
	have := map[bool]string{true: "has", false: "have"}[unended == 1]
	switch {
	case c.FilesBroken > 0:
		return Fault, files(c.FilesBroken, "met a fault of the program")
	case unended > 0 && s.interrupted:
		return Interrupted, "interrupted: " + files(unended, have+" not been run to the end")
	case c.CasesFailed > 0:
		return Fails, fmt.Sprintf("%s of %s failed", words.Count(c.CasesFailed), words.Plural(c.Cases, "threshold"))
	case unended > 0 && s.timeUp:
		return Fails, "time was up: " + files(unended, have+" not been run to the end")
	case c.FilesWarned > 0 && s.FailOnWarn:
		return Fails, files(c.FilesWarned, "warned")
	case c.FilesBad > 0:
		return BadInput, files(c.FilesBad, "could not be run")
	case c.Files == 0 && slices.ContainsFunc(s.PassedOver, func(p PassedOver) bool { return p.Why == unmatched }):
		return BadInput, "no scenario file to run: --run matches none"
	case c.Files == 0:
		return BadInput, "no scenario file to run"
	case c.Cases == 0:
		return BadInput, "no file has a threshold: nothing was judged"
	case c.Cases == 1:
		return Holds, "1 threshold holds"
	}
	return Holds, words.Plural(c.CasesHeld, "threshold") + " hold"
}
