package scenarios

import (
	"fmt"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"ipamsim/internal/words"
)

// Position is a place in a scenario file, or an override of the command line.
type Position struct {
	Line, Column int    // from 1; a column counts characters. 0 is unknown
	Flag         string // such as --set seed=3; empty for a place in the file
	File         string // another one that the scenario takes something from; empty for its own
}

// Problem is one thing that is wrong with a scenario.
type Problem struct {
	File string
	Position
	Message string // what is wrong and what was expected
	Variant string // that it is wrong in; empty for the file itself
	Source  string // the line of the file; empty when there is none
}

// Problems is everything that is wrong with a scenario, by position.
type Problems []Problem

// maxPrinted bounds how many problems Error spells out.
const maxPrinted = 20

// Error is all problems, each with its line and a caret under the column.
func (ps Problems) Error() string {
	var b strings.Builder
	for i, p := range ps {
		if i == maxPrinted {
			fmt.Fprintf(&b, "\nand %d more", len(ps)-maxPrinted)
			break
		}
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(p.String())
	}
	return b.String()
}

// String is the problem as compilers print one.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(words.Printable(p.where()))
	b.WriteString(words.Printable(p.Message))
	if p.Variant != "" && p.Flag == "" {
		b.WriteString(" (in variant " + words.Printable(p.Variant) + ")")
	}
	if p.Source == "" || p.Line == 0 {
		return b.String()
	}
	number := fmt.Sprintf("%5d", p.Line)
	line, column := clip(p.Source, p.Column)
	fmt.Fprintf(&b, "\n%s | %s", number, string(line))
	if column > 0 {
		fmt.Fprintf(&b, "\n%s | %s^", strings.Repeat(" ", len(number)), indentTo(line, column))
	}
	return b.String()
}

// where is file:line:column, or as much of it as is known.
func (p Problem) where() string {
	switch {
	case p.Flag != "":
		return p.Flag + ": "
	case p.Line == 0:
		return p.File + ": "
	case p.Column == 0:
		return fmt.Sprintf("%s:%d: ", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d: ", p.File, p.Line, p.Column)
}

// clip makes a line printable: no control characters, and of a long line only
// what surrounds the column.
func clip(source string, column int) ([]rune, int) {
	const width, before = 120, 40
	total := utf8.RuneCountInString(source)
	start, end := 0, total
	if total > width {
		start = max(0, min(column-before, total-width))
		end = min(total, start+width)
	}
	out := make([]rune, 0, end-start)
	at := 0
	for _, r := range source {
		if at >= end {
			break
		}
		if at >= start {
			if r != '\t' && !unicode.IsPrint(r) {
				r = '\uFFFD'
			}
			out = append(out, r)
		}
		at++
	}
	if start > 0 {
		out[0] = '…'
	}
	if end < total {
		out[len(out)-1] = '…'
	}
	return out, column - start
}

// indentTo is the white space up to a column; tabs stay tabs, so that the
// caret stands right wherever they are shown.
func indentTo(line []rune, column int) string {
	var b strings.Builder
	for i := 0; i < column-1; i++ {
		if i < len(line) && line[i] == '\t' {
			b.WriteByte('\t')
		} else {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// sorted orders problems by position, overrides last, and drops repetitions.
func (ps Problems) sorted() Problems {
	sort.SliceStable(ps, func(i, j int) bool {
		a, b := ps[i], ps[j]
		if a.Flag != b.Flag {
			return a.Flag < b.Flag
		}
		if a.Position.File != b.Position.File {
			return a.Position.File < b.Position.File
		}
		if a.Line != b.Line {
			return a.Line < b.Line
		}
		return a.Column < b.Column
	})
	seen := map[problemKey]bool{}
	out := ps[:0]
	for _, p := range ps {
		if k := p.key(); !seen[k] {
			seen[k] = true
			out = append(out, p)
		}
	}
	return out
}

// problemKey is what repetitions of a problem share.
type problemKey struct {
	Position
	message string
}

func (p Problem) key() problemKey { return problemKey{p.Position, p.Message} }
