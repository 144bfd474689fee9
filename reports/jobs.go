package reports

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"ipamsim/internal/words"
)

// Job is a sweep, or a search for settings, that a batch engine is to do.
type Job struct {
	Name     string   // of the scenario
	Command  string   // SweepJob or TuneJob
	Scenario string   // that the command names: a shipped one's name, or the name of its copy among the files
	Args     []string // of the command after the scenario, without shard and output
	Last     []string // of the command that says what all shards have found, besides; a search has one
	Shards   int
	Files    []JobFile // copies of the scenario and of what it reads; none of a shipped one
}

// The commands of which there are jobs.
const (
	SweepJob = "sweep"
	TuneJob  = "tune"
)

// JobFile is a file that goes with a job.
type JobFile struct {
	Name string // a path below the job's folder
	Text []byte
}

// The engines that Jobs knows. What their users have to say begins with FILL-IN
// in the files.
const (
	kubernetes = "kubernetes"
	slurm      = "slurm"
	awsBatch   = "aws-batch"
)

// Engines are their names.
var Engines = []string{kubernetes, slurm, awsBatch}

// Jobs writes the files of an engine into a folder, which it creates unless it
// is there, and tells how they are used.
func Jobs(ctx context.Context, w io.Writer, dir, engine string, j *Job) error {
	files, how, err := jobFiles(engine, j)
	if err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	for _, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return err
		}
		if err := WriteFile(ctx, path, func(w io.Writer) error { _, err := w.Write(f.Text); return err }); err != nil {
			return err
		}
		if strings.HasSuffix(f.Name, ".sh") {
			if err := os.Chmod(path, 0o755); err != nil {
				return err
			}
		}
	}
	p := newPrinter(w, TableOptions{})
	for _, f := range files {
		p.line(filepath.Join(dir, f.Name))
	}
	p.line()
	p.paragraph("", "", how)
	return p.out.Flush()
}

// jobFiles are the files of an engine, and how they are used.
func jobFiles(engine string, j *Job) (files []JobFile, how string, err error) {
	var list []jobTemplate
	switch engine {
	case slurm:
		list, how = slurmFiles, slurmHow
	case kubernetes:
		return kubernetesFiles(j)
	case awsBatch:
		list, how = batchFiles, batchHow
		if j.Shards > batchMost {
			return nil, "", fmt.Errorf("%d shards, and an array job of AWS Batch has %s at most", j.Shards, words.Count(batchMost))
		}
	}
	files = append(files, j.Files...)
	for _, t := range list {
		text, err := t.fill(j)
		if err != nil {
			return nil, "", err
		}
		name, err := fillText(t.name, j)
		if err != nil {
			return nil, "", err
		}
		files = append(files, JobFile{name, text})
	}
	if engine == awsBatch {
		steps, err := batchSteps(j)
		if err != nil {
			return nil, "", err
		}
		files = append(files, steps...)
	}
	how, err = fillText(how, j)
	return files, how, err
}

// jobTemplate is a file with holes.
type jobTemplate struct{ name, text string }

func (t jobTemplate) fill(j *Job) ([]byte, error) {
	text, err := fillText(t.text, j)
	return []byte(text), err
}

func fillText(text string, j *Job) (string, error) {
	t, err := template.New("").Funcs(template.FuncMap{"shell": shellWords, "json": jsonList, "kubernetes": kubernetesList, "last": func(n int) int { return n - 1 },
		"command": (*Job).command, "ending": (*Job).ending, "sharded": (*Job).sharded, "rows": (*Job).rows, "written": (*Job).written}).Parse(text)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	err = t.Execute(&b, j)
	return b.String(), err
}

// ID is the scenario's name as names of objects are: lower case letters, digits
// and hyphens, and short enough for what an engine appends.
func (j *Job) ID() string {
	id := strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			return c
		case c >= 'A' && c <= 'Z':
			return c + 'a' - 'A'
		}
		return '-'
	}, j.Name)
	const most = 40
	return "ipamsim-" + strings.Trim(id[:min(len(id), most)], "-")
}

// rows are what a shard writes: rows of a sweep, trials of a search.
func (j *Job) rows() string {
	if j.Command == TuneJob {
		return "trials"
	}
	return "rows"
}

// start are the first words of a command; in is the folder that the rows go to and
// that the scenario's copy is in.
func (j *Job) start(in string) []string {
	scenario := j.Scenario
	if len(j.Files) > 0 {
		scenario = in + scenario
	}
	return append([]string{"ipamsim", j.Command, scenario}, j.Args...)
}

// command is what one task runs; shard is its --shard.
func (j *Job) command(shard, in string) []string {
	return append(j.start(in), "--shard", shard, "--out", "jsonl="+in+j.rows()+"-{shard}.jsonl")
}

// step is a command that is run once.
type step struct {
	Name    string
	Command []string
}

// ending is what puts the rows of a folder together, one command after another: of a
// search the last one finds its trials done.
func (j *Job) ending(in string) []step {
	out := func(list []string, outs ...string) []string {
		for _, o := range outs {
			format, name, _ := strings.Cut(o, "=")
			list = append(list, "--out", format+"="+in+name)
		}
		return list
	}
	merge := []string{"ipamsim", "merge", in + j.rows() + "-{shard}.jsonl"}
	if j.Command == TuneJob {
		recommend := append(j.start(in), j.Last...)
		return []step{{"merge", out(merge, "jsonl=trials.jsonl")}, {"recommend", out(recommend, "jsonl=trials.jsonl", "json=tuning.json", "plots=plots")}}
	}
	return []step{{"merge", out(merge, "jsonl=rows.jsonl", "csv=rows.csv", "plots=plots")}}
}

// written is what is there in the end.
func (j *Job) written() string {
	if j.Command == TuneJob {
		return "trials.jsonl, tuning.json and plots"
	}
	return "rows.jsonl, rows.csv and plots"
}

// sharded is --shard where the engine says which one it is.
func (j *Job) sharded() string {
	if j.Shards == 1 {
		return "0/1" // an array of one is none
	}
	return fmt.Sprintf("/%d", j.Shards)
}

// shellWords writes a command for a shell. The first word may be replaced by the
// variable IPAMSIM.
func shellWords(list []string) string {
	out := []string{`"${IPAMSIM:-` + list[0] + `}"`}
	for _, word := range list[1:] {
		out = append(out, jobWord(word))
	}
	return strings.Join(out, " ")
}

// jobWord quotes a word for a shell, unless it begins with a variable of an
// engine.
func jobWord(word string) string {
	if strings.HasPrefix(word, "$SLURM_") {
		return `"` + word + `"`
	}
	return shellWord(word)
}

// jsonList writes a list of words as JSON, which is YAML, too.
func jsonList(list []string) (string, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(list)
	return strings.TrimSpace(b.String()), err
}
