package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// onSlurm are the folder and the program of a test that wants the Slurm that sbatch
// finds, and what runs a command there. .ci/slurm starts a Slurm on this machine.
func onSlurm(t *testing.T) (dir, binary string, do func(name string, args ...string) string) {
	if os.Getenv("IPAMSIM_SLURM") == "" {
		t.Skip("IPAMSIM_SLURM is not set: .ci/slurm does, with a Slurm of its own")
	}
	dir = t.TempDir()
	binary = filepath.Join(dir, "ipamsim")
	do = func(name string, args ...string) string {
		t.Helper()
		c := exec.Command(name, args...)
		c.Dir = dir
		c.Env = append(os.Environ(), "IPAMSIM="+binary)
		out, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("%s %s: %v\n%s\n%s", name, strings.Join(args, " "), err, out, logs(dir))
		}
		return string(out)
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	do("go", "build", "-C", here, "-o", binary, ".")
	return dir, binary, do
}

// The shards of a search on Slurm, and the job after them, find what one search does.
func TestSlurmTunesAsOneSearchDoes(t *testing.T) {
	dir, binary, do := onSlurm(t)
	if err := os.WriteFile(filepath.Join(dir, "mine.yaml"), []byte(do(binary, "scenarios", "latency-cliff")), 0o666); err != nil {
		t.Fatal(err)
	}
	tune := []string{"tune", "mine.yaml", "--settings", "20", "--replications", "3", "--max-p99", "10s", "--quiet"}
	do(binary, append(tune, "--out", "json=whole.json")...)
	do(binary, append(tune, "--shard", "/4", "--emit", "slurm=jobs")...)
	t.Log(do("sh", "jobs/submit.sh", "--wait"))
	got, err := os.ReadFile(filepath.Join(dir, "jobs", "tuning.json"))
	if err != nil {
		t.Fatalf("%v\n%s", err, logs(dir))
	}
	if want, err := os.ReadFile(filepath.Join(dir, "whole.json")); err != nil || !bytes.Equal(got, want) {
		t.Errorf("tuning.json of Slurm is not that of one search: %v", err)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "jobs", "log-merge.txt")); err != nil || !strings.Contains(string(text), "kubectl set env") {
		t.Errorf("log-merge.txt does not say what to apply: %v\n%s", err, text)
	}
}

// The emitted files of a sweep: an array of tasks and the job that merges.
func TestSlurmDoesWhatOneRunDoes(t *testing.T) {
	dir, binary, do := onSlurm(t)
	sweep := []string{"sweep", "mine.yaml", "--over", "workloads.web.replicas.0.count=3,40", "--over", "metadata.description=it's,$HOME", "--quiet"}
	if err := os.WriteFile(filepath.Join(dir, "mine.yaml"), []byte(do(binary, "scenarios", "hello")), 0o666); err != nil {
		t.Fatal(err)
	}
	do(binary, append(sweep, "--out", "jsonl=whole.jsonl", "--out", "csv=whole.csv")...)
	do(binary, append(sweep, "--shard", "/4", "--emit", "slurm=jobs")...)

	// --wait on the merging waits for the array, too, as it depends on it.
	t.Log(do("sh", "jobs/submit.sh", "--wait"))
	for _, name := range []string{"jsonl", "csv"} {
		got, err := os.ReadFile(filepath.Join(dir, "jobs", "rows."+name))
		if err != nil {
			t.Fatalf("%v\n%s", err, logs(dir))
		}
		want, err := os.ReadFile(filepath.Join(dir, "whole."+name))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("rows.%s of Slurm is not that of one run: %v", name, err)
		}
	}
	shards, err := filepath.Glob(filepath.Join(dir, "jobs", "rows-*.jsonl"))
	if err != nil || len(shards) != 4 {
		t.Errorf("%d shards, %v", len(shards), err)
	}

	// A task that lost the end of its file goes on, alone.
	lost := filepath.Join(dir, "jobs", "rows-1.jsonl")
	whole, err := os.ReadFile(lost)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(lost, int64(len(whole)/3)); err != nil {
		t.Fatal(err)
	}
	do("sh", "-c", "cd jobs && sbatch --wait --array=1 sweep.sbatch")
	if again, err := os.ReadFile(lost); err != nil || !bytes.Equal(again, whole) {
		t.Errorf("shard 1 did not come back: %v\n%s", err, logs(dir))
	}
}

// logs are what the tasks have written.
func logs(dir string) string {
	var b strings.Builder
	files, _ := filepath.Glob(filepath.Join(dir, "jobs", "log-*.txt"))
	for _, path := range files {
		text, _ := os.ReadFile(path)
		b.WriteString(path + ":\n" + string(text))
	}
	return b.String()
}
