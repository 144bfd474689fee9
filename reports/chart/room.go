package chart

import (
	"fmt"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/sim/planning"
)

// mostBars is of how many things a picture has bars: of more, their names have no
// room.
const mostBars = 8

// Headroom shows the free addresses of each subnet of a plan's variant, now and at
// the worst moment.
func Headroom(scenario string, v *planning.Variant) Figure {
	f := figureOf("headroom", scenario+", "+v.Name, "free addresses of the subnets")
	list := v.Subnets
	if len(list) == 0 {
		f.Note = "there is no subnet"
		return f
	}
	now, worst := Look{Color: Blue}, Look{Color: Orange, Hatch: Rising}
	var names, about []string
	var high float64
	for i := range list {
		high = max(high, float64(list[i].FreeNow))
	}
	p := Panel{Y: wholeAxis("free addresses", high)}
	for i := range list[:min(len(list), mostBars)] {
		s := &list[i]
		p.bar(i, 0, float64(s.FreeNow), now)
		p.bar(i, 1, float64(s.FreeWorst), worst)
		names = append(names, s.Name)
		about = append(about, fmt.Sprintf("%s: %s of %s now, %s at worst", s.Name, words.Count(s.FreeNow), words.Count(s.Usable), words.Count(s.FreeWorst)))
	}
	p.names("subnet", names, len(list))
	f.Panels = []Panel{p}
	f.Legend = []Entry{{Name: "now", Look: now, As: OfArea}, {Name: "at the worst moment", Look: worst, As: OfArea}}
	f.About = "Free addresses of each subnet, two bars each. " + strings.Join(about, "; ") + "."
	return f
}

// Growth shows how much more fits of each group of a plan's variant, for a hundred
// of what is there: nodes beside nodes, pods on the present nodes beside pods.
func Growth(scenario string, v *planning.Variant) Figure {
	f := figureOf("growth", scenario+", "+v.Name, "how much more fits")
	starts, full := Look{Color: SkyBlue, Hatch: Dots}, Look{Color: Blue}
	var names, about []string
	var high float64
	p := Panel{}
	for i := range v.Growth {
		q := &v.Growth[i]
		there := presentOf(v, q)
		if there == 0 || len(names) == mostBars {
			continue
		}
		part := func(n int) float64 { return 100 * float64(n) / float64(there) }
		tight := q.UntilFull
		if q.UntilTight != nil {
			tight = *q.UntilTight
		}
		p.bar(len(names), 0, part(q.UntilFull), starts)
		p.bar(len(names), 1, part(tight), full)
		high = max(high, part(q.UntilFull))
		names = append(names, q.Group+", "+string(q.By))
		text := fmt.Sprintf("%s: %s %s more than the %s that are there, %s of them with full pools", q.Group, words.Count(q.UntilFull), q.By, words.Count(there), words.Count(tight))
		if q.Binding != nil {
			text += "; then " + strings.ReplaceAll(string(*q.Binding), "_", " ")
		}
		about = append(about, text)
	}
	if len(names) == 0 {
		f.Note = "no node or pod is there that there could be more of"
		return f
	}
	if high == 0 {
		f.Note = "nothing more starts"
		return f
	}
	p.Y = CountAxis("more than there is now (%)", high)
	p.names("group, by nodes and by pods on the present nodes", names, len(v.Growth))
	f.Panels = []Panel{p}
	f.Legend = []Entry{{Name: "start", Look: starts, As: OfArea}, {Name: "with full pools", Look: full, As: OfArea}}
	f.About = "How much more fits of each group, in per cent of what is there, two bars each. " + strings.Join(about, ". ") + "."
	return f
}

// presentOf is how many nodes or pods a group has.
func presentOf(v *planning.Variant, q *planning.Growth) int {
	for i := range v.Groups {
		if g := &v.Groups[i]; g.Name == q.Group {
			if q.By == planning.ByNodes {
				return g.Nodes
			}
			return g.Pods
		}
	}
	return 0
}

// bar adds the k-th of two bars of the i-th thing.
func (p *Panel) bar(i, k int, value float64, look Look) {
	const wide, gap = 0.36, 0.02
	left := float64(i) + 0.5 + float64(k-1)*(wide+gap) + gap/2
	p.Areas = append(p.Areas, Area{Look: look, At: []float64{left, left + wide}, Low: []float64{0, 0}, High: []float64{value, value}})
}

// lettersWide is how many letters have room below a panel.
const lettersWide = 60

// names writes the things below their bars; of more than have room it says how many
// there are.
func (p *Panel) names(label string, list []string, all int) {
	if all > len(list) {
		label += fmt.Sprintf(", %d of %d", len(list), all)
	}
	p.X = Axis{Label: label, Max: float64(len(list))}
	room := max(6, lettersWide/max(1, len(list)))
	for i, name := range list {
		if short := []rune(name); len(short) > room {
			name = "…" + string(short[len(short)-room+1:])
		}
		p.X.Ticks = append(p.X.Ticks, Tick{Value: float64(i) + 0.5, Label: name})
	}
}
