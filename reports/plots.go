package reports

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"image/color"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"ipamsim/reports/chart"
	"ipamsim/sim/result"
)

// Plots draws the result into a folder, which it creates unless it is there:
// each picture as SVG for documents and as PNG for everything else, all of them
// or none.
//
//	pod-start            how long pods took to start, all variants
//	addresses-VARIANT    who held the addresses of each subnet over time
//	failed-adds-VARIANT  CNI ADDs that failed over time, by cause
//	pods-VARIANT         pods that lost packets, waited for an address, or had no room, over time
//	api-VARIANT          API requests and throttles over time
//	throttles-VARIANT    throttled requests over time, by action
//	map-VARIANT          who has each address of each subnet at the end
//	maps-VARIANT         who has the addresses of each subnet, at some moments
//
// All but the first show the first replication.
func Plots(ctx context.Context, dir string, r *result.Result) error {
	sizes := chart.Sizes{Points: pointsShown, Panels: mapsSubnets}
	starts := chart.PodStart(r, sizes)
	files := twice("pod-start", chartPicture{&starts})
	names := fileNames(r.Variants)
	scale := chart.ScaleOf(r)
	for i := range r.Variants {
		v := &r.Variants[i]
		for _, f := range chart.OverTime(r, v, scale, sizes) {
			files = append(files, twice(f.Name+"-"+names[i], chartPicture{&f})...)
		}
		files = append(files, twice("maps-"+names[i], keptMaps(r, v))...)
		if len(v.Maps.End) > 0 { // an older result has none
			files = append(files, twice("map-"+names[i], endMap(r, v))...)
		}
	}
	return WriteFiles(ctx, dir, files)
}

// pointsShown bounds the samples of a picture: a pixel shows no more.
const pointsShown = 600

// drawn is a picture that can be written.
type drawn interface {
	svg(io.Writer) error
	png(io.Writer) error
}

// twice is a picture as SVG and as PNG.
func twice(name string, p drawn) []NamedFile {
	return []NamedFile{{name + ".svg", p.svg}, {name + ".png", p.png}}
}

// ofVariants are what names of the pictures of one variant begin with.
var ofVariants = []string{"addresses-", "failed-adds-", "pods-", "api-", "throttles-", "map-", "maps-"}

// IsPicture says whether a file in a folder of pictures has the name of one.
func IsPicture(name string) bool {
	base, isSVG := strings.CutSuffix(name, ".svg")
	base, isPNG := strings.CutSuffix(base, ".png")
	return isSVG != isPNG && (base == "pod-start" || base == "tune-front" || base == "map" || strings.HasPrefix(base, "sweep-") ||
		slices.ContainsFunc(ofVariants, func(first string) bool { return strings.HasPrefix(base, first) }))
}

// OtherPictures are files of a folder that are named like pictures and that
// this result does not make: those of another scenario, say, that used the
// folder before.
func OtherPictures(dir string, r *result.Result) ([]string, error) {
	own := map[string]bool{"pod-start": true}
	for _, name := range fileNames(r.Variants) {
		for _, first := range ofVariants {
			own[first+name] = true
		}
	}
	entries, err := os.ReadDir(dir)
	var others []string
	for _, e := range entries {
		if name := e.Name(); IsPicture(name) && !own[strings.TrimSuffix(name, filepath.Ext(name))] {
			others = append(others, name)
		}
	}
	return others, err
}

// fileNames are the variants' names as parts of file names, each once.
func fileNames(variants []result.Variant) []string {
	seen := map[string]bool{}
	names := make([]string, len(variants))
	for i, v := range variants {
		base := strings.Map(func(c rune) rune {
			if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-_.", c) {
				return c
			}
			return '-'
		}, v.Name)
		name := base
		for n := 2; seen[name]; n++ {
			name = fmt.Sprintf("%s-%d", base, n)
		}
		seen[name], names[i] = true, name
	}
	return names
}

// picture is a plot with its legend beside the data, where it hides none.
type picture struct {
	*plot.Plot
	legend plot.Legend
	about  string // in words, for who cannot see it
}

// Size of a picture and the space around what is in it.
const (
	pictureWidth  = 9 * vg.Inch
	pictureHeight = 4.5 * vg.Inch
	margin        = 0.12 * vg.Inch
	pngDotsInch   = 144
)

// Colours of the charts, and greys.
var (
	blue       = chart.Blue
	vermillion = chart.Vermillion
	green      = chart.Green
	purple     = chart.Purple
	orange     = chart.Orange
	skyBlue    = chart.SkyBlue
	grey       = chart.Grey
	white      = color.NRGBA{0xFF, 0xFF, 0xFF, 0xFF}
	brokenGrey = color.NRGBA{0xB8, 0xC8, 0xD0, 0xFF}
	paleGrey   = color.NRGBA{0xEE, 0xEE, 0xEE, 0xFF}
	gridGrey   = color.NRGBA{0xDD, 0xDD, 0xDD, 0xFF}
	black      = color.NRGBA{0x22, 0x22, 0x22, 0xFF}
)

func newPicture(title, x, y string) *picture {
	p := &picture{Plot: plot.New(), legend: plot.NewLegend()}
	sans := func(size font.Length) font.Font {
		return font.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
	}
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, x, y
	p.Title.TextStyle.Font = sans(13)
	p.Title.Padding = 0.12 * vg.Inch
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Label.TextStyle.Font = sans(11)
		axis.Label.Padding = 0.05 * vg.Inch
		axis.Tick.Label.Font = sans(10)
		axis.Padding = 0 // data start at the axis
		for _, c := range []*color.Color{&axis.Color, &axis.Tick.Color, &axis.Tick.Label.Color, &axis.Label.TextStyle.Color} {
			*c = black
		}
	}
	p.Title.TextStyle.Color = black
	p.legend.TextStyle.Font = sans(10)
	p.legend.TextStyle.Color = black
	p.legend.Top, p.legend.Left = true, true
	p.legend.Padding = 0.05 * vg.Inch
	p.legend.ThumbnailWidth = 0.3 * vg.Inch
	p.BackgroundColor = color.White
	return p
}

// draw puts the plot on the left of the canvas and the legend on its right.
func (p *picture) draw(c draw.Canvas) {
	c.SetColor(color.White)
	c.Fill(c.Rectangle.Path())
	c = draw.Crop(c, margin, -margin, margin, -margin)
	size := p.legend.Rectangle(c).Size()
	if size.X > 0 {
		size.X += margin
	}
	p.Draw(draw.Crop(c, 0, -size.X, 0, 0))
	title := p.Title.TextStyle.FontExtents().Height + p.Title.Padding // the legend begins beside the data
	p.legend.Draw(draw.Crop(c, c.Size().X-size.X+margin, 0, 0, -title))
}

func (p *picture) svg(w io.Writer) error {
	return svgOf(w, pictureWidth, pictureHeight, p.Title.Text, p.about, p.draw)
}

// described gives a drawing its title and says what is in it, if anybody has said so.
func described(svg []byte, title, about string) []byte {
	at := bytes.Index(svg, []byte("<svg"))
	if about == "" || at < 0 {
		return svg
	}
	at += bytes.IndexByte(svg[at:], '>') + 1
	var b bytes.Buffer
	b.Write(svg[:at])
	b.WriteString("\n<title>")
	xml.EscapeText(&b, []byte(title))
	b.WriteString("</title>\n<desc>")
	xml.EscapeText(&b, []byte(about))
	b.WriteString("</desc>")
	b.Write(svg[at:])
	return b.Bytes()
}

func (p *picture) png(w io.Writer) error { return pngOf(w, pictureWidth, pictureHeight, p.draw) }

// pngOf writes a drawing of a size as PNG.
func pngOf(w io.Writer, width, height vg.Length, to func(draw.Canvas)) error {
	canvas := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(pngDotsInch))
	to(draw.New(canvas))
	_, err := vgimg.PngCanvas{Canvas: canvas}.WriteTo(w)
	return err
}

// Charts draws figures into a folder, each as SVG and as PNG under its name.
func Charts(ctx context.Context, dir string, figures []chart.Figure) error {
	var files []NamedFile
	for i := range figures {
		files = append(files, twice(figures[i].Name, chartPicture{&figures[i]})...)
	}
	return WriteFiles(ctx, dir, files)
}
