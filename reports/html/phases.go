package html

import (
	"fmt"
	"html/template"
	"strings"

	"ipamsim/reports/chart"
	"ipamsim/sim/result"
)

// Measures of bars.
const (
	barHeight = 14
	barLine   = 20
	barGroup  = 8 // between variants
	barLabel  = 112
)

// phasesFigure shows where the time of each variant's pods went: the mean over
// all of them, and over the slowest hundredth.
func phasesFigure(r *result.Result, id string) (made figure, any bool) {
	made.Title = "Where the time went"
	longest := 0.
	var shown []*result.Variant
	for i := range r.Variants[:min(len(r.Variants), variantsMost)] {
		v := &r.Variants[i]
		if v.Pods.Pending.Count == 0 {
			continue
		}
		shown = append(shown, v)
		longest = max(longest, v.Pods.Phases.Mean.Sum(), v.Pods.Phases.Slow.Sum())
	}
	if len(shown) == 0 || longest == 0 {
		return made, false
	}
	axis := chart.CountAxis("seconds from created to running", longest)
	d, occurs := &drawing{}, map[string]bool{}
	y := 2.
	var about []string
	for _, v := range shown {
		d.text(0, y+10, "", "12", short(v.Name))
		y += 16
		for _, of := range []struct {
			name string
			result.Phases
		}{{"all pods", v.Pods.Phases.Mean}, {"slowest 1 %", v.Pods.Phases.Slow}} {
			d.text(barLabel-6, y+11, "end", "", of.name)
			about = append(about, v.Name+", "+of.name+": "+d.bar(of.Phases, y, &axis, occurs))
			y += barLine
		}
		y += barGroup
	}
	bars := d.String()
	var entries []chart.Entry
	for _, p := range chart.Phases {
		if occurs[p.Name] {
			entries = append(entries, chart.Entry{Name: p.Name, Look: p.Look})
		}
	}
	d = &drawing{}
	for _, t := range axis.Ticks {
		x := barPlace(&axis, t.Value)
		d.f(`<path d="M%s 0v%s" stroke="currentColor" stroke-opacity=".14"/>`, number(x), number(y))
		d.text(min(x, chartWidth-8), y+11, "middle", "", t.Label)
	}
	d.text(0, y+11, "", "", "seconds")
	d.WriteString(bars)
	list, rows := arranged(entries)
	for _, e := range list {
		d.entry(e, y+20)
	}
	height := y + 20 + float64(rows*legendLine)
	head := &drawing{}
	head.f(`<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="%s-t %s-d" viewBox="0 0 %d %s" width="%d" height="%s" fill="currentColor" font-family="system-ui, sans-serif" font-size="11">`, id, id, chartWidth, number(height), chartWidth, number(height))
	head.f(`<title id="%s-t">%s</title><desc id="%s-d">%s</desc>`, id, "Where the time went, from created to running", id, template.HTMLEscapeString(strings.Join(about, "; ")))
	made.SVG = template.HTML(head.String() + d.String() + "</svg>")
	return made, true
}

func barPlace(a *chart.Axis, v float64) float64 {
	return barLabel + (chartWidth-barLabel-12)*placeOn(a, v)
}

// bar draws the phases of one mean, and says in words what they are.
func (d *drawing) bar(of result.Phases, y float64, axis *chart.Axis, occurs map[string]bool) string {
	at := 0.
	var about []string
	for _, p := range chart.Phases {
		took := p.Of(of)
		if took < 0.005 {
			continue
		}
		occurs[p.Name] = true
		about = append(about, fmt.Sprintf("%.2f s %s", took, p.Name))
		from, to := barPlace(axis, at), barPlace(axis, at+took)
		d.f(`<rect x="%s" y="%s" width="%s" height="%d" %s/>`, number(from), number(y), number(max(to-from, .5)), barHeight, fill(p.Look))
		at += took
	}
	return strings.Join(about, ", ")
}

// short cuts a name that there is no room for.
func short(name string) string {
	const most = 60
	if runes := []rune(name); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return name
}
