package reports

import (
	"strings"
	"testing"
)

// What a file says does not command the terminal, with colours or without: the
// only escapes are those of the printer's styles.
func TestTextOfFilesIsPrintedWithoutEscapes(t *testing.T) {
	const evil = "Bad\x1b[31mCode\x1b]0;title\a\u202e\x1b[2J\x1b[7m"
	r := burst()
	r.Scenario.Name = evil
	for i := range r.Variants {
		v := &r.Variants[i]
		v.Name, v.Description = v.Name+evil, evil
		for _, a := range v.API {
			a.Errors = map[string]int{evil: 3}
		}
		for j := range v.Findings {
			v.Findings[j].Summary, v.Findings[j].Evidence = evil, []string{evil}
		}
		for j := range v.Subnets {
			v.Subnets[j].Name = evil
		}
		v.CNIVersions = map[string]string{evil: "v1.23.2"}
	}
	for _, opts := range []TableOptions{{}, {Color: true}, {Wide: true, Color: true}} {
		text := table(t, r, opts)
		for _, own := range []string{"\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[32m", "\x1b[1;31m", "\x1b[33m"} {
			if opts.Color {
				text = strings.ReplaceAll(text, own, "")
			}
		}
		if i := strings.IndexAny(text, "\x1b\a\u202e"); i >= 0 {
			t.Errorf("%+v: %q", opts, text[max(0, i-30):min(len(text), i+30)])
		}
		if !strings.Contains(text, `\x1b]0;title\x07`) {
			t.Errorf("%+v: the text is not there, spelt out", opts)
		}
	}
}
