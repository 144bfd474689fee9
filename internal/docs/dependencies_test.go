package docs

import (
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The page lists what the module requires itself, what the modules below validation
// do, and what the test in a browser does, each at its version.
func TestTheDependenciesPageListsTheDirectRequirements(t *testing.T) {
	page, err := os.ReadFile("../../docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	used, _, _ := strings.Cut(string(page), "## What is written by hand")
	used, tests, _ := strings.Cut(used, "## What tests of their own use")
	same(t, "go.mod", rows(used, "(v[^ ]+) "), required(t, "../../go.mod", ""))

	var want []string
	for _, of := range []string{"live/real", "liveclients", "oracle", "promql"} {
		want = append(want, required(t, "../../validation/"+of+"/go.mod", " of "+of)...)
	}
	text, err := os.ReadFile("../../validation/browser/package.json")
	if err != nil {
		t.Fatal(err)
	}
	var npm struct{ Dependencies, DevDependencies map[string]string }
	if err := json.Unmarshal(text, &npm); err != nil {
		t.Fatal(err)
	}
	for _, list := range []map[string]string{npm.Dependencies, npm.DevDependencies} {
		for name, version := range list {
			want = append(want, name+" "+version+" of browser")
		}
	}
	same(t, "the modules below validation", rows(tests, `([^ ]+) \| ([\w/]+) `), want)
	var modules []string
	for _, pattern := range []string{"*", "*/*"} {
		found, err := filepath.Glob("../../validation/" + pattern + "/go.mod")
		if err != nil {
			t.Fatal(err)
		}
		modules = append(modules, found...)
	}
	if modules = slices.DeleteFunc(modules, func(m string) bool { return strings.HasSuffix(m, "/oracle/quiet/go.mod") }); len(modules) != 4 {
		t.Errorf("there are modules %q", modules)
	}
}

// required are the direct requirements of a go.mod, ours aside.
func required(t *testing.T, path, of string) (list []string) {
	t.Helper()
	out, err := exec.Command("go", "mod", "edit", "-json", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Require []struct {
			Path, Version string
			Indirect      bool
		}
	}
	if err := json.Unmarshal(out, &file); err != nil {
		t.Fatal(err)
	}
	for _, r := range file.Require {
		if !r.Indirect && r.Version != "v0.0.0" { // a folder of ours
			list = append(list, r.Path+" "+r.Version+of)
		}
	}
	return list
}

// rows are the first cells of a table's rows.
func rows(page, cells string) (list []string) {
	for _, row := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\| "+cells).FindAllStringSubmatch(page, -1) {
		list = append(list, strings.Join(row[1:], " "))
		if len(row) == 4 {
			list[len(list)-1] = row[1] + " " + row[2] + " of " + row[3]
		}
	}
	return list
}

func same(t *testing.T, of string, got, want []string) {
	t.Helper()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) || len(want) == 0 {
		t.Errorf("the page lists\n%s\n%s: \n%s", strings.Join(got, "\n"), of, strings.Join(want, "\n"))
	}
}

// A page that names a file of ours by its path is wrong when the file moves.
func TestPagesNameFilesThatExist(t *testing.T) {
	pages, err := os.ReadDir("../../docs")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, page := range pages {
		if !strings.HasSuffix(page.Name(), ".md") {
			continue
		}
		text, err := os.ReadFile("../../docs/" + page.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range regexp.MustCompile("`((?:sim|ec2model|scenarios|reports|validation|internal|model|cmd)/[a-zA-Z0-9_./]+)`").FindAllStringSubmatch(string(text), -1) {
			found++
			if _, err := os.Stat("../../" + name[1]); err != nil {
				t.Errorf("docs/%s: %v", page.Name(), err)
			}
		}
	}
	if found == 0 {
		t.Error("no page names a file")
	}
}

// Durations are written in one way, without their empty parts: 2m, not 2m0s. Lines
// of ipamd's own are as Go writes them.
func TestPagesWriteDurationsInOneWay(t *testing.T) {
	empty := regexp.MustCompile(`\b\d+(m0s|h0m)\b`)
	pages := 0
	err := filepath.WalkDir("../../docs", func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".md" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		pages++
		for n, line := range strings.Split(string(text), "\n") {
			if found := empty.FindString(line); found != "" && !strings.Contains(line, `"caller":`) {
				t.Errorf("%s:%d: %s", path, n+1, found)
			}
		}
		return nil
	})
	if err != nil || pages < 20 {
		t.Errorf("%d pages: %v", pages, err)
	}
}
