package main

import (
	"context"
	"errors"
	"fmt"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"ipamsim/internal/words"
	"ipamsim/validation"
)

// maxSeeds bounds the random runs of a trace.
const maxSeeds = 100_000

// conformFlags of the conform command.
type conformFlags struct {
	output  choiceFlag
	verbose bool
	summary bool
	options validation.Options
}

func (a *app) conformCommand() *cobra.Command {
	flags := conformFlags{output: choiceFlag{value: "text", choices: []string{"text", "json"}}}
	cmd := &cobra.Command{
		Use:   "conform PATH...",
		Short: "Replay recordings of the real ipamd and compare",
		Long: `Replay recordings of the real ipamd against the simulated one, and compare every
EC2 call, the pool's statistics and the outcome of every ADD and DEL, to the
millisecond.

A PATH is a trace (.json, .json.gz), a bundle of them (.tar.gz, .zip) or a
folder, taken with all below it. A file named index.json is passed over.

Where the real daemon leaves a choice to chance, the replay must equal the
recordings with ascending and with descending order, and runs with random picks
must agree with what its runs have in common and not contradict their ranges and
histograms.

The exit code is 0 when all conform, 1 when one does not, and 2 when one cannot
be read.`,
		Example: `  ipamsim conform validation/testdata/traces.tar.gz --summary
  ipamsim conform -v validation/testdata/traces.tar.gz
  ipamsim conform -o json validation/testdata | jq '.traces[] | select(.conforms | not)'`,
		Args: wantArgs(1, -1, "a PATH of traces"),
		RunE: action(func(cmd *cobra.Command, args []string) error {
			return a.conform(cmd.Context(), args, &flags)
		}),
	}
	flags.output.add(cmd)
	f := cmd.Flags()
	f.BoolVarP(&flags.verbose, "verbose", "v", false, "show the calls around a divergence, and what random picks did outside the recorded ranges")
	f.BoolVar(&flags.summary, "summary", false, "show a table by area, and of the traces only those that fail")
	flags.options.Seeds = validation.DefaultSeeds
	addWhole(cmd, &flags.options.Seeds, "seeds", 1, maxSeeds, "runs with random picks per trace")
	addWorkers(cmd, &flags.options.Workers, "traces")
	return cmd
}

// conform is the command: load, replay, report as verdicts come.
func (a *app) conform(ctx context.Context, paths []string, flags *conformFlags) error {
	sources, err := validation.Load(paths...)
	if err != nil {
		return usageError(err)
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	var report validation.Report
	unreadable := 0
	err = validation.Conform(ctx, sources, flags.options, func(v validation.Verdict) error {
		report.Add(v)
		if v.Error != "" {
			unreadable++
		}
		if flags.output.value == "json" || flags.summary && v.Conforms {
			return nil
		}
		return v.WriteLine(a.stdout, flags.verbose)
	})
	if ctx.Err() != nil {
		return &exitError{exitInterrupted, errors.New("interrupted")}
	}
	if err == nil {
		err = a.writeConformance(&report, flags)
	}
	if err == nil && unreadable > 0 {
		err = usagef("%s cannot be replayed", words.Plural(unreadable, "trace"))
	}
	if err == nil && report.Fail > 0 {
		err = &exitError{exitFailure, fmt.Errorf("%d of %s did not conform", report.Fail, words.Plural(len(sources), "trace"))}
	}
	return err
}

// writeConformance writes what comes after the lines, or all as JSON.
func (a *app) writeConformance(r *validation.Report, flags *conformFlags) error {
	if flags.output.value == "json" {
		return writeJSON(a.stdout, r)
	}
	if flags.summary {
		if err := r.WriteSummary(a.stdout); err != nil {
			return err
		}
	}
	return r.WriteCount(a.stdout)
}
