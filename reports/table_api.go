package reports

import (
	"maps"
	"slices"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/sim/result"
)

// throttleCode is the error code that has a column of its own.
const throttleCode = "RequestLimitExceeded"

// api shows the traffic of each action.
func api(p *printer, r *result.Result, wide bool) {
	actions, tenants := actionNames(r, wide)
	if len(actions) == 0 {
		return
	}
	all := len(actions)
	if !wide && len(r.Variants)*all > apiRowsShown {
		actions = slices.DeleteFunc(actions, func(name string) bool { return !refused(r, name) })
	}
	p.heading("EC2 API", "calls of the SDK; the HTTP requests that they took; requests throttled")
	g := grid{columns: []column{{head: "ACTION", left: true}, {head: "VARIANT", left: true},
		{group: "FLEET", head: "CALLS"}, {group: "FLEET", head: "REQUESTS"}, {group: "FLEET", head: "THROTTLED"},
		{group: "OTHER TENANTS", head: "REQUESTS"}, {group: "OTHER TENANTS", head: "THROTTLED"},
		{head: "OTHER ERRORS", left: true}}}
	add := func(label string, of func(*result.Variant) *result.Action) {
		for i := range r.Variants {
			if a := of(&r.Variants[i]); wide || label == "total" || a.Calls+a.Attempts+a.Other.Attempts > 0 {
				g.add(text(label), text(r.Variants[i].Name), text(words.Count(a.Calls)), text(words.Count(a.Attempts)), throttled(a.Throttled),
					text(words.Count(a.Other.Attempts)), throttled(a.Other.Throttled), text(otherErrors(a.Errors)))
				label = ""
			}
		}
	}
	for _, name := range actions {
		add(name, func(v *result.Variant) *result.Action { return orIdle(v.API[name]) })
	}
	if all > 1 {
		add("total", totalTraffic)
	}
	if errors := len(g.columns) - 1; !anyText(g.rows, errors) {
		g.dropColumn(errors)
	}
	if !tenants && !wide {
		g.dropColumn(6)
		g.dropColumn(5)
		for i := range g.columns {
			g.columns[i].group = "" // one group needs no name
		}
	}
	if len(r.Variants) == 1 {
		g.dropColumn(1)
	}
	g.write(p)
	if left := all - len(actions); left > 0 {
		p.line("and ", words.Plural(left, "action"), " of which no request was throttled or failed "+p.whereAll())
	}
}

// apiRowsShown is how many rows the table may have before it is cut down to the
// actions that EC2 has refused at times.
const apiRowsShown = 24

// refused says that EC2 did not answer every request for an action.
func refused(r *result.Result, action string) bool {
	return slices.ContainsFunc(r.Variants, func(v result.Variant) bool {
		a := orIdle(v.API[action])
		return a.Throttled > 0 || a.Other.Throttled > 0 || len(otherErrors(a.Errors)) > 0
	})
}

// actionNames lists the actions that anybody used, by name, and says whether
// other tenants made any requests.
func actionNames(r *result.Result, wide bool) (names []string, tenants bool) {
	used := map[string]bool{}
	for _, v := range r.Variants {
		for name, a := range v.API {
			if a == nil {
				continue
			}
			tenants = tenants || a.Other.Attempts > 0
			if wide || a.Calls > 0 || a.Attempts > 0 || a.Other.Attempts > 0 {
				used[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(used)), tenants
}

// orIdle stands an action without traffic in for one that a variant lacks.
func orIdle(a *result.Action) *result.Action {
	if a == nil {
		return &result.Action{}
	}
	return a
}

func totalTraffic(v *result.Variant) *result.Action {
	total := &result.Action{}
	for _, a := range v.API {
		if a != nil {
			total.Calls += a.Calls
			total.Attempts += a.Attempts
			total.Throttled += a.Throttled
			total.Other.Attempts += a.Other.Attempts
			total.Other.Throttled += a.Other.Throttled
		}
	}
	return total
}

// throttled is a number of throttled requests; any at all stand out.
func throttled(n int) cell {
	if n > 0 {
		return cell{words.Count(n), warning}
	}
	return text(words.Count(n))
}

// otherErrors lists the codes and counts of failed requests, throttles apart.
func otherErrors(errors map[string]int) string {
	var list []string
	for _, code := range slices.Sorted(maps.Keys(errors)) {
		if code != throttleCode && errors[code] > 0 {
			list = append(list, code+" "+words.Count(errors[code]))
		}
	}
	return strings.Join(list, ", ")
}

func anyText(rows [][]cell, i int) bool {
	return slices.ContainsFunc(rows, func(row []cell) bool { return row[i].text != "" })
}
