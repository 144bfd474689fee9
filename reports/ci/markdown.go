package ci

import (
	"fmt"
	"html"
	"io"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/reports"
	"ipamsim/sim/suite"
)

// marker is what a comment begins with and nobody sees: a job finds its own
// comment by it, and writes over it.
const marker = "<!-- ipamsim test -->"

// Bounds of texts, in bytes, which are never fewer than characters. A comment of
// GitHub has at most 65,536 characters, and the summary of a step 1 MiB.
// Sources: the API's "body is too long (maximum is 65536 characters)", and
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#step-isolation-and-limits.
const (
	mostComment = 65_535
	mostSummary = 1<<20 - 1
)

// Markdown writes a comment on a pull request: what the suite comes to in a line,
// then what failed, and behind that all files. It does not depend on anything but
// what was found, so that a comment that says the same is the same.
func Markdown(w io.Writer, s *suite.Suite) error {
	return markdown(w, s, marker+"\n", mostComment)
}

// Summary is the same for the summary of a step.
func Summary(w io.Writer, s *suite.Suite) error { return markdown(w, s, "", mostSummary) }

func markdown(w io.Writer, s *suite.Suite, begin string, most int) error {
	p := comment{room: most - len(begin)}
	p.add(fmt.Sprintf("**ipamsim: %s** — %s\n", s.Verdict.Head(), prose(s.Reason)))
	p.wrong(s)
	p.why(s)
	p.files(s)
	_, err := io.WriteString(w, begin+p.text.String())
	return err
}

// comment is a text that has an end.
type comment struct {
	text strings.Builder
	room int // bytes
}

// add appends a text whole or not at all.
func (p *comment) add(text string) {
	if len(text) <= p.room {
		p.room -= len(text)
		p.text.WriteString(text)
	}
}

// reserve is the room that is kept for saying that there is no more.
const reserve = 100

// section appends rows between what opens and what closes them, as many as there is
// room for in a share of what is left, and says how many others there are. Where not
// even that has room, there is no section.
func (p *comment) section(opening string, rows []string, closing string, share int) {
	room := p.room/share - len(opening) - len(closing) - reserve
	if len(rows) == 0 || room < 0 {
		return
	}
	var text strings.Builder
	text.WriteString(opening)
	for i, row := range rows {
		if len(row) > room {
			text.WriteString("\n" + more(len(rows)-i, "row") + ", which have no room here\n")
			break
		}
		room -= len(row)
		text.WriteString(row)
	}
	p.add(text.String() + closing)
}

// wrong lists what is wrong, failures first.
func (p *comment) wrong(s *suite.Suite) {
	var rows []string
	for _, f := range s.WorstFirst() {
		switch f.Status {
		case suite.Bad:
			rows = append(rows, fmt.Sprintf("| ❌ | %s | | %s | %s |\n", code(f.Path), prose(f.Summary()), prose(f.Wrong())))
		case suite.Broken, suite.CutOff:
			rows = append(rows, fmt.Sprintf("| ❌ | %s | | %s | |\n", code(f.Path), prose(f.Summary())))
		}
		for i := range f.Cases {
			c := &f.Cases[i]
			if c.Outcome == suite.Held {
				continue
			}
			mark := map[bool]string{true: "❌", false: "⚠️"}[s.Fails(c)]
			rows = append(rows, fmt.Sprintf("| %s | %s | %s | %s | %s |\n", mark, code(place(f, c.Line)), code(c.Variant), code(condition(c)), prose(reports.Why(c.Threshold))))
		}
	}
	p.section("\n| | file | variant | threshold | expected and actual |\n|---|---|---|---|---|\n", rows, "", 2)
}

// why lists the findings.
func (p *comment) why(s *suite.Suite) {
	var rows []string
	for i := range s.Files {
		f := &s.Files[i]
		for j := range f.Findings {
			found := &f.Findings[j]
			text := fmt.Sprintf("- %s, %s: %s\n", code(f.Path), code(found.Variant), prose(found.Summary))
			for _, t := range because(found)[1:] {
				if t.Listing {
					text += "  - " + prose(t.Lead) + " " + code(t.Body) + "\n"
				} else {
					text += "  - " + prose(line(t)) + "\n"
				}
			}
			rows = append(rows, text)
		}
		for _, problem := range f.Problems[min(1, len(f.Problems)):] { // the first is in the table
			rows = append(rows, fmt.Sprintf("- %s: %s\n", code(place(f, problem.Line)), prose(problem.Message)))
		}
	}
	p.section("\n<details><summary>Why</summary>\n\n", rows, "\n</details>\n", 2)
}

// files lists all.
func (p *comment) files(s *suite.Suite) {
	var rows []string
	for _, f := range s.WorstFirst() {
		mark := "❌"
		switch f.Status {
		case suite.Passed:
			mark = "✅"
		case suite.Warned, suite.NotRun:
			mark = "⚠️"
		}
		rows = append(rows, fmt.Sprintf("| %s | %s | %s |\n", mark, code(f.Path), prose(f.Summary())))
	}
	p.section("\n<details><summary>"+prose(s.Tally())+"</summary>\n\n| | file | |\n|---|---|---|\n", rows, "\n</details>\n", 1)
}

// code is a text in a cell that means nothing to Markdown, and mentions nobody.
func code(text string) string {
	return "<code>" + cell(text) + "</code>"
}

// prose is a text whose letters are letters.
func prose(text string) string {
	return strings.ReplaceAll(cell(text), "@", "@<!-- -->")
}

// cell is a text in one line, without what Markdown or HTML would take for
// something else.
func cell(text string) string {
	text = html.EscapeString(words.Printable(strings.Join(strings.Fields(text), " ")))
	return strings.NewReplacer("|", "&#124;", "`", "&#96;", "*", "&#42;", "_", "&#95;", "[", "&#91;", "]", "&#93;", "~", "&#126;", `\`, "&#92;").Replace(text)
}

// place is file:line, or the file where there is no line.
func place(f *suite.File, line int) string {
	if line == 0 {
		return f.Path
	}
	return fmt.Sprintf("%s:%d", f.Path, line)
}
