package main

import (
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"ipamsim/internal/words"
	"ipamsim/scenarios"
)

// Exit codes, a contract with scripts.
const (
	exitOK          = 0
	exitFailure     = 1   // our fault, or the machine's
	exitUsage       = 2   // bad input or usage
	exitThreshold   = 99  // all went well, but a threshold failed
	exitInterrupted = 130 // 128 + SIGINT
)

// exitError is an error that knows its exit code. Errors without one come
// from the reading of the command line.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

// usageError is bad input.
func usageError(err error) error { return &exitError{exitUsage, err} }

// usagef is bad input in words.
func usagef(format string, args ...any) error { return usageError(fmt.Errorf(format, args...)) }

// action makes a command's body: of its errors those that are not said to be
// the user's are ours.
func action(body func(cmd *cobra.Command, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		err := body(cmd, args)
		var coded *exitError
		var problems scenarios.Problems
		switch {
		case err == nil || asError(err, &coded):
			return err
		case asError(err, &problems):
			return usageError(err)
		case errors.Is(err, syscall.EPIPE):
			return nil // the reader has seen enough
		}
		return &exitError{exitFailure, err}
	}
}

// conclude prints an error and returns its exit code.
func (a *app) conclude(cmd *cobra.Command, err error) int {
	if err == nil {
		return exitOK
	}
	var problems scenarios.Problems
	if asError(err, &problems) {
		fmt.Fprintln(a.stderr, problems.Error())
		fmt.Fprintf(a.stderr, "ipamsim: %s; nothing was run\n", words.Plural(len(problems), "problem"))
		return exitUsage
	}
	fmt.Fprintln(a.stderr, "ipamsim:", strings.TrimPrefix(words.Printable(err.Error()), "ipamsim: "))
	var coded *exitError
	if asError(err, &coded) {
		return coded.code
	}
	fmt.Fprintf(a.stderr, "Run '%s --help' for usage.\n", cmd.CommandPath())
	return exitUsage
}

// reportPanic says of a broken invariant what a report of it needs.
func (a *app) reportPanic(cause any, stack []byte) {
	fmt.Fprintf(a.stderr, "ipamsim: internal error: %v\n\n%s\n", cause, stack)
	fmt.Fprintf(a.stderr, "This is a bug in ipamsim, not in your input. Please report it with the lines above and: version %s", a.version)
	if a.running != "" {
		fmt.Fprintf(a.stderr, ", %s", a.running)
	}
	fmt.Fprintln(a.stderr)
}

// asError is errors.As.
func asError[T error](err error, target *T) bool { return errors.As(err, target) }
