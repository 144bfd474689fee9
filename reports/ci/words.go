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
	"strings"

	"ipamsim/reports"
	"ipamsim/sim/suite"
)

// condition is what a case is about.
func condition(c *suite.Case) string { return c.Metric + " " + c.Condition() }

// oneLine says of a case that does not hold why, as everywhere.
func oneLine(c *suite.Case) string {
	why := strings.Join(strings.Fields(reports.Why(c.Threshold)), " ") // whatever pods are called
	return condition(c) + ": " + strings.ToLower(why[:1]) + why[1:]
}

// because is why a variant is as it is, and what helps.
func because(f *suite.Finding) []string {
	list := []string{f.Summary}
	if f.Remedy != "" {
		list = append(list, "remedy: "+f.Remedy)
	}
	return list
}
