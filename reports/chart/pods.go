package chart

import (
	"strings"

	"ipamsim/internal/words"
	"ipamsim/sim/result"
)

// trouble is a way for a pod to be of no use.
type trouble struct {
	name, about string
	Look
	of func(*result.PodSeries) []int
}

var troubles = []trouble{
	{"without a network", "had an address and lost packets", Look{Color: Vermillion}, func(s *result.PodSeries) []int { return s.WithoutNetwork }},
	{"waiting for an address", "waited for an address", Look{Color: Blue, Dashes: []float64{6, 2}}, func(s *result.PodSeries) []int { return s.WaitingForAddress }},
	{"not created", "waited for their controller", Look{Color: Green, Dashes: []float64{1, 3}}, func(s *result.PodSeries) []int { return s.NotCreated }},
	{"no room on a node", "found no room on a node", Look{Ink: true, Dashes: []float64{2, 2}}, func(s *result.PodSeries) []int { return s.Unschedulable }},
}

// troublesOf shows the pods that are of no use over time: they lose packets, wait
// for an address or for their controller, or have no room on a node.
func troublesOf(r *result.Result, v *result.Variant, s Sizes) Figure {
	f := figureOf("pods", r.Scenario.Name+", "+v.Name, "pods in trouble")
	at := v.Series.AtSeconds
	if len(at) < 2 {
		f.Note = noSamples
		return f
	}
	p := Panel{X: timeAxis(at[0], at[len(at)-1])}
	highest := 0.0
	var about []string
	for _, t := range troubles {
		counts := t.of(&v.Series.Pods)
		most := 0.0
		for i := range at {
			most = max(most, sample(counts, i))
		}
		about = append(about, words.Count(int(most))+" "+t.about)
		if most == 0 {
			continue
		}
		highest = max(highest, most)
		places := worst(len(at), s.Points, func(i int) float64 { return sample(counts, i) })
		l := Line{Look: t.Look, At: pick(at, places)}
		for _, i := range places {
			l.Values = append(l.Values, sample(counts, i))
		}
		p.Lines = append(p.Lines, l)
		f.Legend = append(f.Legend, Entry{Name: t.name, Look: t.Look, As: OfLine})
	}
	p.Y = wholeAxis("pods", highest)
	if highest == 0 {
		p.Note = "no pod lost packets, waited for an address or for its controller, or had no room"
	}
	var said []Entry
	p.Marks, said = marked(v, p.X)
	f.Legend = append(f.Legend, said...)
	f.Panels = []Panel{p}
	f.About = "Pods in trouble over time: at most " + strings.Join(about, ", ") + " at once."
	return f
}
