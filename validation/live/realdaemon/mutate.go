package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"

	"ipamsim/validation"
	"ipamsim/validation/live"
)

// mutate says which scenarios catch which mutation.
func mutate(ctx context.Context, o *options, daemon *live.Daemon, list []*validation.Scenario) (escaped int, err error) {
	var text bytes.Buffer
	fmt.Fprintf(&text, "| change | scenarios of %d that show it | among them |\n|---|---:|---|\n", len(list))
	n := 0
	err = daemon.Mutate(ctx, ".", list, o.effort, o.workers, func(c live.Caught) error {
		n++
		if len(c.By) == 0 {
			escaped++
		}
		line := fmt.Sprintf("| %s | %d | %s |\n", c.What, len(c.By), strings.Join(c.By[:min(2, len(c.By))], ", "))
		text.WriteString(line)
		_, err := fmt.Print(line)
		return err
	})
	if err != nil {
		return escaped, err
	}
	fmt.Printf("%d mutations, %d escape\n", n, escaped)
	if o.page == "" {
		return escaped, nil
	}
	command := fmt.Sprintf("    cd validation/live && go run ./realdaemon %s\n\n", strings.Join(os.Args[1:], " "))
	return escaped, live.WritePart(o.page, "mutations", append([]byte(command), text.Bytes()...))
}
