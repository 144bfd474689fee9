package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

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

// mostEmitted is how many shards a sweep has unless --shard /n says so: our
// choice.
const mostEmitted = 16

// emit writes the job files of a sweep.
func (a *app) emit(cmd *cobra.Command, s *experiment.Sweep, variants []scenarios.Expanded, name string, flags *sweepFlags) error {
	job := emitted{reports.Job{Name: s.Head.Scenario.Name, Scenario: name, Shards: min(mostEmitted, s.Head.Rows), Args: sweepArgs(flags, cmd.Flags().Changed)}}
	if flags.shard != "" {
		n, err := strconv.Atoi(strings.TrimPrefix(flags.shard, "/"))
		if err != nil || !strings.HasPrefix(flags.shard, "/") || n < 1 || n > s.Head.Rows {
			return usagef("--shard %s: with --emit it is /n, the number of shards: from 1 to %s, the number of rows", flags.shard, words.Count(s.Head.Rows))
		}
		job.Shards = n
	}
	if len(flags.outputs.given) > 0 {
		return usagef("--out: with --emit the jobs write rows.jsonl, rows.csv and plots")
	}
	if _, _, err := s.Check(cmd.Context(), experiment.Whole, 0, flags.workers); err != nil {
		return err
	}
	if err := job.copyFiles(variants); err != nil {
		return err
	}
	dir := flags.emit.dir
	if dir == "" {
		dir = job.ID() + "-" + flags.emit.engine
	}
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return usagef("--emit: %s is not a folder", dir)
	}
	return reports.Jobs(a.stdout, dir, flags.emit.engine, &job.Job)
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
