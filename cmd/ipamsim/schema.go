package main

import (
	"github.com/spf13/cobra"

	"ipamsim/scenarios"
)

func (a *app) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of scenario files",
		Long: `Print the JSON Schema (2020-12) of scenario files, with which editors complete and
check them while you type.`,
		Example: `  ipamsim schema > ipamsim.schema.json

  # then, as a scenario's first line, for the YAML language server:
  # yaml-language-server: $schema=ipamsim.schema.json`,
		Args:              wantArgs(0, 0, ""),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: action(func(*cobra.Command, []string) error {
			_, err := a.stdout.Write(scenarios.Schema())
			return err
		}),
	}
}
