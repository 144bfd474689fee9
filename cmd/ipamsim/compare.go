package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"ipamsim/internal/words"
	"ipamsim/scenarios"
	"ipamsim/sim"
	"ipamsim/sim/compare"
	"ipamsim/sim/fleet"
	"ipamsim/sim/result"
)

// compareFlags of the compare command.
type compareFlags struct {
	runFlags
	judgeFlags
}

// judgeFlags say what counts as a difference, and what becomes of it.
type judgeFlags struct {
	allow     kindsFlag
	metrics   listFlag
	minEffect shareFlag
	correct   choiceFlag
	warnOnly  bool
}

func newJudgeFlags() judgeFlags {
	return judgeFlags{metrics: listFlag{of: "name"}, minEffect: compare.MinEffect,
		correct: choiceFlag{value: string(compare.NoCorrection), choices: []string{string(compare.NoCorrection), string(compare.Holm)}}}
}

// add makes them flags of the command.
func (j *judgeFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.Var(&j.minEffect, "min-effect", "the least difference that counts, as a share of what was there, such as 5% or 0.05")
	f.Var(&j.metrics, "metric", "compare only this metric, such as pod_start_p99_seconds or api_calls{action:CreateNetworkInterface}; repeatable")
	j.correct.addNamed(cmd, "correct", "what is done about many metrics of which some differ by chance: none or holm")
	f.Var(&j.allow, "allow", "compare what does not have the same "+words.Or(kindNames())+"; several with commas")
	f.BoolVar(&j.warnOnly, "warn-only", false, "exit with 0 in spite of regressions")
	cmd.RegisterFlagCompletionFunc("metric", completeFigure)
	cmd.RegisterFlagCompletionFunc("allow", cobra.FixedCompletions(kindNames(), cobra.ShellCompDirectiveNoFileComp))
	freeText(cmd, "min-effect")
}

func (a *app) compareCommand() *cobra.Command {
	flags := compareFlags{runFlags: runFlags{writeFlags: newWriteFlags(compareFormats)}, judgeFlags: newJudgeFlags()}
	cmd := &cobra.Command{
		Use:   "compare OLD NEW",
		Short: "Say what differs between two results, and what of it is no chance",
		Long: `Compare two results of one scenario, metric by metric. Each is a file that
ipamsim run -o json or ipamsim baseline has written, or a scenario (a file, or a
shipped one by its name), which is run: with the seed and as many replications as the
other one has, or else as --seed and --replications say. With --set the new one is run
with other values; compare FILE --set KEY=VALUE compares a scenario with itself.
--variant A B compares two variants of one result, or one of each of two.

Replication by replication the two have been in the same random world. What is tested
is the difference in each, by an exact test (Wilcoxon's signed-rank test), so that no
luck of a world is taken for a change. p says how likely chance alone makes such a
difference or a larger one; ~ stands for one that chance explains. It takes six
replications for any p to be below 0.05.

A regression is a metric that is worse with p < 0.05 by as much as --min-effect and by
as much as that metric's least difference (docs/compare.md).

What cannot be compared is refused: results of another scenario (the digest of its
file), another version of ipamsim, other seeds. --allow compares them all the same and
says what that means.

Exit codes: 0 no regression, 99 at least one (0 with --warn-only), 2 bad input, or
results that cannot be compared.`,
		Example: `  ipamsim run mine.yaml --replications 10 -o json > old.json
  ipamsim compare old.json mine.yaml
  ipamsim compare old.json new.json -o markdown
  ipamsim compare mine.yaml --set nodeGroups.workers.cni.WARM_IP_TARGET=1
  ipamsim compare latency-cliff --variant default prefix-delegation --replications 10`,
		Args:              wantArgs(1, 3, "OLD (a stored result, or a scenario)"),
		ValidArgsFunction: completeCompared,
		RunE: action(func(cmd *cobra.Command, args []string) error {
			return a.compare(cmd, args, &flags)
		}),
	}
	f := cmd.Flags()
	f.SortFlags = false
	flags.writeFlags.add(cmd)
	flags.addVariants(cmd, "compare only the variant of this name; with two, the first of the old with the second of the new")
	flags.addSet(cmd, "the new scenario")
	flags.addSeed(cmd, "the file's, of scenarios that are run")
	flags.addReplications(cmd, fmt.Sprintf("replications of scenarios that are run; unless given as many as the stored result has, or %d", replicationsUnlessSaid))
	flags.judgeFlags.add(cmd)
	flags.addRunning(cmd)
	return cmd
}

// replicationsUnlessSaid are the replications of a scenario that is compared with
// another: enough for a p of 0.002, so that a difference in nine of ten worlds is
// found. Our choice.
const replicationsUnlessSaid = 10

// compare is the command: read or run both, compare, write.
func (a *app) compare(cmd *cobra.Command, args []string, flags *compareFlags) error {
	names, pairs, err := a.whatToCompare(args, flags)
	if err != nil {
		return err
	}
	sides := make([]compared, len(names))
	for i, name := range names {
		if sides[i], err = a.openCompared(name); err != nil {
			return err
		}
	}
	if err := flags.outputs.check(comparedInputs(sides)); err != nil {
		return err
	}
	flags.memory.apply()
	old, new, err := a.bothSides(cmd, sides, flags)
	if err != nil {
		return err
	}
	o := flags.options(a.version.Version)
	o.Old, o.New, o.Pairs = names[0], names[len(names)-1], pairs
	c, err := compare.Compare(old, new, o)
	if err != nil {
		return usageError(err)
	}
	if c.Method.TooFew() && !flags.quiet {
		fmt.Fprintf(a.stderr, "ipamsim: %s: no difference can have p < %g; it takes %d (--replications %d)\n",
			words.Plural(c.Method.Replications, "replication"), c.Method.Alpha, c.Method.Needed, c.Method.Needed)
	}
	if err := a.write(&outcome{compared: c}, &flags.writeFlags); err != nil {
		return err
	}
	return flags.verdict(c.Regressions)
}

// options are those of a comparison.
func (j *judgeFlags) options(version string) compare.Options {
	return compare.Options{Version: version, Allow: j.allow, Metrics: j.metrics.values, MinEffect: float64(j.minEffect), Correction: compare.Correction(j.correct.value)}
}

// verdict is the error of regressions.
func (j *judgeFlags) verdict(regressions int) error {
	if regressions == 0 || j.warnOnly {
		return nil
	}
	return &exitError{exitThreshold, errors.New(words.Plural(regressions, "regression"))}
}

// whatToCompare are the files or names that are compared, and which of their
// variants. The second name behind --variant may stand there without a flag.
func (a *app) whatToCompare(args []string, flags *compareFlags) (names []string, pairs [][2]string, err error) {
	given := slices.Clone(flags.variants.values)
	names = args
	if last := args[len(args)-1]; len(given) == 1 && len(args) > 1 && (len(args) == 3 || !exists(last)) {
		names, given = args[:len(args)-1], append(given, last)
	}
	switch {
	case len(names) > 2:
		return nil, nil, usagef("compare: unexpected argument %q", names[2])
	case len(given) > 2:
		return nil, nil, usagef("--variant: two at most, one of the old and one of the new")
	case len(given) == 1:
		pairs = [][2]string{{given[0], given[0]}}
	case len(given) == 2:
		pairs = [][2]string{{given[0], given[1]}}
	}
	if len(names) == 1 && len(given) < 2 && len(flags.set.values) == 0 {
		return nil, nil, usagef("compare: what %s is compared with is missing: a second result or scenario, --variant A B, or --set", names[0])
	}
	if len(names) == 2 && names[0] == "-" && names[1] == "-" {
		return nil, nil, usagef("compare: standard input can be only one of the two")
	}
	return names, pairs, nil
}

// exists says whether a name is that of a file or of a shipped scenario.
func exists(name string) bool {
	if name == "-" || slices.Contains(scenarios.EmbeddedNames(), name) {
		return true
	}
	_, err := os.Stat(name)
	return err == nil
}

// compared is one of the two: what was stored, or a scenario that is to be run.
type compared struct {
	name   string
	stored *compare.Baseline
}

// openCompared reads what is stored; a scenario is read when it is known with which
// seed it runs.
func (a *app) openCompared(name string) (compared, error) {
	c := compared{name: name}
	if name != "-" && (slices.Contains(scenarios.EmbeddedNames(), name) || !holdsResult(name)) {
		return c, nil
	}
	err := a.readFile(name, func(r io.Reader, _ string) (err error) {
		c.stored, err = compare.Read(r)
		return err
	})
	if err != nil {
		err = usageError(err)
	}
	return c, err
}

// firstBytes is how much of a file is looked at to see what it is.
const firstBytes = 4096

// holdsResult says whether a file is a stored document and no scenario.
func holdsResult(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return filepath.Ext(path) == ".json"
	}
	defer file.Close()
	text, _ := io.ReadAll(io.LimitReader(file, firstBytes))
	return filepath.Ext(path) == ".json" && !bytes.Contains(text, []byte(`"apiVersion"`)) || bytes.Contains(text, []byte("schema_version"))
}

// comparedInputs are the files that are read.
func comparedInputs(sides []compared) (paths []string) {
	for _, s := range sides {
		if s.name == "-" {
			paths = append(paths, "/dev/stdin")
		} else {
			paths = append(paths, s.name)
		}
	}
	return paths
}

// bothSides are the old and the new one, each read or run; one that is there once is
// both.
func (a *app) bothSides(cmd *cobra.Command, sides []compared, flags *compareFlags) (old, new *compare.Baseline, err error) {
	first, last := &sides[0], &sides[len(sides)-1]
	if last.stored != nil && len(flags.set.values) > 0 {
		return nil, nil, usagef("--set: %s is a stored result, and no scenario to be run with another value", last.name)
	}
	if old, err = a.sideOf(cmd, first, last.stored, nil, flags); err != nil {
		return nil, nil, err
	}
	if first == last && len(flags.set.values) == 0 {
		return old, old, nil
	}
	new, err = a.sideOf(cmd, last, old, flags.set.values, flags)
	return old, new, err
}

// sideOf is what is stored, or a run in the worlds of the other.
func (a *app) sideOf(cmd *cobra.Command, s *compared, other *compare.Baseline, set []string, flags *compareFlags) (*compare.Baseline, error) {
	if s.stored != nil {
		return s.stored, nil
	}
	run := flags.runFlags
	run.set.values, run.variants.values = set, nil
	options, usual := run.scenarioOptions(cmd), replicationsUnlessSaid
	if other != nil {
		usual = other.Replications
		if options.Seed == nil {
			options.Seed = &other.Seed
		}
	}
	if options.Replications == nil {
		options.Replications = &usual
	}
	return a.runToKeep(cmd.Context(), s.name, options, &run)
}

// runToKeep runs a scenario and keeps what is compared.
func (a *app) runToKeep(ctx context.Context, name string, options scenarios.Options, run *runFlags) (*compare.Baseline, error) {
	file, err := scenarios.Open(name)
	if err != nil {
		return nil, usageError(err)
	}
	variants, err := file.Variants(options)
	if err != nil {
		return nil, usageError(err)
	}
	a.running = describeRun(name, variants[0].Scenario.Seed, run)
	var out *result.Result
	err = a.interruptible(ctx, run.quiet, true, func(ctx context.Context, report func(fleet.Progress)) (err error) {
		out, err = a.simulate(ctx, variants, sim.Options{Version: a.version.Version, Workers: run.workers, Progress: report})
		return err
	})
	if err != nil {
		return nil, err
	}
	return compare.Keep(out), nil
}

// kindsFlag is the value of --allow.
type kindsFlag []compare.Kind

func (f *kindsFlag) Type() string { return "kind" }

func (f *kindsFlag) String() string {
	var list []string
	for _, k := range *f {
		list = append(list, string(k))
	}
	return strings.Join(list, ",")
}

func (f *kindsFlag) Set(s string) error {
	for name := range strings.SplitSeq(s, ",") {
		if !slices.Contains(kindNames(), name) {
			return fmt.Errorf("want %s%s", words.Or(kindNames()), words.DidYouMean(name, kindNames()))
		}
		*f = append(*f, compare.Kind(name))
	}
	return nil
}

func kindNames() (list []string) {
	for _, k := range compare.Kinds() {
		list = append(list, string(k))
	}
	return list
}

// shareFlag is a share of a whole: 5% or 0.05.
type shareFlag float64

func (f *shareFlag) Type() string   { return "share" }
func (f *shareFlag) String() string { return strings.ReplaceAll(words.Share(float64(*f)), " ", "") }

// mostShare is a bound of shares beyond which a flag is a slip.
const mostShare = 100

func (f *shareFlag) Set(s string) error {
	text, percent := strings.CutSuffix(strings.TrimSpace(s), "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if percent {
		v /= 100
	}
	if err != nil || !(v >= 0 && v <= mostShare) {
		return fmt.Errorf("a share from 0%% to %d%% was expected, such as 5%%", mostShare*100)
	}
	*f = shareFlag(v)
	return nil
}

// completeCompared completes stored results and scenarios.
func completeCompared(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 1 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return embeddedNames(), cobra.ShellCompDirectiveDefault
}
