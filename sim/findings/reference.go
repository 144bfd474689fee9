package findings

import (
	"fmt"
	"strings"
)

// Reference is what there is to know of all failure modes: a table, and a section
// of each.
func Reference() string {
	var b strings.Builder
	b.WriteString("| Finding | What it is |\n|---|---|\n")
	for i := range Guides {
		g := &Guides[i]
		fmt.Fprintf(&b, "| [`%s`](#%s) | %s |\n", g.Mode, g.Mode, strings.ReplaceAll(g.Means, "|", `\|`))
	}
	for i := range Guides {
		b.WriteString("\n" + Guides[i].Markdown())
	}
	return b.String()
}

// Markdown is the guide as a section of a page.
func (g *Guide) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n%s\n\n- Found when: %s\n", g.Mode, g.Means, g.Evidence)
	if g.Tried != "" {
		fmt.Fprintf(&b, "- Tried: %s\n", g.Tried)
	} else {
		b.WriteString("- Tried: nothing; no setting ends it, and the finding says in words what would.\n")
	}
	g.onARealCluster(&b)
	return b.String()
}

// onARealCluster is how one sees a mode there, and is told of it.
func (g *Guide) onARealCluster(b *strings.Builder) {
	for _, c := range g.checks {
		fmt.Fprintf(b, "\n```sh\n%s\n```\n\n%s\n", c.Command, sentence(c.Shows))
	}
	a := g.alert
	if a == nil {
		return
	}
	fmt.Fprintf(b, "\nAlert:\n\n```promql\n%s\n```\n", a.PromQL)
	if a.For != "" {
		fmt.Fprintf(b, "\nfor: `%s`.\n", a.For)
	}
	if a.Needs != "" {
		fmt.Fprintf(b, "\n%s\n", sentence(a.Needs))
	}
	if a.Shell != "" {
		fmt.Fprintf(b, "\nOn a node, what is wrong and nothing else:\n\n```sh\n%s\n```\n", a.Shell)
	}
	if a.Metric != "" {
		fmt.Fprintf(b, "\n`%s` is the number of its lines.\n", a.Metric)
	}
}

// sentence is a clause as one.
func sentence(s string) string {
	if strings.HasPrefix(s, "ipamd") {
		return strings.TrimSuffix(s, ".") + "."
	}
	return strings.ToUpper(s[:1]) + strings.TrimSuffix(s[1:], ".") + "."
}
