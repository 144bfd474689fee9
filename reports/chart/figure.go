// Package chart says what pictures of a result show, with its axes, its layers
// and its marks, for whoever draws it: as SVG and PNG in a folder, or as SVG in a
// page. What is drawn is thinned here, so that all drawings show the same.
package chart

import (
	"image/color"
	"strings"

	"ipamsim/sim/result"
)

// Figure is a picture: panels one below the other, with one legend.
type Figure struct {
	Name    string // as a part of a file's name
	Title   string
	Heading string // the title without what it is of
	About   string // in words, for who cannot see it
	Note    string // why there is nothing to see; then there are no panels
	Panels  []Panel
	Legend  []Entry
}

// figureOf is a figure without anything in it yet.
func figureOf(name, of, heading string) Figure {
	return Figure{Name: name, Title: of + ": " + heading, Heading: strings.ToUpper(heading[:1]) + heading[1:]}
}

// Panel is one pair of axes with what is drawn between them.
type Panel struct {
	Title  string // where there are several
	Note   string // why there is nothing between the axes
	X, Y   Axis
	Areas  []Area   // drawn in this order, one over the other
	Lines  []Line   // over the areas
	Shapes []Shapes // over the lines
	Marks  []Mark   // over all
}

// Axis is a scale with its ticks.
type Axis struct {
	Label    string
	Min, Max float64
	Log      bool
	Ticks    []Tick
}

// Tick is a mark of an axis; not every one has a label.
type Tick struct {
	Value float64
	Label string
}

// Area is what is between two curves over the same places.
type Area struct {
	Look
	At, Low, High []float64
}

// Line is a curve, drawn in steps from place to place if it says so.
type Line struct {
	Look
	At, Values []float64
	Steps      bool
}

// Shapes are single values, drawn alike.
type Shapes struct {
	Look
	Shape      Shape
	At, Values []float64
}

// Shape is what stands where a value is.
type Shape int

// The shapes, the small ones first.
const (
	Cross Shape = iota
	Ring
	Disc
	Square
	Triangle
)

// Mark is something that happened, on the axis of time: a fault from its letter
// on, or a moment at which nodes were launched or had ended.
type Mark struct {
	Kind     MarkKind
	From, To float64 // the same of a moment
	Letter   string  // of a fault
}

// MarkKind says what has happened.
type MarkKind int

// The kinds.
const (
	Fault MarkKind = iota
	ScaleOut
	ScaleIn
)

// Entry is a line of a legend: how an area, a line or a mark looks, or neither
// where there is only something to say.
type Entry struct {
	Name string
	Look
	As    Sample
	Shape Shape // of single values
}

// Sample is what stands before a legend's line.
type Sample int

// The samples.
const (
	OfArea Sample = iota
	OfLine
	OfFault // its letter is the look's
	OfScaleOut
	OfScaleIn
	OfShape // the entry's
	OfNothing
)

// Look is how something is drawn. Colours never carry meaning alone: areas differ
// by hatches, lines by dashes.
type Look struct {
	Color  color.NRGBA
	Ground bool      // a pale tint of whatever is written in, not the colour; with a hatch a deeper one, without lines
	Ink    bool      // the colour of whatever is written in
	Hatch  Hatch     // of areas
	Dashes []float64 // of lines, in points
	Letter string    // of faults
}

// Hatch is what is drawn over an area's colour.
type Hatch int

// The hatches.
const (
	Plain Hatch = iota
	Rising
	Falling
	Upright
	Level
	Dots
	Crossed
)

// Colours that the colour-blind can tell apart (Okabe and Ito, "Color
// Universal Design", 2008), and greys.
var (
	Blue       = color.NRGBA{0x00, 0x72, 0xB2, 0xFF}
	Vermillion = color.NRGBA{0xD5, 0x5E, 0x00, 0xFF}
	Green      = color.NRGBA{0x00, 0x9E, 0x73, 0xFF}
	Purple     = color.NRGBA{0xCC, 0x79, 0xA7, 0xFF}
	Orange     = color.NRGBA{0xE6, 0x9F, 0x00, 0xFF}
	SkyBlue    = color.NRGBA{0x56, 0xB4, 0xE9, 0xFF}
	Grey       = color.NRGBA{0x99, 0x99, 0x99, 0xFF}
)

// lines tell curves apart, by colour and by dashes.
var lines = [LineLooks]Look{
	{Color: Blue},
	{Color: Vermillion, Dashes: []float64{6, 2}},
	{Color: Green, Dashes: []float64{2, 2}},
	{Color: Purple, Dashes: []float64{8, 2, 2, 2}},
	{Color: Orange, Dashes: []float64{4, 4}},
	{Color: SkyBlue, Dashes: []float64{10, 3}},
	{Ink: true, Dashes: []float64{1, 3}},
}

// LineLooks is how many there are.
const LineLooks = 7

// LineOf is the look of the i-th of several lines.
func LineOf(i int) Look { return lines[i%len(lines)] }

// areas tell layers apart, by colour and by hatch.
var areas = []Look{
	{Color: Blue},
	{Color: Orange, Hatch: Rising},
	{Color: Green, Hatch: Upright},
	{Color: Vermillion, Hatch: Falling},
	{Color: SkyBlue, Hatch: Dots},
	{Color: Purple, Hatch: Level},
	{Color: Grey, Hatch: Crossed},
}

// areaOf is the look of the i-th of several layers.
func areaOf(i int) Look { return areas[i%len(areas)] }

// OverTime are the figures of a variant's first replication over time.
func OverTime(r *result.Result, v *result.Variant, scale Scale, s Sizes) []Figure {
	return []Figure{addresses(r, v, scale, s), failedAdds(r, v, s), troublesOf(r, v, s), requests(r, v, s), throttles(r, v, s)}
}
