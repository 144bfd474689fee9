package html

import (
	"fmt"
	"html/template"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"ipamsim/reports/chart"
)

// patternOf is the name of a colour with a hatch.
func patternOf(l chart.Look) string {
	return fmt.Sprintf("h%d-%02x%02x%02x", l.Hatch, l.Color.R, l.Color.G, l.Color.B)
}

// hatches are the paths of the hatches, on a tile of 6.
var hatches = map[chart.Hatch]string{
	chart.Rising:  "M-1 1l2 -2M0 6l6 -6M5 7l2 -2",
	chart.Falling: "M-1 5l2 2M0 0l6 6M5 -1l2 2",
	chart.Upright: "M3 0v6",
	chart.Level:   "M0 3h6",
	chart.Dots:    "M1 1.5h1M4 4.5h1",
	chart.Crossed: "M0 6l6 -6M0 0l6 6",
}

var usedPattern = regexp.MustCompile(`url\(#h(\d)-([0-9a-f]{6})\)`)

// cross is a failed ADD on a timeline.
const cross = `<path id="cross" d="M-3 4l6 6m0 -6l-6 6" stroke="#000" stroke-width="1.6"/>`

// patterns are the definitions of those patterns that drawings use, once for the
// whole page, and the cross of timelines.
func patterns(drawings string) template.HTML {
	seen := map[string]bool{}
	for _, m := range usedPattern.FindAllStringSubmatch(drawings, -1) {
		seen[m[1]+m[2]] = true
	}
	var names []string
	for name := range seen { // any order: they are sorted
		names = append(names, name)
	}
	slices.Sort(names)
	var b strings.Builder
	b.WriteString(`<svg width="0" height="0" aria-hidden="true" focusable="false"><defs>`)
	for _, name := range names {
		hatch, _ := strconv.Atoi(name[:1])
		fmt.Fprintf(&b, `<pattern id="h%s-%s" width="6" height="6" patternUnits="userSpaceOnUse"><rect width="6" height="6" fill="#%s"/><path d="%s" stroke="#000" stroke-opacity=".45" stroke-width=".9"/></pattern>`,
			name[:1], name[1:], name[1:], hatches[chart.Hatch(hatch)])
	}
	b.WriteString(cross + "</defs></svg>")
	return template.HTML(b.String())
}
