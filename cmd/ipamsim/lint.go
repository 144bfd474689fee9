package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"ipamsim/internal/words"
	"ipamsim/scenarios"
)

func (a *app) lintCommand() *cobra.Command {
	output := choiceFlag{value: "text", choices: []string{"text", "json", "words", "yaml"}}
	strict := false
	cmd := &cobra.Command{
		Use:   "lint FILE...",
		Short: "Check scenario files without running them",
		Long: `Check scenario files, each with all its variants, and show everything that is
wrong with them. Warnings are about what is accepted but probably not meant.

With -o words say in a few sentences what each variant will do. With -o yaml write
each variant as a file of its own, with every default that it takes.

The exit code is 2 when a file has an error, and with --strict when it has a
warning.`,
		Example: `  ipamsim lint mine.yaml
  ipamsim lint scenarios/*.yaml
  ipamsim lint -o json mine.yaml
  ipamsim lint -o words silent-drop
  ipamsim lint -o yaml mine.yaml    # what the file and its defaults come to`,
		Args:              wantArgs(1, -1, "a scenario FILE"),
		ValidArgsFunction: completeScenarios,
		RunE: action(func(_ *cobra.Command, args []string) error {
			checked := make([]lintReport, len(args))
			for i, name := range args {
				checked[i] = lint(name)
			}
			write := map[string]func(io.Writer, []lintReport) error{
				"text": writeLintText, "json": writeLintJSON, "words": a.writeLintWords, "yaml": a.writeLintYAML,
			}[output.value]
			if err := write(a.stdout, checked); err != nil {
				return err
			}
			return lintVerdict(checked, strict)
		}),
	}
	output.add(cmd)
	cmd.Flags().BoolVar(&strict, "strict", false, "warnings count as errors")
	return cmd
}

// lintReport is what was found in one file.
type lintReport struct {
	name     string
	errors   []scenarios.Problem
	warnings []scenarios.Problem
	variants []scenarios.Expanded
}

func lint(name string) lintReport {
	report := lintReport{name: name}
	file, err := scenarios.Open(name)
	if err == nil {
		report.warnings = file.Warnings
		var variants []scenarios.Expanded
		variants, err = file.Variants(scenarios.Options{})
		report.variants = variants
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

func writeLintText(w io.Writer, checked []lintReport) error {
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
		if len(report.errors) == 0 {
			if _, err := fmt.Fprintf(w, "%s: ok, %s\n", report.name, words.Plural(len(report.variants), "variant")); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeLintWords says what each variant will do, and on standard error what is
// wrong.
func (a *app) writeLintWords(w io.Writer, checked []lintReport) error {
	return a.eachVariant(checked, func(name string, v scenarios.Expanded) error {
		_, err := fmt.Fprintf(w, "%s, variant %s\n  %s\n", name, v.Name, strings.ReplaceAll(scenarios.Explain(v.Scenario), "\n", "\n  "))
		return err
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
