package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ipamsim/internal/words"
	"ipamsim/reports"
	"ipamsim/sim/recording"
	"ipamsim/sim/result"
)

// format is a way to write a result: to standard output or a file (-o and
// --out), or into a folder (--out alone).
type format struct {
	name, about string
	write       func(w io.Writer, r *outcome, look reports.TableOptions) error
	folder      func(dir string, r *result.Result) error
	records     bool // it needs a recording of the runs
}

// outcome is what reports are made of.
type outcome struct {
	*result.Result
	recordings []recording.Recorded // where some report needs them
}

const traceAbout = "what happened to pods and in ipamd, for ui.perfetto.dev"

// formats in the order of help and completion.
var formats = []format{
	{name: "table", about: "text for people", write: table},
	{name: "wide", about: "the same with more rows and columns", write: wide},
	{name: "json", about: "the whole result for programs", write: withoutLook(reports.JSON)},
	{name: "yaml", about: "the same as json, as YAML", write: withoutLook(reports.YAML)},
	{name: "trace", about: traceAbout, write: trace, records: true},
	{name: "plots", about: "pictures, SVG and PNG, in a folder", folder: reports.Plots},
}

func table(w io.Writer, r *outcome, look reports.TableOptions) error {
	return reports.Table(w, r.Result, look)
}

func wide(w io.Writer, r *outcome, look reports.TableOptions) error {
	look.Wide = true
	return reports.Table(w, r.Result, look)
}

func trace(w io.Writer, r *outcome, _ reports.TableOptions) error {
	return reports.Trace(w, r.recordings)
}

func withoutLook(report func(io.Writer, *result.Result) error) func(io.Writer, *outcome, reports.TableOptions) error {
	return func(w io.Writer, r *outcome, _ reports.TableOptions) error { return report(w, r.Result) }
}

// formatNames of all formats, or only of those that can go to a stream.
func formatNames(streamsOnly bool) []string {
	var names []string
	for _, f := range formats {
		if f.write != nil || !streamsOnly {
			names = append(names, f.name)
		}
	}
	return names
}

func findFormat(name string, streamsOnly bool) (format, error) {
	for _, f := range formats {
		if f.name == name && (f.write != nil || !streamsOnly) {
			return f, nil
		}
	}
	names := formatNames(streamsOnly)
	if streamsOnly && slices.Contains(formatNames(false), name) {
		return format{}, fmt.Errorf("%s is a folder of files: use --out %s=DIR", name, name)
	}
	return format{}, fmt.Errorf("want %s%s", words.Or(names), words.DidYouMean(name, names))
}

// formatFlag is the value of -o.
type formatFlag struct{ format }

func (f *formatFlag) String() string { return f.name }
func (f *formatFlag) Type() string   { return "format" }
func (f *formatFlag) Set(s string) (err error) {
	f.format, err = findFormat(s, true)
	return err
}

// output is one --out.
type output struct {
	format
	path string
}

// outputFlag is the value of --out, which may be given repeatedly.
type outputFlag []output

func (f *outputFlag) Type() string { return "format=path" }

func (f *outputFlag) String() string {
	var list []string
	for _, o := range *f {
		list = append(list, o.name+"="+o.path)
	}
	return strings.Join(list, " ")
}

func (f *outputFlag) Set(s string) error {
	name, path, ok := strings.Cut(s, "=")
	if !ok || path == "" {
		return errors.New("want FORMAT=PATH, for example json=result.json")
	}
	if path == "-" {
		return fmt.Errorf("for standard output use -o %s", name)
	}
	found, err := findFormat(name, false)
	if err != nil {
		return err
	}
	*f = append(*f, output{found, path})
	return nil
}

// check finds before a run what would keep the outputs from being written
// after it.
func (f outputFlag) check() error {
	seen := map[string]bool{}
	for _, o := range f {
		path := filepath.Clean(o.path)
		if seen[path] {
			return usagef("--out: %s is given twice", o.path)
		}
		seen[path] = true
		if err := o.check(); err != nil {
			return usagef("--out %s=%s: %w", o.name, o.path, err)
		}
	}
	return nil
}

func (o output) check() error {
	info, err := os.Stat(o.path)
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	case err == nil && o.folder != nil && !info.IsDir():
		return errors.New("not a folder")
	case err == nil && o.folder == nil && info.IsDir():
		return errors.New("a folder, not a file")
	case err == nil && o.folder == nil && !info.Mode().IsRegular():
		return nil // a device or a pipe
	case err == nil && o.folder != nil:
		return writable(o.path)
	case o.folder != nil:
		return writable(nearestFolder(o.path)) // the folder is made later
	}
	return writable(filepath.Dir(o.path))
}

// nearestFolder is the closest parent of path that exists.
func nearestFolder(path string) string {
	for {
		parent := filepath.Dir(path)
		if _, err := os.Stat(parent); err == nil || parent == path {
			return parent
		}
		path = parent
	}
}

// writable tries whether files can be made in a folder.
func writable(dir string) error {
	file, err := os.CreateTemp(dir, ".ipamsim.*")
	if err != nil {
		var pathError *fs.PathError
		if errors.As(err, &pathError) {
			err = pathError.Err
		}
		return fmt.Errorf("folder %s: %w", dir, err)
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}

// write writes one output whole.
func (o output) write(r *outcome) error {
	if o.folder != nil {
		return o.folder(o.path, r.Result)
	}
	return reports.WriteFile(o.path, func(w io.Writer) error {
		return o.format.write(w, r, reports.TableOptions{})
	})
}

// completeFormat completes -o.
func completeFormat(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var list []cobra.Completion
	for _, f := range formats {
		if f.write != nil {
			list = append(list, cobra.CompletionWithDesc(f.name, f.about))
		}
	}
	return list, cobra.ShellCompDirectiveNoFileComp
}

// completeOutput completes --out: the format, and after it a path.
func completeOutput(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if strings.Contains(typed, "=") {
		return nil, cobra.ShellCompDirectiveDefault
	}
	var list []cobra.Completion
	for _, f := range formats {
		list = append(list, cobra.CompletionWithDesc(f.name+"=", f.about))
	}
	return list, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
}
