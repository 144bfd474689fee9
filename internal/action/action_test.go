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

// step is the one with a name.
func (a action) step(t *testing.T, name string) step {
	t.Helper()
	for _, s := range a.Runs.Steps {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("no step is called %q", name)
	return step{}
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
	build, test := a.step(t, "Build ipamsim"), a.step(t, "Run the scenarios")
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
		{"hello\nnowhere\n", "", 2, "nowhere"},
		{"hello\n", "--set\nnodeGroups.workers.count=1\n", 99, "::error"},
		{"$(touch hacked) hello", "", 2, ""},
		{"hello; touch hacked", "", 2, ""},
		{"--out=html=hacked hello", "", 2, "--out=html=hacked"},
		{"", "", 2, "PATH"},
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

// A comment is written once, and after that updated; one that may not be written is a
// warning, and not the verdict.
func TestTheCommentIsWrittenOnceAndThenUpdated(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("there is no bash")
	}
	a := read(t)
	comment := a.step(t, "Update the comment")
	r := newRunner(t)
	write := func(name, text string, mode os.FileMode) {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(r.dir, name)), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(r.dir, name), []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	if code, said := r.run(t, a, comment, nil); code != 0 {
		t.Fatalf("without a comment it exits with %d: %s", code, said)
	}
	write("ipamsim-reports/comment.md", "<!-- ipamsim test -->\nall well\n", 0o666)
	r.env = append(r.env, "PATH="+filepath.Join(r.dir, "bin")+":"+os.Getenv("PATH"))
	for _, c := range []struct{ name, gh, calls, says string }{
		{"none there", "exit 0", "api --paginate\napi --method POST\n", ""},
		{"one there", `case "$2" in --paginate) [ "$MARKER" = "<!-- ipamsim test -->" ] && echo 77 ;; --method) case "$4" in */77) ;; *) exit 3 ;; esac ;; esac`, "api --paginate\napi --method PATCH\n", ""},
		{"not allowed to look", "exit 4", "api --paginate\n", "::warning"},
		{"not allowed to write", `[ "$2" = --paginate ]`, "api --paginate\napi --method POST\n", "::warning"},
	} {
		write("calls", "", 0o666)
		write("bin/gh", "#!/bin/sh\nif [ \"$2\" = --method ]; then echo \"$1 $2 $3\"; else echo \"$1 $2\"; fi >>calls\n"+c.gh+"\n", 0o777)
		code, said := r.run(t, a, comment, nil)
		calls, err := os.ReadFile(filepath.Join(r.dir, "calls"))
		if err != nil {
			t.Fatal(err)
		}
		if code != 0 || string(calls) != c.calls || !strings.Contains(said, c.says) || c.says == "" && said != "" {
			t.Errorf("%s: it exits with %d, says %q and calls %q", c.name, code, said, calls)
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
