package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"ipamsim/internal/words"
	"ipamsim/limits"
	"ipamsim/scenarios"
	"ipamsim/scenarios/calibration"
	"ipamsim/scenarios/clusterimport"
	"ipamsim/sim/compare"
	"ipamsim/sim/incident"
	"ipamsim/sim/planning"
	"ipamsim/sim/result"
	"ipamsim/sim/sensitivity"
	"ipamsim/sim/suite"
)

// schemas are the documents that have one.
var schemas = []struct {
	name, about string
	text        func() []byte
}{
	{"scenario", "of scenario files, for editors", scenarios.Schema},
	{"profile", "of the profiles that scenarios name, likewise", scenarios.ProfileSchema},
	{"result", "of what ipamsim run -o json writes", result.Schema},
	{"plan", "of what ipamsim plan -o json writes", planning.Schema},
	{"tuning", "of what ipamsim tune -o json writes", result.TuningsSchema},
	{"sweep", "of a line of ipamsim sweep --out jsonl", result.RowsSchema},
	{"comparison", "of what ipamsim compare -o json writes", compare.Schema},
	{"baseline", "of what ipamsim baseline update writes", compare.BaselineSchema},
	{"check", "of what ipamsim baseline check -o json writes", compare.CheckSchema},
	{"test", "of what ipamsim test -o json writes", suite.Schema},
	{"sensitivity", "of what ipamsim sensitivity -o json writes", sensitivity.Schema},
	{"validation", "of what ipamsim validate -o json writes", incident.Schema},
	{"limits", "of what ipamsim limits -o json writes", limits.Schema},
	{"import", "of what ipamsim import --report json writes", clusterimport.Schema},
	{"calibration", "of what ipamsim calibrate -o json writes", calibration.Schema},
}

func (a *app) schemaCommand() *cobra.Command {
	var names []string
	var list strings.Builder
	var completions []cobra.Completion
	for _, s := range schemas {
		names = append(names, s.name)
		fmt.Fprintf(&list, "  %-11s  %s\n", s.name, s.about)
		completions = append(completions, cobra.CompletionWithDesc(s.name, s.about))
	}
	return &cobra.Command{
		Use:   "schema [" + strings.Join(names, "|") + "]",
		Short: "Print the JSON Schema of scenario files, or of what commands write",
		Long: `Print a JSON Schema (2020-12): of scenario files, with which editors complete and
check them while you type, or of a document that a command writes, with what each key
means. It is that of scenario files unless another is asked for:

` + list.String(),
		Example: `  ipamsim schema > ipamsim.schema.json

  # then, as a scenario's first line, for the YAML language server:
  # yaml-language-server: $schema=ipamsim.schema.json

  ipamsim schema result | jq '."$defs".Pods.properties'
  ipamsim schema plan | jq '."$defs".Growth.properties.binding_limit'`,
		Args:              wantArgs(0, 1, ""),
		ValidArgsFunction: cobra.FixedCompletions(completions, cobra.ShellCompDirectiveNoFileComp),
		RunE: action(func(_ *cobra.Command, args []string) error {
			name := append(args, schemas[0].name)[0]
			for _, s := range schemas {
				if s.name == name {
					_, err := a.stdout.Write(s.text())
					return err
				}
			}
			return usagef("no schema of %q: want %s%s", name, words.Or(names), words.DidYouMean(name, names))
		}),
	}
}
