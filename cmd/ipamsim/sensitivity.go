package main

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"ipamsim/internal/words"
	"ipamsim/reports"
	"ipamsim/sim"
	"ipamsim/sim/fleet"
	"ipamsim/sim/result"
	"ipamsim/sim/sensitivity"
)

// sensitivityFlags of the sensitivity command.
type sensitivityFlags struct {
	runFlags
	metric       string
	only         listFlag
	trajectories int
}

// sensitivityFormats in the order of help and completion.
var sensitivityFormats = formatList{
	{name: "table", about: "text for people", write: ofAnalysis(reports.SensitivityTable)},
	{name: "wide", about: "the same, with each assumption's range and its sources", write: ofAnalysis(func(w io.Writer, a *sensitivity.Analysis, look reports.TableOptions) error {
		look.Wide = true
		return reports.SensitivityTable(w, a, look)
	})},
	{name: "json", about: "all of it for programs", write: ofAnalysis(func(w io.Writer, a *sensitivity.Analysis, _ reports.TableOptions) error {
		return reports.Document(w, a)
	})},
	{name: "plots", about: "a tornado plot, SVG and PNG, in a folder", folder: func(ctx context.Context, dir string, r *outcome) error {
		return reports.SensitivityPlots(ctx, dir, r.analysis)
	}},
}

func ofAnalysis(write func(io.Writer, *sensitivity.Analysis, reports.TableOptions) error) func(io.Writer, *outcome, reports.TableOptions) error {
	return func(w io.Writer, r *outcome, look reports.TableOptions) error { return write(w, r.analysis, look) }
}

func (a *app) sensitivityCommand() *cobra.Command {
	flags := sensitivityFlags{runFlags: runFlags{writeFlags: newWriteFlags(sensitivityFormats)}, only: listFlag{of: "name"}}
	cmd := &cobra.Command{
		Use:   "sensitivity FILE|NAME",
		Short: "Say which assumption decides an answer, and whether it survives the others",
		Long: `Move what nobody has published, or what differs between accounts, over its stated
range: how fast pods are created, how long nodes boot, the CPU time of a sandbox, how
long an attach takes and how late metadata is, which address and which zone EC2 picks,
the SDK's tries, how long a terminated instance holds its addresses. -o wide prints the
ranges with their sources.

Each is moved to both ends alone, for every variant; and all of them together, for the
first variant (Morris' screening): its mean effect on the metric, and how much that hangs
on the others. All of it runs in the same random worlds.

What the file as it is shows is then asked at every point: whether each threshold holds
or fails as before, and which of two variants has less of the metric. An answer that
survives does not hang on our choices; where one does not, the assumption that changes
it is named. Exit code 0 whatever comes out.`,
		Example: `  ipamsim sensitivity latency-cliff
  ipamsim sensitivity mine.yaml --metric subnet_free_min --variant now
  ipamsim sensitivity mine.yaml --only attach_latency --only metadata_lag --trajectories 0
  ipamsim sensitivity mine.yaml --out plots=pictures --out json=sensitivity.json`,
		Args:              wantArgs(1, 1, "a scenario (FILE or NAME, see ipamsim scenarios)"),
		ValidArgsFunction: completeScenario,
		RunE: action(func(cmd *cobra.Command, args []string) error {
			return a.sensitivity(cmd, args[0], &flags)
		}),
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&flags.metric, "metric", "pod_start_p99_seconds", "the figure that is looked at, as sweep names them")
	f.Var(&flags.only, "only", "move the assumption of this name and no others; repeatable")
	flags.trajectories = sensitivity.TrajectoriesUsual
	addWhole(cmd, &flags.trajectories, "trajectories", 0, sensitivity.TrajectoriesMost, "random walks over all assumptions together, one run more each than there are assumptions; 0 for none")
	flags.writeFlags.add(cmd)
	flags.addPoints(cmd)
	cmd.RegisterFlagCompletionFunc("only", cobra.FixedCompletions(sensitivity.Names(), cobra.ShellCompDirectiveNoFileComp))
	cmd.RegisterFlagCompletionFunc("metric", completeFigure)
	return cmd
}

// sensitivity is the command: read, run all points, write.
func (a *app) sensitivity(cmd *cobra.Command, name string, flags *sensitivityFlags) error {
	o, err := flags.options()
	if err != nil {
		return err
	}
	variants, err := a.readVariants(cmd, name, &flags.runFlags)
	if err != nil {
		return err
	}
	if err := flags.outputs.check(inputs(variants)); err != nil {
		return err
	}
	flags.memory.apply()
	a.running = "sensitivity " + describeRun(name, variants[0].Scenario.Seed, &flags.runFlags)
	o.Options = sim.Options{Version: a.version.Version, Workers: flags.workers}
	var out outcome
	err = a.interruptible(cmd.Context(), flags.quiet, true, func(ctx context.Context, report func(fleet.Progress)) (err error) {
		o.Progress = report
		out.analysis, err = sensitivity.Of(ctx, variants, o)
		return err
	})
	switch {
	case errors.Is(err, sensitivity.ErrNothing):
		return usageError(err)
	case err != nil:
		return err
	}
	return a.write(&out, &flags.writeFlags)
}

// options finds what is wrong with the flags alone.
func (f *sensitivityFlags) options() (o sensitivity.Options, err error) {
	figure, why, ok := result.FigureNamed(f.metric)
	if !ok {
		return o, usagef("--metric %s: %s", f.metric, why)
	}
	for _, name := range f.only.values {
		if names := sensitivity.Names(); !slices.Contains(names, name) {
			return o, usagef("--only %s: there is no such assumption, only %s%s", name, words.And(names), words.DidYouMean(name, names))
		}
	}
	return sensitivity.Options{Figure: figure, Trajectories: f.trajectories, Only: f.only.values}, nil
}
