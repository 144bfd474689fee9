package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"github.com/spf13/cobra"

	"ipamsim/scenarios"
	"ipamsim/sim/result"
)

func (a *app) reportCommand() *cobra.Command {
	flags := newWriteFlags(formats.ofStored())
	strict := false
	cmd := &cobra.Command{
		Use:   "report RESULT.json",
		Short: "Write the reports of a stored result",
		Long: `Write the reports of a result that ipamsim run has stored with -o json or
--out json=FILE: the same text, JSON, YAML and pictures as the run itself, byte for
byte, without running it again. A result named - is standard input.

What a result holds is in docs/result.md; ipamsim schema result prints its JSON
Schema. A trace is made of a recording, which a result does not hold.

The exit code is that of the run: 99 if one of the stored thresholds failed.`,
		Example: `  ipamsim run latency-cliff --out json=result.json
  ipamsim report result.json
  ipamsim report result.json -o wide --out plots=pictures
  curl -s https://ci.example.com/result.json | ipamsim report -`,
		Args:              wantArgs(1, 1, "a RESULT.json that ipamsim run --out json=RESULT.json has written"),
		ValidArgsFunction: completeResult,
		RunE: action(func(_ *cobra.Command, args []string) error {
			return a.report(args[0], &flags, strict)
		}),
	}
	cmd.Flags().SortFlags = false
	flags.add(cmd)
	cmd.Flags().BoolVar(&strict, "strict", false, "fail when what the scenario expects was not reproduced, too")
	flags.addNoColor(cmd)
	return cmd
}

// report is the command: read, write.
func (a *app) report(name string, flags *writeFlags, strict bool) error {
	stored, err := a.readResult(name)
	if err != nil {
		return usageError(err)
	}
	if name == "-" {
		name = "/dev/stdin"
	}
	if err := flags.outputs.check([]string{name}); err != nil {
		return err
	}
	if err := a.write(&outcome{Result: stored}, flags); err != nil {
		return err
	}
	return verdict(stored, strict)
}

// readResult reads a file, or standard input for -. Who names a scenario is
// told how it becomes a result.
func (a *app) readResult(name string) (stored *result.Result, err error) {
	err = a.readFile(name, func(r io.Reader, _ string) error {
		stored, err = result.Read(r)
		return err
	})
	if errors.Is(err, fs.ErrNotExist) && slices.Contains(scenarios.EmbeddedNames(), name) {
		err = fmt.Errorf("%w; it is a shipped scenario: ipamsim run %s --out json=%s.json makes a result of it", err, name, name)
	}
	return stored, err
}

// completeResult completes the name of a result.
func completeResult(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return []cobra.Completion{"json"}, cobra.ShellCompDirectiveFilterFileExt
}
