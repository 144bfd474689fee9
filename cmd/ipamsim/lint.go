package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"ipamsim/internal/words"
	"ipamsim/reports"
	"ipamsim/scenarios"
	"ipamsim/sim/suite"
)

func (a *app) lintCommand() *cobra.Command {
	output := choiceFlag{value: "text", choices: []string{"text", "json", "words", "yaml"}}
	flags := runFlags{set: listFlag{of: "key=value"}}
	strict := false
	cmd := &cobra.Command{
		Use:   "lint FILE|FOLDER...",
		Short: "Check scenario files without running them",
		Long: `Check scenario files, each with all its variants, and profiles, and show everything
that is wrong with them. Warnings are about what is accepted but probably not meant. Of
a folder, and of all folders below it, the files are taken that ipamsim test takes.

With -o words say in a few sentences what each variant will do. With -o yaml write
each variant as a file of its own, with every default of the language that it
takes; comments name what comes from the instance type, from aws-node's manifest
and from the model. Several variants are several documents: choose one with
--variant to run it.

The exit code is 2 when a file has an error, and with --strict when it has a
warning.`,
		Example: `  ipamsim lint mine.yaml
  ipamsim lint scenarios
  ipamsim lint mine.yaml --variant bigger --set nodeGroups.workers.count=60
  ipamsim lint -o json mine.yaml
  ipamsim lint -o words silent-drop
  ipamsim lint -o yaml mine.yaml    # what the file and its defaults come to`,
		Args:              wantArgs(1, -1, "a scenario FILE"),
		ValidArgsFunction: completeScenarios,
		RunE: action(func(_ *cobra.Command, args []string) error {
			names, err := a.scenarioFiles(args, flags.quiet)
			if err != nil {
				return err
			}
			checked := make([]lintReport, len(names))
			for i, name := range names {
				checked[i] = lint(name, scenarios.Options{Set: flags.set.values, Variants: flags.variants.values})
			}
			text := func(w io.Writer, checked []lintReport) error { return writeLintText(w, checked, flags.quiet) }
			write := map[string]func(io.Writer, []lintReport) error{
				"text": text, "json": writeLintJSON, "words": a.writeLintWords, "yaml": a.writeLintYAML,
			}[output.value]
			if err := write(a.stdout, checked); err != nil {
				return err
			}
			return lintVerdict(checked, strict)
		}),
	}
	output.add(cmd)
	f := cmd.Flags()
	f.BoolVar(&strict, "strict", false, "warnings count as errors")
	flags.addVariants(cmd, "check only the variant of this name; repeatable")
	flags.addSet(cmd, "each scenario")
	f.BoolVarP(&flags.quiet, "quiet", "q", false, "say nothing of files that are fine")
	return cmd
}

// lintReport is what was found in one file.
type lintReport struct {
	name     string
	errors   []scenarios.Problem
	warnings []scenarios.Problem
	variants []scenarios.Expanded
	profile  bool // that scenarios name, in place of a scenario
}

// about says what a file is that nothing is wrong with.
func (r *lintReport) about() string {
	if r.profile {
		return "a profile"
	}
	return words.Plural(len(r.variants), "variant")
}

// scenarioFiles are the arguments, with the scenario files of a folder and of those
// below it in its place, as test finds them; those that are passed over are named. A
// folder without any is an error: it is not what was meant.
func (a *app) scenarioFiles(args []string, quiet bool) ([]string, error) {
	for _, arg := range args {
		if found, err := suite.Find([]string{arg}); err != nil {
			return nil, usageError(err)
		} else if len(found.Paths) == 0 {
			return nil, usagef("%s: a folder without a scenario file (.yaml, .yml)", arg)
		}
	}
	found, err := suite.Find(args)
	if err != nil {
		return nil, usageError(err)
	}
	for _, p := range found.PassedOver {
		if !quiet {
			fmt.Fprintf(a.stderr, "%s: passed over, %s\n", words.Printable(p.Path), p.Why)
		}
	}
	return found.Paths, nil
}

func lint(name string, options scenarios.Options) lintReport {
	report := lintReport{name: name}
	var err error
	var file *scenarios.File
	if report.profile, err = scenarios.ProfileAt(name); !report.profile {
		file, err = scenarios.Open(name)
	}
	if err == nil && file != nil {
		var variants []scenarios.Expanded
		variants, err = file.Variants(options)
		report.variants = variants
		if len(options.Set) == 0 && len(options.Variants) == 0 {
			report.warnings = file.Warnings // of what is not run as it stands, too
		}
		for _, v := range variants {
			report.warnings = append(report.warnings, v.Warnings...)
		}
		report.warnings = distinct(report.warnings)
	}
	var problems scenarios.Problems
	switch {
	case errors.As(err, &problems):
		report.errors = problems
	case err != nil:
		report.errors = []scenarios.Problem{{File: name, Message: err.Error()}}
	}
	return report
}

func writeLintText(w io.Writer, checked []lintReport, quiet bool) error {
	for _, report := range checked {
		for _, p := range report.errors {
			if _, err := fmt.Fprintln(w, p); err != nil {
				return err
			}
		}
		for _, p := range report.warnings {
			if _, err := fmt.Fprintln(w, asWarning(p)); err != nil {
				return err
			}
		}
		if len(report.errors) == 0 && !quiet {
			if _, err := fmt.Fprintf(w, "%s: ok, %s\n", report.name, report.about()); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeLintWords says what each variant will do, and on standard error what is
// wrong.
func (a *app) writeLintWords(w io.Writer, checked []lintReport) error {
	width := textWidth(w)
	if width == 0 {
		width = reports.DefaultWidth
	}
	return a.eachVariant(checked, func(name string, v scenarios.Expanded) error {
		if _, err := fmt.Fprintf(w, "%s, variant %s\n", name, v.Name); err != nil {
			return err
		}
		for _, sentence := range strings.Split(scenarios.Explain(v.Scenario), "\n") {
			for i, line := range reports.Wrap(sentence, width-4) {
				if _, err := fmt.Fprintln(w, map[bool]string{true: "  ", false: "    "}[i == 0]+line); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// writeLintYAML writes each variant as a file of its own, and on standard
// error what is wrong.
func (a *app) writeLintYAML(w io.Writer, checked []lintReport) error {
	separator := ""
	return a.eachVariant(checked, func(name string, v scenarios.Expanded) error {
		text, err := v.Effective()
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(w, "%s# %s, variant %s\n%s", separator, name, v.Name, text)
		separator = "---\n"
		return err
	})
}

func (a *app) eachVariant(checked []lintReport, visit func(name string, v scenarios.Expanded) error) error {
	for _, report := range checked {
		for _, p := range report.errors {
			fmt.Fprintln(a.stderr, p)
		}
		for _, p := range report.warnings {
			fmt.Fprintln(a.stderr, asWarning(p))
		}
		for _, v := range report.variants {
			if err := visit(report.name, v); err != nil {
				return err
			}
		}
	}
	return nil
}

// lintProblem is a problem as JSON. Lines and columns count from 1; 0 is
// unknown.
type lintProblem struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`
	Severity string `json:"severity"` // error or warning
	Message  string `json:"message"`
}

func writeLintJSON(w io.Writer, checked []lintReport) error {
	list := []lintProblem{}
	for _, report := range checked {
		for _, p := range report.errors {
			list = append(list, lintProblem{p.File, p.Line, p.Column, "error", p.Message})
		}
		for _, p := range report.warnings {
			list = append(list, lintProblem{p.File, p.Line, p.Column, "warning", p.Message})
		}
	}
	return writeJSON(w, list)
}

// lintVerdict is the error of a lint that found errors, or if it is strict
// warnings.
func lintVerdict(checked []lintReport, strict bool) error {
	problems, bad := 0, 0
	for _, report := range checked {
		found := len(report.errors)
		if strict {
			found += len(report.warnings)
		}
		if found > 0 {
			bad++
			problems += found
		}
	}
	if bad == 0 {
		return nil
	}
	return usagef("%s in %d of %s", words.Plural(problems, "problem"), bad, words.Plural(len(checked), "file"))
}

// asWarning is a problem that says that it is one.
func asWarning(p scenarios.Problem) scenarios.Problem {
	p.Message = "warning: " + p.Message
	return p
}

// distinct drops problems that were said before, by another variant.
func distinct(problems []scenarios.Problem) []scenarios.Problem {
	type key struct {
		file    string
		at      scenarios.Position
		message string
	}
	seen := map[key]bool{}
	var out []scenarios.Problem
	for _, p := range problems {
		if k := (key{p.File, p.Position, p.Message}); !seen[k] {
			seen[k] = true
			out = append(out, p)
		}
	}
	return out
}

// writeJSON writes indented JSON.
func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
