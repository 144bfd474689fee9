package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"ipamsim/internal/words"
	"ipamsim/scenarios"
	"ipamsim/sim"
	"ipamsim/sim/fleet"
	"ipamsim/sim/recording"
	"ipamsim/sim/remedy"
	"ipamsim/sim/result"
)

// runFlags of the run command.
type runFlags struct {
	writeFlags
	seed         uint64
	replications int
	variants     listFlag
	set          listFlag
	nodes        listFlag
	scrapeEvery  timeFlag
	workers      int
	remedies     choiceFlag
	events       uint64
	memory       memoryFlag
	strict       bool
}

func (a *app) runCommand() *cobra.Command {
	flags := runFlags{writeFlags: newWriteFlags(formats), nodes: listFlag{of: "name"}}
	cmd := &cobra.Command{
		Use:   "run FILE|NAME",
		Short: "Run a scenario and show what became of it",
		Long: `Run a scenario: a file, a shipped scenario by its name, or - for standard input.

Each variant of the scenario runs in the same random world, so that what differs
between them is due to the settings. The result goes to standard output, progress
to standard error. The same scenario, seed and version give the same result,
byte for byte, on any machine.

What went wrong is said in findings. A remedy is recommended only after the same
scenario was run with it, in the same random world: it cures the finding or helps,
no more pods never start or lose packets, and no start takes longer by more than
25 % and 2 s. What is recommended is for --set and for kubectl.`,
		Example: `  ipamsim run hello
  ipamsim run latency-cliff -o wide
  ipamsim run latency-cliff --variant default --set nodeGroups.workers.count=60
  ipamsim run mine.yaml --replications 10 --out json=result.json --out plots=pictures
  ipamsim run mine.yaml -o json | jq '.variants[].pods.start_seconds'
  ipamsim run hello --out trace=hello.json   # for ui.perfetto.dev
  ipamsim run silent-drop --variant networkd-restart --out openmetrics=samples.txt   # for promtool
  ipamsim run ultra-scale --out trace=two.json --node workers-0 --node workers-99999`,
		Args:              wantArgs(1, 1, "a scenario (FILE or NAME, see ipamsim scenarios)"),
		ValidArgsFunction: completeScenario,
		RunE: action(func(cmd *cobra.Command, args []string) error {
			return a.run(cmd, args[0], &flags)
		}),
	}
	f := cmd.Flags()
	f.SortFlags = false
	flags.writeFlags.add(cmd)
	flags.addSeed(cmd, "the file's")
	flags.addReplications(cmd, "runs of each variant, in place of the file's number")
	flags.addVariants(cmd, "run only the variant of this name; repeatable")
	flags.addSet(cmd, "the scenario")
	f.Var(&flags.nodes, "node", "in a trace or openmetrics, only the node of this name and its pods; repeatable")
	f.Var(&flags.scrapeEvery, "scrape-interval", "in openmetrics and watch, the virtual time between scrapes; 30s unless given")
	flags.addRemedies(cmd, []string{string(result.Tried), string(result.Untried), string(result.NoRemedies)},
		"run the scenario with it before it is recommended (tried), list it (untried), or say nothing of it (none)", ", besides the run's own")
	f.BoolVar(&flags.strict, "strict", false, "fail when what the scenario expects is not reproduced, too")
	flags.addRunning(cmd)
	freeText(cmd, "node", "scrape-interval")
	return cmd
}

// run is the command: read, simulate, write.
func (a *app) run(cmd *cobra.Command, name string, flags *runFlags) error {
	variants, err := a.readVariants(cmd, name, flags)
	if err != nil {
		return err
	}
	if err := flags.outputs.check(inputs(variants)); err != nil {
		return err
	}
	if err := a.checkTrace(variants, flags); err != nil {
		return err
	}
	if err := a.checkScrapes(variants, flags); err != nil {
		return err
	}
	flags.memory.apply()
	a.running = describeRun(name, variants[0].Scenario.Seed, flags)
	outcome, err := a.simulateVariants(cmd.Context(), variants, flags)
	if err != nil {
		return err
	}
	if err := flags.tracedAll(outcome.recordings); err != nil {
		return err
	}
	if err := a.write(outcome, &flags.writeFlags); err != nil {
		return err
	}
	return verdict(outcome.Result, flags.strict)
}

// readVariants opens the scenario and applies the flags to it.
func (a *app) readVariants(cmd *cobra.Command, name string, flags *runFlags) ([]scenarios.Expanded, error) {
	file, err := scenarios.Open(name)
	if err != nil {
		return nil, usageError(err)
	}
	variants, err := file.Variants(flags.scenarioOptions(cmd))
	if err != nil {
		return nil, usageError(err)
	}
	if !flags.quiet {
		warnings := file.Warnings
		for _, v := range variants {
			warnings = append(warnings, v.Warnings...)
		}
		for _, w := range distinct(warnings) {
			fmt.Fprintln(a.stderr, asWarning(w))
		}
	}
	return variants, nil
}

// inputs are the files that variants were read from.
func inputs(variants []scenarios.Expanded) []string {
	var list []string
	for i := range variants {
		for _, path := range variants[i].Inputs() {
			if !slices.Contains(list, path) {
				list = append(list, path)
			}
		}
	}
	return list
}

// simulateVariants runs the simulator until it is done or interrupted. The
// first interrupt stops it cleanly, a second one kills.
func (a *app) simulateVariants(ctx context.Context, variants []scenarios.Expanded, flags *runFlags) (*outcome, error) {
	options := sim.Options{Version: a.version.Version, Workers: flags.workers}
	var out outcome
	if flags.records() {
		options.Record = flags.selection()
		options.Recorded = func(r recording.Recorded) { out.recordings = append(out.recordings, r) }
	}
	numbered := variants[0].Scenario.Replications > 1
	err := a.interruptible(ctx, flags.quiet, numbered, func(ctx context.Context, report func(fleet.Progress)) (err error) {
		options.Progress = report
		out.Result, err = a.simulate(ctx, variants, options)
		if err != nil {
			return err
		}
		err = remedy.Try(ctx, variants, out.Result, remedy.Options{
			Advice: result.Advice(flags.remedies.value), Events: flags.events, Workers: flags.workers, Progress: doing("trying remedies", report),
		})
		if err != nil || !flags.scrapes() {
			return err
		}
		out.scraped, err = collect(ctx, variants, flags, doing("scraping", report))
		return err
	})
	return &out, err
}

// doing names in the progress what further runs are for.
func doing(what string, report func(fleet.Progress)) func(fleet.Progress) {
	return func(p fleet.Progress) {
		p.Variant = what + ", " + p.Variant
		report(p)
	}
}

// describeRun names a run such that it can be repeated.
func describeRun(name string, seed uint64, flags *runFlags) string {
	s := fmt.Sprintf("scenario %s, seed %d", name, seed)
	for _, v := range flags.variants.values {
		s += " --variant " + v
	}
	for _, set := range flags.set.values {
		s += " --set " + set
	}
	return s
}

// verdict is the error of failed thresholds, and if strict of what was not
// reproduced.
func verdict(r *result.Result, strict bool) error {
	var failed, total, missed, expected int
	for _, v := range r.Variants {
		for _, t := range v.Thresholds {
			total++
			if t.Failed() {
				failed++
			}
		}
		for _, t := range v.Expectations {
			expected++
			if !t.OK && strict {
				missed++
			}
		}
	}
	switch {
	case failed > 0 && missed > 0:
		return &exitError{exitThreshold, fmt.Errorf("%d of %s failed, and %d of %s not reproduced", failed, words.Plural(total, "threshold"), missed, words.Plural(expected, "expectation"))}
	case failed > 0:
		return &exitError{exitThreshold, fmt.Errorf("%d of %s failed", failed, words.Plural(total, "threshold"))}
	case missed > 0:
		return &exitError{exitThreshold, fmt.Errorf("%d of %s not reproduced", missed, words.Plural(expected, "expectation"))}
	}
	return nil
}
