package ci

import (
	"bufio"
	"io"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/reports"
	"ipamsim/sim/suite"
)

// namedOver is how many files that were passed over are named.
const namedOver = 4

// Table writes a suite as text: a line for each file, failures first, with what
// does not hold and why below, and last what it comes to. Wide shows each case.
func Table(w io.Writer, s *suite.Suite, look reports.TableOptions) error {
	t := &table{out: bufio.NewWriter(w), look: look}
	if t.look.Width <= 0 {
		t.look.Width = reports.DefaultWidth
	}
	for _, f := range s.WorstFirst() {
		t.file(f)
	}
	t.passedOver(s.PassedOver)
	if len(s.Files) > 0 {
		t.line("")
		t.line(s.Tally())
	}
	style := map[suite.Verdict]string{suite.Holds: green}[s.Verdict]
	if style == "" {
		style = red
	}
	t.line(t.styled(style, s.Verdict.Head()) + ": " + words.Printable(s.Reason))
	return t.out.Flush()
}

// Styles of a terminal. They repeat what the words say.
const (
	green  = "32"
	yellow = "33"
	red    = "1;31"
)

type table struct {
	out  *bufio.Writer
	look reports.TableOptions
}

func (t *table) styled(style, text string) string {
	if !t.look.Color {
		return text
	}
	return "\x1b[" + style + "m" + text + "\x1b[0m"
}

// line writes a line that is fit for a terminal.
func (t *table) line(text string) { t.out.WriteString(text + "\n") }

// wrapped writes text, its first line behind first, and the others as far to the
// right.
func (t *table) wrapped(first, text string) {
	indent := strings.Repeat(" ", len([]rune(first)))
	for _, line := range reports.Wrap(words.Printable(text), t.look.Width-len(indent)) {
		t.line(first + line)
		first = indent
	}
}

// file writes what became of one.
func (t *table) file(f *suite.File) {
	style := red
	switch f.Status {
	case suite.Passed:
		style = green
	case suite.Warned, suite.NotRun:
		style = yellow
	}
	head := f.Status.Head()
	t.line(t.styled(style, head) + strings.Repeat(" ", 6-len(head)) + words.Printable(f.Path+"  "+f.Summary()))
	for _, p := range f.Problems {
		for _, line := range strings.Split(p.Text, "\n") {
			t.line("      " + words.Printable(line))
		}
	}
	for i := range f.Cases {
		t.aCase(f, &f.Cases[i])
	}
	for i := range f.Findings {
		t.finding(f, &f.Findings[i])
	}
	if t.look.Wide {
		for _, p := range f.Warnings {
			t.wrapped("      ! ", p.Message)
		}
	}
}

// aCase writes a case that does not hold, and if wide any.
func (t *table) aCase(f *suite.File, c *suite.Case) {
	mark := map[suite.Outcome]string{suite.Held: "✓", suite.Warns: "!", suite.Fell: "✗"}[c.Outcome]
	switch {
	case c.Outcome != suite.Held:
		t.wrapped("      "+mark+" ", c.Variant+"  "+oneLine(c))
	case t.look.Wide:
		t.wrapped("      "+mark+" ", c.Variant+"  "+condition(c)+": "+reports.Actual(c.Threshold))
	}
}

// finding writes why.
func (t *table) finding(f *suite.File, found *suite.Finding) {
	for i, text := range because(found) {
		switch {
		case i == 0:
			t.wrapped("      why ", found.Variant+": "+line(text))
		case text.Listing: // a command in one line, so that it can be copied
			t.line("          " + words.Printable(line(text)))
		default:
			t.wrapped("          ", line(text))
		}
	}
}

// passedOver says why files were not run, and names a few of each kind.
func (t *table) passedOver(list []suite.PassedOver) {
	var reasons []string
	named := map[string][]string{}
	for _, p := range list {
		if named[p.Why] == nil {
			reasons = append(reasons, p.Why)
		}
		named[p.Why] = append(named[p.Why], p.Path)
	}
	if len(list) > 0 {
		t.line("")
	}
	for _, why := range reasons {
		paths, more := named[why], ""
		if n := len(paths); n > namedOver && !t.look.Wide {
			paths, more = paths[:namedOver], " and "+words.Count(n-namedOver)+" more"
		}
		t.wrapped("      ", "passed over, "+why+": "+strings.Join(paths, ", ")+more)
	}
}
