package words

import (
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	_ "ipamsim/internal/properties"
)

func TestPrintableTextHasNoCommandForATerminal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text") + rapid.SampledFrom([]string{"", "\x1b[31m", "\x1b]0;x\a", "\u202e", "\u2028", "\u0085", "\r", "\x00"}).Draw(t, "command")
		got := Printable(text)
		for _, r := range got {
			if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)) {
				t.Fatalf("%q of %q has %q", got, text, r)
			}
		}
		if Printable(got) != got {
			t.Fatalf("%q is not a fixed point", got)
		}
	})
	for _, plain := range []string{"", "web-0", "naïve — 200 %\n\tnext", "→ ✓ 三"} {
		if Printable(plain) != plain {
			t.Errorf("%q became %q", plain, Printable(plain))
		}
	}
	if got := Printable("a\x1b[31mb\u202e"); got != `a\x1b[31mb\u202e` || strings.ContainsRune(got, 0x1b) {
		t.Errorf("%q", got)
	}
}
