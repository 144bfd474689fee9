package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ipamsim/internal/words"
	"ipamsim/reports"
	"ipamsim/scenarios"
	"ipamsim/sim/experiment"
)

// emitFlags say which job files to write, and where.
type emitFlags struct{ engine, dir string }

func (e *emitFlags) add(cmd *cobra.Command) {
	cmd.Flags().Var(e, "emit", "write the job files of a batch engine into a folder, and run nothing: "+words.Or(reports.Engines)+"; with --shard /n for n shards")
	cmd.RegisterFlagCompletionFunc("emit", cobra.FixedCompletions(reports.Engines, cobra.ShellCompDirectiveNoFileComp))
}

func (e *emitFlags) String() string { return e.engine }
func (e *emitFlags) Type() string   { return "engine[=dir]" }
func (e *emitFlags) Set(s string) error {
	engine, dir, named := strings.Cut(s, "=")
	if !slices.Contains(reports.Engines, engine) || named && dir == "" {
		return fmt.Errorf("want %s, or ENGINE=DIR%s", words.Or(reports.Engines), words.DidYouMean(engine, reports.Engines))
	}
	e.engine, e.dir = engine, dir
	return nil
}

// mostEmitted is how many shards a job has unless --shard /n says so: our choice.
const mostEmitted = 16

// emit writes the job files of a sweep.
func (a *app) emit(cmd *cobra.Command, s *experiment.Sweep, variants []scenarios.Expanded, name string, flags *sweepFlags) error {
	if len(flags.outputs.given) > 0 {
		return usagef("--out: with --emit the jobs write rows.jsonl, rows.csv and plots")
	}
	job := emitted{Job: reports.Job{Command: reports.SweepJob, Name: s.Head.Scenario.Name, Scenario: name, Args: sweepArgs(flags, cmd.Flags().Changed)}}
	if err := job.split(flags.shard, s.Head.Rows, "the number of rows"); err != nil {
		return err
	}
	if _, _, err := s.Check(cmd.Context(), experiment.Whole, 0, flags.workers); err != nil {
		return err
	}
	return a.emitJob(&job, &flags.emit, variants)
}

// emitTune writes the job files of a search. What only the last command needs, the
// preference and the add-on's configuration, is no business of the shards.
func (a *app) emitTune(cmd *cobra.Command, variants []scenarios.Expanded, name string, flags *tuneFlags) error {
	if len(flags.outputs.given) > 0 {
		return usagef("--out: with --emit the jobs write trials.jsonl, tuning.json and plots")
	}
	changed := cmd.Flags().Changed
	job := emitted{Job: reports.Job{Command: reports.TuneJob, Name: variants[0].Scenario.Metadata.Name, Scenario: name, Args: tuneArgs(flags, changed)}}
	if err := job.split(flags.shard, mostTuneShards, "about as many as there are settings"); err != nil {
		return err
	}
	if flags.perGroup {
		job.Last = append(job.Last, "--per-group")
	}
	if flags.maxP99.given {
		job.Last = append(job.Last, "--max-p99", time.Duration(flags.maxP99.value).String())
	}
	if changed("max-addresses") {
		job.Last = append(job.Last, "--max-addresses", strconv.Itoa(flags.maxAddresses))
	}
	if flags.addOn != "" {
		return usagef("--addon-config: with --emit the jobs cannot read it; give it to ipamsim tune --out jsonl=trials.jsonl, which says what to apply once they have ended")
	}
	return a.emitJob(&job, &flags.emit, variants)
}

// mostTuneShards bounds the shards of a search, which begins with about so many
// settings.
const mostTuneShards = 100

// split says how many shards a job has.
func (j *emitted) split(shard string, most int, is string) error {
	j.Shards = min(mostEmitted, most)
	if shard == "" {
		return nil
	}
	n, err := strconv.Atoi(strings.TrimPrefix(shard, "/"))
	if err != nil || !strings.HasPrefix(shard, "/") || n < 1 || n > most {
		return usagef("--shard %s: with --emit it is /n, the number of shards: from 1 to %s, %s", shard, words.Count(most), is)
	}
	j.Shards = n
	return nil
}

// emitJob writes the files of a job.
func (a *app) emitJob(job *emitted, to *emitFlags, variants []scenarios.Expanded) error {
	if err := job.copyFiles(variants); err != nil {
		return err
	}
	dir := to.dir
	if dir == "" {
		dir = job.ID() + "-" + to.engine
	}
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return usagef("--emit: %s is not a folder", dir)
	}
	return writing(func(ctx context.Context) error { return reports.Jobs(ctx, a.stdout, dir, to.engine, &job.Job) })
}

// emitted is a job whose files are to be copied.
type emitted struct{ reports.Job }

// copyFiles reads the scenario and what it reads, unless it is shipped. The copy
// of the scenario has its own bytes, so that its rows are those of the original.
func (j *emitted) copyFiles(variants []scenarios.Expanded) error {
	all := inputs(variants)
	var named []string
	for i := range variants {
		named = append(named, variants[i].Files()...)
	}
	for _, path := range all {
		name := filepath.Base(path)
		switch {
		case path == "/dev/stdin":
			return usagef("--emit copies the scenario: name a file in place of -")
		case !slices.Contains(named, path):
			j.Scenario = name
		default:
			relative, err := filepath.Rel(filepath.Dir(all[0]), path)
			if err != nil || !filepath.IsLocal(relative) {
				return usagef("--emit copies what the scenario reads: put %s into the scenario's folder or below", path)
			}
			name = filepath.ToSlash(relative)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		j.Files = append(j.Files, reports.JobFile{Name: name, Text: text})
	}
	return nil
}

// sweepArgs are the flags that say what a sweep is.
func sweepArgs(flags *sweepFlags, changed func(string) bool) (args []string) {
	add := func(name string, values ...string) {
		for _, v := range values {
			args = append(args, "--"+name, v)
		}
	}
	add("over", flags.over.values...)
	add("set", flags.set.values...)
	add("variant", flags.variants.values...)
	if changed("seed") {
		add("seed", strconv.FormatUint(flags.seed, 10))
	}
	if changed("replications") {
		add("replications", strconv.Itoa(flags.replications))
	}
	return args
}

// tuneArgs are the flags that say what the trials of a search are.
func tuneArgs(flags *tuneFlags, changed func(string) bool) (args []string) {
	for _, v := range flags.set.values {
		args = append(args, "--set", v)
	}
	if flags.variant != "" {
		args = append(args, "--variant", flags.variant)
	}
	if changed("seed") {
		args = append(args, "--seed", strconv.FormatUint(flags.seed, 10))
	}
	if changed("replications") {
		args = append(args, "--replications", strconv.Itoa(flags.replications))
	}
	if changed("settings") {
		args = append(args, "--settings", strconv.Itoa(flags.settings))
	}
	if flags.maxENI {
		args = append(args, "--max-eni")
	}
	if flags.cooldown {
		args = append(args, "--ip-cooldown")
	}
	return args
}
