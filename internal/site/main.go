// Site makes the pages of the documentation into a folder of HTML that any web
// server, or none, can show. It needs no scripts and loads nothing from
// elsewhere. A link to a file or to a heading that is not there is an error.
//
//	go run ./internal/site -out site
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	out := flag.String("out", "site", "the folder to write into; it must not be there, or be empty")
	flag.Parse()
	if flag.NArg() > 0 {
		fail(fmt.Errorf("unexpected argument %q", flag.Arg(0)))
	}
	if left, err := os.ReadDir(*out); err == nil && len(left) > 0 {
		fail(fmt.Errorf("%s is not empty", *out))
	}
	s, err := read(".")
	if err != nil {
		fail(err)
	}
	if err := s.write(*out); err != nil {
		fail(err)
	}
	fmt.Fprintf(os.Stderr, "site: %d pages in %s\n", len(s.pages), *out)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "site:", err)
	os.Exit(1)
}
