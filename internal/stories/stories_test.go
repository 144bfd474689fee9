package stories

//go:generate go test . -update

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the answers into the pages of docs/stories")

// TestStoriesAreTrue asks again what the pages ask.
func TestStoriesAreTrue(t *testing.T) {
	files, err := filepath.Glob("../../docs/stories/*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("no pages: %v", err)
	}
	asked := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		p := parsePage(string(text))
		asked += len(p.parts) / 2
		t.Run(strings.TrimSuffix(filepath.Base(file), ".md"), func(t *testing.T) {
			t.Parallel()
			tell(t, p)
			if *update {
				if err := os.WriteFile(file, []byte(p.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
	if asked == 0 {
		t.Error("no page asks anything: the pattern is wrong")
	}
}

// tell puts the answers that it gets into the page.
func tell(t *testing.T, p *page) {
	s := &teller{scenario: p.scenario}
	defer s.close()
	for i := range p.parts {
		each := &p.parts[i]
		if each.command == "" {
			continue
		}
		got, err := s.answer(each.command)
		if err != nil {
			t.Fatalf("%s: %v", each.command, err)
		}
		got = tidy(got)
		if got != each.answer && !*update {
			t.Errorf("> %s\nanswers\n%s\n\nthe page has\n%s", each.command, got, each.answer)
		}
		each.answer = got
	}
}

// tidy takes spaces off the ends of lines, which no editor would keep.
func tidy(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// A page that is read and written stays as it is.
func TestPagesKeepTheirShape(t *testing.T) {
	for _, text := range []string{
		"# Title\n\nProse.\n\n```yaml\na: 1\n```\n\n```story\n> one\nanswer\n\n> two\n```\nMore > prose\n> a quote\n",
		"```story\n> one\nfirst\n\nlast\n```\n",
		"```story\n> none\n\n> two\n```\n\n```yaml\nb: 2\n```\n",
	} {
		if got := parsePage(text).String(); got != text {
			t.Errorf("%q becomes %q", text, got)
		}
	}
	p := parsePage("```yaml\na: 1\n```\n```yaml\nb: 2\n```\n```story\n> run to 1s\nx\n\ny\n```\n")
	if p.scenario != "a: 1\n" || len(p.parts) != 3 || p.parts[1].command != "run to 1s" || p.parts[1].answer != "x\n\ny" {
		t.Errorf("%+v", p)
	}
}
