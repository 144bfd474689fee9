package suite

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ipamsim/internal/words"
)

// Head is a status as the first word of what became of a file.
func (s Status) Head() string { return heads[s] }

// heads of statuses.
var heads = map[Status]string{
	Broken: "FAULT", Bad: "BAD", Failed: "FAIL", CutOff: "CUT", NotRun: "SKIP", Warned: "WARN", Passed: "ok",
}

// order of the statuses, the worst first.
var order = []Status{Broken, Bad, Failed, CutOff, NotRun, Warned, Passed}

// WorstFirst are the files by status, within one in their order.
func (s *Suite) WorstFirst() []*File {
	list := make([]*File, len(s.Files))
	for i := range s.Files {
		list[i] = &s.Files[i]
	}
	slices.SortStableFunc(list, func(a, b *File) int {
		return cmp.Compare(slices.Index(order, a.Status), slices.Index(order, b.Status))
	})
	return list
}

// Wrong says of a file that cannot be run what is wrong, in one line: of the others what
// they came to.
func (f *File) Wrong() string {
	if len(f.Problems) == 0 {
		return f.Summary()
	}
	p := f.Problems[0]
	text := strings.Join(strings.Fields(p.Message), " ")
	if p.Line > 0 {
		text = fmt.Sprintf("line %d: %s", p.Line, text)
	}
	if n := len(f.Problems) - 1; n > 0 {
		text += " (and " + words.Plural(n, "problem") + " more)"
	}
	return text
}

// Summary says in a few words what a file came to.
func (f *File) Summary() string {
	if f.Status == Bad {
		return words.Plural(len(f.Problems), "problem")
	}
	if f.Why != "" && f.Status != Failed {
		return f.Why
	}
	held, fell, warned := 0, 0, 0
	for _, c := range f.Cases {
		switch c.Outcome {
		case Held:
			held++
		case Fell:
			fell++
		default:
			warned++
		}
	}
	var parts []string
	if fell > 0 {
		parts = append(parts, words.Count(fell)+" of "+words.Plural(len(f.Cases), noun(f.Cases))+" failed")
	}
	if warned > 0 {
		parts = append(parts, words.Plural(warned, "warning"))
	}
	if fell == 0 {
		parts = append(parts, words.Plural(held, noun(f.Cases))+map[bool]string{true: " holds", false: " hold"}[held == 1])
	}
	if f.Variants > 1 {
		parts = append(parts, words.Plural(f.Variants, "variant"))
	}
	return strings.Join(parts, ", ")
}

// noun of cases.
func noun(list []Case) string {
	if slices.ContainsFunc(list, func(c Case) bool { return c.Kind == Expectation }) {
		return "condition"
	}
	return "threshold"
}

// Tally counts files and cases, in words.
func (s *Suite) Tally() string {
	c := &s.Counts
	text := func(n int, of string, parts []part) string {
		var list []string
		for _, p := range parts {
			if p.n > 0 {
				list = append(list, words.Count(p.n)+" "+p.is)
			}
		}
		if len(list) == 0 {
			return words.Plural(n, of)
		}
		return words.Plural(n, of) + ": " + strings.Join(list, ", ")
	}
	kind := "threshold"
	for i := range s.Files {
		if noun(s.Files[i].Cases) != kind {
			kind = "condition"
			break
		}
	}
	return text(c.Files, "file", []part{{c.FilesBroken, "with a fault of ipamsim"}, {c.FilesBad, "bad"}, {c.FilesFailed, "failed"}, {c.FilesCutOff, "cut off"}, {c.FilesNotRun, "not run"},
		{c.FilesWarned, "with warnings"}, {c.FilesPassed, "passed"}}) + "; " +
		text(c.Cases, kind, []part{{c.CasesFailed, "failed"}, {c.CasesWarned, "warned"}, {c.CasesHeld, "held"}})
}

type part struct {
	n  int
	is string
}

// Head is a verdict in a word.
func (v Verdict) Head() string { return verdictHeads[v] }

var verdictHeads = map[Verdict]string{
	Holds: "PASSED", Fails: "FAILED", BadInput: "BAD INPUT", Fault: "FAULT", Interrupted: "INTERRUPTED",
}

// Fails says whether a case makes the suite fail.
func (s *Suite) Fails(c *Case) bool {
	return c.Outcome == Fell || c.Outcome == Warns && s.FailOnWarn
}
