package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"ipamsim/sim"
)

func (a *app) versionCommand() *cobra.Command {
	output := choiceFlag{value: "text", choices: []string{"text", "json"}}
	cmd := &cobra.Command{
		Use:               "version",
		Short:             "Print the version",
		Example:           "  ipamsim version\n  ipamsim version -o json",
		Args:              wantArgs(0, 0, ""),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: action(func(*cobra.Command, []string) error {
			v := programVersion()
			if output.value == "json" {
				return writeJSON(a.stdout, v)
			}
			_, err := fmt.Fprintln(a.stdout, "ipamsim", v)
			return err
		}),
	}
	output.add(cmd)
	return cmd
}

// build describes the program, from what the Go tool wrote into it.
type build struct {
	Version  string `json:"version"`
	Commit   string `json:"commit,omitempty"`
	Time     string `json:"commitTime,omitempty"`
	Modified bool   `json:"modified,omitempty"` // the work tree was not the commit
	Go       string `json:"go"`
	Platform string `json:"platform"`
	Result   string `json:"resultSchema"` // of -o json
}

func programVersion() build {
	b := build{Version: "devel", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, Result: sim.SchemaVersion}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		b.Version = v
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.time":
			b.Time = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

// String is the version on one line.
func (b build) String() string {
	s := b.Version
	if b.Commit != "" {
		s += " (commit " + b.Commit[:min(12, len(b.Commit))]
		if b.Modified {
			s += ", modified"
		}
		s += ")"
	}
	return s + " " + b.Go + " " + b.Platform
}
