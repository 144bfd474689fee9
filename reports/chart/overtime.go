package chart

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/sim/result"
)

// failedAdds shows the CNI ADDs that failed over time, by cause.
func failedAdds(r *result.Result, v *result.Variant, s Sizes) Figure {
	f := figureOf("failed-adds", r.Scenario.Name+", "+v.Name, "failed CNI ADDs by cause")
	parts := make([]counted, len(v.Series.FailedAdds))
	for i, c := range v.Series.FailedAdds {
		parts[i] = counted{c.Cause.About().Label, c.Count}
	}
	f.bars(v, "failed ADDs", false, parts, s)
	switch {
	case f.Note == "" && len(parts) == 0:
		f.nothing("no CNI ADD failed")
	case f.Note == "":
		f.About = "CNI ADDs that failed over time, by cause: " + totals(parts) + "."
	}
	return f
}

// throttles shows the API requests of all callers that were throttled over time,
// by action, whatever turned them away.
func throttles(r *result.Result, v *result.Variant, s Sizes) Figure {
	f := figureOf("throttles", r.Scenario.Name+", "+v.Name, "throttled EC2 requests by action")
	var parts []counted
	for _, a := range v.Series.API {
		if sum(a.Throttled) > 0 {
			parts = append(parts, counted{a.Action, a.Throttled})
		}
	}
	f.bars(v, "throttled requests per second", true, parts, s)
	switch {
	case f.Note == "" && len(parts) == 0:
		f.nothing("no request was throttled")
	case f.Note == "":
		f.About = "Requests to EC2, of all callers, that were throttled over time, by action: " + totals(parts) + "."
	}
	return f
}

// counted is something that was counted since the sample before.
type counted struct {
	name   string
	counts []int
}

func sum(counts []int) (n int) {
	for _, c := range counts {
		n += c
	}
	return n
}

// layersMost is how many parts are told apart; the rest are one.
const layersMost = 6

// few are the parts with most in them first, and the rest together.
func few(parts []counted) []counted {
	slices.SortStableFunc(parts, func(a, b counted) int { return cmp.Compare(sum(b.counts), sum(a.counts)) })
	if len(parts) <= layersMost+1 {
		return parts
	}
	rest := counted{name: fmt.Sprintf("%d others", len(parts)-layersMost)}
	for _, p := range parts[layersMost:] {
		for i, n := range p.counts {
			if i == len(rest.counts) {
				rest.counts = append(rest.counts, 0)
			}
			rest.counts[i] += n
		}
	}
	return append(slices.Clip(parts[:layersMost]), rest)
}

// totals are parts in words.
func totals(parts []counted) string {
	var list []string
	for _, p := range few(parts) {
		list = append(list, words.Count(sum(p.counts))+" "+p.name)
	}
	return strings.Join(list, ", ")
}

// bars stacks what was counted, in bars as long as the intervals between samples.
func (f *Figure) bars(v *result.Variant, label string, rate bool, parts []counted, s Sizes) {
	list := stretches(v.Series.AtSeconds, s.Points)
	if len(list) == 0 {
		f.Note = noSamples
		return
	}
	parts = few(parts)
	layers, highest := make([][]float64, len(parts)), 0.0
	total := make([]float64, len(list))
	for k := range parts {
		for i, one := range list {
			n := one.sum(parts[k].counts)
			if rate {
				n /= one.to - one.from
			}
			layers[k] = append(layers[k], n)
			total[i] += n
			highest = max(highest, total[i])
		}
	}
	if !rate {
		label += " in " + Moment(list[0].to-list[0].from)
	}
	p := Panel{X: timeAxis(list[0].from, list[len(list)-1].to), Y: CountAxis(label, highest), Areas: stacked(list, layers, areaOf)}
	if !rate {
		p.Y = wholeAxis(label, highest)
	}
	var said []Entry
	p.Marks, said = marked(v, p.X)
	for k := len(parts) - 1; k >= 0; k-- {
		f.Legend = append(f.Legend, Entry{Name: parts[k].name, Look: areaOf(k)})
	}
	f.Legend = append(f.Legend, said...)
	f.Panels = []Panel{p}
}

// nothing says that there is nothing between the axes, which stay for the marks.
func (f *Figure) nothing(why string) {
	f.About = strings.ToUpper(why[:1]) + why[1:] + "."
	f.Panels[0].Note = why
}

// requests shows the rate of API requests of all callers, and of those that were
// throttled, on a scale up to the highest rate of all variants.
func requests(r *result.Result, v *result.Variant, s Sizes) Figure {
	f := figureOf("api", r.Scenario.Name+", "+v.Name, "EC2 API, all actions and callers")
	list := stretches(v.Series.AtSeconds, s.Points)
	if len(list) == 0 {
		f.Note = noSamples
		return f
	}
	highest := 0.0
	for i := range r.Variants {
		other := &r.Variants[i]
		asked, _ := requestsOf(other)
		for _, one := range stretches(other.Series.AtSeconds, s.Points) {
			highest = max(highest, one.sum(asked)/(one.to-one.from))
		}
	}
	asked, throttled := requestsOf(v)
	requests, turned := requestLooks[0], requestLooks[1]
	p := Panel{X: timeAxis(list[0].from, list[len(list)-1].to), Y: CountAxis("requests per second", highest)}
	for _, layer := range []struct {
		counts []int
		Look
	}{{asked, requests}, {throttled, turned}} {
		heights := make([]float64, len(list))
		for i, one := range list {
			heights[i] = one.sum(layer.counts) / (one.to - one.from)
		}
		p.Areas = append(p.Areas, stacked(list, [][]float64{heights}, func(int) Look { return layer.Look })...)
	}
	var said []Entry
	p.Marks, said = marked(v, p.X)
	if sum(asked) == 0 {
		p.Note = "nobody asked EC2 for anything"
	}
	f.Panels = []Panel{p}
	f.Legend = append([]Entry{{Name: "requests", Look: requests}, {Name: "of these throttled", Look: turned}}, said...)
	f.About = fmt.Sprintf("Requests to EC2 per second over time: %s, of which %s were throttled.", words.Plural(sum(asked), "request"), words.Count(sum(throttled)))
	return f
}

// requestsOf are the requests of all actions, at each sample.
func requestsOf(v *result.Variant) (asked, throttled []int) {
	n := len(v.Series.AtSeconds)
	asked, throttled = make([]int, n), make([]int, n)
	for i := range v.Series.API {
		a := &v.Series.API[i]
		for j := range min(n, len(a.Requests)) {
			asked[j] += a.Requests[j]
		}
		for j := range min(n, len(a.Throttled)) {
			throttled[j] += a.Throttled[j]
		}
	}
	return asked, throttled
}
