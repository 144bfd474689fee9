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

func TestTheDependenciesPageListsTheDirectRequirements(t *testing.T) {
	out, err := exec.Command("go", "mod", "edit", "-json", "../../go.mod").Output()
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
	var want []string
	for _, r := range file.Require {
		if !r.Indirect {
			want = append(want, r.Path+" "+r.Version)
		}
	}
	page, err := os.ReadFile("../../docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	used, _, _ := strings.Cut(string(page), "## What is written by hand")
	var got []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\| (v[^ ]+) \\|").FindAllStringSubmatch(used, -1) {
		got = append(got, row[1]+" "+row[2])
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the page lists\n%s\ngo.mod requires\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
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
