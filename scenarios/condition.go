package scenarios

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"ipamsim/internal/words"
	"ipamsim/sim/result"
)

// condition is a condition that says more than what must hold.
type condition struct {
	Threshold      string    `yaml:"threshold" required:"true" doc:"What must hold: aggregation, operator and value, such as p(99)<5s."`
	Between        *window   `yaml:"between" doc:"The part of the run that it is about, such as 2m-6m, in virtual time from time 0. What happens at its end is no part of it, unless that is the end of the run. Of a trend it is about the pods that were created, or the nodes that were launched, in it; of a counter about the increase in it; of a _min and a _peak about the worst moment in it; of another gauge about the level that is worst for the condition, at its bounds and at every sample of the run in between."`
	At             *Duration `yaml:"at" max:"720h" doc:"A moment, instead of between. Of a gauge it is about the level then, of a counter about the count till then. What happens at the moment itself comes after it, unless it is the end of the run. A trend has none."`
	Over           string    `yaml:"over" enum:"mean,worst,ci95" doc:"What must hold of several replications: the mean of their values, each one's value, or the whole 95 % confidence interval of the mean. Without it the metric's own rule is in force, which the last column of the table says."`
	Severity       string    `yaml:"severity" default:"fail" enum:"fail,warn" doc:"What it means when it does not hold. warn is shown and changes no exit code."`
	AbortOnFail    bool      `yaml:"abortOnFail" doc:"Ends the run as soon as the condition is broken; no further replications of the variant are run, and what is not over then is not counted as fine. See below."`
	DelayAbortEval *Duration `yaml:"delayAbortEval" max:"720h" doc:"With abortOnFail, from which virtual time on it is looked at."`
}

// window is a part of a run as it is written: 2m-6m.
type window string

// conditionType is read by what it is given: a word, or a mapping.
var (
	conditionType = reflect.TypeFor[condition]()
	windowType    = reflect.TypeFor[window]()
)

// windowText is the pattern of a window.
const windowText = `^\s*` + durationWord + `\s*-\s*` + durationWord + `\s*$`

// parseWindow reads from-to.
func parseWindow(s string) (w result.Window, err error) {
	from, to, ok := strings.Cut(s, "-")
	if !ok || strings.TrimSpace(from) == "" || strings.TrimSpace(to) == "" {
		return w, errors.New("not a window: write two times with a hyphen between them, such as 2m-6m")
	}
	for _, part := range []struct {
		text string
		time *time.Duration
	}{{from, &w.From}, {to, &w.To}} {
		d, err := ParseDuration(strings.TrimSpace(part.text))
		if err != nil {
			return w, quoted(strings.TrimSpace(part.text), err)
		}
		*part.time = time.Duration(d)
	}
	if w.From < 0 || w.From >= w.To {
		return w, fmt.Errorf("%s ends at %s and begins at %s: a later end was expected", strings.TrimSpace(s), words.Duration(w.To), words.Duration(w.From))
	}
	return w, nil
}

// takes gives a condition what stands beside it. The error's place is that of
// the key.
func (o *condition) takes(c *result.Condition, m *result.Metric) (key string, err error) {
	c.Severity, c.Over, c.Abort = result.Severity(o.Severity), result.Pooling(o.Over), o.AbortOnFail
	switch {
	case o.Between != nil && o.At != nil:
		return "at", errors.New("between and at exclude each other")
	case o.Between != nil:
		key = "between"
		if c.Window, err = parseWindow(string(*o.Between)); err != nil {
			return key, err
		}
	case o.At != nil:
		key = "at"
		c.Window = result.Window{To: time.Duration(*o.At), At: true}
	}
	if err := m.TakesWindow(c.Window); err != nil {
		return key, err
	}
	if o.DelayAbortEval != nil {
		c.AbortAfter = time.Duration(*o.DelayAbortEval)
		if !c.Abort {
			return "delayAbortEval", errors.New("only a condition with abortOnFail: true has one")
		}
	}
	if c.Abort {
		return "abortOnFail", c.CanAbort(m)
	}
	return "", nil
}

// written is the value that is read as the condition: a word where that is all.
func written(c *result.Condition) *yaml.Node {
	more := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
	add := func(key, value string, given bool) {
		if given {
			more.Content = append(more.Content, text(key), text(value))
		}
	}
	add("threshold", c.Expression, true)
	w := c.Window
	add("between", Duration(w.From).String()+"-"+Duration(w.To).String(), !w.Whole() && !w.At)
	add("at", Duration(w.To).String(), w.At)
	add("over", string(c.Over), c.Over != "")
	add("severity", string(c.Severity), c.Severity == result.Warn)
	if c.Abort {
		more.Content = append(more.Content, text("abortOnFail"), &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "true"})
	}
	add("delayAbortEval", Duration(c.AbortAfter).String(), c.AbortAfter != 0)
	if len(more.Content) == 2 {
		return text(c.Expression)
	}
	return more
}

// checkCondition checks a condition against the run.
func (c *checker) checkCondition(under string, t *Threshold) {
	end := time.Duration(c.s.Duration)
	for _, time := range []struct {
		is   time.Duration
		what string
	}{{t.Window.To, "is about the time until"}, {t.AbortAfter, "is looked at from"}} {
		if time.is > end && end > 0 {
			c.problem(t.at, "%s.%s: the condition %s %s, and the run ends at %s", under, t.Key(), time.what, words.Duration(time.is), c.s.Duration)
		}
	}
	if t.Over == result.CI95 && c.s.Replications == 1 {
		c.warning(t.at, "%s.%s: ci95 takes two replications at least, and there is one: it fails", under, t.Key())
	}
	if under == "expect" {
		if t.Severity == result.Warn {
			c.problem(t.at, "expect.%s: what is expected has no severity: --strict says whether it counts", t.Key())
		}
		if t.Abort {
			c.problem(t.at, "expect.%s: what is expected ends no run: abortOnFail is for thresholds", t.Key())
		}
	}
}
