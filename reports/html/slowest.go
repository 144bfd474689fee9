package html

import (
	"cmp"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/reports/chart"
	"ipamsim/sim/result"
)

// slowest are the timelines of a variant's slowest pods.
type slowest struct {
	Caption string
	Legend  template.HTML
	Pods    []slowPod
}

// slowPod is one of them.
type slowPod struct {
	Name, Workload, Node string
	Created, Took        string
	Never                bool
	Parts                string // where the time went, in words
	Failed               string // failed ADDs, by cause
	SVG                  template.HTML
}

var stageLooks = []chart.Entry{
	{Name: "waiting for a node", Look: chart.Look{Color: chart.Grey, Hatch: chart.Crossed}},
	{Name: "scheduling", Look: chart.Look{Color: chart.Purple, Hatch: chart.Level}},
	{Name: "on its node, not running", Look: chart.Look{Color: chart.Blue}},
	{Name: "a CNI ADD failed", Look: chart.Look{Letter: "×"}, As: chart.OfFault},
}

// slowestOf are a variant's; nil without any.
func slowestOf(v *result.Variant, end float64) *slowest {
	if len(v.Slowest) == 0 {
		return nil
	}
	s := &slowest{Caption: "The slowest pods of " + v.Name, Legend: legendSVG(stageLooks)}
	longest := 0.
	for i := range v.Slowest {
		longest = max(longest, until(&v.Slowest[i], end)-v.Slowest[i].CreatedSeconds)
	}
	for i := range v.Slowest {
		s.Pods = append(s.Pods, slowPodOf(&v.Slowest[i], end, max(longest, 1e-9)))
	}
	return s
}

// until is when a pod ran, or the end of the run.
func until(p *result.SlowPod, end float64) float64 {
	if p.RunningSeconds != nil {
		return *p.RunningSeconds
	}
	return max(end, p.CreatedSeconds)
}

func slowPodOf(p *result.SlowPod, end, longest float64) slowPod {
	took := until(p, end) - p.CreatedSeconds
	made := slowPod{Name: p.Name, Workload: p.Workload, Node: cmp.Or(p.Node, "never bound"), Created: seconds(p.CreatedSeconds), Took: seconds(took), Never: p.RunningSeconds == nil}
	if made.Never {
		made.Took = "never, " + made.Took
	}
	var parts []string
	for _, phase := range chart.Phases {
		if s := phase.Of(p.Phases); s >= 0.005 {
			parts = append(parts, phase.Name+" "+seconds(s))
		}
	}
	made.Parts = strings.Join(parts, ", ")
	made.Failed = failures(p)
	made.SVG = timeline(p, until(p, end), longest)
	return made
}

func seconds(s float64) string { return fmt.Sprintf("%.2f s", s) }

// failures are a pod's failed ADDs by cause.
func failures(p *result.SlowPod) string {
	if p.Failed == 0 {
		return "none"
	}
	causes := map[string]int{}
	for _, f := range p.FailedAdds {
		causes[f.Cause.About().Label]++
	}
	var list []string
	for _, name := range slices.Sorted(maps.Keys(causes)) {
		if causes[name] < p.Failed {
			name = words.Count(causes[name]) + " " + name
		}
		list = append(list, name)
	}
	text := words.Count(p.Failed) + ": " + strings.Join(list, ", ")
	if len(p.FailedAdds) < p.Failed {
		text += ", …"
	}
	return text
}

// timelineWidth is that of the longest one.
const timelineWidth = 260

// timeline draws a pod's way; what it says stands in the cells beside it.
func timeline(p *result.SlowPod, end, longest float64) template.HTML {
	d := &drawing{}
	place := func(at float64) float64 {
		return timelineWidth * min(1, max(0, at-p.CreatedSeconds)/longest)
	}
	d.f(`<svg xmlns="http://www.w3.org/2000/svg" aria-hidden="true" focusable="false" viewBox="0 -1 %d 16" width="%d" height="16" fill="currentColor">`, timelineWidth+4, timelineWidth+4)
	from := p.CreatedSeconds
	for i, to := range []*float64{p.SchedulableSeconds, p.BoundSeconds, p.RunningSeconds} {
		at := end
		if to != nil {
			at = *to
		}
		if x, wide := place(from), place(at)-place(from); wide > 0 {
			d.f(`<rect x="%s" y="1" width="%s" height="12" %s/>`, number(x), number(wide), fill(stageLooks[i].Look))
		}
		if from = at; to == nil {
			break
		}
	}
	for _, f := range p.FailedAdds {
		d.f(`<use href="#cross" x="%s"/>`, number(place(f.AtSeconds)))
	}
	d.f("</svg>")
	return template.HTML(d.String())
}
