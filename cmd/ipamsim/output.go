package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"ipamsim/internal/words"
	"ipamsim/reports"
	"ipamsim/reports/answers"
	"ipamsim/reports/cloudtrail"
	"ipamsim/reports/html"
	"ipamsim/reports/openmetrics"
	"ipamsim/reports/tables"
	"ipamsim/scenarios/calibration"
	"ipamsim/sim/compare"
	"ipamsim/sim/inspect"
	"ipamsim/sim/planning"
	"ipamsim/sim/recording"
	"ipamsim/sim/result"
	"ipamsim/sim/scrape"
	"ipamsim/sim/sensitivity"
)

// format is a way to write a result: to standard output or a file (-o and
// --out), or into a folder (--out alone). One that has both goes into a folder with
// --out.
type format struct {
	name, about string
	write       func(w io.Writer, r *outcome, look reports.TableOptions) error
	folder      func(ctx context.Context, dir string, r *outcome) error
	mine        func(name string) bool // whether a file of such a name is one of its folder; pictures unless given
	records     bool                   // it needs a recording of the runs
	scrapes     scraped                // what it needs of what is collected while they go on
	bare        bool                   // --out names it alone, without a path: its command knows where it goes
}

// scraped is something that is collected of runs in rounds of virtual time.
type scraped uint8

const (
	scrapedNothing  scraped = iota
	scrapedSeries           // as Prometheus would have them
	scrapedRequests         // to EC2, of one variant
	scrapedAnswers          // of ipamd and EC2, of one variant
	scrapedEvents           // of the scheduler and kubelet, of one variant
)

// outcome is what reports are made of.
type outcome struct {
	*result.Result
	recordings []recording.Recorded  // where some report needs them
	scraped    []*scrape.Scrapes     // likewise
	swept      *swept                // of a sweep, which has no result
	maps       *inspect.AddressMaps  // of the command that shows them
	plan       *planning.Plan        // of what fits
	tuned      *result.Tuning        // of a search for settings, which has none either
	compared   *compare.Comparison   // of two results
	checked    *compare.Check        // of scenarios with their baselines
	tested     *tested               // of several files, likewise
	analysis   *sensitivity.Analysis // of the assumptions
	calibrated *calibration.Result   // a profile of measurements
}

const htmlAbout = "a page for the browser, in one file"

const traceAbout = "what happened to pods and in ipamd, for ui.perfetto.dev"

// formatList is a choice of formats.
type formatList []format

// formats in the order of help and completion.
var formats = formatList{
	{name: "table", about: "text for people", write: table},
	{name: "wide", about: "the same with more rows and columns", write: wide},
	{name: "json", about: "the whole result for programs", write: withoutLook(reports.JSON)},
	{name: "yaml", about: "the same as json, as YAML", write: withoutLook(reports.YAML)},
	{name: "csv", about: "who held the addresses of each subnet over time; --out: that and other tables, in a folder", write: withoutLook(tables.Addresses), folder: csvTables, mine: tables.IsTable},
	{name: "html", about: htmlAbout, write: withoutLook(html.Result)},
	{name: "trace", about: traceAbout, write: trace, records: true},
	{name: "openmetrics", about: "what Prometheus would have scraped, for promtool", write: openMetrics, scrapes: scrapedSeries},
	{name: "cloudtrail", about: "the requests to EC2 of one variant, as CloudTrail records them", write: trail, scrapes: scrapedRequests},
	{name: "watch", about: "what ipamd (/v1/enis) and EC2 would have answered again and again, of one variant", write: watch, scrapes: scrapedAnswers},
	{name: "events", about: "what the scheduler and kubelet tell of pods and nodes, as kubectl get events prints it, of one variant", write: events, scrapes: scrapedEvents},
	{name: "plots", about: "pictures, SVG and PNG, in a folder", folder: plots},
}

func csvTables(ctx context.Context, dir string, r *outcome) error {
	return tables.Write(ctx, dir, r.Result)
}

func plots(ctx context.Context, dir string, r *outcome) error {
	return reports.Plots(ctx, dir, r.Result)
}

func table(w io.Writer, r *outcome, look reports.TableOptions) error {
	return reports.Table(w, r.Result, look)
}

func wide(w io.Writer, r *outcome, look reports.TableOptions) error {
	look.Wide = true
	return reports.Table(w, r.Result, look)
}

func openMetrics(w io.Writer, r *outcome, _ reports.TableOptions) error {
	return openmetrics.Write(w, r.scraped)
}

func trail(w io.Writer, r *outcome, _ reports.TableOptions) error {
	return cloudtrail.Write(w, r.scraped[0])
}

func watch(w io.Writer, r *outcome, _ reports.TableOptions) error {
	return answers.Write(w, r.scraped[0])
}

func events(w io.Writer, r *outcome, _ reports.TableOptions) error {
	return answers.Events(w, r.scraped[0])
}

func trace(w io.Writer, r *outcome, _ reports.TableOptions) error {
	return reports.Trace(w, r.recordings)
}

func withoutLook(report func(io.Writer, *result.Result) error) func(io.Writer, *outcome, reports.TableOptions) error {
	return func(w io.Writer, r *outcome, _ reports.TableOptions) error { return report(w, r.Result) }
}

// where are those formats that are fit for something.
func (l formatList) where(fit func(*format) bool) (fitting formatList) {
	for i := range l {
		if fit(&l[i]) {
			fitting = append(fitting, l[i])
		}
	}
	return fitting
}

// streams are those that can go to standard output.
func (l formatList) streams() formatList {
	return l.where(func(f *format) bool { return f.write != nil })
}

// folders are those that are a folder of files and nothing else.
func (l formatList) folders() formatList {
	return l.where(func(f *format) bool { return f.folder != nil && f.write == nil })
}

// ofStored are those that can be made of a stored result.
func (l formatList) ofStored() formatList {
	return l.where(func(f *format) bool { return !f.records && f.scrapes == scrapedNothing })
}

// foldersText names those that --out writes a folder of.
func (l formatList) foldersText() string {
	folders := l.where(func(f *format) bool { return f.folder != nil })
	if len(folders) == 0 {
		return ""
	}
	return " (of " + words.And(folders.names()) + " a folder)"
}

func (l formatList) names() []string {
	names := make([]string, len(l))
	for i := range l {
		names[i] = l[i].name
	}
	return names
}

// find is the format of a name, or says why it is not to be had.
func (l formatList) find(name string) (format, error) {
	named := func(f *format) bool { return f.name == name }
	if found := l.where(named); len(found) > 0 {
		return found[0], nil
	}
	elsewhere := slices.Concat(formats, sweepFormats, tuneFormats, compareFormats, testFormats).where(named)
	switch {
	case len(elsewhere) == 0:
	case elsewhere[0].scrapes != scrapedNothing && slices.Contains(l.names(), "json"):
		return format{}, fmt.Errorf("a stored result has no samples of single nodes, and %s is made of them: use ipamsim run --out %s=FILE", name, name)
	case elsewhere[0].records && slices.Contains(l.names(), "json"):
		return format{}, fmt.Errorf("a stored result has no recording of what happened, and a %s is made of one: use ipamsim run --out %s=FILE", name, name)
	}
	return format{}, fmt.Errorf("want %s%s", words.Or(l.names()), words.DidYouMean(name, l.names()))
}

// writeFlags say what is made of a result.
type writeFlags struct {
	format  formatFlag
	outputs outputFlag
	noColor bool
	quiet   bool // no progress and no warnings
}

func newWriteFlags(from formatList) writeFlags {
	return writeFlags{format: formatFlag{from[0], from.streams(), from.folders()}, outputs: outputFlag{from: from}}
}

// add makes -o and --out flags of the command.
func (w *writeFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.VarP(&w.format, "output", "o", "what to write to standard output: "+words.Or(w.format.from.names()))
	cmd.RegisterFlagCompletionFunc("output", w.format.complete)
	w.outputs.add(cmd)
}

// add makes it the command's --out.
func (f *outputFlag) add(cmd *cobra.Command) {
	cmd.Flags().Var(f, "out", "write a file"+f.from.foldersText()+" as well: "+words.Or(f.from.names())+"; repeatable")
	cmd.RegisterFlagCompletionFunc("out", f.complete)
}

// addNoColor makes --no-color a flag of the command.
func (w *writeFlags) addNoColor(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&w.noColor, "no-color", false, "no colours (also: NO_COLOR in the environment)")
}

// look is how text on standard output is to be shown.
func (w *writeFlags) look(a *app) reports.TableOptions {
	return reports.TableOptions{Color: !w.noColor && wantsColor(a.stdout), Width: textWidth(a.stdout)}
}

// records says whether some output needs a recording of the runs.
func (w *writeFlags) records() bool {
	return w.format.records || slices.ContainsFunc(w.outputs.given, func(o output) bool { return o.records })
}

// needs says whether some output needs one of several things that are scraped.
func (w *writeFlags) needs(what ...scraped) bool {
	return slices.Contains(what, w.format.scrapes) || slices.ContainsFunc(w.outputs.given, func(o output) bool { return slices.Contains(what, o.scrapes) })
}

// scrapes says whether some output needs any of them.
func (w *writeFlags) scrapes() bool {
	return w.needs(scrapedSeries, scrapedRequests, scrapedAnswers, scrapedEvents)
}

// write writes the files and then standard output. That a reader has seen
// enough is no error.
func (a *app) write(r *outcome, flags *writeFlags) error {
	return writing(func(ctx context.Context) error { return a.writeAll(ctx, r, flags) })
}

func (a *app) writeAll(ctx context.Context, r *outcome, flags *writeFlags) error {
	for _, out := range flags.outputs.given {
		if err := out.write(ctx, r); err != nil && !errors.Is(err, syscall.EPIPE) {
			return fmt.Errorf("--out %s=%s: %w", out.name, out.path, err)
		}
		if out.name == "plots" && !flags.quiet && r.Result != nil {
			a.tellOthers(out.path, r.Result)
		}
	}
	look := reports.TableOptions{Color: !flags.noColor && wantsColor(a.stdout), Width: textWidth(a.stdout)}
	if err := flags.format.write(a.stdout, r, look); err != nil && !errors.Is(err, syscall.EPIPE) {
		return err
	}
	return nil
}

// tellOthers says which pictures of a folder are not of this result.
func (a *app) tellOthers(dir string, r *result.Result) {
	others, err := reports.OtherPictures(dir, r)
	if err != nil || len(others) == 0 {
		return // the pictures are written all the same
	}
	const most = 4
	names := others[:min(len(others), most)]
	more := ""
	if len(others) > most {
		more = fmt.Sprintf(" and %d more", len(others)-most)
	}
	fmt.Fprintf(a.stderr, "ipamsim: %s also holds pictures that are not of this result: %s%s\n", words.Printable(dir), words.Printable(strings.Join(names, ", ")), more)
}

// formatFlag is the value of -o.
type formatFlag struct {
	format
	from    formatList
	folders formatList // that --out has beside
}

func (f *formatFlag) String() string { return f.name }
func (f *formatFlag) Type() string   { return "format" }
func (f *formatFlag) Set(s string) (err error) {
	if len(f.folders.where(func(of *format) bool { return of.name == s })) > 0 {
		return fmt.Errorf("%s is a folder of files: use --out %s=DIR", s, s)
	}
	f.format, err = f.from.find(s)
	return err
}

// output is one --out.
type output struct {
	format
	path string
}

// outputFlag is the value of --out, which may be given repeatedly.
type outputFlag struct {
	given []output
	from  formatList
}

func (f *outputFlag) Type() string { return "format=path" }

func (f *outputFlag) String() string {
	var list []string
	for _, o := range f.given {
		if o.bare {
			list = append(list, o.name)
			continue
		}
		list = append(list, o.name+"="+o.path)
	}
	return strings.Join(list, " ")
}

func (f *outputFlag) Set(s string) error {
	name, path, ok := strings.Cut(s, "=")
	if found, err := f.from.find(name); err == nil && found.bare {
		if ok {
			return fmt.Errorf("%s takes no path: use --out %s", name, name)
		}
		f.given = append(f.given, output{format: found})
		return nil
	}
	if !ok || path == "" {
		return errors.New("want FORMAT=PATH, for example json=result.json")
	}
	if path == "-" {
		return fmt.Errorf("for standard output use -o %s", name)
	}
	found, err := f.from.find(name)
	if err != nil {
		return err
	}
	f.given = append(f.given, output{found, path})
	return nil
}

// check finds before a run what would keep the outputs from being written
// after it: a folder that is not there, two for one file, or one that would
// overwrite an input, be it by another path or a link.
func (f *outputFlag) check(inputs []string) error {
	for i, o := range f.given {
		if o.bare {
			continue
		}
		if err := o.check(inputs); err != nil {
			return usagef("--out %s=%s: %w", o.name, o.path, err)
		}
		for _, before := range f.given[:i] {
			if !before.bare && (o.meets(before) || before.meets(o)) {
				return usagef("--out: %s is given twice%s", o.path, as(before.path, o.path))
			}
		}
	}
	return nil
}

// as names the other path of a file, where it is another.
func as(other, path string) string {
	if filepath.Clean(other) == filepath.Clean(path) {
		return ""
	}
	return ", once as " + other
}

// meets says whether an output writes the file, or a file in the folder, that
// another writes.
func (o output) meets(other output) bool {
	if sameFile(o.path, other.path) {
		return true
	}
	return o.folder != nil && other.folder == nil && o.holds(other.path)
}

// holds says whether a path is that of a file which the output writes into its
// folder.
func (o output) holds(path string) bool {
	place, err := reports.Behind(path)
	if err != nil {
		return false
	}
	mine := o.mine
	if mine == nil {
		mine = reports.IsPicture
	}
	return mine(filepath.Base(place)) && sameFile(o.path, filepath.Dir(place))
}

// sameFile says whether two paths lead to one file, which need not exist.
func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	two, err2 := os.Stat(b)
	if err == nil && err2 == nil {
		return os.SameFile(one, two)
	}
	if err == nil || err2 == nil {
		return false
	}
	place, err := resolved(a)
	place2, err2 := resolved(b)
	return err == nil && err2 == nil && place == place2
}

// resolved is where a file that does not exist would be made.
func resolved(path string) (string, error) {
	behind, err := reports.Behind(path)
	if err != nil {
		return "", err
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(behind))
	if err == nil {
		dir, err = filepath.Abs(dir)
	}
	return filepath.Join(dir, filepath.Base(behind)), err
}

// check is check of one of them.
func (o output) check(inputs []string) error {
	for _, input := range inputs {
		if info, err := os.Stat(input); err != nil || !info.Mode().IsRegular() {
			continue // a pipe, or a terminal that is standard output, too
		}
		if sameFile(o.path, input) || o.folder != nil && o.holds(input) {
			return fmt.Errorf("it would overwrite %s, which is an input of this run", input)
		}
	}
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
	}
	// What is not there yet, a file or a folder, is made in a folder that is.
	place, err := reports.Behind(o.path)
	if err != nil {
		return err
	}
	return writable(filepath.Dir(place))
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

// write writes one output whole, unless it is where the rows of a sweep, or the
// trials of a search, are stored.
func (o output) write(ctx context.Context, r *outcome) error {
	if o.bare {
		return nil
	}
	if o.name == jsonLines && (r.tuned != nil || r.swept != nil && o.path == r.swept.stored) {
		return nil
	}
	if o.folder != nil {
		return o.folder(ctx, o.path, r)
	}
	return reports.WriteFile(ctx, o.path, func(w io.Writer) error {
		return o.format.write(w, r, reports.TableOptions{})
	})
}

// complete completes -o.
func (f *formatFlag) complete(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var list []cobra.Completion
	for _, f := range f.from {
		list = append(list, cobra.CompletionWithDesc(f.name, f.about))
	}
	return list, cobra.ShellCompDirectiveNoFileComp
}

// complete completes --out: the format, and after it a path.
func (f *outputFlag) complete(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if strings.Contains(typed, "=") {
		return nil, cobra.ShellCompDirectiveDefault
	}
	var list []cobra.Completion
	for _, f := range f.from {
		sign := "="
		if f.bare {
			sign = ""
		}
		list = append(list, cobra.CompletionWithDesc(f.name+sign, f.about))
	}
	return list, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
}
