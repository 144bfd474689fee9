package validation

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// Report is the outcome of a conformance run over many traces.
type Report struct {
	SchemaVersion int       `json:"schema_version"`
	Conform       int       `json:"conform"`
	Fail          int       `json:"fail"`
	RandomRuns    int       `json:"random_runs"`  // of traces that leave something to chance
	OutsideRuns   int       `json:"outside_runs"` // of those, outside the recorded ranges somewhere
	Traces        []Verdict `json:"traces"`
}

// reportSchemaVersion is raised when a field changes its meaning or goes.
const reportSchemaVersion = 2

// Add takes a verdict in.
func (r *Report) Add(v Verdict) {
	r.SchemaVersion = reportSchemaVersion
	r.Traces = append(r.Traces, v)
	if v.Conforms {
		r.Conform++
	} else {
		r.Fail++
	}
	if !v.FullyStable {
		r.RandomRuns += v.RandomRuns
		r.OutsideRuns += v.Outside
	}
}

// WriteLine writes a verdict's line and, if verbose, the calls around a
// divergence and what random picks did outside the recorded ranges.
func (v *Verdict) WriteLine(w io.Writer, verbose bool) error {
	var b strings.Builder
	switch {
	case v.Conforms:
		fmt.Fprintf(&b, "ok %s\n", v.Name)
	case v.Error != "":
		fmt.Fprintf(&b, "FAIL %s: cannot be replayed: %s\n", v.Name, v.Error)
	default:
		fmt.Fprintf(&b, "FAIL %s: %s\n", v.Name, v.Divergence)
	}
	if !v.Conforms && v.Unknown != "" {
		fmt.Fprintf(&b, "  the trace has the key %s, which this replay does not know\n", v.Unknown)
	}
	if verbose {
		v.detail(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (v *Verdict) detail(b *strings.Builder) {
	if d := v.Divergence; d != nil && (d.ExpectedCalls != nil || d.GotCalls != nil) {
		b.WriteString("  calls expected:\n")
		for _, c := range d.ExpectedCalls {
			fmt.Fprintf(b, "    %s\n", c)
		}
		b.WriteString("  calls got:\n")
		for _, c := range d.GotCalls {
			fmt.Fprintf(b, "    %s\n", c)
		}
	}
	if v.Outside > 0 {
		fmt.Fprintf(b, "  %d of %d random runs outside the recorded ranges: %s\n", v.Outside, v.RandomRuns, strings.Join(v.Examples, "; "))
	}
}

// WriteCount writes the last line of a text report.
func (r *Report) WriteCount(w io.Writer) error {
	_, err := fmt.Fprintf(w, "%d conform, %d fail", r.Conform, r.Fail)
	if err == nil && r.OutsideRuns > 0 {
		_, err = fmt.Fprintf(w, "; %d of %d random runs took a branch outside the recorded ranges", r.OutsideRuns, r.RandomRuns)
	}
	if err == nil {
		_, err = fmt.Fprintln(w)
	}
	return err
}

// WriteSummary writes the table of conformance by area.
func (r *Report) WriteSummary(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "AREA\tTRACES\tFULLY STABLE\tCONFORM\tFAIL\tRUNS OUTSIDE")
	for _, row := range r.byArea() {
		if row.traces > 0 {
			fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\t%d/%d\n", row.area, row.traces, row.stable, row.traces-row.fail, row.fail, row.outside, row.runs)
		}
	}
	return t.Flush()
}

// unknownArea is the row of what is no trace.
const unknownArea = "cannot be replayed"

type areaRow struct {
	area                                string
	traces, stable, fail, outside, runs int
}

// byArea counts the verdicts in the order of Areas, with the sum last.
func (r *Report) byArea() []areaRow {
	names := append(slices.Clone(areas), unknownArea, "all")
	rows := make([]areaRow, len(names))
	index := map[string]int{}
	for i, name := range names {
		rows[i].area, index[name] = name, i
	}
	for _, v := range r.Traces {
		if v.Area == "" {
			v.Area = unknownArea
		}
		for _, i := range []int{index[v.Area], len(names) - 1} {
			row := &rows[i]
			row.traces++
			if v.FullyStable {
				row.stable++
			} else {
				row.outside, row.runs = row.outside+v.Outside, row.runs+v.RandomRuns
			}
			if !v.Conforms {
				row.fail++
			}
		}
	}
	return rows
}
