package scenarios

import (
	"slices"
	"strconv"

	"ipamsim/sim/result"
)

// Incident is a public report that a scenario is made after: what was said, what
// had to be assumed, and between which bounds the simulation must come for each
// number. `ipamsim validate` holds one beside the other.
type Incident struct {
	Sources  []string         `yaml:"sources" required:"true" min:"1" max:"20" doc:"Where it was reported: addresses of pages."`
	Summary  string           `yaml:"summary" required:"true" doc:"What was reported, in a few words."`
	Reported []ReportedFigure `yaml:"reported" required:"true" min:"1" max:"50" doc:"The numbers that were reported. Each is an expectation as well: run says whether it was reproduced."`
	Assumed  []Assumption     `yaml:"assumed" required:"true" min:"1" max:"50" doc:"What the report does not say and the scenario needs, each with its reason. It is written before the first run, and not changed to make a number fit."`
}

// ReportedFigure is a number of a report beside the metric that stands for it.
type ReportedFigure struct {
	What        string   `yaml:"what" required:"true" doc:"What the number is, in the words of the report."`
	Value       float64  `yaml:"value" required:"true" min:"0" max:"1000000000000" doc:"The number: durations in seconds."`
	Metric      string   `yaml:"metric" required:"true" doc:"The metric that is held beside it, with a selector where it needs one, as in thresholds: pod_start{variant:default}."`
	Aggregation string   `yaml:"aggregation" doc:"Of a trend: avg, min, med, max or p(N). A counter and a gauge have one each, count and value."`
	Low         *float64 `yaml:"low" min:"0" max:"1000000000000" doc:"The least that counts as reproduced; no bound below unless given."`
	High        *float64 `yaml:"high" min:"0" max:"1000000000000" doc:"The most that counts as reproduced; no bound above unless given."`
	Reason      string   `yaml:"reason" required:"true" doc:"Why between these bounds: what the report leaves open, how it was measured, what chance does."`
	Outside     string   `yaml:"outside" doc:"It is known not to come out, and this is what is known of the cause. It is the one key that is written after a run."`
}

// Assumption is something that a report does not say.
type Assumption struct {
	What   string `yaml:"what" required:"true" doc:"What is assumed."`
	Reason string `yaml:"reason" required:"true" doc:"Why this and nothing else."`
}

// Title is the metric with its aggregation: pod_start{variant:default} max.
func (r *ReportedFigure) Title() string { return r.Metric + " " + r.aggregation() }

// aggregation is the one that the figure names, or the only one of its metric.
func (r *ReportedFigure) aggregation() string {
	m, _, err := result.ParseMetric(r.Metric)
	switch {
	case r.Aggregation != "" || err != nil:
		return r.Aggregation
	case m.Kind == result.Counter:
		return "count"
	case m.Kind == result.Gauge:
		return "value"
	}
	return ""
}

// Bounds are the figure as conditions, one for each bound that it has.
func (r *ReportedFigure) Bounds() (list []result.Condition, err error) {
	m, selector, err := result.ParseMetric(r.Metric)
	if err != nil {
		return nil, err
	}
	bound := func(op string, value *float64) error {
		if value == nil || err != nil {
			return err
		}
		c, err := result.ParseCondition(r.aggregation() + op + strconv.FormatFloat(*value, 'f', -1, 64))
		if err == nil {
			err = c.Fits(m)
		}
		c.Metric, c.Selector = m.Name, selector
		list = append(list, c)
		return err
	}
	if err := bound(">=", r.Low); err != nil {
		return nil, err
	}
	err = bound("<=", r.High)
	return list, err
}

// Expectations are what the scenario should reproduce: its conditions under
// expect, and the bounds of what was reported.
func (s *Scenario) Expectations() []result.Condition {
	list := s.Expect.Conditions()
	if s.Incident == nil {
		return list
	}
	for i := range s.Incident.Reported {
		bounds, err := s.Incident.Reported[i].Bounds()
		if err != nil {
			panic(err) // the check has let it pass
		}
		list = append(list, bounds...)
	}
	return list
}

// checkIncident looks at what was reported.
func (c *checker) checkIncident() {
	if c.s.Incident == nil || !c.readable("incident") {
		return
	}
	var list ThresholdList
	for i := range c.s.Incident.Reported {
		list = append(list, c.reported(i)...)
	}
	c.checkConditions("incident.reported", list)
}

// reported is the figure at a place as conditions, with what is wrong with it.
func (c *checker) reported(i int) (list ThresholdList) {
	r, path, name := &c.s.Incident.Reported[i], "incident.reported."+strconv.Itoa(i), "incident.reported["+strconv.Itoa(i)+"]"
	m, selector, err := result.ParseMetric(r.Metric)
	switch at := c.at("%s.metric", path); {
	case !c.usable("%s.metric", path):
		return nil
	case err != nil:
		c.problem(at, "%s.metric: %s", name, err)
		return nil
	case len(c.s.Variants) > 1 && selector.Get("variant") == "":
		c.problem(at, "%s.metric: the scenario has %d variants: say which one this is of, %s{variant:%s}", name, len(c.s.Variants), m.Name, c.s.Variants[0].Name)
		return nil
	case r.aggregation() == "":
		c.problem(at, "%s: %s is a trend: give its aggregation, avg, min, med, max or p(N)", name, m.Name)
		return nil
	case r.Low == nil && r.High == nil:
		c.problem(c.at("%s", path), "%s: neither low nor high: what would be outside of what was reported?", name)
		return nil
	case r.Low != nil && r.High != nil && *r.Low > *r.High:
		c.problem(c.at("%s.high", path), "%s: high, %g, is below low, %g", name, *r.High, *r.Low)
		return nil
	}
	bounds, err := r.Bounds()
	if err != nil {
		c.problem(c.at("%s.aggregation", path), "%s.aggregation: %s", name, err)
		return nil
	}
	for _, b := range bounds {
		list = append(list, Threshold{Condition: b, at: c.at("%s", path), keyAt: c.at("%s.metric", path)})
	}
	c.contains(r, path, name)
	return list
}

// contains warns of bounds that the reported number itself is outside of.
func (c *checker) contains(r *ReportedFigure, path, name string) {
	if below := r.Low != nil && r.Value < *r.Low; below || r.High != nil && r.Value > *r.High {
		c.warning(c.at("%s.value", path), "%s: the reported value, %g, is not between low and high itself", name, r.Value)
	}
}

// of is what was reported of one variant, for a file of its own.
func (in *Incident) of(variant string) *Incident {
	if in == nil {
		return nil
	}
	out := *in
	out.Reported = nil
	for _, r := range in.Reported {
		m, selector, err := result.ParseMetric(r.Metric)
		if v := selector.Get("variant"); err != nil || v != "" && v != variant {
			continue
		}
		r.Metric = m.Name + slices.DeleteFunc(selector, func(l result.Label) bool { return l.Key == "variant" }).String()
		out.Reported = append(out.Reported, r)
	}
	if len(out.Reported) == 0 {
		return nil
	}
	return &out
}
