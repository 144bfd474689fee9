package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ipamsim/sim"
)

// TestDocumentsShowWhatTheCommandsPrint runs every command of the pages' console
// blocks. A block holds commands, each behind "$ ", and below each the lines
// of its output that matter, in order; "…" stands for lines left out.
func TestDocumentsShowWhatTheCommandsPrint(t *testing.T) {
	t.Chdir("../..") // the commands are given for the root of the repository
	pages, err := filepath.Glob("docs/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("no pages: %v", err)
	}
	pages = append(pages, "README.md", "validation/README.md")
	commands := 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range examples(string(text)) {
			commands++
			t.Run(filepath.Base(page)+"/"+e.command, func(t *testing.T) { e.check(t) })
		}
	}
	if commands == 0 {
		t.Error("no page has a console block: the pattern is wrong")
	}
}

type example struct {
	command string
	lines   []string
}

func examples(page string) (list []example) {
	inside := false
	for line := range strings.Lines(page) {
		line = strings.TrimRight(line, " \n")
		switch {
		case strings.HasPrefix(line, "```"):
			inside = line == "```console"
		case inside && strings.HasPrefix(line, "$ "):
			list = append(list, example{command: line[2:]})
		case inside && len(list) > 0 && strings.TrimSpace(line) != "…" && line != "":
			e := &list[len(list)-1]
			e.lines = append(e.lines, line)
		}
	}
	return list
}

func (e example) check(t *testing.T) {
	args := commandWords(e.command)
	if len(args) == 0 || args[0] != "ipamsim" {
		t.Fatalf("a console block runs %q: only ipamsim's own commands can be checked", e.command)
	}
	if args[1] == "conform" {
		args = append(args, "--seeds", "1") // package validation's tests make all runs of each trace
	}
	drawn, args := drawnAside(t, args)
	code, stdout, stderr := invoke(sim.Run, args[1:]...)
	for dir, made := range drawn {
		samePictures(t, dir, made)
	}
	if said := slices.Contains(e.lines, fmt.Sprintf("(exit code %d)", code)); said == (code == 0) {
		t.Errorf("the exit code is %d: a block shows any but 0 as a line, (exit code %d)", code, code)
	}
	output := strings.Split(stdout+stderr+fmt.Sprintf("\n(exit code %d)", code), "\n")
	at := 0
	for _, want := range e.lines {
		for at < len(output) && strings.TrimRight(output[at], " ") != want {
			at++
		}
		if at == len(output) {
			t.Fatalf("the output has no such line, or not in this place:\n%s\nit is:\n%s", want, stdout+stderr)
		}
	}
}

// drawnAside leads the pictures of a command into folders of the test: by the
// folder where the page has them.
func drawnAside(t *testing.T, args []string) (drawn map[string]string, aside []string) {
	drawn = map[string]string{}
	for _, word := range args {
		if dir, is := strings.CutPrefix(word, "plots="); is {
			drawn[dir] = t.TempDir()
			word = "plots=" + drawn[dir]
		}
		aside = append(aside, word)
	}
	return drawn, aside
}

// samePictures holds the pictures that a folder of the pages has beside those that
// a command makes today, as far as it makes them. With UPDATE=1 it takes those.
func samePictures(t *testing.T, dir, made string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	shown := 0
	for _, e := range entries {
		want, err := os.ReadFile(filepath.Join(made, e.Name()))
		if err != nil {
			continue // another command's
		}
		shown++
		path := filepath.Join(dir, e.Name())
		if os.Getenv("UPDATE") != "" {
			if err := os.WriteFile(path, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what the command draws: run UPDATE=1 go test ./cmd/ipamsim -run Documents, and look at it (%v)", path, err)
		}
	}
	if shown == 0 {
		t.Errorf("%s shows none of what the command draws", dir)
	}
}

// commandWords splits a command line at spaces, but not inside single quotes.
func commandWords(command string) (list []string) {
	var word strings.Builder
	quoted, any := false, false
	flush := func() {
		if any {
			list = append(list, word.String())
		}
		word.Reset()
		any = false
	}
	for _, r := range command {
		switch {
		case r == '\'':
			quoted, any = !quoted, true
		case r == ' ' && !quoted:
			flush()
		default:
			word.WriteRune(r)
			any = true
		}
	}
	flush()
	return list
}
