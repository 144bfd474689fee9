package words

import (
	"fmt"
	"strings"
	"unicode"
)

// Printable is text from a file as a terminal may have it: what would move the
// cursor, colour or hide something, or turn the direction of writing is spelt
// out, \x1b for example. Line breaks and tabs stay.
func Printable(text string) string {
	if strings.IndexFunc(text, commands) < 0 {
		return text // next to always
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case !commands(r):
			b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// commands says whether a terminal may take a character for one: control
// characters, U+2028 and U+2029, and those that format (zero width, direction).
func commands(r rune) bool {
	return r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp))
}
