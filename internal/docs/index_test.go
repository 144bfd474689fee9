package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Who looks for a page finds it in one place.
func TestTheIndexListsEveryPageOnce(t *testing.T) {
	text, err := os.ReadFile("../../docs/README.md")
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, link := range regexp.MustCompile(`\]\(([^)]+\.md)\)`).FindAllStringSubmatch(string(text), -1) {
		listed = append(listed, filepath.Join("../../docs", link[1]))
	}
	var pages []string
	for _, pattern := range []string{"../../docs/*.md", "../../docs/*/README.md", "../../validation/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, found...)
	}
	pages = slices.DeleteFunc(pages, func(page string) bool { return page == "../../docs/README.md" })
	slices.Sort(listed)
	slices.Sort(pages)
	if !slices.Equal(listed, pages) {
		t.Errorf("docs/README.md lists\n%s\nthe pages are\n%s", strings.Join(listed, "\n"), strings.Join(pages, "\n"))
	}
}

// Markdown wants an empty line before a heading, and two changes that are put
// together by a machine leave none.
func TestHeadingsBeginAParagraph(t *testing.T) {
	text, err := os.ReadFile("../../CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	if found := regexp.MustCompile(`[^\n]\n#+ [^\n]*`).FindAllString(string(text), -1); len(found) != 0 {
		t.Errorf("CHANGELOG.md has no empty line before %q", found)
	}
}

// Two changes that are put together by a machine say a thing twice: a paragraph,
// a row of a table, a rule of the Makefile.
func TestNothingIsSaidTwice(t *testing.T) {
	for _, file := range []string{"README.md", "ARCHITECTURE.md", "CHANGELOG.md", "Makefile", "docs/README.md"} {
		text, err := os.ReadFile("../../" + file)
		if err != nil {
			t.Fatal(err)
		}
		first := map[string]int{}
		for n, line := range strings.Split(string(text), "\n") {
			key := line
			if file == "Makefile" { // a target has one rule
				target, _, isRule := strings.Cut(line, ":")
				if !isRule || target == "" || strings.ContainsAny(target, " \t#.") {
					continue
				}
				key = target
			} else if len(line) < 80 {
				continue
			}
			if was := first[key]; was != 0 {
				t.Errorf("%s:%d says what line %d says: %s", file, n+1, was, line)
			}
			first[key] = n + 1
		}
	}
}
