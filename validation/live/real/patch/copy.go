package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// unneeded are folders of the modules that no build of the daemon wants.
var unneeded = []string{"charts", "docs", "service", "feature", ".github", "testdata", "codegen"}

// copyModule copies a module from the module cache, to which it comes if it is not
// there: go list alone brings nothing.
func copyModule(mod, module, to string) error {
	if _, err := goTool("mod", "download", "-modfile="+mod, module); err != nil {
		return err
	}
	from, err := goTool("list", "-modfile="+mod, "-m", "-f", "{{if .Replace}}{{.Replace.Dir}}{{else}}{{.Dir}}{{end}}", module)
	if err != nil {
		return err
	}
	if from == "" {
		return fmt.Errorf("%s is not in the module cache", module)
	}
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		switch {
		case d.IsDir() && slices.Contains(unneeded, d.Name()):
			return fs.SkipDir
		case d.IsDir():
			return os.MkdirAll(target, 0o755)
		case strings.HasSuffix(d.Name(), "_test.go"):
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, data, 0o644)
	})
}

// edit replaces a text in a file, where it must occur so many times.
func edit(file, old, replacement string, times int) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if n := strings.Count(string(data), old); n != times {
		return fmt.Errorf("%s has %q %d times, not %d: this release is not known", file, old, n, times)
	}
	return os.WriteFile(file, []byte(strings.ReplaceAll(string(data), old, replacement)), 0o644)
}
