package ci

import (
	"encoding/xml"
	"io"
	"strings"
	"unicode"

	"ipamsim/sim/suite"
)

// JUnit writes a suite as the XML that Jenkins, GitLab and others read: a test
// suite for each file, a test case for each threshold. It has no times: a
// document does not depend on the machine.
//
// A case that does not hold has a failure, whose message is one line; one that
// only warns passes, and says so in what it has printed. A file that could not be
// run has one case with an error; so has one that was cut off. One that was not
// run, or that has no threshold, has one that is skipped, but where nothing at all
// was judged: that is no success, and an error in each file.
func JUnit(w io.Writer, s *suite.Suite) error {
	doc := junitSuites{Name: "ipamsim test"}
	for i := range s.Files {
		one := junitFile(&s.Files[i], s)
		doc.Tests += one.Tests
		doc.Failures += one.Failures
		doc.Errors += one.Errors
		doc.Suites = append(doc.Suites, one)
	}
	if len(s.Files) == 0 {
		one := junitSuite{Name: "ipamsim test", Cases: []junitCase{{Name: "scenario files", Class: "ipamsim", Error: &junitMessage{Message: xmlText(s.Reason), Type: "no-files"}}}}
		one.count()
		doc.Suites, doc.Tests, doc.Errors = append(doc.Suites, one), one.Tests, one.Errors
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(doc); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	File     string      `xml:"file,attr,omitempty"`
	Cases    []junitCase `xml:"testcase"`
	Out      string      `xml:"system-out,omitempty"`
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	Skipped *junitMessage `xml:"skipped"`
	Error   *junitMessage `xml:"error"`
	Failure *junitMessage `xml:"failure"`
	Out     string        `xml:"system-out,omitempty"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Body    string `xml:",cdata"`
}

// count counts the cases.
func (s *junitSuite) count() {
	for _, c := range s.Cases {
		s.Tests++
		switch {
		case c.Failure != nil:
			s.Failures++
		case c.Error != nil:
			s.Errors++
		case c.Skipped != nil:
			s.Skipped++
		}
	}
}

// junitFile is a file's suite.
func junitFile(f *suite.File, s *suite.Suite) junitSuite {
	one := junitSuite{Name: xmlText(f.Path), File: xmlText(f.Path)}
	whole := func(name string) *junitCase {
		one.Cases = append(one.Cases, junitCase{Name: name, Class: one.Name})
		return &one.Cases[len(one.Cases)-1]
	}
	switch {
	case f.Status == suite.Bad:
		whole("is a scenario").Error = &junitMessage{Message: xmlText(f.Wrong()), Type: "bad-input", Body: xmlText(problemText(f))}
	case f.Status == suite.Broken:
		whole("runs").Error = &junitMessage{Message: xmlText(f.Why), Type: "fault", Body: xmlText(f.Stack)}
	case f.Status == suite.CutOff:
		whole("runs to its end").Error = &junitMessage{Message: xmlText(f.Why), Type: "cut-off"}
	case f.Status == suite.NotRun:
		whole("runs").Skipped = &junitMessage{Message: xmlText(f.Why)}
	case len(f.Cases) == 0 && (s.Counts.Cases == 0 || s.FailOnWarn):
		whole("has a threshold").Error = &junitMessage{Message: xmlText(f.Why), Type: "nothing-judged"}
	case len(f.Cases) == 0:
		whole("has a threshold").Skipped = &junitMessage{Message: xmlText(f.Why)}
	}
	for i := range f.Cases {
		one.Cases = append(one.Cases, junitOne(f, &f.Cases[i], s.FailOnWarn))
	}
	one.Out = xmlText(warningText(f))
	one.count()
	return one
}

// junitOne is the test case of a condition.
func junitOne(f *suite.File, c *suite.Case, failOnWarn bool) junitCase {
	one := junitCase{Name: xmlText(c.Variant + ": " + condition(c)), Class: xmlText(f.Path)}
	if c.Kind == suite.Expectation {
		one.Name += " (expected)"
	}
	switch {
	case c.Outcome == suite.Fell || c.Outcome == suite.Warns && failOnWarn:
		one.Failure = &junitMessage{Message: xmlText(oneLine(c)), Type: string(c.Kind), Body: xmlText(details(f, c))}
	case c.Outcome == suite.Warns:
		one.Out = xmlText("warning: " + oneLine(c))
	}
	return one
}

// details are all that is known of a case that does not hold.
func details(f *suite.File, c *suite.Case) string {
	lines := []string{oneLine(c)}
	if why := f.Reason(c); why != nil {
		for _, t := range because(why) {
			lines = append(lines, line(t))
		}
		lines = append(lines, why.Evidence...)
	}
	return strings.Join(lines, "\n")
}

func problemText(f *suite.File) string {
	var lines []string
	for _, p := range f.Problems {
		lines = append(lines, p.Text)
	}
	return strings.Join(lines, "\n")
}

func warningText(f *suite.File) string {
	var lines []string
	for _, p := range f.Warnings {
		lines = append(lines, "warning: "+p.Text)
	}
	return strings.Join(lines, "\n")
}

// xmlText is a text without the characters that XML 1.0 cannot have.
func xmlText(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' || r >= ' ' && r != 0xFFFE && r != 0xFFFF && !unicode.Is(unicode.Cs, r) {
			return r
		}
		return unicode.ReplacementChar
	}, text)
}
