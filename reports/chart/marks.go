package chart

import (
	"ipamsim/sim/result"
)

// lettersMost is how many kinds of faults have a letter; a legend has no room for
// more, and the rest share the last one.
const lettersMost = 13

// linesMost is of how many faults lines cross a panel: of more they would hide what
// it shows, and reach a little way from the upper edge.
const (
	linesMost  = 16
	shortReach = 0.14
)

// LineReach is how far down the lines of faults go, as a part of the panel's height.
func LineReach(marks []Mark) float64 {
	faults := 0
	for i := range marks {
		if marks[i].Kind == Fault {
			faults++
		}
	}
	if faults > linesMost {
		return shortReach
	}
	return 1
}

// marked are a variant's marks with their lines of the legend: faults by letter,
// the scaling of nodes by triangles, those that a drawing could not tell apart
// once.
func marked(v *result.Variant, x Axis) (marks []Mark, legend []Entry) {
	letters := map[string]string{}
	var last [ScaleIn + 1]float64
	var seen [ScaleIn + 1]bool
	for _, m := range v.Marks {
		if m.AtSeconds > x.Max || m.EndSeconds != nil && *m.EndSeconds < x.Min {
			continue
		}
		kind, known := map[string]MarkKind{"scale_out": ScaleOut, "scale_in": ScaleIn}[m.Kind]
		if !known {
			letter, had := letters[m.Text]
			if !had {
				letter, legend = letterOf(len(letters), m.Text, legend)
				letters[m.Text] = letter
			}
			to := m.AtSeconds
			if m.EndSeconds != nil {
				to = min(*m.EndSeconds, x.Max)
			}
			marks = append(marks, Mark{Kind: Fault, From: max(m.AtSeconds, x.Min), To: to, Letter: letter})
			continue
		}
		if seen[kind] && m.AtSeconds-last[kind] < (x.Max-x.Min)/markSteps {
			continue
		}
		seen[kind], last[kind] = true, m.AtSeconds
		marks = append(marks, Mark{Kind: kind, From: m.AtSeconds, To: m.AtSeconds})
	}
	if seen[ScaleOut] {
		legend = append(legend, Entry{Name: "nodes launched", As: OfScaleOut})
	}
	if seen[ScaleIn] {
		legend = append(legend, Entry{Name: "nodes ended", As: OfScaleIn})
	}
	return marks, legend
}

// markSteps is how many triangles an axis of time has room for.
const markSteps = 80

// letterOf is the letter of the i-th kind of faults.
func letterOf(i int, text string, legend []Entry) (string, []Entry) {
	switch {
	case i < lettersMost-1:
		letter := string(rune('A' + i))
		return letter, append(legend, Entry{Name: text, Look: Look{Letter: letter}, As: OfFault})
	case i == lettersMost-1:
		return "…", append(legend, Entry{Name: "further faults", Look: Look{Letter: "…"}, As: OfFault})
	}
	return "…", legend
}
