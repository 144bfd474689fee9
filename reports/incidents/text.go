// Package incidents writes what was reported of public incidents beside what their
// scenarios come to: as text, as Markdown and as JSON.
package incidents

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"

	"ipamsim/internal/words"
	"ipamsim/reports"
	"ipamsim/sim/incident"
)

// JSON writes the whole report for programs.
func JSON(w io.Writer, r *incident.Report) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// Text writes the report for people: a line for each number, and below them those
// that are outside, with what is known of the cause.
func Text(w io.Writer, r *incident.Report, width int) error {
	if width == 0 {
		width = reports.DefaultWidth
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\tINCIDENT\tMETRIC\tREPORTED\tRANGE\tSIMULATED")
	for i := range r.Cases {
		c := &r.Cases[i]
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", verdict(c), short(c.Name), c.Metric, number(c.Reported, c.Unit), between(c), simulated(c))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for i := range r.Cases {
		if err := explain(w, &r.Cases[i], width); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "\n%s\n", summary(r))
	return err
}

// explain says why a case is outside, or that it no longer is.
func explain(w io.Writer, c *incident.Case, width int) error {
	text := ""
	switch {
	case c.Inside && c.Outside != "":
		text = "is inside, and its file says that it is not: " + c.Outside
	case !c.Inside && c.Outside != "":
		text = c.Outside
	case !c.Inside:
		text = "the file of the scenario has it as inside. Its range: " + c.Reason
	default:
		return nil
	}
	if _, err := fmt.Fprintf(w, "\n%s, %s (%s):\n", short(c.Name), c.What, verdict(c)); err != nil {
		return err
	}
	for _, line := range reports.Wrap(text, width-2) {
		if _, err := fmt.Fprintln(w, "  "+line); err != nil {
			return err
		}
	}
	return nil
}

// summary is how many numbers came out, in a sentence.
func summary(r *incident.Report) string {
	n := r.Count()
	s := fmt.Sprintf("%d of %s of %s inside what was reported, %d outside", n.Inside, words.Plural(n.Inside+n.Outside, "number"), words.Plural(len(r.Incidents), "incident"), n.Outside)
	if n.Lost > 0 {
		s += fmt.Sprintf(", %d of them against what the files say", n.Lost)
	}
	return s + "."
}

func verdict(c *incident.Case) string {
	if c.Inside {
		return "inside"
	}
	return "outside"
}

// short is a shipped incident's name without its folder.
func short(name string) string { return strings.TrimPrefix(name, "incidents/") }

// between is a case's range.
func between(c *incident.Case) string {
	switch {
	case c.Low == nil:
		return "at most " + number(*c.High, c.Unit)
	case c.High == nil:
		return "at least " + number(*c.Low, c.Unit)
	case *c.Low == *c.High:
		return "exactly " + number(*c.Low, c.Unit)
	}
	return number(*c.Low, "") + " to " + number(*c.High, c.Unit)
}

func simulated(c *incident.Case) string {
	switch {
	case c.Never:
		return "never"
	case c.Simulated == nil:
		return "not observed"
	}
	return number(*c.Simulated, c.Unit)
}

// number is a value as people write it: three digits of a small one, thousands
// apart.
func number(x float64, unit string) string {
	digits := 0
	if x != math.Trunc(x) && x < 1000 {
		digits = max(0, 2-int(math.Floor(math.Log10(max(x, 0.01)))))
	}
	text := strconv.FormatFloat(x, 'f', digits, 64)
	if strings.Contains(text, ".") {
		text = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	} else {
		text = words.Apart(text)
	}
	if unit != "" {
		text += " " + unit
	}
	return text
}
