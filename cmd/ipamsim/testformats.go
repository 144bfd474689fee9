package main

import (
	"io"

	"ipamsim/reports"
	"ipamsim/reports/ci"
	"ipamsim/sim/suite"
)

// testFormats are the ways to write what became of a suite.
var testFormats = formatList{
	{name: "table", about: "text for people, failures first", write: testTable(false)},
	{name: "wide", about: "the same with every threshold and warning", write: testTable(true)},
	{name: "json", about: "the whole document for programs", write: ofSuite(ci.JSON)},
	{name: "junit", about: "XML for Jenkins, GitLab and others: a suite for each file, a case for each threshold", write: ofSuite(ci.JUnit)},
}

// tested is what became of a suite.
type tested = suite.Suite

func testTable(wide bool) func(io.Writer, *outcome, reports.TableOptions) error {
	return func(w io.Writer, r *outcome, look reports.TableOptions) error {
		look.Wide = wide
		return ci.Table(w, r.tested, look)
	}
}

func ofSuite(report func(io.Writer, *suite.Suite) error) func(io.Writer, *outcome, reports.TableOptions) error {
	return func(w io.Writer, r *outcome, _ reports.TableOptions) error { return report(w, r.tested) }
}
