package incidents

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/sim/incident"
)

const head = `<!-- Written by ipamsim validate -o markdown, which runs all of it: make docs. -->
# Published incidents, and what their scenarios come to

`

// Markdown writes the report as a page: the numbers in a table, what did not come
// out, and for each incident what was assumed.
func Markdown(w io.Writer, r *incident.Report) error {
	b := bufio.NewWriter(w)
	b.WriteString(head)
	fmt.Fprintf(b, "%s\n\n", summary(r))
	b.WriteString(`Each incident is a scenario that is shipped: ` + "`ipamsim run incidents/NAME`" + ` runs it, ` + "`ipamsim scenarios incidents/NAME`" + ` prints it. Its file says what was reported,
between which bounds the simulation must come and why, and what was assumed. Bounds and assumptions were written before the first run and are not changed to make a
number fit; a file says so where its scenario had been run before its ranges were written. What is known to be outside stays outside, with what is known of the cause. ` + "[Validation](../docs/validate.md)" + ` has the rules.

| | incident | what was reported | reported | range | simulated |
|---|---|---|---|---|---|
`)
	for i := range r.Cases {
		c := &r.Cases[i]
		fmt.Fprintf(b, "| %s | [%s](#%s) | %s | %s | %s | %s |\n", mark(c), short(c.Name), short(c.Name), cell(c.What), number(c.Reported, c.Unit), between(c), simulated(c))
	}
	notReproduced(b, r)
	b.WriteString("\n## The incidents\n")
	for i := range r.Incidents {
		one(b, &r.Incidents[i], r.Cases)
	}
	b.WriteString("\n## Reports that no scenario is made after\n\n| what was reported | source | why there is none |\n|---|---|---|\n")
	for _, l := range r.Unexpressed {
		fmt.Fprintf(b, "| %s | %s | %s |\n", cell(l.What), link(l.Source), cell(l.Why))
	}
	return b.Flush()
}

func mark(c *incident.Case) string {
	if c.Inside {
		return "inside"
	}
	return "**outside**"
}

// notReproduced lists what is outside, with the reason.
func notReproduced(b *bufio.Writer, r *incident.Report) {
	b.WriteString("\n## Not reproduced\n\n")
	none := true
	for i := range r.Cases {
		c := &r.Cases[i]
		if c.Inside {
			continue
		}
		none = false
		why := c.Outside
		if why == "" {
			why = "Not known."
		}
		fmt.Fprintf(b, "- **%s**, %s: %s reported, %s simulated. %s\n", short(c.Name), c.What, number(c.Reported, c.Unit), simulated(c), why)
	}
	if none {
		b.WriteString("Nothing.\n")
	}
}

// one writes an incident: its sources, numbers with the reason of their ranges, and
// what was assumed.
func one(b *bufio.Writer, in *incident.Incident, all []incident.Case) {
	var links []string
	for _, s := range in.Sources {
		links = append(links, link(s))
	}
	fmt.Fprintf(b, "\n### %s\n\n%s (%s)\n\n| metric | reported | range | simulated | why this range |\n|---|---|---|---|---|\n", short(in.Name), in.Summary, strings.Join(links, ", "))
	for i := range all {
		if c := &all[i]; c.Name == in.Name {
			fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s |\n", c.Metric, number(c.Reported, c.Unit), between(c), simulated(c), cell(c.Reason))
		}
	}
	b.WriteString("\nAssumed:\n\n")
	for _, a := range in.Assumed {
		fmt.Fprintf(b, "- %s: %s\n", strings.TrimSuffix(a.What, "."), a.Reason)
	}
}

// link shows an address by its end.
func link(address string) string {
	if !strings.HasPrefix(address, "http") {
		return address
	}
	parts := strings.Split(strings.TrimSuffix(strings.TrimPrefix(address, "https://"), "/"), "/")
	text := parts[0]
	if n := len(parts); n >= 3 && slices.Contains([]string{"issues", "pull"}, parts[n-2]) {
		text = parts[n-3] + " " + strings.TrimSuffix(parts[n-2], "s") + " " + parts[n-1]
	}
	return "[" + text + "](" + address + ")"
}

// cell is text that does not end a table's cell.
func cell(s string) string { return strings.ReplaceAll(words.Printable(s), "|", `\|`) }
