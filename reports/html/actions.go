package html

import (
	"html/template"
	"math"
	"slices"

	"ipamsim/internal/words"
	"ipamsim/reports/chart"
	"ipamsim/sim/result"
)

// actions are the requests of a variant by action, each with its course.
type actions struct {
	Caption string
	Rows    []action
	Left    int // actions that are not listed
}

// action is one of them.
type action struct {
	Name                      string
	Requests, Throttled, Peak string
	Turned                    bool
	SVG                       template.HTML
}

// actionsMost is how many are listed, those with most throttles first and then
// those with most requests.
const actionsMost = 10

// actionsOf are a variant's; nil without any.
func actionsOf(v *result.Variant) *actions {
	list := slices.Clone(v.Series.API)
	if len(list) == 0 {
		return nil
	}
	slices.SortStableFunc(list, func(a, b result.ActionSeries) int {
		if d := total(b.Throttled) - total(a.Throttled); d != 0 {
			return d
		}
		return total(b.Requests) - total(a.Requests)
	})
	made := &actions{Caption: "Requests to EC2 by action, of all callers: " + v.Name, Left: max(0, len(list)-actionsMost)}
	for _, a := range list[:min(len(list), actionsMost)] {
		asked, turned, peak := chart.Course(v.Series.AtSeconds, a.Requests, a.Throttled, coursePoints)
		row := action{Name: a.Action, Requests: words.Count(total(a.Requests)), Throttled: words.Count(total(a.Throttled)), Peak: perSecond(peak), Turned: total(a.Throttled) > 0}
		row.SVG = course(asked, turned)
		made.Rows = append(made.Rows, row)
	}
	return made
}

// perSecond is a rate to a tenth; what is less, and something, is said to be.
func perSecond(rate float64) string {
	if rate > 0 && rate < 0.05 {
		return "<0.1/s"
	}
	return chart.Number(math.Round(10*rate)/10) + "/s"
}

func total(counts []int) (n int) {
	for _, c := range counts {
		n += c
	}
	return n
}

// Measures of a course.
const (
	coursePoints = 36
	courseWidth  = 200
	courseHeight = 22
)

// course draws requests, and over them those that were throttled, on a scale of
// its own: the number beside it is its highest.
func course(asked, turned *chart.Panel) template.HTML {
	d := &drawing{}
	d.f(`<svg xmlns="http://www.w3.org/2000/svg" aria-hidden="true" focusable="false" viewBox="0 0 %d %d" width="%d" height="%d" fill="currentColor">`, courseWidth, courseHeight, courseWidth, courseHeight)
	for _, p := range []*chart.Panel{asked, turned} {
		if p == nil {
			continue
		}
		s := scale{p, 0, 0, courseWidth, courseHeight - 1}
		for i := range p.Areas {
			d.area(&s, &p.Areas[i])
		}
	}
	d.f(`<path d="M0 %sh%d" stroke="currentColor" stroke-opacity=".4"/></svg>`, number(courseHeight-.5), courseWidth)
	return template.HTML(d.String())
}
