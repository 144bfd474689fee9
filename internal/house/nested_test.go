package house

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The modules below validation call ours, and what they require besides is not
// downloaded here, so that nothing builds them in each run. Their sources are held
// against the types of ours all the same: a name or a signature that has changed
// shows. What only they require is unknown, and nothing is said of its use.
func TestNestedModulesFitOurs(t *testing.T) {
	exports := exportData(t)
	ours := func(path string) (io.ReadCloser, error) {
		file, ok := exports[path]
		if !ok {
			return nil, errors.New("is of another module")
		}
		return os.Open(file)
	}
	n := 0
	for _, folder := range nestedFolders(t) {
		fset := token.NewFileSet()
		for name, files := range parsed(t, fset, folder) {
			config := types.Config{Importer: importer.ForCompiler(fset, "gc", ours), Error: func(err error) {
				if !followsFromUnknown(err) {
					t.Errorf("%v", err)
				}
			}}
			config.Check(name, fset, files, nil)
			n++
		}
	}
	if n < 8 {
		t.Errorf("only %d packages are looked at", n)
	}
}

// followsFromUnknown says that an error may come of a package that is not here:
// its import, a name that it gives to the file, or an argument that it returns.
func followsFromUnknown(err error) bool {
	var e types.Error
	if !errors.As(err, &e) {
		return false
	}
	bare := strings.HasPrefix(e.Msg, "undefined: ") && !strings.Contains(e.Msg, ".")
	imported, isImport := strings.CutPrefix(e.Msg, "could not import ")
	ours := strings.HasPrefix(imported, module+"/") && !strings.HasPrefix(imported, module+"/validation/live/real/")
	return bare || isImport && !ours || strings.Contains(e.Msg, "unknown type")
}

// exportData are the files with the types of what our packages import, by package.
func exportData(t *testing.T) map[string]string {
	t.Helper()
	out, err := exec.Command("go", "list", "-export", "-deps", "-test", "-json=ImportPath,Export", module+"/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	exports := map[string]string{}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct{ ImportPath, Export string }
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return exports
		} else if err != nil {
			t.Fatal(err)
		}
		if p.Export != "" {
			exports[p.ImportPath] = p.Export
		}
	}
}

// nestedFolders are those of the nested modules that have sources.
func nestedFolders(t *testing.T) (list []string) {
	t.Helper()
	nested := map[string]bool{}
	err := filepath.WalkDir("../../validation", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if d.Name() == "testdata" || d.Name() == "node_modules" {
			return fs.SkipDir
		}
		_, missing := os.Stat(filepath.Join(path, "go.mod"))
		nested[path] = missing == nil || nested[filepath.Dir(path)]
		if sources, _ := filepath.Glob(filepath.Join(path, "*.go")); nested[path] && len(sources) > 0 {
			list = append(list, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// parsed are the packages of a folder with their tests, as they are built here.
func parsed(t *testing.T, fset *token.FileSet, folder string) map[string][]*ast.File {
	t.Helper()
	sources, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]*ast.File{}
	for _, path := range sources {
		if built, err := build.Default.MatchFile(folder, filepath.Base(path)); err != nil || !built {
			continue
		}
		f, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name.Name] = append(files[f.Name.Name], f)
	}
	return files
}
