package ci

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"ipamsim/sim/suite"
)

// TAP writes a suite in the Test Anything Protocol: a point for each threshold,
// and one for each file without any. What only warns is a failure that is marked
// TODO, which harnesses do not count; what was not run is skipped, but where
// nothing at all was judged. It is version 13: that is what Perl's harness, prove,
// knows, and those of version 14 read it, too; and what is said below a point keeps to
// the part of YAML that prove can read.
// Sources: https://testanything.org/tap-version-13-specification.html,
// https://testanything.org/tap-version-14-specification.html and TAP::Parser 3.44,
// YAMLish::Reader.
func TAP(w io.Writer, s *suite.Suite) error {
	var points []tapPoint
	for i := range s.Files {
		points = append(points, tapFile(&s.Files[i], s)...)
	}
	if len(s.Files) == 0 {
		points = append(points, tapPoint{name: "scenario files", message: s.Reason})
	}
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "TAP version 13\n1..%d\n", len(points))
	for i, p := range points {
		p.write(out, i+1)
	}
	return out.Flush()
}

// tapPoint is one line of the protocol, and what is said below.
type tapPoint struct {
	ok        bool
	name      string
	directive string // TODO or SKIP, and why
	message   string // of one that does not hold
	more      string
}

// tapFile are the points of a file.
func tapFile(f *suite.File, s *suite.Suite) (points []tapPoint) {
	switch {
	case f.Status == suite.Bad:
		points = append(points, tapPoint{name: f.Path, message: f.Wrong(), more: problemText(f)})
	case f.Status == suite.Broken || f.Status == suite.CutOff:
		points = append(points, tapPoint{name: f.Path, message: f.Why, more: f.Stack})
	case f.Status == suite.NotRun:
		points = append(points, tapPoint{ok: true, name: f.Path, directive: "SKIP " + f.Why})
	case len(f.Cases) == 0 && (s.Counts.Cases == 0 || s.FailOnWarn):
		points = append(points, tapPoint{name: f.Path, message: f.Why})
	case len(f.Cases) == 0:
		points = append(points, tapPoint{ok: true, name: f.Path, directive: "SKIP " + f.Why})
	}
	for i := range f.Cases {
		c := &f.Cases[i]
		p := tapPoint{ok: c.Outcome == suite.Held, name: f.Path + ": " + c.Variant + ": " + condition(c)}
		if !p.ok {
			p.message, p.more = oneLine(c), details(f, c)
			if !s.Fails(c) {
				p.directive = "TODO it warns only"
			}
		}
		points = append(points, p)
	}
	return points
}

// write writes a point. What follows a # that is not escaped is a directive.
func (p *tapPoint) write(out *bufio.Writer, number int) {
	escape := func(text string) string {
		return strings.NewReplacer(`\`, `\\`, "#", `\#`).Replace(strings.Join(strings.Fields(plain(text)), " "))
	}
	status := map[bool]string{true: "ok", false: "not ok"}[p.ok]
	fmt.Fprintf(out, "%s %d - %s", status, number, escape(p.name))
	if p.directive != "" {
		fmt.Fprintf(out, " # %s", escape(p.directive))
	}
	out.WriteByte('\n')
	if p.ok {
		return
	}
	quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	fmt.Fprintf(out, "  ---\n  message: \"%s\"\n", quoted.Replace(strings.Join(strings.Fields(inYAML(p.message)), " ")))
	if more := strings.TrimSpace(inYAML(p.more)); more != "" {
		out.WriteString("  details: |\n")
		for line := range strings.SplitSeq(more, "\n") {
			if strings.TrimSpace(line) != "" { // which would end the text
				out.WriteString("    " + line + "\n")
			}
		}
	}
	out.WriteString("  ...\n")
}

// inYAML is a text without the characters that YAML cannot have, which are XML's.
func inYAML(text string) string { return xmlText(plain(text)) }
