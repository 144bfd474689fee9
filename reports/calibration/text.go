// Package calibration shows what a calibration has fitted: as text, and as pictures of
// what was fitted against what was observed.
package calibration

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/reports"
	"ipamsim/scenarios/calibration"
)

// Text writes a report for people, in lines of a width.
func Text(w io.Writer, r *calibration.Report, width int) error {
	var b strings.Builder
	if width <= 0 {
		width = reports.DefaultWidth
	}
	files(&b, r)
	latencies(&b, r)
	buckets(&b, r)
	background(&b, r)
	starts(&b, r)
	list := func(head string, lines []string) {
		if len(lines) == 0 {
			return
		}
		b.WriteString("\n" + head + "\n")
		for _, line := range lines {
			for i, part := range reports.Wrap(line, width-4) {
				b.WriteString(map[bool]string{true: "  ", false: "    "}[i == 0] + part + "\n")
			}
		}
	}
	var left []string
	for _, l := range r.Left {
		left = append(left, l.Key+": "+l.Why)
	}
	list("not fitted, and left to the scenario and the model", left)
	list("notes", r.Notes)
	_, err := io.WriteString(w, b.String())
	return err
}

func files(b *strings.Builder, r *calibration.Report) {
	b.WriteString("read\n")
	const most = 20 // scrapes come in hundreds
	for i, f := range r.Files {
		if i == most && len(r.Files) > most+1 {
			fmt.Fprintf(b, "  and %s\n", words.Plural(len(r.Files)-most, "other file"))
			break
		}
		about := f.Note
		if len(f.Took) > 0 {
			about = strings.TrimSuffix(words.And(f.Took)+"; "+f.Note, "; ")
		}
		fmt.Fprintf(b, "  %s: %s\n", words.Printable(f.Path), about)
	}
}

// seconds writes a duration.
func seconds(x float64) string {
	if x < 1 {
		return strconv.FormatFloat(math.Round(x*1e6)/1e3, 'f', -1, 64) + " ms"
	}
	return number(x) + " s"
}

func number(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// between writes an interval.
func between(i calibration.Interval, write func(float64) string) string {
	if i.High == nil {
		return "from " + write(i.Low) + " on"
	}
	return write(i.Low) + " to " + write(*i.High)
}

// columns sets rows under each other.
func columns(b *strings.Builder, rows [][]string) {
	wide := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			wide[i] = max(wide[i], len([]rune(cell)))
		}
	}
	for _, row := range rows {
		line := " "
		for i, cell := range row {
			line += " " + cell + strings.Repeat(" ", wide[i]-len([]rune(cell))+1)
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}

func latencies(b *strings.Builder, r *calibration.Report) {
	if len(r.Latencies) == 0 {
		return
	}
	b.WriteString("\nlatencies, log-normal; intervals have the truth in 95 of 100 cases\n")
	rows := [][]string{{"KEY", "MEAN", "INTERVAL", "MODEL", "SIGMA", "INTERVAL", "N", "DISTANCE"}}
	for _, l := range r.Latencies {
		usual := "-"
		if l.UsualSeconds != nil {
			usual = seconds(*l.UsualSeconds)
		}
		distance := number(l.Distance)
		if l.Poor {
			distance += " (poor: above " + number(l.Critical) + ")"
		}
		rows = append(rows, []string{l.Key, seconds(l.MeanSeconds.Value), between(l.MeanSeconds, seconds), usual, number(l.Sigma.Value), between(l.Sigma, number), words.Count(l.Draws), distance})
	}
	columns(b, rows)
}

// starts shows two rows for each where there is something to hold it against.
func starts(b *strings.Builder, r *calibration.Report) {
	if len(r.Starts) == 0 {
		return
	}
	b.WriteString("\nstarts, of which no parameter is fitted; between what whole seconds leave open\n")
	rows := [][]string{{"START", "", "N", "HALF WITHIN", "90 % WITHIN", "99 % WITHIN", "DISTANCE"}}
	row := func(start, of string, q *calibration.QuantileReport, distance string) {
		rows = append(rows, []string{start, of, words.Count(q.Starts), between(q.P50, seconds), between(q.P90, seconds), between(q.P99, seconds), distance})
	}
	for i := range r.Starts {
		s := &r.Starts[i]
		row(s.Start, "observed", &s.Observed, "")
		if s.Simulated == nil {
			continue
		}
		distance := number(*s.Distance)
		if s.Differs {
			distance += " (differs: above " + number(*s.Critical) + ")"
		}
		row("", "simulated", s.Simulated, distance)
	}
	columns(b, rows)
}

func buckets(b *strings.Builder, r *calibration.Report) {
	rows := [][]string{{"ACTION", "PASSED", "REFUSED", "REFILL/S", "BOUNDS", "MODEL", "BURST", "BOUNDS", "MODEL"}}
	for _, k := range r.Buckets {
		if !k.InProfile {
			continue
		}
		rows = append(rows, []string{k.Action, words.Count(k.Passed), words.Count(k.Refused), number(k.Refill.Value), between(k.Refill, number), number(k.UsualRefill),
			number(k.Burst.Value), between(k.Burst, number), number(k.UsualBurst)})
	}
	if len(rows) > 1 {
		b.WriteString("\nbuckets of the account\n")
		columns(b, rows)
	}
}

func background(b *strings.Builder, r *calibration.Report) {
	rows := [][]string{{"ACTION", "CALLS", "A SECOND", "INTERVAL", ""}}
	for _, k := range r.Background {
		rows = append(rows, []string{k.Action, words.Count(k.Calls), number(k.Rate.Value), between(k.Rate, number), k.Note})
	}
	if len(rows) > 1 {
		b.WriteString("\ncalls of others in the account\n")
		columns(b, rows)
	}
}
