package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"ipamsim/internal/words"
	"ipamsim/reports"
	"ipamsim/scenarios"
)

func (a *app) scenariosCommand() *cobra.Command {
	output := choiceFlag{value: "table", choices: []string{"table", "json"}}
	cmd := &cobra.Command{
		Use:   "scenarios [NAME]",
		Short: "List the shipped scenarios, or print one",
		Long: `Without a name, list the shipped scenarios, and apart from them those that are made
after published incidents, which ipamsim validate runs. With a name, print that
scenario's YAML, to be edited and run.`,
		Example: `  ipamsim scenarios
  ipamsim scenarios hello > mine.yaml
  ipamsim scenarios incidents/neon-s5`,
		Args:              wantArgs(0, 1, ""),
		ValidArgsFunction: completeEmbedded,
		RunE: action(func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) == 1:
				return printScenario(a.stdout, args[0])
			case output.value == "json":
				return writeJSON(a.stdout, append(scenarioList(), incidentList()...))
			}
			return listScenarios(a.stdout)
		}),
	}
	output.add(cmd)
	return cmd
}

// printScenario prints the YAML of a shipped scenario.
func printScenario(w io.Writer, name string) error {
	text, ok := scenarios.Source(name)
	if !ok {
		names := slices.Concat(scenarios.EmbeddedNames(), scenarios.IncidentNames())
		return usagef("no scenario %q is shipped, only %s%s", name, strings.Join(names, ", "), words.DidYouMean(name, names))
	}
	_, err := w.Write(text)
	return err
}

// listed is a shipped scenario in the list.
type listed struct {
	Name        string `json:"name"`
	Variants    int    `json:"variants"`
	Description string `json:"description"`
	Source      string `json:"source"`
	Incident    bool   `json:"incident"` // it is made after a published incident
}

func scenarioList() []listed {
	list := []listed{}
	for _, f := range scenarios.Embedded() {
		m := f.Scenario.Metadata
		list = append(list, listed{m.Name, max(1, len(f.Scenario.Variants)), oneLine(m.Description), oneLine(m.Source), false})
	}
	return list
}

func incidentList() (list []listed) {
	for _, f := range scenarios.Incidents() {
		in := f.Scenario.Incident
		list = append(list, listed{f.Name, max(1, len(f.Scenario.Variants)), oneLine(in.Summary), strings.Join(in.Sources, " "), true})
	}
	return list
}

func listScenarios(w io.Writer) error {
	if err := listOf(w, "NAME", scenarioList()); err != nil {
		return err
	}
	fmt.Fprintln(w)
	return listOf(w, "PUBLISHED INCIDENTS", incidentList())
}

// listOf writes scenarios as a table, the descriptions wrapped.
func listOf(w io.Writer, title string, list []listed) error {
	width := textWidth(w)
	if width == 0 {
		width = reports.DefaultWidth
	}
	longest := len(title)
	for _, s := range list {
		longest = max(longest, len(s.Name))
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, title+"\tVARIANTS\tDESCRIPTION")
	for _, s := range list {
		for i, line := range reports.Wrap(s.Description, width-longest-len("  VARIANTS  ")) {
			if i == 0 {
				fmt.Fprintf(table, "%s\t%d\t%s\n", s.Name, s.Variants, line)
			} else {
				fmt.Fprintf(table, "\t\t%s\n", line)
			}
		}
	}
	return table.Flush()
}

// oneLine joins the lines of a folded text.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// firstSentence is what fits beside a completion.
func firstSentence(s string) string {
	if before, _, more := strings.Cut(s, ". "); more {
		return before + "."
	}
	return s
}
