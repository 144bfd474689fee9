package main

import (
	"github.com/spf13/cobra"

	"ipamsim/scenarios"
)

func (a *app) referenceCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "reference [WORD]",
		Short: "Print the reference of the scenario language",
		Long: `Print the reference of scenario files: every key with its kind of value, default and
meaning, the kinds of faults, the metrics for thresholds, and the variables of the
CNI. It is Markdown, the same as docs/scenario-reference.md.

WORD is a section, or a key, a kind of fault, a metric or a variable: then only what
the reference says of that is printed, with what stands under a key. A path such as
vpc.subnets names a key where several are called alike.`,
		Example: `  ipamsim reference | less
  ipamsim reference nodeGroups
  ipamsim reference vpc.subnets
  ipamsim reference stale-metadata
  ipamsim reference WARM_IP_TARGET`,
		Args:              wantArgs(0, 1, ""),
		ValidArgsFunction: completeReference,
		RunE: action(func(_ *cobra.Command, args []string) error {
			text := scenarios.Reference()
			if len(args) == 1 {
				var err error
				if text, err = scenarios.ReferenceTo(args[0]); err != nil {
					return usageError(err)
				}
			}
			_, err := a.stdout.Write(text)
			return err
		}),
	}
}

// completeReference completes the words that the reference explains.
func completeReference(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return scenarios.ReferenceWords(), cobra.ShellCompDirectiveNoFileComp
}
