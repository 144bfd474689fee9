package suite

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// What is meant to be a scenario is taken, however its first lines are misspelt:
// none is passed over that was meant to be run.
func TestWhatIsMeantAsAScenarioIsTaken(t *testing.T) {
	for text, want := range map[string]bool{
		"apiVersion: ipamsim/v1\nkind: Scenario\n":                           true,
		"# words\napiVersion: \"ipamsim/v9\"\n":                              true,
		"kind: Scenario\nbroken: [\n":                                        true,
		"\uFEFFkind: Scenario\n":                                             true,
		"a: 1\r\nkind: Scenario\r\n":                                         true,
		"{\"apiVersion\": \"ipamsim/v1\"}":                                   true,
		"k\x00i\x00n\x00d\x00:\x00 \x00S\x00c\x00e\x00n\x00a\x00r\x00i\x00o": true,
		"kind: Scenaro\nvpc: {}\nworkloads: []\n":                            true,
		"env: {WARM_IP_TARGET: 5}\n":                                         false,
		"apiVersion: v1\nkind: ConfigMap\ndata:\n  kind: Scenario\n":         false,
		"vpc: {}\nvpc: {}\n":                                                 false,
		"{{ .Values.x }}\n":                                                  false,
		"":                                                                   false,
	} {
		path := filepath.Join(t.TempDir(), "x.yaml")
		write(t, path, text)
		if got := looksLikeScenario(path); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// Files come in the order of the arguments, those of a folder by path, each once,
// and hidden ones not at all.
func TestFilesComeInOneOrderAndOnce(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	const scenario = "kind: Scenario\n"
	for _, path := range []string{"s/b.yaml", "s/a.yml", "s/sub/c.YAML", "s/.git/d.yaml", "s/.e.yaml", "s/f.txt", "other/s.yaml"} {
		write(t, path, scenario)
	}
	write(t, "s/values.yaml", "env: {}\n")
	if err := os.Symlink("../other", "s/link"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../other/s.yaml", "s/z.yaml"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("nowhere", "s/y.yaml"); err != nil {
		t.Fatal(err)
	}
	found, err := Find([]string{"s/sub", "s", "./s/b.yaml", filepath.Join(dir, "s"), "other", "hello", "hello", "none.yaml"})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(found.Paths, " "); got != "s/sub/c.YAML s/a.yml s/b.yaml s/z.yaml hello none.yaml" {
		t.Error(got)
	}
	over := map[string]bool{}
	for _, p := range found.PassedOver {
		over[filepath.Base(p.Path)+": "+p.Why] = true
	}
	if len(over) != 2 || !over["y.yaml: no regular file"] || !over["values.yaml: neither apiVersion: ipamsim/… nor kind: Scenario"] {
		t.Error(fmt.Sprint(over))
	}
}
