package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ipamsim/internal/jsonlines"
	"ipamsim/internal/words"
	"ipamsim/sim/experiment"
	"ipamsim/sim/tuning"
)

func (a *app) mergeCommand() *cobra.Command {
	flags, metrics := newWriteFlags(sweepFormats), listFlag{of: "name"}
	cmd := &cobra.Command{
		Use:   "merge SHARD.jsonl...",
		Short: "Put the shards of a sweep together",
		Long: `Put the rows that the shards of a sweep have written together, to the bytes that one
run of the whole sweep would have written, and make its table, CSV and pictures of them.

All rows must be of one sweep: the same version of ipamsim, the same bytes of the
scenario and of its files, the same values. Each must be there once; it is an error that
says which are missing, or are there twice, and nothing is written. {shard} in a name
stands for any number.`,
		Example: `  ipamsim merge S0.jsonl S1.jsonl S2.jsonl --out jsonl=all.jsonl
  ipamsim merge 'rows/S{shard}.jsonl' --out csv=all.csv --out plots=pictures`,
		Args:              wantArgs(1, -1, "a SHARD.jsonl that ipamsim sweep --out jsonl=SHARD.jsonl has written"),
		ValidArgsFunction: completeShard,
		RunE: action(func(_ *cobra.Command, args []string) error {
			return a.merge(args, &flags, metrics.values)
		}),
	}
	cmd.Flags().SortFlags = false
	flags.add(cmd)
	addMetrics(cmd, &metrics)
	addQuiet(cmd, &flags.quiet, "no warnings")
	flags.addNoColor(cmd)
	return cmd
}

// merge is the command: read where the rows are, write.
func (a *app) merge(args []string, flags *writeFlags, metrics []string) error {
	paths, err := shardFiles(args)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(paths, tuning.IsStore) {
		return a.mergeTrials(paths, flags)
	}
	merged, err := experiment.Merge(paths)
	var shards *experiment.ShardsError
	if asError(err, &shards) {
		return usageError(err)
	}
	if err != nil {
		return badShard(err, paths)
	}
	shown, err := newSwept(&merged.Head, metrics, &flags.outputs)
	if err == nil {
		err = flags.outputs.check(paths)
	}
	if err == nil {
		shown.rows = merged
		err = a.write(&outcome{swept: shown}, flags)
	}
	return errors.Join(err, merged.Close())
}

// mergeTrials puts the trials of searches together; only the search itself can say
// what they come to.
func (a *app) mergeTrials(paths []string, flags *writeFlags) error {
	if len(flags.outputs.given) != 1 || flags.outputs.given[0].name != jsonLines {
		return usagef("these are trials of ipamsim tune: --out jsonl=FILE puts them together, and ipamsim tune with the same --out says what they come to")
	}
	if err := flags.outputs.check(paths); err != nil {
		return err
	}
	out, trials := flags.outputs.given[0], 0
	err := writeFile(out.path, func(w io.Writer) (err error) {
		trials, err = tuning.Merge(paths, w)
		return err
	})
	if err != nil {
		return badShard(fmt.Errorf("--out %s=%s: %w", out.name, out.path, err), paths)
	}
	_, err = fmt.Fprintf(a.stdout, "%s of %s are in %s\n", words.Plural(trials, "trial"), words.Plural(len(paths), "file"), out.path)
	return err
}

// badShard is the user's mistake where an error is about a file that was to be
// read.
func badShard(err error, paths []string) error {
	var foreign *jsonlines.ForeignError
	var file *os.PathError
	switch {
	case asError(err, &foreign):
		return usageError(foreign)
	case asError(err, &file) && slices.Contains(paths, file.Path):
		return usagef("%s: %w", file.Path, file.Err)
	}
	return err
}

// shardFiles are the files that arguments name; {shard} is any number.
func shardFiles(args []string) (paths []string, err error) {
	for _, arg := range args {
		if !strings.Contains(arg, shardPlace) {
			paths = append(paths, arg)
			continue
		}
		parts := strings.Split(arg, shardPlace)
		for i := range parts {
			parts[i] = escapeGlob(parts[i])
		}
		found, err := filepath.Glob(strings.Join(parts, "[0-9]*"))
		if err != nil {
			return nil, usagef("%s: %w", arg, err)
		}
		found = slices.DeleteFunc(found, func(path string) bool { return !numbered(path, arg) })
		if len(found) == 0 {
			return nil, usagef("%s: no file has such a name", arg)
		}
		paths = append(paths, found...)
	}
	return paths, nil
}

// escapeGlob makes a text one that a pattern of files takes as it is.
func escapeGlob(text string) string {
	var b strings.Builder
	for _, c := range text {
		if strings.ContainsRune(`*?[\`, c) {
			b.WriteByte('\\')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// numbered says whether a path is the pattern with one number for its {shard}.
func numbered(path, pattern string) bool {
	before, _, _ := strings.Cut(pattern, shardPlace)
	digits := strings.TrimPrefix(path, before)
	end := strings.IndexFunc(digits, func(c rune) bool { return c < '0' || c > '9' })
	if end < 0 {
		end = len(digits)
	}
	return path == strings.ReplaceAll(pattern, shardPlace, digits[:end])
}

// completeShard completes the names of rows.
func completeShard(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return []cobra.Completion{jsonLines}, cobra.ShellCompDirectiveFilterFileExt
}
