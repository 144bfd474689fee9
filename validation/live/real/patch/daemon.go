package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/format"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
)

// walked are the packages whose walks over maps decide what the daemon does.
var walked = []string{daemon + "/pkg/ipamd", daemon + "/pkg/ipamd/datastore", daemon + "/pkg/awsutils"}

// orderPackage is added to the copy.
const orderPackage = daemon + "/pkg/bubble"

// patchDaemon changes a copy of the daemon.
func patchDaemon(mod, module string) error {
	folder := filepath.Join(module, "pkg", "bubble")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "bubble.go"), []byte(orderSource), 0o644); err != nil {
		return err
	}
	if err := orderMaps(mod, module); err != nil {
		return err
	}
	pool := filepath.Join(module, "pkg", "ipamd", "ipamd.go")
	for _, e := range []struct {
		file, old, replacement string
		times                  int
	}{
		{pool, "time.Sleep(sleepDuration)", "time.Sleep(sleepDuration + bubble.Overhead)", 2},
		{pool, "\tc := &IPAMContext{}\n\tc.k8sClient = k8sClient\n", "\tc := &IPAMContext{}\n\tBubbleContext = c\n\tc.k8sClient = k8sClient\n", 1},
		{pool, "var prometheusRegistered = false\n", "var prometheusRegistered = false\n\n// BubbleContext is the last one that was made.\nvar BubbleContext *IPAMContext\n", 1},
	} {
		if err := edit(e.file, e.old, e.replacement, e.times); err != nil {
			return err
		}
	}
	return nil
}

// orderMaps makes every walk over a map of the packages one in a given order.
func orderMaps(mod, module string) error {
	exports, files, err := exported(mod)
	if err != nil {
		return err
	}
	for _, pkg := range walked {
		if err := orderPackageMaps(module, pkg, files[pkg], exports); err != nil {
			return fmt.Errorf("%s: %w", pkg, err)
		}
	}
	return nil
}

// exported are the files with the types of all that the packages import, by
// package, and the packages' own files.
func exported(mod string) (exports map[string]string, files map[string][]string, err error) {
	cmd := exec.Command("go", append([]string{"list", "-modfile=" + mod, "-export", "-deps", "-json=ImportPath,Export,GoFiles"}, walked...)...)
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	if err != nil {
		return nil, nil, fmt.Errorf("go list -export: %w", err)
	}
	exports, files = map[string]string{}, map[string][]string{}
	for d := json.NewDecoder(bytes.NewReader(text)); ; {
		var p struct {
			ImportPath, Export string
			GoFiles            []string
		}
		if err := d.Decode(&p); err == io.EOF {
			return exports, files, nil
		} else if err != nil {
			return nil, nil, err
		}
		exports[p.ImportPath] = p.Export
		if slices.Contains(walked, p.ImportPath) {
			files[p.ImportPath] = p.GoFiles
		}
	}
}

func orderPackageMaps(module, pkg string, names []string, exports map[string]string) error {
	fset, folder := token.NewFileSet(), filepath.Join(module, filepath.FromSlash(pkg[len(daemon):]))
	var parsed []*ast.File
	for _, name := range names {
		f, err := parser.ParseFile(fset, filepath.Join(folder, name), nil, parser.ParseComments)
		if err != nil {
			return err
		}
		parsed = append(parsed, f)
	}
	open := func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) }
	config := types.Config{Importer: importer.ForCompiler(fset, "gc", open)}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	if _, err := config.Check(pkg, fset, parsed, info); err != nil {
		return err
	}
	for i, f := range parsed {
		n := 0
		ast.Inspect(f, func(node ast.Node) bool {
			if r, ok := node.(*ast.RangeStmt); ok && isMap(info.TypeOf(r.X)) {
				r.X = &ast.CallExpr{Fun: &ast.SelectorExpr{X: ast.NewIdent("bubble"), Sel: ast.NewIdent("All")}, Args: []ast.Expr{r.X}}
				n++
			}
			return true
		})
		if n == 0 && names[i] != "ipamd.go" {
			continue
		}
		addImport(f)
		var text bytes.Buffer
		if err := format.Node(&text, fset, f); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, names[i]), text.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func isMap(t types.Type) bool {
	if t == nil {
		return false
	}
	_, is := t.Underlying().(*types.Map)
	return is
}

// addImport imports the package of the order.
func addImport(f *ast.File) {
	spec := &ast.ImportSpec{Path: &ast.BasicLit{Kind: token.STRING, Value: strconv.Quote(orderPackage)}}
	for _, d := range f.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.IMPORT {
			g.Specs = append(g.Specs, spec)
			return
		}
	}
}

// orderSource is the package of the order.
const orderSource = `// Package bubble is what a recorded run of the daemon leaves nothing to chance with.
package bubble

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Order is how maps are walked: ascending or descending by key, uniform, or as Go
// does for any other word.
var Order string

// Random is the source of uniform order.
var Random *rand.Rand

// Overhead is what half a pass of the pool loop takes besides.
var Overhead time.Duration

// All walks a map in order. What is deleted meanwhile is passed over.
func All[M ~map[K]V, K comparable, V any](m M) iter.Seq2[K, V] {
	if Order != "ascending" && Order != "descending" && Order != "uniform" {
		return maps.All(m)
	}
	return func(yield func(K, V) bool) {
		keys := inOrder(m)
		switch Order {
		case "descending":
			slices.Reverse(keys)
		case "uniform":
			Random.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
		}
		for _, k := range keys {
			if v, still := m[k.key]; still && !yield(k.key, v) {
				return
			}
		}
	}
}

// entry is a key with what it is ordered by.
type entry[K comparable] struct {
	key     K
	text    string
	address netip.Addr // of an address or a block
}

// inOrder are the keys of a map: addresses and blocks by their numbers, all else
// by its text.
func inOrder[M ~map[K]V, K comparable, V any](m M) []entry[K] {
	keys := make([]entry[K], 0, len(m))
	for k := range m {
		e := entry[K]{key: k}
		if len(m) > 1 {
			e.text = fmt.Sprint(k)
			e.address = address(e.text)
		}
		keys = append(keys, e)
	}
	slices.SortFunc(keys, func(a, b entry[K]) int {
		return cmp.Or(a.address.Compare(b.address), strings.Compare(a.text, b.text))
	})
	return keys
}

func address(text string) netip.Addr {
	text, _, _ = strings.Cut(text, "/")
	a, _ := netip.ParseAddr(text)
	return a
}
`
