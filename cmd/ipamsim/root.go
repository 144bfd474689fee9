package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"runtime/debug"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ipamsim/internal/words"
	"ipamsim/scenarios"
	"ipamsim/sim"
	"ipamsim/sim/result"
)

// app is what the commands share: the streams, and the simulator.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	simulate       func(context.Context, []scenarios.Expanded, sim.Options) (*result.Result, error)
	version        build  // of the program
	running        string // what a report of a panic should name
}

// tagged are commands of builds with a tag, which no user's build pays for.
var tagged []func(*app) *cobra.Command

// execute runs one command line and returns the exit code.
func (a *app) execute(ctx context.Context, args []string) (code int) {
	defer func() {
		if cause := recover(); cause != nil {
			a.reportPanic(cause, debug.Stack())
			code = exitFailure
		}
	}()
	root := a.root()
	root.SetArgs(args)
	command, err := root.ExecuteContextC(ctx)
	return a.conclude(command, err)
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "ipamsim",
		Short: "Simulate how a fleet of EKS nodes gets pod IP addresses",
		Long: `ipamsim answers, in seconds and without a cluster: which warm-pool settings
should we run, will our subnets hold, and how slow will pods start in the next
scale-out? A scenario file describes the fleet and what happens to it; a virtual
clock drives simulated nodes, each with the VPC CNI's ipamd, against a modelled
EC2 with its limits, latencies and throttles.

Exit codes: 0 fine, 1 an error of ours, 2 bad input or usage, 99 a threshold
failed, 130 interrupted.`,
		Example: `  ipamsim scenarios                     # what is shipped
  ipamsim run hello                     # run a shipped scenario
  ipamsim scenarios hello > mine.yaml   # copy it, edit it
  ipamsim run mine.yaml`,
		SilenceErrors: true, // conclude prints them
		SilenceUsage:  true,
	}
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetFlagErrorFunc(flagError)
	for _, g := range a.groups() {
		root.AddGroup(&cobra.Group{ID: g.id, Title: g.title + ":"})
		for _, command := range g.commands {
			command.GroupID = g.id
			root.AddCommand(command)
		}
	}
	root.SetHelpCommandGroupID("other")
	root.SetCompletionCommandGroupID("other")
	for _, command := range tagged {
		root.AddCommand(command(a))
	}
	root.Version = a.version.String()
	root.SetVersionTemplate("ipamsim {{.Version}}\n")
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "help":
			cmd.Args = knownTopic
		case "completion":
			cmd.RunE = func(cmd *cobra.Command, args []string) error {
				if len(args) > 0 {
					return fmt.Errorf("completion: no shell %q: bash, fish, powershell and zsh have one", args[0])
				}
				return cmd.Help()
			}
		}
	}
	return root
}

// group is commands that one reader needs together.
type group struct {
	id, title string
	commands  []*cobra.Command
}

// groups are the commands in the order in which help has them: the three uses
// first, then what is common to them.
func (a *app) groups() []group {
	return []group{
		{"run", "Run a scenario", []*cobra.Command{a.runCommand(), a.scenariosCommand(), a.lintCommand(), a.reportCommand()}},
		{"look", "Look into a run", []*cobra.Command{a.explainCommand(), a.pathCommand(), a.inspectCommand(), a.mapCommand()}},
		{"plan", "Plan a migration", []*cobra.Command{a.importCommand(), a.calibrateCommand(), a.planCommand(), a.tuneCommand(), a.sweepCommand(), a.mergeCommand(), a.limitsCommand()}},
		{"gate", "Keep a gate in CI", []*cobra.Command{a.testCommand(), a.baselineCommand(), a.compareCommand()}},
		{"trust", "Ask how far to trust it", []*cobra.Command{a.sensitivityCommand(), a.validateCommand(), a.conformCommand(), a.modelCommand()}},
		{"lend", "Lend the model to other tools", []*cobra.Command{a.serveCommand(), a.exportCommand()}},
		{"other", "Look something up", []*cobra.Command{a.referenceCommand(), a.findingsCommand(), a.schemaCommand(), a.versionCommand()}},
	}
}

// knownTopic refuses help on what is no command.
func knownTopic(cmd *cobra.Command, args []string) error {
	if found, rest, err := cmd.Root().Find(args); err != nil || found == nil || len(rest) > 0 {
		return fmt.Errorf("help: no command %q%s", args[0], words.DidYouMean(args[0], names(cmd.Root())))
	}
	return nil
}

// names of a command's own.
func names(root *cobra.Command) (list []string) {
	for _, c := range root.Commands() {
		list = append(list, c.Name())
	}
	return list
}

// flagError adds the flags that were probably meant to an unknown one.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if asError(err, &unknown) && len(unknown.GetSpecifiedShortnames()) == 0 {
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		near := words.Near(unknown.GetSpecifiedName(), names)
		for i := range near {
			near[i] = "--" + near[i]
		}
		return fmt.Errorf("%w%s", err, words.Meant(near))
	}
	if unknown != nil && unknown.GetSpecifiedName() == "f" && cmd.Args != nil {
		return fmt.Errorf("%w; a file is named without a flag, and - is standard input", err)
	}
	var invalid *pflag.InvalidValueError
	if asError(err, &invalid) {
		if want := expectedValue(invalid.GetFlag().Value); want != "" {
			return fmt.Errorf("invalid argument %q for %q flag: %s was expected", invalid.GetValue(), "--"+invalid.GetFlag().Name, want)
		}
	}
	return err
}

// expectedValue says what values a flag takes, or nothing where
// the flag's own error does.
func expectedValue(value pflag.Value) string {
	if whole, is := value.(*wholeFlag); is {
		return whole.expected()
	}
	switch value.Type() {
	case "uint64":
		return fmt.Sprintf("a whole number from 0 to %d", uint64(math.MaxUint64))
	case "float64":
		return "a number"
	case "bool":
		return "true or false"
	}
	return ""
}

// wantArgs checks the number of arguments, and says in the command's words
// what is wanted; most below zero is any number.
func wantArgs(least, most int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < least:
			return fmt.Errorf("%s: %s is missing", cmd.Name(), what)
		case most >= 0 && len(args) > most:
			return fmt.Errorf("%s: unexpected argument %q", cmd.Name(), args[most])
		}
		return nil
	}
}
