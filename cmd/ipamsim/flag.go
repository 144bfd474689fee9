package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"ipamsim/internal/words"
	"ipamsim/scenarios"
)

// listFlag is a flag that may be given repeatedly. Unlike a slice flag it takes
// commas as they are.
type listFlag struct {
	of     string // what help calls one value
	values []string
}

func (f *listFlag) String() string { return strings.Join(f.values, " ") }
func (f *listFlag) Type() string   { return f.of }
func (f *listFlag) Set(s string) error {
	f.values = append(f.values, s)
	return nil
}

// choiceFlag is a flag that is one of a few words.
type choiceFlag struct {
	value   string
	choices []string
	of      string // what help calls a value; format unless it says
}

func (f *choiceFlag) String() string { return f.value }
func (f *choiceFlag) Type() string   { return cmp.Or(f.of, "format") }
func (f *choiceFlag) Set(s string) error {
	if !slices.Contains(f.choices, s) {
		return fmt.Errorf("want %s%s", words.Or(f.choices), words.DidYouMean(s, f.choices))
	}
	f.value = s
	return nil
}

// add makes it the -o of a small command.
func (f *choiceFlag) add(cmd *cobra.Command) {
	cmd.Flags().VarP(f, "output", "o", words.Or(f.choices))
	cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(f.choices, cobra.ShellCompDirectiveNoFileComp))
}

// addNamed makes it a flag of the command under a name.
func (f *choiceFlag) addNamed(cmd *cobra.Command, name, help string) {
	f.of = "word"
	cmd.Flags().Var(f, name, help)
	cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(f.choices, cobra.ShellCompDirectiveNoFileComp))
}

// wholeFlag is a flag that is a whole number within bounds.
type wholeFlag struct {
	to          *int
	least, most int
}

func (f *wholeFlag) String() string { return strconv.Itoa(*f.to) }
func (f *wholeFlag) Type() string   { return "int" }
func (f *wholeFlag) Set(s string) error {
	n, err := strconv.ParseInt(s, 10, 0)
	if err != nil || n < int64(f.least) || n > int64(f.most) {
		return fmt.Errorf("want %s", f.expected())
	}
	*f.to = int(n)
	return nil
}

// expected says what the flag takes.
func (f *wholeFlag) expected() string {
	if f.most == math.MaxInt {
		return fmt.Sprintf("a whole number, %d or more,", f.least)
	}
	return fmt.Sprintf("a whole number from %d to %d", f.least, f.most)
}

// addWhole makes a whole number within bounds a flag of the command.
func addWhole(cmd *cobra.Command, to *int, name string, least, most int, help string) {
	cmd.Flags().Var(&wholeFlag{to, least, most}, name, help)
	freeText(cmd, name)
}

// freeText are flags whose values no shell can complete.
func freeText(cmd *cobra.Command, names ...string) {
	for _, name := range names {
		cmd.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions)
	}
}

// What follows are the flags that several commands have, each in one place.

// replicationMost bounds --replications and --replication, as the language bounds
// the replications of a scenario.
const replicationMost = 1000

// workersMost bounds --workers: more than machines have cores. Our choice.
const workersMost = 4096

// addSeed makes --seed a flag of the command, in place of whose seed.
func (f *runFlags) addSeed(cmd *cobra.Command, whose string) {
	cmd.Flags().Uint64Var(&f.seed, "seed", 0, "seed of the random streams, in place of "+whose)
	freeText(cmd, "seed")
}

// addReplications makes --replications a flag of the command.
func (f *runFlags) addReplications(cmd *cobra.Command, help string) {
	addWhole(cmd, &f.replications, "replications", 1, replicationMost, help)
}

// addVariants makes --variant a flag that says what to do with some variants only.
func (f *runFlags) addVariants(cmd *cobra.Command, help string) {
	f.variants.of = "name"
	cmd.Flags().Var(&f.variants, "variant", help)
	cmd.RegisterFlagCompletionFunc("variant", completeVariant)
}

// addVariant makes --variant a flag of a command that takes one.
func addVariant(cmd *cobra.Command, to *string, what string) {
	cmd.Flags().StringVar(to, "variant", "", what+"; the file's first unless given")
	cmd.RegisterFlagCompletionFunc("variant", completeVariant)
}

// addSet makes --set a flag of the command.
func (f *runFlags) addSet(cmd *cobra.Command, where string) {
	f.set.of = "key=value"
	cmd.Flags().Var(&f.set, "set", "set a value in "+where+", such as nodeGroups.workers.count=60; repeatable")
	cmd.RegisterFlagCompletionFunc("set", completeSet)
}

// addWorkers makes --workers a flag of the command; of says of what so many are
// under way.
func addWorkers(cmd *cobra.Command, to *int, of string) {
	addWhole(cmd, to, "workers", 0, workersMost, of+" at a time; 0 is one per core (the result does not depend on it)")
}

// addRunning makes those flags the command's that every one has which runs
// scenarios: they change nothing in what comes out.
func (f *runFlags) addRunning(cmd *cobra.Command) {
	addWorkers(cmd, &f.workers, "runs")
	f.memory.add(cmd)
	addQuiet(cmd, &f.quiet, "no progress and no warnings")
	f.addNoColor(cmd)
}

// addQuiet makes --quiet a flag of the command; nothing of what it says is then on
// standard error.
func addQuiet(cmd *cobra.Command, to *bool, what string) {
	cmd.Flags().BoolVarP(to, "quiet", "q", false, what+" on standard error")
}

// addPoints makes those flags the command's that every one has which runs the
// variants of a file at many points.
func (f *runFlags) addPoints(cmd *cobra.Command) {
	f.addSeed(cmd, "the file's")
	f.addReplications(cmd, "runs of each variant at each point, in place of the file's number")
	f.addVariants(cmd, "run only the variant of this name; repeatable")
	f.addSet(cmd, "the scenario")
	f.addRunning(cmd)
}

// addRemedies makes --remedies and --remedies-events flags of the command.
func (f *runFlags) addRemedies(cmd *cobra.Command, choices []string, help, of string) {
	f.remedies = choiceFlag{value: choices[0], choices: choices}
	f.remedies.addNamed(cmd, "remedies", "what to do with what may help against a finding: "+help)
	cmd.Flags().Uint64Var(&f.events, "remedies-events", 0, "most events that trying remedies may execute"+of+"; 0 is 10 times those, and 20 million at most")
	freeText(cmd, "remedies-events")
}

// scenarioOptions are what the flags that were given say of a scenario.
func (f *runFlags) scenarioOptions(cmd *cobra.Command) scenarios.Options {
	o := scenarios.Options{Set: f.set.values, Variants: f.variants.values}
	if cmd.Flags().Changed("seed") {
		o.Seed = &f.seed
	}
	if cmd.Flags().Changed("replications") {
		o.Replications = &f.replications
	}
	return o
}
