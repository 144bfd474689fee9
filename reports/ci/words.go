// Package ci writes what became of a suite of scenario files for people and for
// pipelines.
//
//	Table      text for people, failures first
//	JUnit      a suite for each file and a case for each threshold
//	TAP        the Test Anything Protocol
//	JSON       the whole document
//	GitHub     annotations at file and line, and the summary of a step
//	GitLab     a report of code quality
//	Markdown   a comment on a pull request
package ci

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/sim/result"
	"ipamsim/sim/suite"
)

// condition is what a case is about.
func condition(c *suite.Case) string { return c.Metric + " " + c.Expression }

// actual is what a case came to.
func actual(c *suite.Case) string {
	switch {
	case c.Never:
		return "never: that share of the pods did not start"
	case c.Value == nil:
		return "never observed"
	}
	return number(*c.Value, c.Unit)
}

// number has as many places as tell on which side of a bound it lies.
func number(v float64, unit string) string {
	places := 3
	if v == float64(int64(v)) {
		places = 0
	}
	s := words.Apart(strconv.FormatFloat(v, 'f', places, 64))
	if unit != "" {
		s += " " + unit
	}
	return s
}

// oneLine says of a case that does not hold what was expected, what was there, and
// how far apart they are.
func oneLine(c *suite.Case) string {
	text := fmt.Sprintf("%s: expected %s, actual %s", c.Metric, c.Expression, actual(c))
	if _, by, known := difference(c); known && by > 0 {
		text += ", " + number(by, c.Unit) + " too much"
	} else if known && by < 0 {
		text += ", " + number(-by, c.Unit) + " too little"
	}
	return text
}

// difference is the bound of a case, and how far the value is above it.
func difference(c *suite.Case) (bound, by float64, known bool) {
	condition, err := result.ParseCondition(c.Expression)
	if err != nil || c.Value == nil {
		return 0, 0, false
	}
	return condition.Value, *c.Value - condition.Value, true
}

// heads of statuses.
var heads = map[suite.Status]string{
	suite.Broken: "FAULT", suite.Bad: "BAD", suite.Failed: "FAIL", suite.CutOff: "CUT", suite.NotRun: "SKIP", suite.Warned: "WARN", suite.Passed: "ok",
}

// order of the statuses, the worst first.
var order = []suite.Status{suite.Broken, suite.Bad, suite.Failed, suite.CutOff, suite.NotRun, suite.Warned, suite.Passed}

// worstFirst are the files by status, within one in their order.
func worstFirst(s *suite.Suite) []*suite.File {
	list := make([]*suite.File, len(s.Files))
	for i := range s.Files {
		list[i] = &s.Files[i]
	}
	slices.SortStableFunc(list, func(a, b *suite.File) int {
		return cmp.Compare(slices.Index(order, a.Status), slices.Index(order, b.Status))
	})
	return list
}

// summary says in a few words what a file came to.
func summary(f *suite.File) string {
	if f.Status == suite.Bad {
		return words.Plural(len(f.Problems), "problem")
	}
	if f.Why != "" && f.Status != suite.Failed {
		return f.Why
	}
	held, fell, warned := 0, 0, 0
	for _, c := range f.Cases {
		switch c.Outcome {
		case suite.Held:
			held++
		case suite.Fell:
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
func noun(list []suite.Case) string {
	if slices.ContainsFunc(list, func(c suite.Case) bool { return c.Kind == suite.Expectation }) {
		return "condition"
	}
	return "threshold"
}

// because is why a variant is as it is, and what helps.
func because(f *suite.Finding) []string {
	list := []string{f.Summary}
	if f.Remedy != "" {
		list = append(list, "remedy: "+f.Remedy)
	}
	return list
}
