package suite

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"ipamsim/scenarios"
)

// mostFiles is how many scenario files a suite may have. Our assumption: no
// repository has as many.
const mostFiles = 10_000

// Found are the files of some arguments.
type Found struct {
	Paths      []string // of scenario files, or names of shipped scenarios; - is standard input
	PassedOver []PassedOver
}

// Find looks for scenario files: an argument that is a folder stands for those in
// it and in all folders below; any other is one itself. A file that is found twice
// counts once. The error is about an argument, or that there are too many.
func Find(args []string) (*Found, error) {
	f := &finder{seen: map[string]bool{}}
	for _, arg := range args {
		info, err := os.Stat(arg)
		if _, shipped := scenarios.Source(arg); arg == "-" || shipped || err != nil || !info.IsDir() {
			if err := f.take(arg); err != nil {
				return nil, err
			}
			continue
		}
		if err := filepath.WalkDir(arg, func(path string, d fs.DirEntry, err error) error { return f.visit(arg, path, d, err) }); err != nil {
			return nil, err
		}
	}
	return &f.Found, nil
}

// finder collects files.
type finder struct {
	Found
	seen map[string]bool // by what identifies a file
}

// take adds a scenario file, unless it is there.
func (f *finder) take(path string) error {
	id := path
	if behind, err := filepath.EvalSymlinks(path); err == nil {
		id, _ = filepath.Abs(behind)
	}
	if f.seen[id] {
		return nil
	}
	f.seen[id] = true
	if len(f.Paths) == mostFiles {
		return fmt.Errorf("more than %d scenario files, the most that may be tested at once", mostFiles)
	}
	f.Paths = append(f.Paths, path)
	return nil
}

// visit looks at one entry of a folder. Hidden ones belong to other programs.
func (f *finder) visit(root, path string, d fs.DirEntry, err error) error {
	hidden := path != root && strings.HasPrefix(d.Name(), ".")
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", path, cause(err))
	case d.IsDir() && hidden:
		return fs.SkipDir
	case d.IsDir() || hidden || !isYAML(path):
		return nil
	}
	info, err := os.Stat(path) // of what a link leads to
	switch {
	case err != nil || !info.Mode().IsRegular():
		f.pass(path, "no regular file")
		return nil
	case looksLikeProfile(path):
		f.pass(path, "a profile, which scenarios name")
		return nil
	case !looksLikeScenario(path):
		f.pass(path, "neither apiVersion: ipamsim/… nor kind: Scenario")
		return nil
	}
	return f.take(path)
}

func (f *finder) pass(path, why string) {
	f.PassedOver = append(f.PassedOver, PassedOver{filepath.ToSlash(path), why})
}

func isYAML(path string) bool {
	return slices.Contains([]string{".yaml", ".yml"}, strings.ToLower(filepath.Ext(path)))
}

// cause is an error without the path, which is said before it.
func cause(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// textOf is a file's text, whatever it was saved as.
func textOf(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, scenarios.MostBytes))
	text = bytes.ReplaceAll(text, []byte{0}, nil)                  // UTF-16 of letters
	text = bytes.TrimLeft(text, "\uFEFF\xFE\xFF \t\r\n")           // marks of byte order
	return bytes.ReplaceAll(text, []byte("\r"), []byte("\n")), err // line ends of any kind
}

// profileKind is what a profile says of itself.
var profileKind = regexp.MustCompile(`(?m)(^kind:[ \t]*|^[ \t]*\{?[ \t]*"kind"[ \t]*:[ \t]*)["']?Profile\b`)

func looksLikeProfile(path string) bool {
	text, err := textOf(path)
	return err == nil && profileKind.Match(text)
}

// A scenario says so at the beginning of a line, or in braces anywhere. One in
// which that is misspelt has other keys of its own there.
var (
	saysSo  = regexp.MustCompile(`(?m)^(apiVersion:[ \t]*["']?ipamsim\b|kind:[ \t]*["']?Scenario\b)`)
	inBrace = regexp.MustCompile(`"?apiVersion"?[ \t]*:[ \t]*["']?ipamsim/`)
	ownKeys = regexp.MustCompile(`(?m)^(vpc|nodeGroups|workloads|thresholds|warmUp):`)
)

// fewestKeys is how many of a scenario's keys make one of a file that does not say
// what it is.
const fewestKeys = 2

// looksLikeScenario says whether a file is meant to be one. What is wrong with it,
// its reading says; so it does of one that cannot be read.
func looksLikeScenario(path string) bool {
	text, err := textOf(path)
	if err != nil {
		return true
	}
	if saysSo.Match(text) || len(text) > 0 && text[0] == '{' && inBrace.Match(text) {
		return true
	}
	var keys []string
	for _, key := range ownKeys.FindAll(text, -1) {
		if !slices.Contains(keys, string(key)) {
			keys = append(keys, string(key))
		}
	}
	return len(keys) >= fewestKeys
}
