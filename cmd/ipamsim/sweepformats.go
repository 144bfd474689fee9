package main

import (
	"context"
	"io"
	"strconv"
	"strings"

	"ipamsim/reports"
	"ipamsim/sim/experiment"
)

// jsonLines is the format that a sweep is stored in.
const jsonLines = "jsonl"

// sweepFormats are the ways to write rows.
var sweepFormats = formatList{
	{name: "table", about: "text for people", write: sweepTable(false)},
	{name: "wide", about: "the same with all rows", write: sweepTable(true)},
	{name: jsonLines, about: "a row a line, with all figures, for programs; an interrupted sweep goes on in it", write: sweepLines},
	{name: "csv", about: "all figures for spreadsheets", write: sweepCSV},
	{name: "plots", about: "curves with confidence bands, SVG and PNG, in a folder", folder: sweepCurves},
}

func sweepTable(wide bool) func(io.Writer, *outcome, reports.TableOptions) error {
	return func(w io.Writer, r *outcome, look reports.TableOptions) error {
		look.Wide = wide
		return reports.SweepTable(w, r.swept.head, experiment.Read(r.swept.rows), r.swept.table, look)
	}
}

func sweepCSV(w io.Writer, r *outcome, _ reports.TableOptions) error {
	return reports.SweepCSV(w, r.swept.head, experiment.Read(r.swept.rows))
}

func sweepLines(w io.Writer, r *outcome, _ reports.TableOptions) error {
	for line, err := range r.swept.rows.Lines() {
		if err != nil {
			return err
		}
		if _, err := w.Write(line); err != nil {
			return err
		}
	}
	return nil
}

func sweepCurves(ctx context.Context, dir string, r *outcome) error {
	return reports.Curves(ctx, dir, r.swept.head, experiment.Read(r.swept.rows), r.swept.curves)
}

// shardPlace stands for the number of a shard in the name of a file.
const shardPlace = "{shard}"

// inShard puts the shard's number into the names of the outputs.
func (f *outputFlag) inShard(s experiment.Shard) {
	for i := range f.given {
		f.given[i].path = strings.ReplaceAll(f.given[i].path, shardPlace, strconv.Itoa(s.Index))
	}
}
