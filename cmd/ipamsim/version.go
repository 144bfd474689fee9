package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"ipamsim/sim/result"
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
			v := a.version
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
	Time     string `json:"commit_time,omitempty"`
	Modified bool   `json:"modified,omitempty"` // the work tree was not the commit
	Go       string `json:"go"`
	Platform string `json:"platform"`
	Result   string `json:"result_schema"` // of -o json
}

func programVersion() build {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = new(debug.BuildInfo)
	}
	return describeBuild(info)
}

// shortCommit is how many digits name a commit.
const shortCommit = 12

// describeBuild calls the version by the module's, or else by the commit with
// a + when the work tree was not the commit, or else devel.
func describeBuild(info *debug.BuildInfo) build {
	b := build{Version: "devel", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, Result: result.SchemaVersion}
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
	short := b.Commit[:min(shortCommit, len(b.Commit))]
	switch v := info.Main.Version; {
	case v != "" && v != "(devel)":
		b.Version = v
	case short != "" && b.Modified:
		b.Version = short + "+"
	case short != "":
		b.Version = short
	}
	return b
}

// String is the version on one line.
func (b build) String() string {
	s := b.Version
	if b.Commit != "" && !strings.HasPrefix(s, b.Commit[:min(shortCommit, len(b.Commit))]) {
		s += " (commit " + b.Commit[:min(shortCommit, len(b.Commit))]
		if b.Modified {
			s += ", modified"
		}
		s += ")"
	}
	return s + " " + b.Go + " " + b.Platform
}
