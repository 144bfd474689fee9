package reports

import (
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/sim/result"
)

// Rows are the rows of a sweep, to be gone over as often as wanted.
type Rows = iter.Seq2[*result.Row, error]

// SweepFigures are what tables of a sweep show unless told otherwise.
var SweepFigures = []string{"pod_start_p50_seconds", "pod_start_p99_seconds", "pods_never_started", "subnet_free_min", "api_throttled"}

// SweepCSV writes rows as CSV, a line each: the values of the axes by their path,
// whether the thresholds hold, and all figures. A figure that was not observed is
// empty, and one that is infinite is inf. Where there are several replications,
// three columns more of each figure have their mean and its 95 % confidence
// interval.
func SweepCSV(w io.Writer, s *result.Sweep, rows Rows) error {
	c := csv.NewWriter(w)
	intervals, err := anyIntervals(rows)
	if err != nil {
		return err
	}
	columns := sweepColumns(s, intervals)
	c.Write(names(columns))
	for row, err := range rows {
		if err != nil {
			return err
		}
		cells := make([]string, len(columns))
		for i, column := range columns {
			cells[i] = column.of(row)
		}
		c.Write(cells)
	}
	c.Flush()
	return c.Error()
}

// anyIntervals says whether some row has several replications.
func anyIntervals(rows Rows) (bool, error) {
	for row, err := range rows {
		if err != nil || len(row.Intervals) > 0 {
			return err == nil, err
		}
	}
	return false, nil
}

// csvColumn is one column of rows.
type csvColumn struct {
	name string
	of   func(*result.Row) string
}

func names(columns []csvColumn) []string {
	list := make([]string, len(columns))
	for i := range columns {
		list[i] = columns[i].name
	}
	return list
}

func sweepColumns(s *result.Sweep, intervals bool) []csvColumn {
	columns := []csvColumn{{"row", func(r *result.Row) string { return strconv.Itoa(r.Row) }}}
	for i, a := range s.Axes {
		columns = append(columns, csvColumn{a.Path, func(r *result.Row) string { return s.Point(r.Row)[i] }})
	}
	for _, c := range []csvColumn{
		{"variant", func(r *result.Row) string { return r.Variant }},
		{"seed", func(r *result.Row) string { return strconv.FormatUint(r.Seed, 10) }},
		{"replications", func(r *result.Row) string { return strconv.Itoa(r.Replications) }},
		{"thresholds", verdictOf},
		{"failed_thresholds", func(r *result.Row) string { return strings.Join(failedOf(r), "; ") }},
	} {
		if !slices.ContainsFunc(columns, func(known csvColumn) bool { return known.name == c.name }) {
			columns = append(columns, c)
		}
	}
	for _, f := range result.Figures {
		columns = append(columns, csvColumn{f.Name, func(r *result.Row) string { return csvFigure(r, f.Name) }})
		if !intervals {
			continue
		}
		of := func(name string, read func(result.Interval) float64) {
			columns = append(columns, csvColumn{f.Part(name), func(r *result.Row) string {
				i, is := r.Intervals[f.Name]
				if !is {
					return ""
				}
				return strconv.FormatFloat(read(i), 'f', -1, 64)
			}})
		}
		of("replications_mean", func(i result.Interval) float64 { return i.Mean })
		of("ci95_low", func(i result.Interval) float64 { return i.Low })
		of("ci95_high", func(i result.Interval) float64 { return i.High })
	}
	return append(columns, csvColumn{"fingerprint", func(r *result.Row) string { return r.Fingerprint }})
}

func csvFigure(r *result.Row, name string) string {
	value, never, observed := r.Figure(name)
	switch {
	case never:
		return "inf"
	case !observed:
		return ""
	}
	return strconv.FormatFloat(value, 'f', -1, 64)
}

// verdictOf is ok or fail, or nothing without thresholds.
func verdictOf(r *result.Row) string {
	switch {
	case len(r.Thresholds) == 0:
		return ""
	case r.OK:
		return "ok"
	}
	return "fail"
}

func failedOf(r *result.Row) (list []string) {
	for _, t := range r.Thresholds {
		if t.Failed() {
			list = append(list, t.Metric+" "+t.Expression)
		}
	}
	return list
}

// sweepShown is how many rows a table has unless it is wide.
const sweepShown = 60

// SweepTable writes rows as text for people, with the figures of those names.
func SweepTable(w io.Writer, s *result.Sweep, rows Rows, figures []string, opts TableOptions) error {
	p := newPrinter(w, opts)
	g := sweepGrid(s, figures)
	judged, failed, n, several := 0, 0, 0, false
	for row, err := range rows {
		if err != nil {
			return err
		}
		n++
		if len(row.Thresholds) > 0 {
			if judged++; !row.OK {
				failed++
			}
		}
		several = several || len(row.Intervals) > 0
		if n <= sweepShown || opts.Wide {
			g.add(sweepCells(s, row, figures)...)
		}
	}
	if judged == 0 {
		g.dropColumn(len(g.columns) - 1)
	}
	sweepTitle(p, s, n)
	p.line()
	if n == 0 {
		p.line("no rows: this shard has none")
		return p.out.Flush()
	}
	g.write(p)
	if left := n - len(g.rows); left > 0 {
		p.line(p.styled(faint, fmt.Sprintf("… and %s more: -o wide shows all of them", words.Plural(left, "row"))))
	}
	p.line()
	if several {
		p.paragraph("", "", "± is half the 95 % confidence interval of the mean over the replications.")
	}
	sweepVerdict(p, judged, failed)
	return p.out.Flush()
}

// sweepGrid is a table without its rows. The last column is for the thresholds.
func sweepGrid(s *result.Sweep, figures []string) grid {
	g := grid{fold: true}
	for i := range s.Axes {
		g.columns = append(g.columns, column{head: axisName(s, i)})
	}
	if g.labels = len(s.Axes); len(s.Variants) > 1 || len(s.Axes) == 0 {
		g.columns = append(g.columns, column{head: "VARIANT", left: true})
		g.labels++
	}
	for _, name := range figures {
		g.columns = append(g.columns, column{head: name})
	}
	g.columns = append(g.columns, column{head: "THRESHOLDS", left: true})
	return g
}

// sweepVerdict says in how many of the rows that have thresholds they hold.
func sweepVerdict(p *printer, judged, failed int) {
	switch {
	case failed > 0:
		p.line(p.styled(bad, fmt.Sprintf("thresholds failed in %s of %s", words.Count(failed), words.Plural(judged, "row"))))
	case judged > 0:
		p.line(p.styled(good, fmt.Sprintf("thresholds hold in all of %s", words.Plural(judged, "row"))))
	}
}

// sweepTitle says what was gone over.
func sweepTitle(p *printer, s *result.Sweep, rows int) {
	parts := []string{words.Plural(rows, "row")}
	if rows < s.Rows {
		parts[0] = fmt.Sprintf("%s of %s", words.Count(rows), words.Plural(s.Rows, "row"))
	}
	parts = append(parts, words.Plural(len(s.Variants), "variant"))
	if s.Version != "" {
		parts = append(parts, "ipamsim "+s.Version)
	}
	p.line(p.styled(bold, s.Scenario.Name), "  ", strings.Join(parts, ", "))
	for i, a := range s.Axes {
		p.paragraph("  "+axisName(s, i)+"  ", "    ", a.Path+": "+someValues(a.Values))
	}
}

func someValues(values []string) string {
	const most = 12
	if len(values) <= most {
		return strings.Join(values, ", ")
	}
	return fmt.Sprintf("%s, … %s (%s)", strings.Join(values[:most-1], ", "), values[len(values)-1], words.Plural(len(values), "value"))
}

// axisName is what a table calls an axis: the last key of its path, or all of it
// where two end alike.
func axisName(s *result.Sweep, i int) string {
	last := func(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }
	name := last(s.Axes[i].Path)
	for k, a := range s.Axes {
		if k != i && last(a.Path) == name || name == "" {
			return s.Axes[i].Path
		}
	}
	return name
}

func sweepCells(s *result.Sweep, row *result.Row, figures []string) (cells []cell) {
	for _, value := range s.Point(row.Row) {
		cells = append(cells, text(value))
	}
	if len(s.Variants) > 1 || len(s.Axes) == 0 {
		cells = append(cells, text(row.Variant))
	}
	for _, name := range figures {
		cells = append(cells, figureCell(row, name))
	}
	switch failed := failedOf(row); {
	case len(row.Thresholds) == 0:
		return append(cells, text(none))
	case len(failed) == 0:
		return append(cells, cell{"✓ ok", good})
	case len(failed) == 1:
		return append(cells, cell{"✗ " + failed[0], bad})
	default:
		return append(cells, cell{fmt.Sprintf("✗ %s and %d more", failed[0], len(failed)-1), bad})
	}
}

// figureCell is a figure as people read it.
func figureCell(row *result.Row, name string) cell {
	value, never, observed := row.Figure(name)
	switch {
	case never:
		return text("never")
	case !observed:
		return text(none)
	}
	places := figurePlaces(name, value)
	written := decimal(value, places)
	if i, is := row.Intervals[name]; is {
		if half := (i.High - i.Low) / 2; half > 0 {
			written += " ±" + decimal(half, max(places, figurePlaces(name, half)))
		}
	}
	return text(written)
}

// figurePlaces is two decimals of seconds, one of means of counts, and none of
// whole numbers.
func figurePlaces(name string, value float64) int {
	f, _, _ := result.FigureNamed(name)
	switch {
	case f.Unit == "seconds":
		return 2
	case value != float64(int64(value)):
		return 1
	}
	return 0
}
