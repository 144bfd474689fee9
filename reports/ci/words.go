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
	"ipamsim/reports/page"
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
func because(f *suite.Finding) []page.Text {
	list := []page.Text{{Body: f.Summary}}
	for _, s := range reports.RemedyPage(&f.Finding).Sections {
		for _, b := range s.Blocks {
			if b.Text != nil {
				list = append(list, *b.Text)
			}
		}
	}
	return list
}

// line is a text as one line.
func line(t page.Text) string { return strings.TrimSpace(t.Lead + " " + t.Body) }
