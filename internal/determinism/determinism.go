// Package determinism is an analyzer of the code that runs inside a
// simulation. It finds what would let a result depend on anything but the
// scenario, the seed and the version: the order of a map, the wall clock,
// randomness that is not seeded, what runs beside it, and the last bits of
// floats. Its test runs it over that code; nothing else imports it.
package determinism

import (
	"go/ast"
	"go/types"
	"path"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// Analyzer reports what may make two runs of the same scenario differ.
var Analyzer = &analysis.Analyzer{
	Name: "determinism",
	Doc:  "reports what may make two runs of the same scenario differ",
	Run:  run,
}

// outsideRuns are files that may be concurrent and look at the machine, since
// what does is no part of any run.
var outsideRuns = map[string]string{
	"ipamsim/sim/jobs/workers.go":      "the workers: a run is one worker's alone, and results are taken in the order of the jobs",
	"ipamsim/sim/jobs/sum.go":          "what they put together: which replications a variant has does not depend on who made them first",
	"ipamsim/sim/fleet/progress.go":    "the tally of progress: runs tell it and read nothing of it",
	"ipamsim/sim/experiment/check.go":  "expands the points of a grid before anything runs",
	"ipamsim/sim/experiment/order.go":  "puts rows and trials into their order, whichever comes first",
	"ipamsim/sim/experiment/inputs.go": "tells the files of a scenario by their bytes, before anything runs",
	"ipamsim/sim/experiment/merge.go":  "reads rows that sweeps have left",
	"ipamsim/sim/suite/find.go":        "looks for files before anything runs",
	"ipamsim/sim/suite/run.go":         "runs files beside each other, and takes what became of them in their order",
	"ipamsim/scenarios/beside.go":      "reads the files that a scenario names before anything runs",
	"ipamsim/scenarios/embed.go":       "tells a missing file from a missing scenario before anything runs",
	"ipamsim/scenarios/file.go":        "reads a scenario before anything runs",
	"ipamsim/scenarios/podtrace.go":    "reads a trace of pods before anything runs",
	"ipamsim/scenarios/field.go":       "remembers the fields of a type, which are the same whoever asks first",

	"ipamsim/ec2model/queryapi/pace.go":     "clients come from outside: it lets them in one after the other",
	"ipamsim/ec2model/queryapi/handler.go":  "each client waits for its answer on a goroutine of the HTTP server",
	"ipamsim/ec2model/queryapi/metadata.go": "likewise",
}

// besideClocks are files that may look at the clock of their process: what they
// keep in step with it is served to clients and is no run.
var besideClocks = map[string]string{
	"ipamsim/ec2model/queryapi/pace.go": "keeps an account in step with a clock; nothing else has one",
}

// check is a pass over one file.
type check struct {
	*analysis.Pass
	file *ast.File
	why  map[int]*reason // comments "any order: ...", by their last line
}

func run(pass *analysis.Pass) (any, error) {
	for _, file := range pass.Files {
		name := path.Base(pass.Fset.Position(file.Pos()).Filename)
		if strings.HasSuffix(name, "_test.go") || ast.IsGenerated(file) {
			continue
		}
		c := &check{Pass: pass, file: file}
		c.sources(besideClocks[pass.Pkg.Path()+"/"+name] != "")
		c.floats()
		c.mapOrder()
		if _, outside := outsideRuns[pass.Pkg.Path()+"/"+name]; !outside {
			c.machine()
			c.concurrency()
		}
	}
	return nil, nil
}

// each calls f with every node of a kind in the file.
func each[N ast.Node](c *check, f func(N)) {
	ast.Inspect(c.file, func(n ast.Node) bool {
		if n, is := n.(N); is {
			f(n)
		}
		return true
	})
}

// typeOf is an expression's type without its name.
func (c *check) typeOf(e ast.Expr) types.Type {
	if t := c.TypesInfo.TypeOf(e); t != nil {
		return t.Underlying()
	}
	return types.Typ[types.Invalid]
}

// is says whether a type is basic and has some of the properties.
func is(t types.Type, properties types.BasicInfo) bool {
	basic, ok := t.Underlying().(*types.Basic)
	return ok && basic.Info()&properties != 0
}

// constant says whether the compiler knows an expression's value.
func (c *check) constant(e ast.Expr) bool { return c.TypesInfo.Types[e].Value != nil }

// called is the function that a call calls by its name; nil for others.
func (c *check) called(call *ast.CallExpr) types.Object {
	fun := ast.Unparen(call.Fun)
	switch index := fun.(type) { // instances of generic functions
	case *ast.IndexExpr:
		fun = index.X
	case *ast.IndexListExpr:
		fun = index.X
	}
	switch f := fun.(type) {
	case *ast.Ident:
		return c.TypesInfo.Uses[f]
	case *ast.SelectorExpr:
		return c.TypesInfo.Uses[f.Sel]
	}
	return nil
}

// fullName is a function's name with its package's path, (path.Type).Name of a
// method; "" of what is no function.
func fullName(o types.Object) string {
	f, ok := o.(*types.Func)
	if !ok {
		return ""
	}
	return f.Origin().FullName()
}
