package html

import (
	"html/template"

	"ipamsim/reports/chart"
)

// figure is a picture with its heading.
type figure struct {
	Title string
	Note  string // why there is none
	SVG   template.HTML
	Wide  bool // it is tall, and has the whole width
}

// figureOf draws a figure of a chart; what its title says of the scenario the page
// says already.
func figureOf(f chart.Figure, id string) figure {
	made := figure{Title: f.Heading}
	made.Note = f.Note
	if len(f.Panels) == 1 && f.Panels[0].Note != "" {
		made.Note = f.Panels[0].Note
	}
	if made.Note != "" {
		return made
	}
	made.SVG = svgOf(&f, id)
	return made
}
