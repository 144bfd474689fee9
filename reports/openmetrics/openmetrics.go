// Package openmetrics writes what was scraped of a simulated cluster as an
// OpenMetrics text, which promtool makes blocks of Prometheus of.
package openmetrics

import (
	"bufio"
	"io"
	"slices"
	"strconv"
	"strings"

	"ipamsim/sim/ipamd"
	"ipamsim/sim/scrape"
)

// ContentType is that of the text over HTTP.
const ContentType = "application/openmetrics-text; version=1.0.0; charset=utf-8"

// Write writes the series of all variants: each family once, its series one
// after the other, each in the order of time. Points without a time are those of
// who reads the text.
//
// The daemon's counters have names that do not end in _total, which a counter of
// OpenMetrics must. Dashboards and rules ask for the names as they are, so that
// these families are of type unknown here; Prometheus keeps no type with what
// it stores.
func Write(w io.Writer, all []*scrape.Scrapes) error {
	out := bufio.NewWriter(w)
	for i, s := range all {
		for _, f := range s.Families {
			if written(all[:i], f.Name) {
				continue
			}
			head(out, f)
			for _, other := range all[i:] {
				for _, g := range other.Families {
					if g.Name == f.Name {
						samples(out, g)
					}
				}
			}
		}
	}
	out.WriteString("# EOF\n")
	return out.Flush()
}

// written says whether some of the variants have the family.
func written(before []*scrape.Scrapes, name string) bool {
	return slices.ContainsFunc(before, func(s *scrape.Scrapes) bool {
		return slices.ContainsFunc(s.Families, func(f *scrape.Family) bool { return f.Name == name })
	})
}

func head(out *bufio.Writer, f *scrape.Family) {
	kind := f.Type
	if kind == "counter" && slices.ContainsFunc(f.Series, func(s *scrape.Series) bool { return s.Suffix != "_total" }) {
		kind = "unknown"
	}
	out.WriteString("# TYPE " + f.Name + " " + kind + "\n# HELP " + f.Name + " " + escape.Replace(f.Help) + "\n")
}

func samples(out *bufio.Writer, f *scrape.Family) {
	for _, s := range f.Series {
		name := f.Name + s.Suffix + labels(s.Labels) + " "
		for _, p := range s.Points {
			out.WriteString(name)
			out.WriteString(strconv.FormatFloat(p.Value, 'g', -1, 64))
			if !p.At.IsZero() {
				out.WriteByte(' ')
				out.WriteString(seconds(p.At.UnixMilli()))
			}
			out.WriteByte('\n')
		}
	}
}

// seconds is a time in milliseconds as OpenMetrics has it.
func seconds(ms int64) string {
	if ms%1000 == 0 {
		return strconv.FormatInt(ms/1000, 10)
	}
	return strconv.FormatInt(ms/1000, 10) + "." + strconv.FormatInt(1000+ms%1000, 10)[1:]
}

var escape = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)

func labels(list []ipamd.Label) string {
	pairs := make([]string, 0, len(list))
	for _, l := range list {
		if l.Value != "" { // the same as none
			pairs = append(pairs, l.Name+`="`+escape.Replace(l.Value)+`"`)
		}
	}
	if len(pairs) == 0 {
		return ""
	}
	return "{" + strings.Join(pairs, ",") + "}"
}
