package input

import (
	"bytes"
	"unicode/utf8"
)

// place is the line and the column of a byte of a text, both from 1. A column
// counts characters.
func place(text []byte, offset int) (line, column int) {
	before := text[:max(0, min(offset, len(text)))]
	start := bytes.LastIndexByte(before, '\n') + 1
	return bytes.Count(before, []byte{'\n'}) + 1, utf8.RuneCount(before[start:]) + 1
}
