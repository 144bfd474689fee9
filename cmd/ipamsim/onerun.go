package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ipamsim/internal/words"
	"ipamsim/scenarios"
	"ipamsim/sim/fleet"
	"ipamsim/sim/inspect"
)

// oneRun is the flags of a command that looks at a single run: one
// replication of one variant.
type oneRun struct {
	runFlags
	variant     string
	replication int
	output      choiceFlag
}

func newOneRun() oneRun {
	return oneRun{output: choiceFlag{value: "text", choices: []string{"text", "json"}}}
}

// add makes them the command's.
func (o *oneRun) add(cmd *cobra.Command) {
	addVariant(cmd, &o.variant, "the variant to run")
	o.replication = 1
	addWhole(cmd, &o.replication, "replication", 1, replicationMost, "which of the scenario's random worlds, counted from 1; it need not be one that run would run")
	o.addSeed(cmd, "the file's")
	o.addSet(cmd, "the scenario")
	o.output.add(cmd)
	addQuiet(cmd, &o.quiet, "no progress and no warnings")
	o.addNoColor(cmd)
}

// read opens the scenario and finds the variant.
func (o *oneRun) read(a *app, cmd *cobra.Command, name string) (scenarios.Expanded, error) {
	if o.variant != "" {
		o.variants.values = []string{o.variant}
	}
	variants, err := a.readVariants(cmd, name, &o.runFlags)
	if err != nil {
		return scenarios.Expanded{}, err
	}
	a.running = describeRun(name, variants[0].Scenario.Seed, &o.runFlags)
	return variants[0], nil
}

// momentFlags are those of a command that stops the run and looks.
type momentFlags struct {
	oneRun
	at timeFlag
}

func newMoment() momentFlags { return momentFlags{oneRun: newOneRun()} }

func (m *momentFlags) add(cmd *cobra.Command) {
	cmd.Flags().Var(&m.at, "at", "the moment, from time 0, such as 90s; the end of the run unless given")
	freeText(cmd, "at")
	m.oneRun.add(cmd)
}

// when is the moment in a variant.
func (m *momentFlags) when(v scenarios.Expanded) (inspect.When, error) {
	w := inspect.When{Replication: m.replication, At: inspect.EndOf(v)}
	if m.at.given {
		w.At = time.Duration(m.at.value)
	}
	if w.At < 0 || w.At > inspect.EndOf(v) {
		return w, usagef("--at %v: the run goes from 0s to %v", m.at.value, scenarios.Duration(inspect.EndOf(v)))
	}
	return w, nil
}

// atMoment reads the scenario, runs it up to the moment and asks there.
func (a *app) atMoment(cmd *cobra.Command, name string, m *momentFlags, ask func(*inspect.Snapshot) error) error {
	v, err := m.read(a, cmd, name)
	if err != nil {
		return err
	}
	when, err := m.when(v)
	if err != nil {
		return err
	}
	return a.simulateOne(cmd.Context(), m.quiet, func(ctx context.Context, opts inspect.Options) error {
		moment, err := inspect.Until(ctx, v, when, opts)
		if err != nil {
			return err
		}
		return ask(moment)
	})
}

// timeFlag is a moment, or how long something lasts.
type timeFlag struct {
	value scenarios.Duration
	given bool
}

func (f *timeFlag) Type() string { return "duration" }
func (f *timeFlag) String() string {
	if !f.given {
		return ""
	}
	return f.value.String()
}
func (f *timeFlag) Set(s string) (err error) {
	f.given = true
	f.value, err = scenarios.ParseDuration(s)
	return err
}

// simulateOne runs what a question about a run needs, and puts what cannot be
// answered into words.
func (a *app) simulateOne(ctx context.Context, quiet bool, ask func(context.Context, inspect.Options) error) error {
	err := a.interruptible(ctx, quiet, false, func(ctx context.Context, report func(fleet.Progress)) error {
		return ask(ctx, inspect.Options{Progress: report})
	})
	var unknown *inspect.UnknownNameError
	if asError(err, &unknown) {
		return usagef("%w%s%s", unknown, words.DidYouMean(unknown.Name, unknown.Names), someOf(unknown.Names))
	}
	return err
}

// mostNames of those that are there are listed in an error.
const mostNames = 8

func someOf(names []string) string {
	switch {
	case len(names) == 0:
		return ""
	case len(names) <= mostNames:
		return "; there are " + strings.Join(names, ", ")
	}
	return fmt.Sprintf("; there are %d, such as %s", len(names), strings.Join(names[:3], ", "))
}
