package main

import (
	"context"
	"io"

	"ipamsim/reports"
	"ipamsim/reports/html"
)

// tuneFormats are the ways to write what a search has found.
var tuneFormats = formatList{
	{name: "table", about: "text for people", write: tuneTable},
	{name: "json", about: "all of it for programs", write: func(w io.Writer, r *outcome, _ reports.TableOptions) error { return reports.TuningJSON(w, r.tuned) }},
	{name: jsonLines, about: "a trial a line; an interrupted search goes on in it"},
	{name: "html", about: htmlAbout, write: func(w io.Writer, r *outcome, _ reports.TableOptions) error { return html.Tuning(w, r.tuned) }},
	{name: "plots", about: "the front, SVG and PNG, in a folder", folder: func(ctx context.Context, dir string, r *outcome) error { return reports.TuningPlots(ctx, dir, r.tuned) }},
}

func tuneTable(w io.Writer, r *outcome, look reports.TableOptions) error {
	return reports.TuningTable(w, r.tuned, look)
}
