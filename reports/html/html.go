// Package html sets reports as one self-contained HTML file each. A file is
// whole without scripts and without CSS: everything stands in it as text, tables
// and inline SVG with presentation attributes, so that it can be read under a
// policy that lets nothing else through, as Jenkins' default one is
// (sandbox; default-src 'none'; img-src 'self'; style-src 'self',
// https://www.jenkins.io/doc/book/security/configuring-content-security-policy/).
// Scripts and CSS improve it.
package html

import (
	"embed"
	"html/template"
	"io"
	"regexp"
	"strconv"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/reports"
	"ipamsim/reports/chart"
	"ipamsim/sim/compare"
	"ipamsim/sim/planning"
	"ipamsim/sim/result"
	"ipamsim/sim/suite"
)

//go:embed templates assets
var files embed.FS

// layout are the templates, a file for each part of a page.
var layout = template.Must(template.New("document").Funcs(template.FuncMap{"breakable": breakable}).ParseFS(files, "templates/*.html"))

// breakable is a name that may be broken between its words, where there is little
// room: pods_<wbr>never_<wbr>started, Insufficient<wbr>Cidr<wbr>Blocks.
func breakable(name string) template.HTML {
	parts := strings.FieldsFunc(strings.NewReplacer("_", "_\x00", "{", "\x00{", ":", ":\x00", ".", ".\x00").Replace(humps.ReplaceAllString(name, "$1\x00$2")), func(c rune) bool { return c == 0 })
	for i := range parts {
		parts[i] = template.HTMLEscapeString(parts[i])
	}
	return template.HTML(strings.Join(parts, "<wbr>"))
}

// humps are where a word begins in a name without anything between its words.
var humps = regexp.MustCompile(`([a-z]{2})([A-Z][a-z])`)

// Result writes a result. The same result gives the same bytes, be it just made
// or stored.
func Result(w io.Writer, r *result.Result) error { return write(w, ofResult(r)) }

// Plan writes the answers of a plan.
func Plan(w io.Writer, p *planning.Plan) error {
	d := ofPage(reports.PlanPage(p), "plan")
	for i := range p.Variants {
		v := &p.Variants[i]
		id := idOf("v", strconv.Itoa(i+1))
		d.illustrate(v.Name, "How much more fits", figureOf(chart.Growth(p.Scenario.Name, v), id+"-growth"))
		d.illustrate(v.Name, "Subnets", figureOf(chart.Headroom(p.Scenario.Name, v), id+"-headroom"))
	}
	return write(w, d)
}

// Tuning writes what a search for settings has found.
func Tuning(w io.Writer, t *result.Tuning) error {
	d := ofPage(reports.TuningPage(t), "tuning")
	d.illustrate("", "Front", figureOf(reports.TuningFront(t), "front-picture"))
	return write(w, d)
}

// Comparison writes what differs between two results.
func Comparison(w io.Writer, c *compare.Comparison) error {
	return write(w, ofComparison(c))
}

// Check writes scenarios that were compared with their baselines.
func Check(w io.Writer, c *compare.Check) error {
	return write(w, ofCheck(c))
}

// Suite writes what became of several scenario files: what fails first.
func Suite(w io.Writer, s *suite.Suite) error { return write(w, ofSuite(s)) }

func write(w io.Writer, d *document) error {
	d.CSS, d.Script = template.CSS(asset("report.css")), template.JS(asset("report.js"))
	// Which patterns drawings use, one sees when they are there.
	var drawings strings.Builder
	if err := layout.ExecuteTemplate(&drawings, "sections", d); err != nil {
		return err
	}
	d.Patterns, d.Body = patterns(drawings.String()), template.HTML(drawings.String())
	var text strings.Builder
	if err := layout.ExecuteTemplate(&text, "document.html", d); err != nil {
		return err
	}
	// What could turn the direction of writing, or hide something, is spelt out.
	_, err := io.WriteString(w, words.Printable(text.String()))
	return err
}

// asset is a file of ours, which goes into every page as it is.
func asset(name string) string {
	text, err := files.ReadFile("assets/" + name)
	if err != nil {
		panic(err) // it is embedded
	}
	return string(text)
}
