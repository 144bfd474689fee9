package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"ipamsim/internal/words"
	"ipamsim/sim/findings"
	"ipamsim/sim/result"
)

func (a *app) findingsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "findings [MODE]",
		Short: "Print what there is to know of each failure mode",
		Long: `Print what there is to know of the failure modes that run finds: what each is, what must
have been measured, what is tried against it, and how to see it and be told of it on a
cluster. It is Markdown, the same as in docs/findings.md.

MODE is one of them, as a finding is called: then it alone is printed.`,
		Example: `  ipamsim findings | less
  ipamsim findings latency-cliff`,
		Args:              wantArgs(0, 1, ""),
		ValidArgsFunction: completeModes,
		RunE: action(func(_ *cobra.Command, args []string) error {
			text := findings.Reference()
			if len(args) == 1 {
				guide, known := findings.GuideTo(result.Mode(args[0]))
				if !known {
					return usageError(fmt.Errorf("no finding is called %q%s", args[0], words.DidYouMean(args[0], modeNames())))
				}
				text = guide.Markdown()
			}
			_, err := io.WriteString(a.stdout, text)
			return err
		}),
	}
}

// modeNames are the failure modes as findings are called.
func modeNames() (names []string) {
	for _, g := range findings.Guides {
		names = append(names, string(g.Mode))
	}
	return names
}

// completeModes completes them.
func completeModes(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return modeNames(), cobra.ShellCompDirectiveNoFileComp
}
