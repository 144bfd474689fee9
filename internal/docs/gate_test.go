package docs

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// gate is a small repository with scenarios, baselines, and a page that changes
// something in it.
const gate = "../../docs/gate"

// TestTheGateFailsAsPrinted goes through the page of docs/gate in a copy of that
// folder: what stands behind "$ " in a console block is run, and the rest of the block
// is what it prints; a diff block is a change of a file.
func TestTheGateFailsAsPrinted(t *testing.T) {
	ipamsim.build(t)
	page := filepath.Join(gate, "README.md")
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		r := rehearsal{ipamsim.binary, gate}
		if out, err := r.run("ipamsim baseline update scenarios --quiet"); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	r := rehearsal{ipamsim.binary, t.TempDir()}
	if err := os.CopyFS(r.dir, os.DirFS(gate)); err != nil {
		t.Fatal(err)
	}
	now, steps, err := r.page(string(text))
	if err != nil {
		t.Fatal(err)
	}
	if steps < 4 {
		t.Errorf("the page has %d steps: the pattern is wrong", steps)
	}
	if *update {
		if err := os.WriteFile(page, []byte(now), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if now != string(text) {
		t.Errorf("docs/gate/README.md is not what happens, first at line %d: run make docs\n%s", firstDifference(text, []byte(now)), now)
	}
}

// rehearsal is a folder in which a page comes true.
type rehearsal struct{ binary, dir string }

// page is a page as it comes out, and how many blocks of it do something.
func (r *rehearsal) page(text string) (now string, steps int, err error) {
	const fence = "```"
	parts := strings.Split(text, "\n"+fence)
	for i := 1; i < len(parts); i += 2 {
		kind, body, _ := strings.Cut(parts[i], "\n")
		switch kind {
		case "console":
			body, err = r.console(body)
		case "diff":
			err = r.change(body)
		default:
			continue
		}
		if err != nil {
			return "", steps, err
		}
		steps++
		parts[i] = kind + "\n" + body
	}
	return strings.Join(parts, "\n"+fence), steps, nil
}

// console runs the commands of a block.
func (r *rehearsal) console(block string) (string, error) {
	var now []string
	for line := range strings.Lines(block) {
		command, is := strings.CutPrefix(strings.TrimRight(line, "\n"), "$ ")
		if !is {
			continue
		}
		out, err := r.run(command)
		if err != nil {
			return "", err
		}
		now = append(now, "$ "+command)
		if out = strings.TrimRight(out, "\n"); out != "" {
			now = append(now, out)
		}
	}
	lines := strings.Split(strings.Join(now, "\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n"), nil
}

// run is what a command prints, and the exit code if it is not 0. Only ipamsim and
// cat are known.
func (r *rehearsal) run(command string) (string, error) {
	words := strings.Fields(command)
	name := words[0]
	switch name {
	case "ipamsim":
		name = r.binary
	case "cat":
	default:
		return "", fmt.Errorf("%q is not a command of ipamsim", command)
	}
	var out bytes.Buffer
	c := exec.Command(name, words[1:]...)
	c.Dir, c.Stdout, c.Stderr = r.dir, &out, &out
	err := c.Run()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		fmt.Fprintf(&out, "(exit code %d)\n", exit.ExitCode())
	case err != nil:
		return "", fmt.Errorf("%s: %w", command, err)
	}
	return out.String(), nil
}

// change changes a file: the lines with a minus and those of the context are there,
// once and one after the other, and those with a plus take their place.
func (r *rehearsal) change(diff string) error {
	var file string
	var before, after []string
	for line := range strings.Lines(diff) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, "--- "):
		case strings.HasPrefix(line, "+++ b/"):
			file = strings.TrimPrefix(line, "+++ b/")
		case strings.HasPrefix(line, "@@"):
		case strings.HasPrefix(line, "-"):
			before = append(before, line[1:])
		case strings.HasPrefix(line, "+"):
			after = append(after, line[1:])
		default:
			before, after = append(before, strings.TrimPrefix(line, " ")), append(after, strings.TrimPrefix(line, " "))
		}
	}
	path := filepath.Join(r.dir, filepath.FromSlash(file))
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	old, new := strings.Join(before, "\n")+"\n", strings.Join(after, "\n")+"\n"
	if n := strings.Count(string(text), old); n != 1 {
		return fmt.Errorf("%s has these lines %d times:\n%s", file, n, old)
	}
	return os.WriteFile(path, []byte(strings.Replace(string(text), old, new, 1)), 0o644)
}
