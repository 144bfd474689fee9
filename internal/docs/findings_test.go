package docs

import (
	"fmt"
	"strings"

	"ipamsim/sim/findings"
)

// guides are all failure modes: a table of what they are, and a section for
// each.
func guides() string {
	var b strings.Builder
	b.WriteString("| Finding | What it is |\n|---|---|\n")
	for _, g := range findings.Guides {
		fmt.Fprintf(&b, "| [`%s`](#%s) | %s |\n", g.Mode, g.Mode, strings.ReplaceAll(g.Means, "|", `\|`))
	}
	for _, g := range findings.Guides {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n- Found when: %s\n", g.Mode, g.Means, g.Evidence)
		if g.Tried != "" {
			fmt.Fprintf(&b, "- Tried: %s\n", g.Tried)
		} else {
			b.WriteString("- Tried: nothing; no setting ends it, and the finding says in words what would.\n")
		}
		onACluster(&b, &g)
	}
	return b.String()
}

// onACluster is how one sees a mode there.
func onACluster(b *strings.Builder, g *findings.Guide) {
	for _, c := range g.Checks() {
		fmt.Fprintf(b, "\n```sh\n%s\n```\n\n%s\n", c.Command, sentence(c.Shows))
	}
	a := g.Alert()
	if a == nil {
		return
	}
	fmt.Fprintf(b, "\nAlert:\n\n```promql\n%s\n```\n", a.PromQL)
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
func sentence(s string) string { return strings.ToUpper(s[:1]) + strings.TrimSuffix(s[1:], ".") + "." }
