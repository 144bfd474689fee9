package main

import (
	"io"
	"os"

	"golang.org/x/term"
)

// terminal is the file behind a stream if it is a terminal that can move its
// cursor.
func terminal(stream any) (*os.File, bool) {
	file, ok := stream.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" || !term.IsTerminal(int(file.Fd())) {
		return nil, false
	}
	return file, true
}

// wantsColor says whether a stream may have colours; see no-color.org and
// force-color.org. Who wants none is heard first.
func wantsColor(w io.Writer) bool {
	if force := os.Getenv("FORCE_COLOR"); force != "" && force != "0" {
		return os.Getenv("NO_COLOR") == ""
	}
	_, ok := terminal(w)
	return ok && os.Getenv("NO_COLOR") == ""
}

// Text on a terminal is wrapped at its width, within reason.
const (
	minTextWidth = 80
	maxTextWidth = 140
)

// textWidth is the number of columns for text on a stream, 0 if it has no
// opinion.
func textWidth(w io.Writer) int {
	file, ok := terminal(w)
	if !ok {
		return 0
	}
	columns, _, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return 0
	}
	return min(maxTextWidth, max(minTextWidth, columns))
}
