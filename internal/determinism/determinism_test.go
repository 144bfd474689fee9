package determinism

import (
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"
)

// inside is what a result depends on: what runs, and what reads scenarios.
var inside = []string{
	"ipamsim/sim/...", "ipamsim/ec2model/...", "ipamsim/scenarios",
	"ipamsim/internal/portable", "ipamsim/internal/source", "ipamsim/internal/words",
}

func TestRunsAreDeterministicByConstruction(t *testing.T) {
	list, err := packages.Load(&packages.Config{Mode: packages.LoadAllSyntax, Dir: "../.."}, inside...)
	if err != nil {
		t.Fatal(err)
	}
	if packages.PrintErrors(list) > 0 {
		t.Fatal("the code does not compile")
	}
	if len(list) < 20 {
		t.Errorf("only %d packages are looked at", len(list))
	}
	for where, message := range findings(t, list) {
		t.Errorf("%s:%d: %s", where.file, where.line, message)
	}

	// An exception that nothing needs any more is to go.
	exceptions, clocks := outsideRuns, besideClocks
	defer func() { outsideRuns, besideClocks = exceptions, clocks }()
	outsideRuns, besideClocks = nil, nil
	needed, clocked := map[string]bool{}, map[string]bool{}
	for where, message := range findings(t, list) {
		needed[where.file] = true
		clocked[where.file] = clocked[where.file] || strings.Contains(message, "wall clock")
	}
	for file := range clocks {
		if !clocked[file] {
			t.Errorf("%s looks at no clock", file)
		}
	}
	for file := range exceptions {
		if !needed[file] {
			t.Errorf("there is no need for an exception for %s", file)
		}
	}
}

// place is a line of a file, which is named by its package's path.
type place struct {
	file         string
	line, column int
}

// findings are the analyzer's messages about packages.
func findings(t *testing.T, list []*packages.Package) map[place]string {
	t.Helper()
	graph, err := checker.Analyze([]*analysis.Analyzer{Analyzer}, list, nil)
	if err != nil {
		t.Fatal(err)
	}
	found := map[place]string{}
	for _, action := range graph.Roots {
		if action.Err != nil {
			t.Fatal(action.Err)
		}
		for _, d := range action.Diagnostics {
			p := action.Package.Fset.Position(d.Pos)
			found[place{action.Package.PkgPath + "/" + filepath.Base(p.Filename), p.Line, p.Column}] = d.Message
		}
	}
	return found
}

func TestWhatIsFoundAndWhatIsNot(t *testing.T) {
	analysistest.Run(t, analysistest.TestData(), Analyzer, "order", "floats", "sources", "concurrency")
}
