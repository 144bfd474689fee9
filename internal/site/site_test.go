package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every link of the site that was made leads to a file of it and to a name in
// that file, seen from the HTML, so that what was made of a link counts and not
// what was meant.
func TestEveryLinkOfTheSiteLeadsSomewhere(t *testing.T) {
	s, err := read("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := s.write(dir); err != nil {
		t.Fatal(err)
	}
	reference := regexp.MustCompile(`(?:href|src)="([^"]*)"`)
	pages, links := 0, 0
	texts := map[string][]byte{}
	look := func(file string) ([]byte, error) {
		if text, known := texts[file]; known {
			return text, nil
		}
		text, err := os.ReadFile(file)
		if err == nil {
			texts[file] = text
		}
		return text, err
	}
	err = filepath.WalkDir(dir, func(at string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(at) != ".html" {
			return err
		}
		text, err := look(at)
		if err != nil {
			return err
		}
		pages++
		for _, m := range reference.FindAllSubmatch(text, -1) {
			if strings.Contains(string(m[1]), "://") {
				continue
			}
			links++
			file, name, _ := strings.Cut(string(m[1]), "#")
			to := at
			if file != "" {
				to = filepath.Join(filepath.Dir(at), file)
			}
			there, err := look(to)
			if err != nil {
				if _, err := os.Stat(filepath.Join(to, "index.html")); err != nil {
					t.Errorf("%s: %s leads nowhere", at, m[1])
				}
				continue
			}
			if name != "" && !strings.Contains(string(there), `id="`+name+`"`) {
				t.Errorf("%s: nothing is called %s", at, m[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if pages < 30 || links < 30*30 {
		t.Errorf("only %d pages with %d links", pages, links)
	}
}

func TestALinkThatLeadsNowhereIsAnError(t *testing.T) {
	for text, want := range map[string]string{
		"# A\n\n[b](gone.md)":        "gone.md",
		"# A\n\n[b](#gone)":          "no heading of that name",
		"# A\n\n[b](../outside.md)":  "out of the clone",
		"# A\n\n![b](img/gone.svg)":  "gone.svg",
		"no heading":                 "has no heading",
		"# A\n\n[b](README.md#a-b-)": "no heading of that name",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "README.md"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := read(dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want an error about %q", text, err, want)
		}
	}
}

func TestNamesOfHeadingsAreGitHubs(t *testing.T) {
	for heading, want := range map[string]string{
		"Two commands": "two-commands", "`--set`, and more": "--set-and-more", "Why?": "why", "A_b c-d": "a_b-c-d",
	} {
		if got := anchor(strings.ReplaceAll(heading, "`", "")); got != want {
			t.Errorf("%q: got %q, want %q", heading, got, want)
		}
	}
}
