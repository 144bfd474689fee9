package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ipamsim/internal/words"
)

// listFlag is a flag that may be given repeatedly. Unlike a slice flag it takes
// commas as they are.
type listFlag struct {
	of     string // what help calls one value
	values []string
}

func (f *listFlag) String() string { return strings.Join(f.values, " ") }
func (f *listFlag) Type() string   { return f.of }
func (f *listFlag) Set(s string) error {
	f.values = append(f.values, s)
	return nil
}

// choiceFlag is the -o of a small command: one of a few words.
type choiceFlag struct {
	value   string
	choices []string
}

func (f *choiceFlag) String() string { return f.value }
func (f *choiceFlag) Type() string   { return "format" }
func (f *choiceFlag) Set(s string) error {
	if !slices.Contains(f.choices, s) {
		return fmt.Errorf("want %s%s", words.Or(f.choices), words.DidYouMean(s, f.choices))
	}
	f.value = s
	return nil
}

// add makes it the command's -o.
func (f *choiceFlag) add(cmd *cobra.Command) {
	cmd.Flags().VarP(f, "output", "o", words.Or(f.choices))
	cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(f.choices, cobra.ShellCompDirectiveNoFileComp))
}
