package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ipamsim/internal/words"
	"ipamsim/reports/incidents"
	"ipamsim/scenarios"
	"ipamsim/sim/fleet"
	"ipamsim/sim/incident"
)

// validateFlags of the validate command.
type validateFlags struct {
	output  choiceFlag
	workers int
	quiet   bool
	strict  bool
}

func (a *app) validateCommand() *cobra.Command {
	flags := validateFlags{output: choiceFlag{value: "text", choices: []string{"text", "json", "markdown"}}}
	cmd := &cobra.Command{
		Use:   "validate [NAME|FILE...]",
		Short: "Hold published incidents beside what their scenarios come to",
		Long: `Run the scenarios that are made after published incidents, all of them or those that
are named, and show each number that was reported beside the simulated one, and whether
that is inside the range that counts as reproduced. A FILE is a scenario of one's own
with an incident in it: see ipamsim reference Incident.

Ranges and assumptions stand in the scenarios and were written before they were run. A
number that is known not to come out is recorded so in its file (outside), with what is
known of the cause.

The exit code is 0 when every number comes out as its file has it recorded, or better;
99 when one that is recorded as inside is outside, and with --strict when any is.`,
		Example: `  ipamsim validate
  ipamsim validate neon-s1 neon-s2
  ipamsim validate -o json | jq '.cases[] | select(.inside | not) | {name, metric, reported, simulated}'
  ipamsim validate -o markdown > INCIDENTS.md
  ipamsim validate mine.yaml --strict`,
		ValidArgsFunction: completeIncidents,
		RunE: action(func(cmd *cobra.Command, args []string) error {
			return a.validate(cmd.Context(), args, &flags)
		}),
	}
	flags.output.add(cmd)
	f := cmd.Flags()
	addWorkers(cmd, &flags.workers, "runs")
	f.BoolVar(&flags.strict, "strict", false, "fail when any number is outside, those that are recorded as outside too")
	addQuiet(cmd, &flags.quiet, "no progress and no warnings")
	return cmd
}

// validate is the command: read, run, write.
func (a *app) validate(ctx context.Context, names []string, flags *validateFlags) error {
	files, err := openIncidents(names)
	if err != nil {
		return err
	}
	if !flags.quiet {
		a.warnOf(files)
	}
	a.running = strings.Join(append([]string{"validate"}, names...), " ")
	var r *incident.Report
	err = a.interruptible(ctx, flags.quiet, false, func(ctx context.Context, report func(fleet.Progress)) (err error) {
		r, err = incident.Validate(ctx, files, incident.Options{Version: a.version.Version, Workers: flags.workers, Progress: report})
		return err
	})
	if err != nil {
		return err
	}
	if err := writeValidation(a.stdout, r, flags.output.value); err != nil {
		return err
	}
	return asRecorded(r, flags.strict)
}

// openIncidents opens the named ones, or all.
func openIncidents(names []string) ([]*scenarios.File, error) {
	if len(names) == 0 {
		return scenarios.Incidents(), nil
	}
	var files []*scenarios.File
	for _, name := range names {
		if full := incidentFolder + name; slices.Contains(scenarios.IncidentNames(), full) {
			name = full
		}
		f, err := scenarios.Open(name)
		if err != nil && isName(name) {
			return nil, usagef("%s: neither a file nor a published incident%s", name, words.DidYouMeanOr(strings.TrimPrefix(name, incidentFolder), shortNames()))
		}
		if err != nil {
			return nil, usageError(err)
		}
		if slices.ContainsFunc(files, func(before *scenarios.File) bool { return before.Name == f.Name }) {
			return nil, usagef("%s is given twice", f.Name)
		}
		if f.Scenario.Incident == nil {
			return nil, usagef("%s: it has no incident, and so no number to hold beside; see ipamsim reference Incident", f.Name)
		}
		files = append(files, f)
	}
	return files, nil
}

// incidentFolder is how the names of shipped incidents begin; validate takes them
// without it, too.
const incidentFolder = "incidents/"

// isName says whether a word can only be meant as a name.
func isName(word string) bool {
	return word != "-" && !strings.ContainsAny(strings.TrimPrefix(word, incidentFolder), `/\.`)
}

func shortNames() (list []string) {
	for _, name := range scenarios.IncidentNames() {
		list = append(list, strings.TrimPrefix(name, incidentFolder))
	}
	return list
}

// warnOf shows the warnings of files of one's own.
func (a *app) warnOf(files []*scenarios.File) {
	for _, f := range files {
		if f.Path == "" {
			continue
		}
		for _, w := range f.Warnings {
			fmt.Fprintln(a.stderr, asWarning(w))
		}
	}
}

func writeValidation(w io.Writer, r *incident.Report, form string) error {
	switch form {
	case "json":
		return incidents.JSON(w, r)
	case "markdown":
		return incidents.Markdown(w, r)
	}
	return incidents.Text(w, r, textWidth(w))
}

// asRecorded is the error of numbers that are outside, unless their files say so.
func asRecorded(r *incident.Report, strict bool) error {
	n := r.Count()
	switch {
	case strict && n.Outside > 0:
		return &exitError{exitThreshold, fmt.Errorf("%d of %s outside what was reported", n.Outside, words.Plural(n.Inside+n.Outside, "number"))}
	case n.Lost > 0:
		return &exitError{exitThreshold, fmt.Errorf("%s outside what was reported, against what the files say", words.Plural(n.Lost, "number"))}
	}
	return nil
}
