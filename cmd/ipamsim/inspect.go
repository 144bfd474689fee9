package main

import (
	"context"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ipamsim/internal/words"
	"ipamsim/reports"
	"ipamsim/sim/inspect"
)

// inspectFlags of the inspect command.
type inspectFlags struct {
	momentFlags
	lines int
	exec  string
}

// linesMost bounds --lines.
const linesMost = 10_000

func (a *app) inspectCommand() *cobra.Command {
	flags := inspectFlags{momentFlags: newMoment()}
	cmd := &cobra.Command{
		Use:   "inspect FILE|NAME node N | pod P",
		Short: "Show a node or a pod as its own tools would at a moment of a run",
		Long: `Stop a run at a moment and show what an engineer would see on that machine: ip
link, ip route, ip rule, the tables of the interfaces, ip neigh and the translation
of what leaves the VPC; ipamd's introspection, metrics, checkpoint and log, and the
plugin's log; all in the format of the real tools.

With --exec only one command's output is written, just as the real one writes it, so
that it can be read by whatever reads that. It is any of the commands shown, or one of
ip's own with its usual filters: ip rule list from ADDRESS, ip route show table all,
ip route get ADDRESS from ADDRESS iif LINK, each also as ip -json. With -o json each
command has its output as text and, where it prints JSON, as a value. Time 0 of a run
is the beginning of 2026 on the machines' clocks.`,
		Example: `  ipamsim inspect hello node workers-0
  ipamsim inspect hello --at 30s pod web-3
  ipamsim inspect hello node workers-0 --exec 'ip -json rule' | jq length
  ipamsim inspect hello node workers-0 --exec 'curl -s localhost:61679/v1/enis' | jq .
  ipamsim inspect hello node workers-0 --exec 'ip rule list to 10.0.0.250'
  ipamsim inspect hello node workers-0 -o json | jq '.terminals[0].commands[].command'`,
		Args:              wantArgs(3, 3, "a scenario (FILE or NAME), then node NAME or pod NAME"),
		ValidArgsFunction: completeInspected,
		RunE: action(func(cmd *cobra.Command, args []string) error {
			return a.inspect(cmd, args, &flags)
		}),
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&flags.exec, "exec", "", "write only what this command prints, such as 'ip -json route'")
	flags.lines = 10
	addWhole(cmd, &flags.lines, "lines", 0, linesMost, "lines of each log")
	freeText(cmd, "exec")
	flags.add(cmd)
	return cmd
}

// inspect is the command: read, run up to the moment, show.
func (a *app) inspect(cmd *cobra.Command, args []string, flags *inspectFlags) error {
	kind, name := args[1], podName(args[2])
	if kind != "node" && kind != "pod" {
		return usagef("%s: node or pod was expected, got %q%s", cmd.CommandPath(), kind, words.DidYouMean(kind, []string{"node", "pod"}))
	}
	if flags.exec != "" && cmd.Flags().Changed("output") {
		return usagef("--exec writes what the command prints: it goes without -o")
	}
	v, err := flags.read(a, cmd, args[0])
	if err != nil {
		return err
	}
	when, err := flags.when(v)
	if err != nil {
		return err
	}
	look := inspect.Node
	if kind == "pod" {
		look = inspect.Pod
	}
	var view *inspect.View
	err = a.simulateOne(cmd.Context(), flags.quiet, func(ctx context.Context, opts inspect.Options) (err error) {
		view, err = look(ctx, v, when, name, flags.lines, opts)
		return err
	})
	switch {
	case err != nil:
		return err
	case flags.exec != "":
		return writeExec(a.stdout, view, flags.exec)
	case flags.output.value == "json":
		return writeJSON(a.stdout, view)
	}
	return reports.View(a.stdout, view, flags.look(a))
}

// writeExec writes what one command prints.
func writeExec(w io.Writer, view *inspect.View, command string) error {
	text, err := view.Exec(command)
	var unknown *inspect.UnknownCommandError
	switch {
	case asError(err, &unknown):
		return usagef("--exec: %w; there are ip's link, -4 addr, route, rule and neigh, and: %s", err, strings.Join(unknown.Names, "; "))
	case err != nil:
		return usagef("--exec: %w%s", err, meantObject(command))
	}
	_, err = io.WriteString(w, text)
	return err
}

// meantObject suggests what of ip's a command line was about, where it is about
// nothing that there is.
func meantObject(command string) string {
	for _, word := range strings.Fields(command)[1:] {
		if strings.HasPrefix(word, "-") {
			continue
		}
		objects := []string{"link", "addr", "route", "rule", "neigh"}
		if slices.ContainsFunc(objects, func(o string) bool { return strings.HasPrefix(o, word) }) {
			return ""
		}
		return words.DidYouMean(word, objects)
	}
	return ""
}

// completeInspected completes the arguments: the scenario, then the kind.
func completeInspected(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	switch len(args) {
	case 0:
		return completeScenario(cmd, args, typed)
	case 1:
		return []cobra.Completion{"node", "pod"}, cobra.ShellCompDirectiveNoFileComp
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}
