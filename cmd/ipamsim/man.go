//go:build man

package main

import (
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

func init() { tagged = append(tagged, (*app).manCommand) }

// manCommand writes the manual pages of a release. It is in builds with the
// tag man alone: what turns Markdown into roff is no part of the program.
func (a *app) manCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "man DIR",
		Short:  "Write the manual pages into a folder",
		Hidden: true,
		Args:   wantArgs(1, 1, "the folder"),
		RunE: action(func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return err
			}
			date := a.version.date()
			header := &doc.GenManHeader{Title: "IPAMSIM", Section: "1", Source: "ipamsim " + a.version.Version, Manual: "ipamsim", Date: &date}
			cmd.Root().DisableAutoGenTag = true // it names the day of the build
			return doc.GenManTree(cmd.Root(), header, args[0])
		}),
	}
}

// date is that of the commit, so that a page is the same whenever it is made.
func (b build) date() time.Time {
	at, err := time.Parse(time.RFC3339, b.Time)
	if err != nil {
		return time.Unix(0, 0).UTC()
	}
	return at.UTC()
}
