package reports

import (
	"bytes"
	"encoding/xml"
	"strconv"
	"strings"
	"testing"
)

// A reader's machine may have none of the fonts that are named: each text says how
// wide it is, and none that lies flat ends beyond the edge.
func TestTextsOfPicturesStayInsideWhateverTheFont(t *testing.T) {
	for name, text := range burstPictures(t) {
		if !strings.HasSuffix(name, ".svg") {
			continue
		}
		texts := 0
		var wide float64 // of the picture
		turned := 0      // groups around that turn
		var open []bool  // whether each element around turns
		d := xml.NewDecoder(bytes.NewReader(text))
		for {
			token, err := d.Token()
			if err != nil {
				break
			}
			switch e := token.(type) {
			case xml.StartElement:
				at := attributes(e)
				turns := strings.Contains(at["transform"], "rotate")
				if open = append(open, turns); turns {
					turned++
				}
				switch e.Name.Local {
				case "svg":
					wide = units(t, strings.TrimSuffix(at["width"], "pt"))
				case "text":
					texts++
					if end := units(t, at["x"]) + units(t, at["textLength"]); turned == 0 && end > wide {
						t.Errorf("%s: a text ends at %.1f of %.1f", name, end, wide)
					}
				}
			case xml.EndElement:
				if open[len(open)-1] {
					turned--
				}
				open = open[:len(open)-1]
			}
		}
		if texts == 0 || wide == 0 {
			t.Errorf("%s: %d texts in a picture %.0f wide", name, texts, wide)
		}
	}
}

func attributes(e xml.StartElement) map[string]string {
	at := map[string]string{}
	for _, a := range e.Attr {
		at[a.Name.Local] = a.Value
	}
	return at
}

func units(t *testing.T, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
