package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"ipamsim/internal/jsonlines"
	"ipamsim/internal/words"
	"ipamsim/reports"
	"ipamsim/scenarios"
	"ipamsim/sim"
	"ipamsim/sim/experiment"
	"ipamsim/sim/fleet"
	"ipamsim/sim/result"
)

// sweepFlags of the sweep command.
type sweepFlags struct {
	runFlags
	over    listFlag
	shard   string
	metrics listFlag
	emit    emitFlags
}

func (a *app) sweepCommand() *cobra.Command {
	flags := sweepFlags{runFlags: runFlags{writeFlags: newWriteFlags(sweepFormats)}, over: listFlag{of: "key=value,value"}, metrics: listFlag{of: "name"}}
	cmd := &cobra.Command{
		Use:   "sweep FILE|NAME --over KEY=VALUE,VALUE...",
		Short: "Run a scenario over a grid of values",
		Long: `Run a scenario at every point of a grid: each --over is a value of the scenario, as
--set names it, and the values that it takes; several make a grid. Each variant at each
point is a row: its figures, with confidence intervals where there are several
replications, and whether its thresholds hold. A threshold that fails is a result, and
the exit code is 0.

Rows are written to --out jsonl=FILE as they are done. A sweep that was interrupted goes
on where it was when it is asked for again with the same FILE. The same sweep gives the
same bytes, on any machine and with any number of workers.

--shard i/n does every n-th row, from i on: as many machines as there are shards do a
sweep together, and ipamsim merge puts their files together to the bytes of one run.
Which shard it is may be said by a batch engine: SLURM_ARRAY_TASK_ID and
SLURM_ARRAY_TASK_COUNT, AWS_BATCH_JOB_ARRAY_INDEX and AWS_BATCH_JOB_ARRAY_SIZE, or
JOB_COMPLETION_INDEX of an indexed Job of Kubernetes, of how many with --shard /n or in
IPAMSIM_SHARDS. {shard} in the name of an output is its number. --emit writes the job
files of an engine into a folder, with what is to be filled in, and runs nothing.`,
		Example: `  ipamsim sweep latency-cliff --over workloads.burst.replicas.0.count=100,300,1000,3000 --out plots=cliff
  ipamsim sweep mine.yaml --over nodeGroups.workers.cni.WARM_IP_TARGET=null,2,5,10 --over nodeGroups.workers.count=30,100 --out csv=rows.csv
  ipamsim sweep mine.yaml --over seed=1,2,3,4 --shard 0/2 --out jsonl=S0.jsonl
  ipamsim sweep mine.yaml --over nodeGroups.workers.count=10,20,40 --shard /3 --emit slurm=jobs
  ipamsim merge S0.jsonl S1.jsonl --out jsonl=all.jsonl --out csv=all.csv`,
		Args:              wantArgs(1, 1, "a scenario (FILE or NAME, see ipamsim scenarios)"),
		ValidArgsFunction: completeScenario,
		RunE: action(func(cmd *cobra.Command, args []string) error {
			return a.sweep(cmd, args[0], &flags)
		}),
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.Var(&flags.over, "over", "a value in the scenario and what it takes, such as nodeGroups.workers.count=30,60; repeatable, for a grid")
	flags.writeFlags.add(cmd)
	addShard(cmd, &flags.shard, "do a part of the rows")
	flags.emit.add(cmd)
	addMetrics(cmd, &flags.metrics)
	flags.addPoints(cmd)
	cmd.RegisterFlagCompletionFunc("over", completeSet)
	return cmd
}

// addShard makes --shard a flag of a command whose work several machines can do
// together.
func addShard(cmd *cobra.Command, to *string, what string) {
	cmd.Flags().StringVar(to, "shard", "", what+": i/n, i from 0; /n where a batch engine says which")
	freeText(cmd, "shard")
}

// addMetrics makes --metric a flag of a command that shows rows.
func addMetrics(cmd *cobra.Command, metrics *listFlag) {
	cmd.Flags().Var(metrics, "metric", "what the table and the pictures show, such as pod_start_p99_seconds or api_throttled; repeatable")
	cmd.RegisterFlagCompletionFunc("metric", completeFigure)
}

// completeFigure completes the name of a figure.
func completeFigure(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var list []cobra.Completion
	for _, f := range result.Figures {
		list = append(list, f.Name)
	}
	return list, cobra.ShellCompDirectiveNoFileComp
}

// sweep is the command: read, check every point, run what is not there yet, write.
func (a *app) sweep(cmd *cobra.Command, name string, flags *sweepFlags) error {
	s, variants, err := a.readSweep(cmd, name, flags)
	if err != nil {
		return err
	}
	if flags.emit.engine != "" {
		return a.emit(cmd, s, variants, name, flags)
	}
	shard, from, err := experiment.FindShard(flags.shard, os.Getenv)
	if err != nil {
		return usagef("--shard: %w", err)
	}
	if from != "" && !flags.quiet {
		fmt.Fprintf(a.stderr, "ipamsim: shard %v, as %s says\n", shard, from)
	}
	flags.outputs.inShard(shard)
	shown, err := newSwept(&s.Head, flags.metrics.values, &flags.outputs)
	if err != nil {
		return err
	}
	if err := flags.outputs.check(inputs(variants)); err != nil {
		return err
	}
	flags.memory.apply()
	a.running = describeRun(name, variants[0].Scenario.Seed, &flags.runFlags) + " --over " + strings.Join(flags.over.values, " --over ")
	store, path, err := openStore(s, shard, &flags.outputs)
	if err != nil {
		return err
	}
	shown.rows, shown.stored = store, path
	err = a.sweepInto(cmd.Context(), s, shard, store, path, flags)
	if err == nil {
		err = a.write(&outcome{swept: shown}, &flags.writeFlags)
	}
	return errors.Join(err, store.Close())
}

// readSweep opens the scenario and what it is gone over.
func (a *app) readSweep(cmd *cobra.Command, name string, flags *sweepFlags) (*experiment.Sweep, []scenarios.Expanded, error) {
	var axes []result.Axis
	for _, text := range flags.over.values {
		axis, err := experiment.ParseAxis(text)
		if err != nil {
			return nil, nil, usagef("--over %s: %w", text, err)
		}
		axes = append(axes, axis)
	}
	if len(axes) == 0 {
		return nil, nil, usagef("%s: --over is missing: what to go over, such as --over nodeGroups.workers.count=30,60", cmd.CommandPath())
	}
	variants, err := a.readVariants(cmd, name, &flags.runFlags)
	if err != nil {
		return nil, nil, err
	}
	s, err := experiment.New(variants, axes, a.version.Version)
	if err != nil {
		return nil, nil, usagef("--over: %w", err)
	}
	return s, variants, nil
}

// openStore is where the rows go: the first file of --out jsonl, where an
// interrupted sweep may have left some, or a file of its own.
func openStore(s *experiment.Sweep, shard experiment.Shard, outputs *outputFlag) (store *jsonlines.File, path string, err error) {
	for _, o := range outputs.given {
		info, err := os.Stat(o.path)
		if o.name != jsonLines || err == nil && !info.Mode().IsRegular() {
			continue
		}
		store, err = experiment.OpenRows(o.path, s, shard)
		var foreign *jsonlines.ForeignError
		if asError(err, &foreign) {
			return nil, "", usagef("--out %s=%s: %w; a sweep goes on in its own file only: remove it, or choose another", o.name, o.path, foreign)
		}
		return store, o.path, err
	}
	store, err = jsonlines.Temp()
	return store, "", err
}

// sweepInto checks and runs the rows that the store does not have.
func (a *app) sweepInto(ctx context.Context, s *experiment.Sweep, shard experiment.Shard, store *jsonlines.File, path string, flags *sweepFlags) error {
	had, all := store.Count, shard.Rows(s.Head.Rows)
	if had > 0 && !flags.quiet {
		fmt.Fprintf(a.stderr, "ipamsim: %s of %s are in %s already\n", words.Count(had), words.Plural(all, "row"), path)
	}
	numbered := flags.replications != 1
	err := a.interruptible(ctx, flags.quiet, numbered, func(ctx context.Context, report func(fleet.Progress)) error {
		runs, warnings, err := s.Check(ctx, shard, had, flags.workers)
		if err != nil {
			return err
		}
		if !flags.quiet {
			a.warnOfPoints(distinct(warnings))
		}
		return s.Run(ctx, shard, had, runs, store, sim.Options{Version: a.version.Version, Workers: flags.workers, Progress: report})
	})
	if err != nil && store.Count == 0 {
		store.Forget()
	}
	var coded *exitError
	if asError(err, &coded) && coded.code == exitInterrupted {
		if path == "" {
			return &exitError{exitInterrupted, errors.New("interrupted; nothing was written: with --out jsonl=FILE the next one goes on there")}
		}
		return &exitError{exitInterrupted, fmt.Errorf("interrupted; %s of %s are in %s, and the same command goes on there", words.Count(store.Count), words.Plural(all, "row"), path)}
	}
	return err
}

// warnOfPoints shows a few of the warnings of many points.
func (a *app) warnOfPoints(warnings []scenarios.Problem) {
	const most = 4
	for _, w := range warnings[:min(len(warnings), most)] {
		fmt.Fprintln(a.stderr, asWarning(w))
	}
	if left := len(warnings) - most; left > 0 {
		fmt.Fprintf(a.stderr, "ipamsim: and %s more at some points; ipamsim lint --set shows those of one\n", words.Plural(left, "warning"))
	}
}

// swept is what is shown of a sweep.
type swept struct {
	head   *result.Sweep
	rows   experiment.Rows
	table  []string // figures
	curves []string
	stored string // path of the output that has the rows already; empty for none
}

// newSwept finds the figures that are to be shown.
func newSwept(head *result.Sweep, metrics []string, outputs *outputFlag) (*swept, error) {
	s := &swept{head: head, table: reports.SweepFigures, curves: reports.CurveFigures}
	for _, name := range metrics {
		if _, why, known := result.FigureNamed(name); !known {
			return nil, usagef("--metric %s: %s", name, why)
		}
	}
	if len(metrics) > 0 {
		s.table, s.curves = metrics, metrics
	}
	for _, o := range outputs.given {
		if n := reports.CurvePictures(head, len(s.curves)); o.folder != nil && n > reports.MostPictures {
			return nil, usagef("--out %s=%s: that would be %d pictures, and the most is %d: go over fewer values, or draw from --out csv", o.name, o.path, n, reports.MostPictures)
		}
	}
	return s, nil
}
