package scenarios

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ipamsim/internal/input"
)

// File is a scenario file that was read and found right.
type File struct {
	Name     string    // as problems call it: a path, <stdin>, or an embedded scenario's name
	Digest   string    // of its bytes: sha256: and 64 hexadecimal digits
	Dir      string    // that files beside it are looked for in; empty for an embedded one
	Scenario *Scenario // without any variant
	Path     string    // of the file itself; empty for a shipped one
	Warnings []Problem // what is accepted but probably not meant

	tree     *node
	text     string
	settings readOnce[settingsFile]
	profiles readOnce[profileFile]

	former Problems // warnings of keys that were spelt as they once were
}

// Load reads and checks a scenario with all its variants. The error is a
// Problems that holds everything that is wrong with it.
func Load(name string, data []byte) (*File, error) {
	return load(name, ".", data)
}

func load(name, dir string, data []byte) (read *File, err error) {
	f := &File{Name: name, Dir: dir, Digest: fmt.Sprintf("sha256:%x", sha256.Sum256(data))}
	defer f.stopped(&err)
	if len(data) <= MostBytes {
		f.text = strings.TrimPrefix(string(data), "\uFEFF")
	}
	var problems Problems
	f.tree = parseTree(data, f.reportTo(&problems, ""))
	if f.tree != nil && f.tree.isNull() {
		f.reportTo(&problems, "")(Position{Line: 1, Column: 1}, emptyFile)
	}
	if f.tree == nil || len(problems) > 0 {
		return nil, problems.sorted()
	}
	renameFormer(f.tree, scenarioType, f.warnTo(&f.former, ""))
	x := f.expand(f.tree, "")
	base := x.problems
	f.Scenario, f.Warnings, problems = x.scenario, x.warnings, base
	if variants := f.tree.get("variants"); variants != nil && variants.kind == sequenceNode {
		if err := f.checkWork(variants); err != nil {
			return nil, err
		}
		for _, v := range variants.items {
			if len(problems) >= maxProblems {
				break
			}
			x := f.expandVariant(v, Options{})
			problems = append(problems, unlike(base, x.problems)...)
			f.Warnings = append(f.Warnings, unlike(f.Warnings, x.warnings)...)
		}
	}
	f.Warnings = Problems(f.Warnings).sorted()
	if len(problems) > 0 {
		return nil, problems.sorted()
	}
	return f, nil
}

// maxWork bounds the values of a file times its variants: each is read and
// checked as a file of its own.
const maxWork = 1_000_000

// checkWork refuses what would take long to check.
func (f *File) checkWork(variants *node) error {
	n, most := len(variants.items), maxWork/max(1, f.tree.count())
	if n <= max(most, 1) {
		return nil
	}
	return Problems{f.problemAt(variants.at, "", "variants: %d of a file of %d values, and the most of such a file is %d: put them into several files", []any{n, f.tree.count(), most})}
}

// LoadPath reads a file; "-" is standard input.
func LoadPath(path string) (*File, error) {
	if path == "-" {
		data, err := input.ReadAll(os.Stdin, MostBytes, "a scenario")
		if err != nil {
			return nil, Problems{unreadable("<stdin>", err)}
		}
		f, err := Load("<stdin>", data)
		if f != nil {
			f.Path = "/dev/stdin"
		}
		return f, err
	}
	data, err := readFile(path)
	if err != nil {
		return nil, Problems{unreadable(path, err)}
	}
	f, err := load(path, filepath.Dir(path), data)
	if f != nil {
		f.Path = path
	}
	return f, err
}

// unreadable is why a file could not be read. Its size is about its text, and
// so has a place in it, unlike other reasons.
func unreadable(name string, err error) Problem {
	p := Problem{File: name, Message: err.Error()}
	var wrong *input.Error
	if errors.As(err, &wrong) {
		p.Position = Position{Line: 1, Column: 1}
	}
	return p
}

func readFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		var pathError *os.PathError
		if errors.As(err, &pathError) {
			err = pathError.Err
		}
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, errors.New("a directory, not a scenario file")
	}
	return input.ReadAll(file, MostBytes, "a scenario")
}

// maxProblems is how many problems are looked for: who has so many mends them
// first. Warnings beyond it are dropped.
const maxProblems = 50

// enough ends the reading of a file with too many problems; stopped catches it.
type enough struct{ problems Problems }

// stopped makes an error of what ended the reading of the file, if anything
// did.
func (f *File) stopped(err *error) {
	switch e := recover().(type) {
	case nil:
	case enough:
		closing := Problem{File: f.Name, Message: fmt.Sprintf("these are %d problems: others are not looked for", maxProblems)}
		*err = append(e.problems.sorted(), closing)
	default:
		panic(e)
	}
}

// reportTo collects problems of this file. The variant is named in those that
// come from one.
func (f *File) reportTo(problems *Problems, variant string) report {
	return func(at Position, format string, args ...any) {
		*problems = append(*problems, f.problemAt(at, variant, format, args))
		if len(*problems) == maxProblems {
			panic(enough{slices.Clone(*problems)})
		}
	}
}

// warnTo is reportTo of warnings, of which none is one too many.
func (f *File) warnTo(warnings *Problems, variant string) report {
	return func(at Position, format string, args ...any) {
		if len(*warnings) < maxProblems {
			*warnings = append(*warnings, f.problemAt(at, variant, format, args))
		}
	}
}

func (f *File) problemAt(at Position, variant, format string, args []any) Problem {
	p := Problem{File: f.Name, Position: at, Message: fmt.Sprintf(format, args...), Variant: variant}
	if at.File != "" {
		p.File = at.File // its text is not shown: it may hold secrets, where it is another file than was meant
		return p
	}
	if at.Flag == "" && at.Line > 0 {
		p.Source = lineAt(f.text, at.Line)
	}
	return p
}

// unlike are the problems of more that base does not have.
func unlike(base, more []Problem) []Problem {
	known := map[problemKey]bool{}
	for _, p := range base {
		known[p.key()] = true
	}
	var out []Problem
	for _, p := range more {
		if !known[p.key()] {
			out = append(out, p)
		}
	}
	return out
}
