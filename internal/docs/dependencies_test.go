package docs

import (
	"encoding/json"
	"os"
	"os/exec"
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
