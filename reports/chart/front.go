package chart

import (
	"fmt"
	"math"

	"ipamsim/internal/words"
	"ipamsim/sim/result"
)

// Front shows what a search for settings has found: the p99 of pod starts over the
// addresses held at the peak, a dot for each setting. named says a setting in words,
// and p99 its figure.
func Front(t *result.Tuning, named func(map[string]string) string, p99 func(*result.Costs) string) Figure {
	f := figureOf("tune-front", t.Scenario.Name, "settings over "+t.Variant)
	p := front{}
	if !p.settings(t) {
		f.Note = "in no setting did 99 % of the pods start"
		return f
	}
	var fit, unfit []result.Setting
	for _, x := range t.Tried {
		if x.Unfit == "" {
			fit = append(fit, x)
		} else {
			unfit = append(unfit, x)
		}
	}
	f.dots(&p, "makes something worse", unfit, Look{Color: Vermillion}, Cross)
	f.dots(&p, "left aside", fit, Look{Color: Grey}, Ring)
	p.steps(t.Front)
	f.dots(&p, "front", t.Front, Look{Color: Blue}, Disc)
	f.dots(&p, "now", []result.Setting{t.Now}, Look{Ink: true}, Square)
	if t.Recommended != nil {
		f.dots(&p, "recommended", []result.Setting{t.Recommended.Setting}, Look{Color: Green}, Triangle)
	}
	f.About = fmt.Sprintf("p99 of pod starts over the addresses held at the peak of %s, a dot each. %s of the front are filled; the line joins those of which no other has fewer addresses and a shorter p99.",
		words.Plural(len(t.Tried), "setting"), words.Plural(len(t.Front), "setting"))
	if r := t.Recommended; r != nil {
		f.About += fmt.Sprintf(" Recommended: %s, with %s and %s.", named(r.Env), words.Plural(r.AddressesPeak, "address"), p99(&r.Costs))
	}
	f.Panels = []Panel{p.Panel}
	return f
}

// front is the panel, and where a setting stands of which 99 % never start.
type front struct {
	Panel
	never float64
}

// settings sets the axes, from the least to the most of all settings; it says
// whether there is anything to show.
func (p *front) settings(t *result.Tuning) bool {
	low, high := math.Inf(1), 0.0
	least, most, never := math.Inf(1), 0.0, false
	each := func(x *result.Setting) {
		least, most = min(least, float64(x.AddressesPeak)), max(most, float64(x.AddressesPeak))
		if s := float64(x.PodStartP99); x.PodStartP99.Reached() && s > 0 {
			low, high = min(low, s), max(high, s)
		} else {
			never = never || !x.PodStartP99.Reached()
		}
	}
	for i := range t.Tried {
		each(&t.Tried[i])
	}
	each(&t.Now)
	if high == 0 {
		return false
	}
	wide := max(1, most-least)
	p.X = Axis{Label: "addresses held at the peak", Min: max(0, least-wide/20), Max: most + wide/20}
	step := max(1, NiceAbove((p.X.Max-p.X.Min)/6))
	for v := step * math.Ceil(p.X.Min/step); v <= p.X.Max; v += step {
		p.X.Ticks = append(p.X.Ticks, Tick{Value: v, Label: Number(v)})
	}
	const label = "pod start, p99 (s)"
	if high/low >= LogRange {
		p.Y = logAxis(label, low*0.9, high*1.05)
	} else {
		p.Y = CountAxis(label, high)
	}
	if never {
		p.roomForNever()
	}
	return true
}

// roomForNever adds a place above all numbers to the axis.
func (p *front) roomForNever() {
	const above, edge = 0.12, 0.18 // of the axis' height
	at := func(share float64) float64 {
		if p.Y.Log {
			return p.Y.Max * math.Pow(p.Y.Max/p.Y.Min, share)
		}
		return p.Y.Max + share*(p.Y.Max-p.Y.Min)
	}
	p.never = at(above)
	top := at(edge)
	p.Y.Max = top
	p.Y.Ticks = append(p.Y.Ticks, Tick{Value: p.never, Label: "never"})
}

// setting is where one stands; one of which 99 % never start stands above all others.
func (p *front) setting(x *result.Setting) (at, value float64) {
	value = p.never
	if x.PodStartP99.Reached() {
		value = min(p.Y.Max, max(p.Y.Min, float64(x.PodStartP99)))
	}
	return float64(x.AddressesPeak), value
}

// dots adds settings that are drawn alike, with their line in the legend.
func (f *Figure) dots(p *front, name string, list []result.Setting, look Look, shape Shape) {
	if len(list) == 0 {
		return
	}
	d := Shapes{Look: look, Shape: shape}
	for i := range list {
		at, value := p.setting(&list[i])
		d.At, d.Values = append(d.At, at), append(d.Values, value)
	}
	p.Shapes = append(p.Shapes, d)
	f.Legend = append(f.Legend, Entry{Name: name, Look: look, As: OfShape, Shape: shape})
}

// steps joins the settings of the front of which none has fewer addresses and a
// shorter p99.
func (p *front) steps(front []result.Setting) {
	line := Line{Look: Look{Color: Blue}, Steps: true}
	best := math.Inf(1)
	for i := range front { // fewest addresses first
		if s := float64(front[i].PodStartP99); s < best {
			at, value := p.setting(&front[i])
			line.At, line.Values, best = append(line.At, at), append(line.Values, value), s
		}
	}
	if len(line.At) > 1 {
		p.Lines = append(p.Lines, line)
	}
}
