package reports

import (
	"bytes"
	"fmt"
	"io"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// svgCanvas is an SVG that knows how wide each of its texts was drawn, in their
// order.
type svgCanvas struct {
	*vgsvg.Canvas
	widths []font.Length
}

// FillString draws a text.
func (c *svgCanvas) FillString(face font.Face, at vg.Point, text string) {
	c.widths = append(c.widths, face.Width(text))
	c.Canvas.FillString(face, at, text)
}

// svgOf writes a drawing of a size as SVG.
func svgOf(w io.Writer, width, height vg.Length, title, about string, to func(draw.Canvas)) error {
	canvas := &svgCanvas{Canvas: vgsvg.New(width, height)}
	to(draw.New(canvas))
	var text bytes.Buffer
	if _, err := canvas.WriteTo(&text); err != nil {
		return err
	}
	_, err := w.Write(described(canvas.fitted(text.Bytes()), title, about))
	return err
}

// fitted makes each text as wide as it was drawn, also for a reader without the
// font: places were found by its widths, and a wider font runs over the edge. The
// fonts that are named beside it have the same ones.
func (c *svgCanvas) fitted(svg []byte) []byte {
	svg = bytes.ReplaceAll(svg, []byte("font-family:Liberation Sans;"), []byte("font-family:'Liberation Sans',Arial,Helvetica,sans-serif;"))
	parts := bytes.Split(svg, []byte("<text "))
	if len(parts)-1 != len(c.widths) {
		panic(fmt.Sprintf("reports: %d texts were drawn, and %d written", len(c.widths), len(parts)-1))
	}
	b := bytes.NewBuffer(parts[0])
	for i, part := range parts[1:] {
		b.WriteString("<text ")
		if c.widths[i] > 0 {
			fmt.Fprintf(b, `textLength="%.5g" lengthAdjust="spacingAndGlyphs" `, c.widths[i].Points())
		}
		b.Write(part)
	}
	return b.Bytes()
}
