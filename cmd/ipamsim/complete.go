package main

import (
	"strings"

	"github.com/spf13/cobra"

	"ipamsim/scenarios"
)

// completeEmbedded completes the name of a shipped scenario.
func completeEmbedded(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return embeddedNames(), cobra.ShellCompDirectiveNoFileComp
}

// completeScenario completes one scenario: a shipped one or a file.
func completeScenario(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return embeddedNames(), cobra.ShellCompDirectiveDefault
}

// completeScenarios completes any number of them.
func completeScenarios(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return embeddedNames(), cobra.ShellCompDirectiveDefault
}

func embeddedNames() []cobra.Completion {
	var list []cobra.Completion
	for _, f := range scenarios.Embedded() {
		m := f.Scenario.Metadata
		list = append(list, cobra.CompletionWithDesc(m.Name, firstSentence(oneLine(m.Description))))
	}
	return append(list, incidentNames()...)
}

// completeIncidents completes any number of published incidents, and files.
func completeIncidents(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return incidentNames(), cobra.ShellCompDirectiveDefault
}

func incidentNames() []cobra.Completion {
	var list []cobra.Completion
	for _, f := range scenarios.Incidents() {
		list = append(list, cobra.CompletionWithDesc(f.Name, firstSentence(oneLine(f.Scenario.Incident.Summary))))
	}
	return list
}

// completeSet completes --set key by key, from the scenario that is on the
// line and the keys of the language.
func completeSet(_ *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var file *scenarios.File
	if len(args) > 0 && args[0] != "-" {
		file, _ = scenarios.Open(args[0]) // a broken one helps as little as none
	}
	var list []cobra.Completion
	for _, c := range scenarios.CompleteSet(file, typed) {
		list = append(list, cobra.CompletionWithDesc(c.Text, firstSentence(c.Doc)))
	}
	return list, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
}

// completeVariant completes --variant from the scenario that is on the line.
func completeVariant(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) == 0 || args[0] == "-" {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	file, err := scenarios.Open(args[0])
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	variants, err := file.Variants(scenarios.Options{})
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var list []cobra.Completion
	for _, v := range variants {
		list = append(list, cobra.CompletionWithDesc(v.Name, oneLine(v.Description)))
	}
	return list, cobra.ShellCompDirectiveNoFileComp
}

// completeOnly completes an --out that has kinds of its own, each a name and what
// it is.
func completeOnly(namesAndWords ...string) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, typed string) (list []cobra.Completion, _ cobra.ShellCompDirective) {
		if strings.Contains(typed, "=") {
			return nil, cobra.ShellCompDirectiveDefault
		}
		for i := 0; i < len(namesAndWords); i += 2 {
			list = append(list, cobra.CompletionWithDesc(namesAndWords[i]+"=", namesAndWords[i+1]))
		}
		return list, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
	}
}
