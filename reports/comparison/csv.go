// Package comparison shows what differs between two results to machines and in
// comments: as CSV and as Markdown. For people on a terminal package reports has it.
package comparison

import (
	"encoding/csv"
	"io"
	"math"
	"strconv"

	"ipamsim/sim/compare"
)

// columns of CSV.
var columns = []struct {
	name string
	of   func(*compare.Metric) string
}{
	{"metric", func(m *compare.Metric) string { return m.Name }},
	{"variant", func(m *compare.Metric) string { return m.Variant }},
	{"unit", func(m *compare.Metric) string { return m.Unit }},
	{"better", func(m *compare.Metric) string { return string(m.Better) }},
	{"old", func(m *compare.Metric) string { return value(m.Old) }},
	{"new", func(m *compare.Metric) string { return value(m.New) }},
	{"delta", func(m *compare.Metric) string { return value(m.Delta) }},
	{"low", func(m *compare.Metric) string { return value(m.Low) }},
	{"high", func(m *compare.Metric) string { return value(m.High) }},
	{"change", func(m *compare.Metric) string { return value(m.Change) }},
	{"least", func(m *compare.Metric) string { return value(m.Least) }},
	{"p", func(m *compare.Metric) string { return number(m.P) }},
	{"p_holm", func(m *compare.Metric) string { return number(m.PHolm) }},
	{"n", func(m *compare.Metric) string { return strconv.Itoa(m.N) }},
	{"verdict", func(m *compare.Metric) string { return string(m.Verdict) }},
}

// CSV writes comparisons as CSV, a metric a line, under the names that JSON has. What
// is infinite is inf, and what there is none of is empty.
func CSV(w io.Writer, list ...*compare.Comparison) error {
	out := csv.NewWriter(w)
	heads := []string{"scenario"}
	for _, column := range columns {
		heads = append(heads, column.name)
	}
	out.Write(heads)
	for _, c := range list {
		for i := range c.Metrics {
			cells := []string{c.Scenario.Name}
			for _, column := range columns {
				cells = append(cells, column.of(&c.Metrics[i]))
			}
			out.Write(cells)
		}
	}
	out.Flush()
	return out.Error()
}

func value(v compare.Value) string {
	switch {
	case !v.Observed():
		return ""
	case math.IsInf(float64(v), 1):
		return "inf"
	case math.IsInf(float64(v), -1):
		return "-inf"
	}
	return number(float64(v))
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
