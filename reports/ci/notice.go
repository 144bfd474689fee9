package ci

import (
	"cmp"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/sim/suite"
)

// notice is one thing that is wrong, at a place of a file.
type notice struct {
	path         string
	line, column int // from 1; 0 where there is no place
	fails        bool
	check        string // what kind of thing: threshold, expectation, bad-input
	title        string // in one line, without a value that changes from run to run
	text         string // in one line or several
	subject      string // what it is about, with its path the same from run to run
	worse        float64
}

// notices are all that is wrong with a suite: failures before warnings, and of
// each the worst first. Faults and bad files come before thresholds, of which the
// one that is farthest from its bound, in parts of that, comes first.
func notices(s *suite.Suite) (list []notice) {
	for i := range s.Files {
		f := &s.Files[i]
		list = append(list, fileNotices(f, s)...)
		for j := range f.Cases {
			if c := &f.Cases[j]; c.Outcome != suite.Held {
				list = append(list, notice{path: f.Path, line: c.Line, column: c.Column, fails: s.Fails(c), check: string(c.Kind),
					title: "ipamsim: " + c.Variant + ": " + condition(c), text: details(f, c), subject: c.Variant + " " + condition(c), worse: distance(c)})
			}
		}
		for _, p := range f.Warnings {
			list = append(list, notice{path: p.File, line: p.Line, column: p.Column, check: "warning", title: "ipamsim: probably not meant", text: p.Message, subject: p.Message})
		}
	}
	slices.SortStableFunc(list, func(a, b notice) int {
		if a.fails != b.fails {
			return map[bool]int{true: -1, false: 1}[a.fails]
		}
		return cmp.Compare(b.worse, a.worse)
	})
	return list
}

// fileNotices are about a file as a whole.
func fileNotices(f *suite.File, s *suite.Suite) (list []notice) {
	whole := func(fails bool, check, text string, worse float64) {
		list = append(list, notice{path: f.Path, line: 1, fails: fails, check: check, title: "ipamsim: " + check, text: text, subject: check, worse: worse})
	}
	switch f.Status {
	case suite.Broken:
		whole(true, "fault", f.Why, math.Inf(1))
	case suite.Bad:
		for _, p := range f.Problems {
			list = append(list, notice{path: cmp.Or(p.File, f.Path), line: p.Line, column: p.Column, fails: true, check: "bad-input", title: "ipamsim: not a scenario that can be run",
				text: p.Message, subject: p.Message, worse: math.Inf(1)})
		}
	case suite.CutOff:
		whole(true, "cut-off", f.Why, math.Inf(1))
	case suite.NotRun:
		whole(false, "not-run", f.Why, 0)
	case suite.Warned:
		if len(f.Cases) == 0 {
			whole(s.FailOnWarn || s.Counts.Cases == 0, "no-threshold", f.Why, 0)
		}
	}
	return list
}

// distance is how far a case is from its bound, in parts of that; a value that was
// never observed is as far as any, and one that nobody looked at is no distance.
func distance(c *suite.Case) float64 {
	switch {
	case c.Unjudged:
		return 0
	case c.Difference == nil:
		return math.MaxFloat64
	}
	return math.Abs(*c.Difference) / max(math.Abs(c.Expected), 1e-9)
}

// relative is a path as seen from a folder, where it is in it; and as it is
// where not, or where there is none.
func relative(path, root string) string {
	abs, err := filepath.Abs(filepath.FromSlash(path))
	if root == "" || err != nil {
		return path
	}
	if real, err := filepath.EvalSymlinks(root); err == nil {
		root = real
	}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		abs = real
	}
	if seen, err := filepath.Rel(root, abs); err == nil && seen != ".." && !strings.HasPrefix(seen, ".."+string(filepath.Separator)) {
		return filepath.ToSlash(seen)
	}
	return path
}

// more says that there are n others.
func more(n int, of string) string {
	return fmt.Sprintf("and %s more", words.Plural(n, of))
}
