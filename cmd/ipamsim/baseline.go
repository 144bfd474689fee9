package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"ipamsim/internal/words"
	"ipamsim/reports"
	"ipamsim/scenarios"
	"ipamsim/sim/compare"
)

// baselineDir is where baselines are unless another folder is named.
const baselineDir = "baselines"

func (a *app) baselineCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "baseline",
		Short: "Keep what scenarios come to, and compare with it",
		Long: `A baseline is what a scenario came to when somebody last said that it was right: a small
file beside the scenarios, whose changes can be read in a review. ipamsim baseline update
writes it, and nothing else does; ipamsim baseline check compares.`,
		Example: `  ipamsim baseline update scenarios
  ipamsim baseline check scenarios`,
		Args: wantArgs(0, 0, ""),
		RunE: action(func(cmd *cobra.Command, _ []string) error { return cmd.Help() }),
	}
	cmd.AddCommand(a.baselineUpdateCommand(), a.baselineCheckCommand())
	return cmd
}

// baselineFlags of both commands.
type baselineFlags struct {
	runFlags
	judgeFlags
	dir string
	dry bool
}

// addDir makes the folder a flag of the command.
func (b *baselineFlags) addDir(cmd *cobra.Command) {
	cmd.Flags().StringVar(&b.dir, "dir", baselineDir, "the folder of the baselines: SCENARIO.json of SCENARIO.yaml")
	cmd.MarkFlagDirname("dir")
}

func (a *app) baselineUpdateCommand() *cobra.Command {
	var flags baselineFlags
	cmd := &cobra.Command{
		Use:   "update PATH...",
		Short: "Write the baselines of scenarios, and say what changes",
		Long: `Run scenarios and write what they come to as their baselines, after it is said what
changes. PATH is a scenario file, a folder of them (as ipamsim test takes it), or the
name of a shipped scenario. All files are written or none.

A baseline has the settings, every figure of each replication, the findings and the
thresholds; no series and no pictures. The same scenario and version of ipamsim give
the same file, to the byte.

Exit codes: 0 written, or nothing to write; 2 bad input.`,
		Example: `  ipamsim baseline update scenarios
  ipamsim baseline update scenarios/web.yaml --dir baselines --dry-run`,
		Args:              wantArgs(1, -1, "a PATH: a folder or a scenario file"),
		ValidArgsFunction: completeScenarios,
		RunE: action(func(cmd *cobra.Command, args []string) error {
			return a.updateBaselines(cmd, args, &flags)
		}),
	}
	f := cmd.Flags()
	f.SortFlags = false
	flags.addDir(cmd)
	f.BoolVar(&flags.dry, "dry-run", false, "say what would change, and write nothing")
	flags.addSeed(cmd, "each file's")
	flags.addReplications(cmd, fmt.Sprintf("runs of each variant; unless given as many as the baseline has, or %d", replicationsUnlessSaid))
	flags.addRunning(cmd)
	return cmd
}

func (a *app) baselineCheckCommand() *cobra.Command {
	flags := baselineFlags{runFlags: runFlags{writeFlags: newWriteFlags(checkFormats)}, judgeFlags: newJudgeFlags()}
	cmd := &cobra.Command{
		Use:   "check PATH...",
		Short: "Compare scenarios with their baselines",
		Long: `Run scenarios in the random worlds of their baselines and compare, as ipamsim compare
does. PATH is a scenario file, a folder of them (as ipamsim test takes it), or the name
of a shipped scenario.

Exit codes: 99 some scenario has a regression (0 with --warn-only); 2 a scenario has no
baseline or cannot be compared with it; 0 neither. Of several the first in this order
counts.`,
		Example: `  ipamsim baseline check scenarios
  ipamsim baseline check scenarios --out markdown=comment.md --out json=check.json
  ipamsim baseline check scenarios --allow version   # what does another ipamsim make different?`,
		Args:              wantArgs(1, -1, "a PATH: a folder or a scenario file"),
		ValidArgsFunction: completeScenarios,
		RunE: action(func(cmd *cobra.Command, args []string) error {
			return a.checkBaselines(cmd, args, &flags)
		}),
	}
	cmd.Flags().SortFlags = false
	flags.addDir(cmd)
	flags.writeFlags.add(cmd)
	flags.judgeFlags.add(cmd)
	flags.addRunning(cmd)
	return cmd
}

// kept is a scenario and the path of its baseline.
type kept struct{ scenario, path string }

// keptIn finds the scenarios of arguments and where each one's baseline is.
func (a *app) keptIn(args []string, flags *baselineFlags) (list []kept, err error) {
	paths, err := a.scenarioFiles(args, flags.quiet)
	if err != nil {
		return nil, err
	}
	of := map[string]string{}
	for _, scenario := range paths {
		if scenario == "-" {
			return nil, usagef("-: a baseline has the name of its scenario's file, and standard input has none")
		}
		base := filepath.Base(scenario)
		name := strings.TrimSuffix(base, filepath.Ext(base)) + ".json"
		if other, twice := of[name]; twice {
			return nil, usagef("%s and %s would both have the baseline %s: name one of them otherwise, or keep each folder's in a --dir of its own", other, scenario, name)
		}
		of[name] = scenario
		list = append(list, kept{scenario, filepath.Join(flags.dir, name)})
	}
	return list, nil
}

// readBaseline reads one, or nothing where there is none.
func (a *app) readBaseline(path string) (b *compare.Baseline, err error) {
	err = a.readFile(path, func(r io.Reader, _ string) error {
		b, err = compare.Read(r)
		return err
	})
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, usageError(err)
	}
	return b, nil
}

// updateBaselines is the command: run, say what changes, write.
func (a *app) updateBaselines(cmd *cobra.Command, args []string, flags *baselineFlags) error {
	list, err := a.keptIn(args, flags)
	if err != nil {
		return err
	}
	flags.memory.apply()
	var changes []reports.BaselineChange
	for _, k := range list {
		change, err := a.newBaseline(cmd, k, flags)
		if err != nil {
			return err
		}
		changes = append(changes, *change)
	}
	if !flags.dry {
		if err := writeBaselines(flags.dir, changes); err != nil {
			return err
		}
	}
	return reports.BaselineTable(a.stdout, changes, flags.dry, flags.look(a))
}

// newBaseline runs a scenario for its baseline.
func (a *app) newBaseline(cmd *cobra.Command, k kept, flags *baselineFlags) (*reports.BaselineChange, error) {
	old, err := a.readBaseline(k.path)
	if err != nil {
		return nil, err
	}
	options, usual := flags.scenarioOptions(cmd), replicationsUnlessSaid
	if old != nil {
		usual = old.Replications
	}
	if options.Replications == nil {
		options.Replications = &usual
	}
	if n, least := *options.Replications, compare.FewestReplications(); n < least {
		return nil, usagef("--replications %d: of so few no p is below 0.05, and no change would ever be a regression: %d at least", n, least)
	}
	b, err := a.runToKeep(cmd.Context(), k.scenario, options, &flags.runFlags)
	if err != nil {
		return nil, err
	}
	change := &reports.BaselineChange{Path: k.path, Old: old, New: b, Same: old != nil && old.Same(b)}
	if old != nil && !change.Same {
		o := compare.Options{Version: a.version.Version, MinEffect: compare.MinEffect, Allow: compare.Kinds(), Old: k.path, New: k.scenario}
		change.Change, _ = compare.Compare(old, b, o) // an error is that they have nothing in common, which is said
	}
	return change, nil
}

// writeBaselines writes those that are not as they are to be, all or none.
func writeBaselines(dir string, changes []reports.BaselineChange) error {
	var files []reports.NamedFile
	for i := range changes {
		if c := &changes[i]; !c.Stays() {
			files = append(files, reports.NamedFile{Name: filepath.Base(c.Path), Write: func(w io.Writer) error { return reports.Document(w, c.New) }})
		}
	}
	if len(files) == 0 {
		return nil
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return usagef("--dir %s: %w", dir, err)
	}
	if err := writeFiles(dir, files); err != nil {
		return fmt.Errorf("--dir %s: %w", dir, err)
	}
	return nil
}

// checkBaselines is the command: run each in the worlds of its baseline, compare,
// write.
func (a *app) checkBaselines(cmd *cobra.Command, args []string, flags *baselineFlags) error {
	list, err := a.keptIn(args, flags)
	if err != nil {
		return err
	}
	var read []string
	for _, k := range list {
		read = append(read, k.scenario, k.path)
	}
	if err := flags.outputs.check(read); err != nil {
		return err
	}
	flags.memory.apply()
	var all []*compare.Comparison
	var not []compare.Unchecked
	for _, k := range list {
		c, err := a.checkOne(cmd.Context(), k, flags)
		var coded *exitError
		switch {
		case err == nil:
			all = append(all, c)
		case asError(err, &coded) && coded.code == exitUsage:
			not = append(not, compare.Unchecked{Name: k.scenario, Why: err.Error()})
		default:
			return err
		}
	}
	if err := a.write(&outcome{checked: compare.NewCheck(a.version.Version, all, not)}, &flags.writeFlags); err != nil {
		return err
	}
	regressions := 0
	for _, c := range all {
		regressions += c.Regressions
	}
	if err := flags.verdict(regressions); err != nil || len(not) == 0 {
		return err
	}
	return usagef("%s not compared with %s", words.Plural(len(not), "scenario"), map[bool]string{true: "its baseline", false: "their baselines"}[len(not) == 1])
}

// checkOne compares a scenario with its baseline.
func (a *app) checkOne(ctx context.Context, k kept, flags *baselineFlags) (*compare.Comparison, error) {
	old, err := a.readBaseline(k.path)
	if err != nil {
		return nil, err
	}
	if old == nil {
		if _, err := scenarios.Open(k.scenario); err != nil { // nor could one be written
			return nil, usageError(err)
		}
		return nil, usagef("it has no baseline %s; ipamsim baseline update %s --dir %s writes it", k.path, k.scenario, flags.dir)
	}
	new, err := a.runToKeep(ctx, k.scenario, scenarios.Options{Seed: &old.Seed, Replications: &old.Replications}, &flags.runFlags)
	if err != nil {
		return nil, err
	}
	o := flags.options(a.version.Version)
	o.Old, o.New = k.path, k.scenario
	c, err := compare.Compare(old, new, o)
	if err != nil {
		return nil, usageError(err)
	}
	return c, nil
}
