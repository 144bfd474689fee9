package main

import (
	"strings"

	"github.com/spf13/cobra"

	"ipamsim/internal/source"
	"ipamsim/internal/words"
	"ipamsim/model"
	"ipamsim/reports"
)

func (a *app) modelCommand() *cobra.Command {
	output := choiceFlag{value: "text", choices: []string{"text", "json"}}
	cmd := &cobra.Command{
		Use:   "model [WORD]",
		Short: "Print the numbers that the model computes with, and their sources",
		Long: `Print every latency, limit, timer and default that the simulation computes with,
and where it comes from: documented by the vendor, read in the code of the program
that is modelled, measured or observed by somebody in public, or our assumption
because nothing is published. docs/model.md says in words how the parts work.

WORD is a part of the model, a kind of source (code, documented, measured, observed,
assumption), or any piece of a constant's name or source.`,
		Example: `  ipamsim model ipamd                      # one part
  ipamsim model assumption                 # what nobody has published
  ipamsim model latency                    # what has it in its name or source
  ipamsim model WARM_ENI_TARGET
  ipamsim model assumption -o json | jq -r '.[].constants[].name'`,
		Args:              wantArgs(0, 1, ""),
		ValidArgsFunction: completeModel,
		RunE: action(func(_ *cobra.Command, args []string) error {
			parts := model.Matching(strings.Join(args, ""))
			if len(parts) == 0 {
				return usagef("nothing in the model is called %q or comes from there%s", args[0], words.DidYouMean(args[0], model.Names()))
			}
			if output.value == "json" {
				return writeJSON(a.stdout, parts)
			}
			return reports.Model(a.stdout, parts, reports.TableOptions{Color: wantsColor(a.stdout), Width: textWidth(a.stdout)})
		}),
	}
	output.add(cmd)
	return cmd
}

// completeModel completes the parts and kinds, and with a letter typed the
// names of constants too.
func completeModel(_ *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var list []cobra.Completion
	for _, k := range source.Kinds() {
		list = append(list, string(k))
	}
	for _, p := range model.Parts() {
		list = append(list, cobra.CompletionWithDesc(p.Name, p.About))
		for _, c := range p.Constants {
			if typed != "" {
				list = append(list, c.Name)
			}
		}
	}
	return list, cobra.ShellCompDirectiveNoFileComp
}
