package house

import (
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

// observers are exported names, and whole files of them, that no product code
// outside of their packages uses, by what tests of other packages ask them for.
// One name stands for all that are declared in the same brackets.
var observers = map[string]string{
	"sim/ipamd/book.go":            "conformance tests put it beside the real daemon's datastore",
	"sim/ipamd.Lines":              "conformance tests compare it with the real daemon's source",
	"sim/awscni.Lines":             "conformance tests compare it with the real plugin's source",
	"sim/ipamd.Config.Version":     "which release a node runs after a rolling update",
	"sim/ipamd.Daemon.Allocations": "which pod has which address, held against the account's books",

	"ec2model/audit.go":                   "the books counted anew, by tests of fleets at any moment",
	"sim/awssdk.Client.Quota":             "what is left for retries",
	"sim/controller.Controller.Sent":      "which requests a workload comes to",
	"sim/controller.Sent":                 "likewise",
	"sim/des.Kernel.Pending":              "whether anything is left to happen",
	"sim/findings.Guide.Alert":            "rules, held against Prometheus' parser",
	"sim/fault.Injector.Rolling":          "how far rolling updates are",
	"sim/hostnet.Network.Pods":            "what deleted pods leave behind",
	"sim/hostnet.Network.Rules":           "likewise",
	"sim/hostnet.ReasonPodRoute":          "why a packet is dropped, held against the kernel's answer",
	"sim/machine.Egress":                  "where a pod's packets would leave",
	"sim/machine.Machine.Egress":          "likewise",
	"sim/machine.Machine.LeakedAddresses": "held against the network of the host",
	"sim/machine.Machine.Shortage":        "why a pool does not grow",
	"sim/measure.Collector.States":        "the running sums over pods, held against the pods",
	"sim/measure.LateAfter":               "the age from which tests expect a pod to be counted",
	"sim/measure.LeakedAfter":             "likewise of an interface",

	"validation/stage.go":    "what a process of the real daemon stands on; its module is one of its own",
	"validation/notes.go":    "likewise",
	"validation/sampling.go": "likewise",
	"validation/assemble.go": "makes a trace of that daemon's runs",
	"validation.Follow":      "finds the order of maps in one of them",
	"validation.FirstSample": "when it is looked at",
	"validation.Restart":     "likewise",
	"validation.Simulate":    "what ours does there, and how long it takes",

	"scenarios.LoadPath":       "likewise in a file",
	"scenarios.FaultKinds":     "whether each kind is carried out",
	"sim/result.NetworkCauses": "whether each cause has its advice",
	"sim/result.SchemaID":      "whether documents name their schema",
}

// An exported name is a promise to other packages. One that no product code
// outside of its package uses is kept for tests: it is to be unexported, to
// serve users, or to go.
func TestExportedNamesServeTheProduct(t *testing.T) {
	product := productOf(t)
	used := usedFromOutside(product)
	wanted := wantedByInterfaces(product)
	excused := map[string]bool{}
	for _, p := range product {
		if p.Name == "main" {
			continue
		}
		for _, o := range exportedBy(p) {
			if used[o.object] || slices.ContainsFunc(o.group, func(o types.Object) bool { return used[o] }) || o.method && answers(wanted, o.object) {
				continue
			}
			if c, is := o.object.(*types.Const); is && used.namesTypeOf(c) {
				continue
			}
			where := strings.TrimPrefix(p.PkgPath, module+"/")
			names := []string{where + "." + o.name, where + "/" + filepath.Base(p.Fset.Position(o.object.Pos()).Filename)}
			for _, other := range o.group {
				names = append(names, where+"."+other.Name())
			}
			if !slices.ContainsFunc(names, func(name string) bool { return observers[name] != "" }) {
				t.Errorf("%s is exported, and no product code outside of its package uses it", names[0])
			}
			for _, name := range names {
				excused[name] = true
			}
		}
	}
	for name := range observers {
		if !excused[name] {
			t.Errorf("%s is listed as an observer, and needs no exception", name)
		}
	}
}

// productOf are our packages that the program is made of.
func productOf(t *testing.T) []*packages.Package {
	t.Helper()
	list, err := packages.Load(&packages.Config{Mode: packages.LoadSyntax, Dir: "../.."}, "./...")
	if err != nil {
		t.Fatal(err)
	}
	if packages.PrintErrors(list) > 0 {
		t.Fatal("the code does not compile")
	}
	var product []*packages.Package
	var take func(*packages.Package)
	take = func(p *packages.Package) {
		if !strings.HasPrefix(p.PkgPath, module+"/") || slices.Contains(product, p) {
			return
		}
		product = append(product, p)
		for _, i := range p.Imports {
			take(i)
		}
	}
	for _, p := range list {
		if p.PkgPath == module+"/cmd/ipamsim" {
			take(p)
		}
	}
	if len(product) < 20 {
		t.Fatalf("only %d packages are looked at", len(product))
	}
	return product
}

// uses are the objects that product code names from outside of their packages,
// and the types that such an object's type is made of: who has a value has to
// be able to read what it is.
type uses map[types.Object]bool

func usedFromOutside(product []*packages.Package) uses {
	used := uses{}
	for _, p := range product {
		for _, o := range p.TypesInfo.Uses {
			if o.Pkg() != p.Types {
				used.mark(origin(o))
			}
		}
	}
	return used
}

// namesTypeOf says whether a constant is one of a type's values that others
// hold.
func (u uses) namesTypeOf(c *types.Const) bool {
	named, is := c.Type().(*types.Named)
	return is && u[named.Obj()]
}

func (u uses) mark(o types.Object) {
	if u[o] || o.Pkg() == nil || !strings.HasPrefix(o.Pkg().Path(), module+"/") {
		return
	}
	u[o] = true
	u.walk(o.Type())
	if _, is := o.(*types.TypeName); is {
		u.walk(o.Type().Underlying())
	}
}

func (u uses) walk(t types.Type) {
	switch t := t.(type) {
	case *types.Alias:
		u.mark(t.Obj())
	case *types.Named:
		u.mark(t.Obj())
		for a := range t.TypeArgs().Types() {
			u.walk(a)
		}
	case *types.Map:
		u.walk(t.Key())
		u.walk(t.Elem())
	case interface{ Elem() types.Type }:
		u.walk(t.Elem())
	case *types.Signature:
		for v := range t.Params().Variables() {
			u.walk(v.Type())
		}
		for v := range t.Results().Variables() {
			u.walk(v.Type())
		}
	case *types.Struct:
		for f := range t.Fields() {
			if f.Exported() {
				u.walk(f.Type())
			}
		}
	}
}

// origin is the generic object that one is an instance of.
func origin(o types.Object) types.Object {
	switch o := o.(type) {
	case *types.Func:
		return o.Origin()
	case *types.Var:
		return o.Origin()
	}
	return o
}

// exported is an object that others can name. Those of its group are one
// enumeration with it: what is declared in the same brackets.
type exported struct {
	object types.Object
	name   string
	group  []types.Object
	method bool
}

// exportedBy are the exported objects of a package with their methods. Fields
// go with their types, and so do the types of a document: it is read and
// written by their tags.
func exportedBy(p *packages.Package) (out []exported) {
	groups := groupsOf(p)
	for _, name := range p.Types.Scope().Names() {
		o := p.Types.Scope().Lookup(name)
		if !o.Exported() || isDocument(o) {
			continue
		}
		out = append(out, exported{object: o, name: name, group: groups[o]})
		if named, is := o.Type().(*types.Named); is && named.Obj() == o {
			for m := range named.Methods() {
				if m.Exported() {
					out = append(out, exported{object: m, name: name + "." + m.Name(), method: true})
				}
			}
		}
	}
	return out
}

// groupsOf are the constants and variables that each one is declared with.
func groupsOf(p *packages.Package) map[types.Object][]types.Object {
	out := map[types.Object][]types.Object{}
	for _, file := range p.Syntax {
		for _, d := range file.Decls {
			group, is := d.(*ast.GenDecl)
			if !is || group.Tok == token.TYPE {
				continue
			}
			var all []types.Object
			for _, s := range group.Specs {
				if s, is := s.(*ast.ValueSpec); is {
					for _, name := range s.Names {
						all = append(all, p.TypesInfo.Defs[name])
					}
				}
			}
			for _, o := range all {
				out[o] = all
			}
		}
	}
	return out
}

// isDocument says whether an object is a type with keys of a document.
func isDocument(o types.Object) bool {
	if _, is := o.(*types.TypeName); !is {
		return false
	}
	s, is := o.Type().Underlying().(*types.Struct)
	for i := 0; is && i < s.NumFields(); i++ {
		if s.Tag(i) != "" {
			return true
		}
	}
	return false
}

// wantedByInterfaces are the methods of the interfaces that the product and
// what it imports declare or write down, by their names.
func wantedByInterfaces(product []*packages.Package) map[string][]types.Type {
	out := map[string][]types.Type{}
	add := func(t types.Type) {
		if i, is := t.Underlying().(*types.Interface); is {
			for m := range i.Methods() {
				out[m.Name()] = append(out[m.Name()], m.Type())
			}
		}
	}
	failure := types.Universe.Lookup("error").Type()
	add(failure)
	result := types.NewTuple(types.NewParam(token.NoPos, nil, "", failure))
	out["Unwrap"] = append(out["Unwrap"], types.NewSignatureType(nil, nil, nil, nil, result, false)) // errors.As and errors.Is ask for it
	seen := map[*types.Package]bool{}
	var visit func(*types.Package)
	visit = func(p *types.Package) {
		if seen[p] {
			return
		}
		seen[p] = true
		for _, name := range p.Scope().Names() {
			if t, is := p.Scope().Lookup(name).(*types.TypeName); is {
				add(t.Type())
			}
		}
		for _, i := range p.Imports() {
			visit(i)
		}
	}
	for _, p := range product {
		visit(p.Types)
		for e, t := range p.TypesInfo.Types {
			if _, is := e.(*ast.InterfaceType); is {
				add(t.Type)
			}
		}
	}
	return out
}

// answers says whether an interface asks for a method of that name and form,
// be it of what embeds its type.
func answers(wanted map[string][]types.Type, m types.Object) bool {
	return slices.ContainsFunc(wanted[m.Name()], func(t types.Type) bool { return types.Identical(t, m.Type()) })
}
