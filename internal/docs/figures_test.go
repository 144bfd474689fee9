package docs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	_ "ipamsim/reports" // what the command prints changes with it: go test must not remember an old answer
	"ipamsim/sim/result"
)

// ipamsim is the program that the tests of this package run.
var ipamsim = &program{written: map[string][]byte{}}

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "pages")
	if err != nil {
		panic(err)
	}
	ipamsim.binary = filepath.Join(dir, "ipamsim")
	code := m.Run()
	if err := os.RemoveAll(dir); err != nil {
		panic(err)
	}
	os.Exit(code)
}

// program is the command line, built once. Pages print its commands and what
// they write; each command runs once.
type program struct {
	binary  string
	built   bool
	written map[string][]byte // by command
}

func (p *program) build(t *testing.T) {
	if p.built {
		return
	}
	out, err := exec.Command("go", "build", "-buildvcs=false", "-o", p.binary, "ipamsim/cmd/ipamsim").CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	p.built = true
}

const thresholdsFailed = 99

// output runs a command as a page prints it: "ipamsim run …". A failed
// threshold is a result like any other.
func (p *program) output(command string, more ...string) ([]byte, error) {
	words := strings.Fields(command)
	if len(words) < 2 || words[0] != "ipamsim" {
		return nil, fmt.Errorf("%q is not a command of ipamsim", command)
	}
	words = append(append(words[1:], more...), "--quiet")
	key := strings.Join(words, " ")
	if out, ran := p.written[key]; ran {
		return out, nil
	}
	var stderr bytes.Buffer
	c := exec.Command(p.binary, words...)
	c.Stderr = &stderr
	out, err := c.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == thresholdsFailed {
		err = nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", command, err, stderr.Bytes())
	}
	p.written[key] = out
	return out, nil
}

// show is the part of a command's output that begins with the line from and
// ends before the line to, as a block with the command above it.
func (p *program) show(command, from, to string) (string, error) {
	out, err := p.output(command)
	if err != nil {
		return "", err
	}
	text := string(out)
	begin := strings.Index(text, "\n"+from)
	end := strings.Index(text, "\n"+to)
	if begin < 0 || end < begin {
		return "", fmt.Errorf("%s does not print %q before %q", command, from, to)
	}
	return fmt.Sprintf("```console\n$ %s\n%s\n```", command, strings.TrimSpace(text[begin:end])), nil
}

// figures are one variant's result and the command that shows it.
type figures struct {
	Command string
	result.Variant
}

// run is a variant of a command's result.
func (p *program) run(command, variant string) (figures, error) {
	out, err := p.output(command, "--output", "json")
	if err != nil {
		return figures{}, err
	}
	var r result.Result
	if err := json.Unmarshal(out, &r); err != nil {
		return figures{}, err
	}
	for _, v := range r.Variants {
		if v.Name == variant {
			return figures{command, v}, nil
		}
	}
	return figures{}, fmt.Errorf("%s: no variant %s", command, variant)
}

// quantiles as templates reckon with them.
type quantiles struct{ P50, P90, P99, Max float64 }

// Start is about the pod starts.
func (f figures) Start() quantiles {
	q := f.Pods.Start
	return quantiles{float64(q.P50), float64(q.P90), float64(q.P99), float64(q.Max)}
}

// Ready is about the launched nodes.
func (f figures) Ready() quantiles {
	q := f.Nodes.Ready
	return quantiles{float64(q.P50), float64(q.P90), float64(q.P99), float64(q.Max)}
}

// Throttled counts the fleet's requests that were.
func (f figures) Throttled() int {
	n := 0
	for _, a := range f.API {
		n += a.Throttled
	}
	return n
}

// PerPod is the mean number of failed ADDs of a pod that wanted to start.
func (f figures) PerPod() string {
	return fmt.Sprintf("%.1f", float64(f.Pods.FailedAdds)/float64(f.Pods.Asked()))
}

// claim keeps the prose honest: a sentence that rests on figures names what
// they must show, and the page cannot be written when they do not.
func claim(holds bool, what string) (string, error) {
	if !holds {
		return "", fmt.Errorf("the page says what the figures no longer show: %s", what)
	}
	return "", nil
}
