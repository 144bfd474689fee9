// Package action holds the repository's GitHub Action against what it calls: its
// steps are run here as a runner would run them.
package action

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

type action struct {
	Inputs map[string]struct{ Default string }
	Runs   struct {
		Using string
		Steps []step
	}
}

type step struct {
	Name, If, Shell, Run, Uses string
	Env                        map[string]string
}

func read(t *testing.T) (a action) {
	t.Helper()
	text, err := os.ReadFile("../../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// runner is a folder with a repository's scenarios, and what a runner sets.
type runner struct {
	dir string
	env []string
}

func newRunner(t *testing.T) *runner {
	dir := t.TempDir()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	r := &runner{dir: dir, env: append(os.Environ(), "GITHUB_ACTION_PATH="+root, "RUNNER_TEMP="+dir, "GITHUB_OUTPUT="+filepath.Join(dir, "output"), "GITHUB_STEP_SUMMARY="+filepath.Join(dir, "summary"))}
	return r
}

// run runs a step with inputs, as bash does on a runner, and returns its exit code.
func (r *runner) run(t *testing.T, a action, s step, inputs map[string]string) (code int, said string) {
	t.Helper()
	expression := regexp.MustCompile(`\$\{\{ inputs\.([a-z-]+) \}\}`)
	env := r.env
	for name, value := range s.Env {
		env = append(env, name+"="+expression.ReplaceAllStringFunc(value, func(found string) string {
			input := expression.FindStringSubmatch(found)[1]
			if given, is := inputs[input]; is {
				return given
			}
			return a.Inputs[input].Default
		}))
	}
	cmd := exec.Command("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", s.Run)
	cmd.Dir, cmd.Env = r.dir, env
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

func TestTheActionsStepsDoWhatTheyPromise(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("there is no bash")
	}
	a := read(t)
	var build, test step
	for _, s := range a.Runs.Steps {
		switch s.Name {
		case "Build ipamsim":
			build = s
		case "Run the scenarios":
			test = s
		}
	}
	r := newRunner(t)
	if code, said := r.run(t, a, build, nil); code != 0 {
		t.Fatalf("the build exits with %d: %s", code, said)
	}
	for _, c := range []struct {
		path, arguments string
		code            int
		says            string
	}{
		{"hello", "", 0, "PASSED"},
		{"hello", "--set nodeGroups.workers.count=1", 99, "::error"},
		{"nowhere", "", 2, "nowhere"},
		{"$(touch hacked) hello", "", 2, ""},
	} {
		code, said := r.run(t, a, test, map[string]string{"path": c.path, "arguments": c.arguments})
		if code != c.code || !strings.Contains(said, c.says) {
			t.Errorf("%q %q exits with %d, want %d and %q in: %s", c.path, c.arguments, code, c.code, c.says, said)
		}
	}
	if _, err := os.Stat(filepath.Join(r.dir, "hacked")); err == nil {
		t.Error("an input was read as a command")
	}
	for _, name := range []string{"output", "summary", "ipamsim-reports/junit.xml", "ipamsim-reports/comment.md", "ipamsim-reports/result.json"} {
		if info, err := os.Stat(filepath.Join(r.dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s is not there, or empty", name)
		}
	}
}

// What a workflow gives reaches a script through the environment alone: an
// expression inside of one is replaced before bash reads it.
func TestNoExpressionStandsInAScript(t *testing.T) {
	a := read(t)
	if a.Runs.Using != "composite" || len(a.Runs.Steps) < 3 {
		t.Fatalf("%d steps of a %s action", len(a.Runs.Steps), a.Runs.Using)
	}
	for _, s := range a.Runs.Steps {
		if strings.Contains(s.Run, "${{") {
			t.Errorf("%s has an expression in its script", s.Name)
		}
		if s.Run != "" && s.Shell == "" {
			t.Errorf("%s names no shell", s.Name)
		}
	}
}
