package main

import (
	"github.com/spf13/cobra"

	"ipamsim/internal/words"
	"ipamsim/scenarios"
	"ipamsim/sim/result"
)

// schemas are the documents that have one.
var schemas = []struct {
	name, about string
	text        func() []byte
}{
	{"scenario", "of scenario files, for editors", scenarios.Schema},
	{"result", "of what ipamsim run -o json writes", result.Schema},
}

func (a *app) schemaCommand() *cobra.Command {
	var names []string
	var completions []cobra.Completion
	for _, s := range schemas {
		names = append(names, s.name)
		completions = append(completions, cobra.CompletionWithDesc(s.name, s.about))
	}
	return &cobra.Command{
		Use:   "schema [scenario|result]",
		Short: "Print the JSON Schema of scenario files, or of results",
		Long: `Print a JSON Schema (2020-12): of scenario files, with which editors complete and
check them while you type, or of results as ipamsim run -o json writes them, with
what each key means. It is that of scenario files unless result is asked for.`,
		Example: `  ipamsim schema > ipamsim.schema.json

  # then, as a scenario's first line, for the YAML language server:
  # yaml-language-server: $schema=ipamsim.schema.json

  ipamsim schema result | jq '."$defs".Pods.properties'`,
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
