package reports

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"ipamsim/internal/words"
	"ipamsim/sim/result"
)

// Breach is why a condition does not hold, in pieces; those that there is nothing
// to say of are empty.
type Breach struct {
	Expected   string // at most 5 s
	Actual     string // 16.897 s
	Difference string // 11.897 s too much
	When       string // it was first broken
	Pods       string // that broke it
	Note       string // where no value says it
}

// BreachOf takes the pieces of one that does not hold.
func BreachOf(t result.Threshold) Breach {
	b := Breach{Expected: expected(t), Note: t.Note}
	switch {
	case t.Never:
		b.Note = cmp.Or(b.Note, "that share never came to its end")
	case t.Value != nil:
		b.Actual = Actual(t)
	}
	if t.Difference != nil && *t.Difference != 0 {
		b.Difference = difference(t)
	}
	if t.AtSeconds != nil {
		b.When = at(*t.AtSeconds)
	}
	if len(t.Pods) > 0 {
		b.Pods = blamedPods(t.Pods)
	}
	return b
}

// Why says in a sentence or two why a threshold does not hold: what was expected,
// what is, the difference, when it was first broken, and by which pods. It is
// empty for one that holds.
func Why(t result.Threshold) string {
	if t.OK {
		return ""
	}
	b := BreachOf(t)
	parts := []string{"Expected " + b.Expected + ", "}
	switch {
	case t.Never:
		parts[0] += "and that share never came to its end"
	case t.Value == nil:
		parts[0] += "and it was " + b.Note
	default:
		parts[0] += "is " + b.Actual
		if b.Note != "" {
			parts = append(parts, strings.ToUpper(b.Note[:1])+b.Note[1:])
		} else if b.Difference != "" {
			parts[0] += ": " + b.Difference
		}
	}
	if b.When != "" {
		parts = append(parts, "First broken at "+b.When)
	}
	if b.Pods != "" {
		parts = append(parts, "Pods: "+b.Pods)
	}
	return strings.Join(parts, ". ") + "."
}

// operators in words.
var operators = map[string]string{"<": "less than ", "<=": "at most ", ">": "more than ", ">=": "at least ", "==": "exactly ", "!=": "anything but "}

// expected is what the condition asks for.
func expected(t result.Threshold) string {
	c, err := result.ParseCondition(t.Expression)
	bound := t
	bound.Value, bound.Never = &t.Expected, false
	if err != nil {
		return t.Expression
	}
	number, unit, _ := strings.Cut(Actual(bound), " ")
	if strings.Contains(number, ".") {
		number = strings.TrimSuffix(strings.TrimRight(number, "0"), ".")
	}
	return strings.TrimSpace(operators[c.Op] + number + " " + unit)
}

// difference is how far the value is off.
func difference(t result.Threshold) string {
	by := *t.Difference
	side := " too much"
	if by < 0 {
		by, side = -by, " too little"
	}
	off := t
	off.Value = &by
	return Actual(off) + side
}

// at is a moment of virtual time, to the hundredth of a second.
func at(seconds float64) string {
	return words.Duration(time.Duration(seconds * float64(time.Second)).Round(10 * time.Millisecond))
}

// blamedPods are a few pods with where they are, and how long they took.
func blamedPods(list []result.ThresholdPod) string {
	var out []string
	for _, p := range list {
		text := p.Name
		if p.Node != "" {
			text += " on " + p.Node
		}
		if p.Seconds != nil {
			text += " (" + decimal(*p.Seconds, 1) + " s)"
		}
		out = append(out, text)
	}
	text := words.And(out)
	if n := list[0].Replication; n > 1 {
		text += fmt.Sprintf(" in replication %d", n)
	}
	return text
}

// whys says of each threshold that does not hold why, and of each variant that was
// stopped by which.
func whys(p *printer, r *result.Result) {
	for i := range r.Variants {
		v := &r.Variants[i]
		name := ""
		if len(r.Variants) > 1 {
			name = v.Name + ": "
		}
		if s := v.Stopped; s != nil {
			text := fmt.Sprintf("stopped at %s by %s %s", at(s.AtSeconds), s.Metric, s.Expression)
			if r.Replications > 1 {
				text += fmt.Sprintf(" in replication %d of %d; %s not run", s.Replication, r.Replications, words.Plural(s.Remaining, "replication"))
			}
			p.paragraph("- ", "  ", name+text+". What is not over is not judged.")
		}
		for _, t := range v.Thresholds {
			if !t.OK && !t.Unjudged {
				p.paragraph("- ", "  ", name+t.Metric+" "+t.Condition()+": "+lower(Why(t)))
			}
		}
	}
}

func lower(s string) string { return strings.ToLower(s[:1]) + s[1:] }
