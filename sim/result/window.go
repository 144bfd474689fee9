package result

import (
	"fmt"
	"slices"
	"time"

	"ipamsim/internal/words"
)

// Window is the part of a run that a condition is about, in virtual time from
// time 0. What happens at its end is no part of it, unless that is the end of the
// run. The zero Window is the whole run.
type Window struct {
	From, To time.Duration
	At       bool // a moment, both alike: what is counted is counted from time 0 till then
}

// Whole says whether it is the whole run.
func (w Window) Whole() bool { return w == Window{} }

// Holds says whether a time from time 0 is in it, of a run that ends at end.
func (w Window) Holds(t, end time.Duration) bool {
	return w.Whole() || t >= w.From && (t < w.To || w.To >= end)
}

// String is the window in words, empty for the whole run.
func (w Window) String() string {
	switch {
	case w.Whole():
		return ""
	case w.At:
		return "at " + words.Duration(w.To)
	}
	return fmt.Sprintf("between %s and %s", words.Duration(w.From), words.Duration(w.To))
}

// Part is a set of pods: those that a selector means, and of them those that
// were created in a window, or were there at time 0 where it begins with that.
type Part struct {
	Selector Selector // Selector.pods of one
	Window   Window
}

// String tells parts apart.
func (p Part) String() string { return p.Selector.String() + " " + p.Window.String() }

// equal says whether both are the same pods.
func (p Part) equal(other Part) bool {
	return p.Window == other.Window && slices.Equal(p.Selector, other.Selector)
}

// all says whether it is every pod.
func (p Part) all() bool { return len(p.Selector) == 0 && p.Window.Whole() }

// Parts are the pods that conditions are about, as far as that is not all of
// them, each once.
func Parts(conditions []Condition) (list []Part) {
	for i := range conditions {
		c := &conditions[i]
		m := c.metric()
		if !m.ofPods() {
			continue // its subnet is not the pods'
		}
		part := c.part(m)
		known := part.all()
		for _, p := range list {
			known = known || p.equal(part)
		}
		if !known {
			list = append(list, part)
		}
	}
	return list
}

// part are the pods that a condition on a metric is about.
func (c *Condition) part(m *Metric) Part {
	p := Part{Selector: c.Selector.pods()}
	if m.read.spans == ofCohort {
		p.Window = c.Window
	}
	return p
}

// spans is what a metric is of a window.
type spans int

const (
	byIncrease spans = iota // how much it grew in the window; of a level, or an extreme, see Gauge
	ofCohort                // of the pods or nodes whose time began in the window
	ofTheRun                // nothing: it is about the whole run
)

// TakesWindow says what is wrong with a window for a metric, or nothing.
func (m *Metric) TakesWindow(w Window) error {
	switch {
	case w.Whole():
		return nil
	case m.read.spans == ofTheRun:
		return fmt.Errorf("%s is about the whole run: it has no %s", m.Name, w.key())
	case w.At && m.Kind == Trend:
		return fmt.Errorf("%s is a %s, of pods or nodes whose time began in a window: between was expected, not at", m.Name, m.Kind)
	case w.At && m.read.spans == ofCohort:
		return fmt.Errorf("%s is of pods that were created in a window, and what becomes of them is known later: between was expected, not at", m.Name)
	}
	return nil
}

// key is the window's in the language.
func (w Window) key() string {
	if w.At {
		return "at"
	}
	return "between"
}
