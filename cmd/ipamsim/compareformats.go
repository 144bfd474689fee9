package main

import (
	"io"

	"ipamsim/reports"
	"ipamsim/reports/comparison"
	"ipamsim/reports/html"
)

// compareFormats are the ways to write a comparison.
var compareFormats = formatList{
	{name: "table", about: "text for people", write: compareTable(false)},
	{name: "wide", about: "the same with the metrics that do not differ", write: compareTable(true)},
	{name: "json", about: "the whole comparison for programs", write: func(w io.Writer, r *outcome, _ reports.TableOptions) error {
		return reports.Document(w, r.compared)
	}},
	{name: "csv", about: "a metric a line, for spreadsheets", write: func(w io.Writer, r *outcome, _ reports.TableOptions) error {
		return comparison.CSV(w, r.compared)
	}},
	{name: "markdown", about: "for a comment on a pull request", write: func(w io.Writer, r *outcome, _ reports.TableOptions) error {
		return comparison.Markdown(w, r.compared)
	}},
	{name: "html", about: htmlAbout, write: func(w io.Writer, r *outcome, _ reports.TableOptions) error { return html.Comparison(w, r.compared) }},
}

func compareTable(wide bool) func(io.Writer, *outcome, reports.TableOptions) error {
	return func(w io.Writer, r *outcome, look reports.TableOptions) error {
		look.Wide = wide
		return reports.ComparisonTable(w, r.compared, look)
	}
}

// checkFormats are the ways to write scenarios that were compared with their
// baselines.
var checkFormats = formatList{
	{name: "table", about: "text for people", write: checkTable(false)},
	{name: "wide", about: "the same with the metrics that do not differ", write: checkTable(true)},
	{name: "json", about: "all of it for programs", write: func(w io.Writer, r *outcome, _ reports.TableOptions) error {
		return reports.Document(w, r.checked)
	}},
	{name: "csv", about: "a metric a line, for spreadsheets", write: func(w io.Writer, r *outcome, _ reports.TableOptions) error {
		return comparison.CSV(w, r.checked.Comparisons...)
	}},
	{name: "markdown", about: "for a comment on a pull request", write: func(w io.Writer, r *outcome, _ reports.TableOptions) error {
		return comparison.CheckMarkdown(w, r.checked)
	}},
	{name: "html", about: htmlAbout, write: func(w io.Writer, r *outcome, _ reports.TableOptions) error { return html.Check(w, r.checked) }},
}

func checkTable(wide bool) func(io.Writer, *outcome, reports.TableOptions) error {
	return func(w io.Writer, r *outcome, look reports.TableOptions) error {
		look.Wide = wide
		return reports.CheckTable(w, r.checked, look)
	}
}
