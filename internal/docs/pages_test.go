// Package docs writes the pages of docs/ that are made from the model and
// from its runs: prose from pages/*.tmpl, numbers from the code that uses
// them, figures from the command that is printed beside them.
//
// It imports everything and consists of tests, so that nothing can import it.
package docs

//go:generate go test . -update
//go:generate go test ipamsim/scenarios -run TestReferencePageIsUpToDate -update

import (
	"bytes"
	"embed"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"text/template"

	"ipamsim/sim/findings"
)

//go:embed pages/*.tmpl
var pages embed.FS

var update = flag.Bool("update", false, "write the generated pages of docs/")

const head = "<!-- Generated from internal/docs/pages/%s. Do not edit: run \"make docs\". -->\n\n"

func TestPagesAreUpToDate(t *testing.T) {
	funcs := template.FuncMap{
		"table": table, "value": value, "number": numberOf, "schedule": schedule,
		"range_": sum, "failed": failedSandbox, "again": again, "limits": limits, "calls": calls, "lag": lag, "noticed": noticed,
		"show": ipamsim.show, "run": ipamsim.run, "claim": claim, "findings": findings.Reference,
		"s": secondsText, "add": func(a, b float64) float64 { return a + b }, "minus": func(a float64) float64 { return -a },
	}
	all, err := template.New("").Funcs(funcs).ParseFS(pages, "pages/*.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range all.Templates() {
		name, isPage := strings.CutSuffix(page.Name(), ".tmpl")
		if !isPage {
			continue
		}
		t.Run(name, func(t *testing.T) {
			if name == "pod-start.md" || name == "explain.md" {
				ipamsim.build(t)
			}
			var b bytes.Buffer
			b.WriteString(strings.Replace(head, "%s", page.Name(), 1))
			if err := page.Execute(&b, nil); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("..", "..", "docs", name)
			if *update {
				if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			committed, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(committed, b.Bytes()) {
				t.Errorf("docs/%s is not what the model says now, first at line %d: run make docs", name, firstDifference(committed, b.Bytes()))
			}
		})
	}
}

func firstDifference(a, b []byte) int {
	x, y := bytes.Split(a, []byte("\n")), bytes.Split(b, []byte("\n"))
	for i := range min(len(x), len(y)) {
		if !bytes.Equal(x[i], y[i]) {
			return i + 1
		}
	}
	return min(len(x), len(y)) + 1
}
