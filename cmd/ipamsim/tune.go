package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"ipamsim/internal/input"
	"ipamsim/internal/jsonlines"
	"ipamsim/internal/words"
	"ipamsim/scenarios"
	"ipamsim/sim/experiment"
	"ipamsim/sim/fleet"
	"ipamsim/sim/tuning"
)

// tuneFlags of the tune command.
type tuneFlags struct {
	runFlags
	variant      string
	settings     int
	maxP99       timeFlag
	maxAddresses int
	maxENI       bool
	cooldown     bool
	addOn        string
	shard        string
	perGroup     bool
	emit         emitFlags
}

// tuneReplications is how many random worlds a setting of the last rung has unless
// the scenario or --replications says more: our choice, with which intervals of
// means are about as wide as the spread of the worlds.
const tuneReplications = 9

// mostSettings bounds --settings.
const mostSettings = 10_000

func (a *app) tuneCommand() *cobra.Command {
	flags := tuneFlags{runFlags: runFlags{writeFlags: newWriteFlags(tuneFormats)}}
	cmd := &cobra.Command{
		Use:   "tune FILE|NAME",
		Short: "Search for the VPC CNI's settings, and say how to apply them",
		Long: `Search the settings of the VPC CNI that can be applied to a cluster: WARM_ENI_TARGET,
WARM_IP_TARGET with MINIMUM_IP_TARGET, and prefix delegation with WARM_PREFIX_TARGET or
with those, where every instance type is built on Nitro; on request MAX_ENI and
IP_COOLDOWN_PERIOD. There is one environment for the cluster, and each node group gets
it. Max pods stay as they are.

Every setting runs in the same random worlds. The search begins with many settings in
one world, and goes on with a third of them in three times as many. What is left is the
front: settings of which none is better than another in every respect (addresses held
at the peak, p99 of pod starts, pods that wait for an address, API calls). One of it is
recommended: the knee, or what --max-p99 and --max-addresses ask for. Before that it is
tried in random worlds that the search has not seen, and with attach latencies, metadata
lags and bursts that are half as large, and half as large again. What makes a threshold
of the scenario worse than it is now, or lets more pods never start, is not recommended.
A threshold that fails is a result, and the exit code is 0.

With --out jsonl=FILE a search that was interrupted goes on where it was. The same search
gives the same result, on any machine and with any number of workers. --shard i/n runs
the trials of every n-th setting; ipamsim merge puts the files of the shards together,
and the same command with --out jsonl=MERGED then says the same as without shards. A
batch engine may say which shard it is, as for ipamsim sweep; --emit writes the job files
of an engine into a folder, with what is to be filled in, and runs nothing.`,
		Example: `  ipamsim tune latency-cliff
  ipamsim tune mine.yaml --variant now --max-p99 5s
  ipamsim tune mine.yaml --max-addresses 4000 --addon-config values.json --out plots=pictures
  ipamsim tune mine.yaml -o json | jq -r .apply.kubectl
  ipamsim tune mine.yaml --shard 0/4 --out jsonl=S0.jsonl   # and so on, then
  ipamsim merge 'S{shard}.jsonl' --out jsonl=all.jsonl && ipamsim tune mine.yaml --out jsonl=all.jsonl
  ipamsim tune mine.yaml --max-p99 5s --shard /8 --emit slurm=jobs`,
		Args:              wantArgs(1, 1, "a scenario (FILE or NAME, see ipamsim scenarios)"),
		ValidArgsFunction: completeScenario,
		RunE: action(func(cmd *cobra.Command, args []string) error {
			return a.tune(cmd, args[0], &flags)
		}),
	}
	f := cmd.Flags()
	f.SortFlags = false
	addVariant(cmd, &flags.variant, "the variant that settings are laid over")
	f.Var(&flags.maxP99, "max-p99", "the longest p99 of pod starts, such as 5s: recommend the setting with the fewest addresses")
	addWhole(cmd, &flags.maxAddresses, "max-addresses", 1, math.MaxInt, "the most addresses at once, others' included: recommend the setting with the shortest p99")
	f.BoolVar(&flags.maxENI, "max-eni", false, "tune MAX_ENI, too")
	f.BoolVar(&flags.cooldown, "ip-cooldown", false, "tune IP_COOLDOWN_PERIOD, too")
	f.StringVar(&flags.addOn, "addon-config", "", "the configuration values that the EKS add-on has, JSON or YAML, to lay the setting over")
	f.BoolVar(&flags.perGroup, "per-group", false, "say besides what an environment of each node group's own would be worth; the DaemonSet aws-node has one for all")
	flags.writeFlags.add(cmd)
	addWhole(cmd, &flags.settings, "settings", 0, mostSettings, "most settings to begin with; 0 is all that come into question, about a hundred")
	flags.addReplications(cmd, fmt.Sprintf("random worlds of each setting of the last rung; the scenario's number, and at least %d, unless given", tuneReplications))
	addShard(cmd, &flags.shard, "run the trials of a part of the settings")
	flags.emit.add(cmd)
	flags.addSeed(cmd, "the file's")
	flags.addSet(cmd, "the scenario")
	flags.addRunning(cmd)
	freeText(cmd, "max-p99")
	return cmd
}

// tune is the command: read, search, write.
func (a *app) tune(cmd *cobra.Command, name string, flags *tuneFlags) error {
	if err := flags.check(); err != nil {
		return err
	}
	variants, err := a.tuneVariants(cmd, name, flags)
	if err != nil {
		return err
	}
	base := &variants[0]
	if flags.perGroup && len(base.Scenario.NodeGroups) < 2 {
		return usagef("--per-group: there is one node group")
	}
	if flags.emit.engine != "" {
		return a.emitTune(cmd, variants, name, flags)
	}
	o, err := flags.options(a, cmd, variants)
	if err != nil {
		return err
	}
	shard, err := a.tuneShard(flags)
	if err != nil {
		return err
	}
	read := inputs(variants)
	if flags.addOn != "" {
		read = append(read, flags.addOn)
	}
	if err := flags.outputs.check(read); err != nil {
		return err
	}
	flags.memory.apply()
	a.running = "tune " + describeRun(name, base.Scenario.Seed, &flags.runFlags)
	o.Version, o.Workers = a.version.Version, flags.workers
	path, err := a.openTrials(base, o, flags)
	if err != nil {
		return err
	}
	err = a.search(cmd.Context(), base, o, shard, path, flags)
	if o.Store != nil {
		err = errors.Join(err, o.Store.Close())
	}
	return err
}

// check finds what is wrong with the flags alone.
func (f *tuneFlags) check() error {
	if f.maxP99.given && f.maxP99.value <= 0 {
		return usagef("--max-p99 must be above 0")
	}
	stores := 0
	for _, o := range f.outputs.given {
		if o.name == jsonLines {
			stores++
		}
	}
	switch {
	case stores > 1:
		return usagef("--out jsonl is given twice: a search goes on in one file")
	case f.emit.engine != "":
	case f.shard != "" && f.perGroup:
		return usagef("--per-group: a shard has no part of that; it is for the run that finds the trials of all shards")
	case f.shard != "" && stores == 0:
		return usagef("--shard: the trials of a shard go to --out jsonl=FILE, and that is missing")
	}
	return nil
}

// tuneVariants are the one that is tuned, and after it the others of the file.
func (a *app) tuneVariants(cmd *cobra.Command, name string, flags *tuneFlags) ([]scenarios.Expanded, error) {
	options := flags.scenarioOptions(cmd)
	options.Replications = nil // they are a rung's business
	file, err := scenarios.Open(name)
	if err != nil {
		return nil, usageError(err)
	}
	if flags.variant != "" {
		options.Variants = []string{flags.variant}
		if _, err := file.Variants(options); err != nil {
			return nil, usageError(err)
		}
		options.Variants = nil
	}
	variants, err := file.Variants(options)
	if err != nil {
		return nil, usageError(err)
	}
	at := max(0, slices.IndexFunc(variants, func(v scenarios.Expanded) bool { return v.Name == flags.variant }))
	tuned := variants[at]
	if !flags.quiet {
		for _, w := range distinct(append(slices.Clone(file.Warnings), tuned.Warnings...)) {
			fmt.Fprintln(a.stderr, asWarning(w))
		}
	}
	return append([]scenarios.Expanded{tuned}, slices.Delete(variants, at, at+1)...), nil
}

// options are those of the search.
func (f *tuneFlags) options(a *app, cmd *cobra.Command, variants []scenarios.Expanded) (*tuning.Options, error) {
	o := &tuning.Options{Settings: f.settings, MaxENI: f.maxENI, Cooldown: f.cooldown, Replications: max(tuneReplications, variants[0].Scenario.Replications)}
	if cmd.Flags().Changed("replications") {
		o.Replications = f.replications
	}
	if f.maxP99.given {
		seconds := time.Duration(f.maxP99.value).Seconds()
		o.Preference.MaxP99 = &seconds
	}
	if cmd.Flags().Changed("max-addresses") {
		o.Preference.MaxAddresses = &f.maxAddresses
	}
	for i := range variants[1:] {
		if env, is := tuning.EnvironmentOf(variants[1+i].Scenario); is {
			o.Also = append(o.Also, env)
		}
	}
	if f.addOn == "" {
		return o, nil
	}
	err := a.readFile(f.addOn, func(r io.Reader, _ string) error {
		text, err := input.ReadAll(r, mostAddOn, "configuration values")
		if err == nil {
			o.AddOn, err = tuning.ReadAddOn(text)
		}
		return err
	})
	if err != nil {
		return nil, usagef("--addon-config: %w", err)
	}
	return o, nil
}

// mostAddOn is how long configuration values may be, in bytes: far more than EKS
// takes.
const mostAddOn = 1 << 20

// tuneShard is which part of the settings is to be tried.
func (a *app) tuneShard(flags *tuneFlags) (experiment.Shard, error) {
	if flags.shard == "" {
		return experiment.Whole, nil
	}
	shard, from, err := experiment.FindShard(flags.shard, os.Getenv)
	if err != nil {
		return shard, usagef("--shard: %w", err)
	}
	if from != "" && !flags.quiet {
		fmt.Fprintf(a.stderr, "ipamsim: shard %v, as %s says\n", shard, from)
	}
	flags.outputs.inShard(shard)
	return shard, nil
}

// openTrials opens the file that trials are kept in, if one is asked for.
func (a *app) openTrials(base *scenarios.Expanded, o *tuning.Options, flags *tuneFlags) (path string, err error) {
	for _, out := range flags.outputs.given {
		if out.name != jsonLines {
			continue
		}
		head, err := tuning.Head(base, o.Version)
		if err != nil {
			return "", err
		}
		o.Store, err = tuning.OpenStore(out.path, head)
		var foreign *jsonlines.ForeignError
		if asError(err, &foreign) {
			return "", usagef("--out %s=%s: %w; a search goes on in its own file only: remove it, or choose another", out.name, out.path, foreign)
		}
		if err == nil && o.Store.Had > 0 && !flags.quiet {
			fmt.Fprintf(a.stderr, "ipamsim: %s are in %s already\n", words.Plural(o.Store.Had, "trial"), out.path)
		}
		return out.path, err
	}
	return "", nil
}

// search runs the search, or a shard's trials, and writes what came of it.
func (a *app) search(ctx context.Context, base *scenarios.Expanded, o *tuning.Options, shard experiment.Shard, path string, flags *tuneFlags) error {
	var out outcome
	settings := 0
	err := a.interruptible(ctx, flags.quiet, true, func(ctx context.Context, report func(fleet.Progress)) (err error) {
		o.Progress = report
		s := tuning.New(base, *o)
		if flags.shard != "" {
			settings, err = s.RunShard(ctx, shard)
			return err
		}
		if out.tuned, err = s.Run(ctx); err != nil || !flags.perGroup {
			return err
		}
		return tuning.PerGroup(ctx, base, *o, out.tuned)
	})
	var coded *exitError
	switch {
	case asError(err, &coded) && coded.code == exitInterrupted && path != "":
		return &exitError{exitInterrupted, fmt.Errorf("interrupted; the trials that were done are in %s, and the same command goes on there", path)}
	case asError(err, &coded) && coded.code == exitInterrupted:
		return &exitError{exitInterrupted, errors.New("interrupted; nothing was written: with --out jsonl=FILE the next one goes on there")}
	case err != nil:
		return err
	case flags.shard != "":
		_, err := fmt.Fprintf(a.stdout, "shard %v: %s tried; ipamsim merge puts %s and the others together\n", shard, words.Plural(settings, "setting"), path)
		return err
	}
	return a.write(&out, &flags.writeFlags)
}
