package suite

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"sync"

	"ipamsim/scenarios"
	"ipamsim/sim"
	"ipamsim/sim/des"
	"ipamsim/sim/fleet"
	"ipamsim/sim/jobs"
	"ipamsim/sim/remedy"
	"ipamsim/sim/result"
)

// Options of Run.
type Options struct {
	Version    string            // of the program, for the document
	Scenario   scenarios.Options // what the command line changes in each file
	Match      *regexp.Regexp    // of FILE or FILE/VARIANT, of what is run; nil for all
	FailFast   bool              // the first file that fails, in their order, is the last
	FailOnWarn bool              // what warns makes the verdict failed
	Strict     bool              // what a scenario expects must be reproduced
	Remedies   Remedies          // empty is ForFailed
	Events     uint64            // most events of trying remedies of one file; 0 is as remedy has it
	Workers    int               // runs at a time; 0 is one per core. The document does not depend on it
	Progress   func(Progress)    // called now and then, never concurrently; nil for nobody
}

// Remedies says what is done with what may help against findings.
type Remedies string

// What is done.
const (
	ForFailed Remedies = "failed" // it is tried where a threshold fails, and listed elsewhere
	Always    Remedies = "tried"
	Untried   Remedies = "untried"
	None      Remedies = "none"
)

// Progress is how far a suite is.
type Progress struct {
	Files, Ended int
	Path         string // of the file that reports
	Run          fleet.Progress
}

// Run runs the files. Whatever keeps one from its end keeps no other. A context
// that has ended leaves the files that were under way cut off.
func Run(ctx context.Context, found *Found, o Options) *Suite {
	r := runner{o: o, paths: found.Paths, files: make([]File, len(found.Paths)), turns: jobs.NewTurns(o.Workers), cancel: make([]context.CancelFunc, len(found.Paths)), last: len(found.Paths)}
	jobs.Each(context.WithoutCancel(ctx), len(r.paths), o.Workers, func(_ context.Context, i int) error {
		r.file(ctx, i)
		return nil
	})
	return r.suite(ctx, found)
}

// runner is a suite that runs.
type runner struct {
	o     Options
	paths []string
	files []File
	turns jobs.Turns

	mutex  sync.Mutex
	ended  int
	cancel []context.CancelFunc // of the files under way
	last   int                  // the first file that failed, with FailFast: none after it counts
}

// file runs one, unless that is no longer wanted.
func (r *runner) file(ctx context.Context, i int) {
	f := &r.files[i]
	f.Path = filepath.ToSlash(r.paths[i])
	if f.Path == "-" {
		f.Path = "<stdin>"
	}
	own, cancel := context.WithCancel(ctx)
	defer cancel()
	if !r.begin(i, cancel) || own.Err() != nil {
		f.Status = NotRun
		return
	}
	r.whole(own, f, i)
	r.end(i)
}

// begin notes that a file is under way.
func (r *runner) begin(i int, cancel context.CancelFunc) bool {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if i > r.last {
		return false
	}
	r.cancel[i] = cancel
	return true
}

// end notes that a file has ended; where that ends the suite, those after it end,
// too.
func (r *runner) end(i int) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.ended++
	r.cancel[i] = nil
	if !r.o.FailFast || i > r.last || !r.files[i].ends(r.o.FailOnWarn) {
		return
	}
	r.last = i
	for _, cancel := range r.cancel[i+1:] {
		if cancel != nil {
			cancel()
		}
	}
}

// whole reads, runs and judges a file. A panic is this file's alone.
func (r *runner) whole(ctx context.Context, f *File, i int) {
	defer func() {
		if cause := recover(); cause != nil {
			f.Status, f.Why, f.Stack = Broken, "a fault of ipamsim, not of the file", fmt.Sprintf("%v\n\n%s", cause, debug.Stack())
		}
	}()
	variants, err := r.read(f, r.paths[i])
	if err == nil && variants != nil {
		var out *result.Result
		if out, err = r.simulate(ctx, f, variants); err == nil {
			f.judge(out, r.o.Strict)
			err = r.try(ctx, f, variants)
			f.explain(out)
		}
	}
	switch {
	case err != nil && f.Scenario == "" && !r.matches(f.Path):
		f.Why = "not matched by --run, and its variants cannot be read"
	case err != nil:
		f.fail(ctx, err)
	}
}

// unmatched is why a file is not run that --run does not match.
const unmatched = "not matched by --run"

// matches says whether a name is one of those that are run.
func (r *runner) matches(name string) bool {
	return r.o.Match == nil || r.o.Match.MatchString(name)
}

// read opens a file, and leaves those of its variants that are to be run: none at
// all where nothing of it is.
func (r *runner) read(f *File, path string) ([]scenarios.Expanded, error) {
	file, err := scenarios.Open(path)
	if err != nil {
		return nil, err
	}
	f.Scenario, f.Digest = file.Scenario.Metadata.Name, file.Digest
	o := r.o.Scenario
	if o.Variants = r.wanted(f.Path, file); len(o.Variants) == 0 {
		return nil, nil
	}
	variants, err := file.Variants(o)
	warnings := file.Warnings
	for _, v := range variants {
		warnings = append(warnings, v.Warnings...)
	}
	f.Warnings = distinct(problems(warnings))
	return variants, err
}

// wanted are the names of the variants that are to be run.
func (r *runner) wanted(path string, file *scenarios.File) (names []string) {
	for _, name := range file.Names() {
		if r.matches(path) || r.matches(path+"/"+name) {
			names = append(names, name)
		}
	}
	return names
}

// distinct drops problems that another variant has, too.
func distinct(list []Problem) (out []Problem) {
	seen := map[Problem]bool{}
	for _, p := range list {
		same := p
		same.Text = ""
		if !seen[same] {
			seen[same] = true
			out = append(out, p)
		}
	}
	return out
}

func (r *runner) simulate(ctx context.Context, f *File, variants []scenarios.Expanded) (*result.Result, error) {
	return sim.Run(ctx, variants, sim.Options{Version: r.o.Version, Workers: r.o.Workers, Turns: r.turns, Progress: r.report(f)})
}

// try tries what may help against the findings of a file.
func (r *runner) try(ctx context.Context, f *File, variants []scenarios.Expanded) error {
	advice := result.Tried
	switch r.o.Remedies {
	case None:
		advice = result.NoRemedies
	case Untried:
		advice = result.Untried
	case ForFailed, "":
		if f.Status != Failed {
			advice = result.Untried
		}
	}
	return remedy.Try(ctx, variants, f.Result, remedy.Options{Advice: advice, Events: r.o.Events, Workers: r.o.Workers, Turns: r.turns, Progress: r.report(f)})
}

// report is how the runs of a file tell how far they are.
func (r *runner) report(f *File) func(fleet.Progress) {
	if r.o.Progress == nil {
		return nil
	}
	return func(p fleet.Progress) {
		r.mutex.Lock()
		defer r.mutex.Unlock()
		r.o.Progress(Progress{Files: len(r.paths), Ended: r.ended, Path: f.Path, Run: p})
	}
}

// fail says what kept a file from its end. What had been judged by then stays
// judged: trying remedies changes nothing of it.
func (f *File) fail(ctx context.Context, err error) {
	var wrong scenarios.Problems
	var limit *des.LimitError
	switch {
	case errors.As(err, &wrong):
		f.Status, f.Problems = Bad, problems(wrong)
	case errors.As(err, &limit) && limit.What == "events":
		text := fmt.Sprintf("%v; limits.events of the scenario is this bound: raise it, or ask for less", err)
		f.Status, f.Problems = Bad, []Problem{{File: f.Path, Message: text, Text: f.Path + ": " + text}}
	case ctx.Err() != nil && f.Result != nil:
		f.Why = "what may help was not tried to its end"
		for i := range f.Result.Variants {
			f.Result.Variants[i].Trying = &result.Trying{Advice: result.Untried}
		}
	case ctx.Err() != nil:
		f.Status = CutOff
	default:
		f.Status, f.Why = Broken, err.Error()
	}
}

// suite is the document.
func (r *runner) suite(ctx context.Context, found *Found) *Suite {
	s := &Suite{SchemaVersion: schemaVersion, Version: r.o.Version, Overrides: r.o.Scenario.Changes(), FailOnWarn: r.o.FailOnWarn, PassedOver: found.PassedOver}
	s.timeUp = errors.Is(ctx.Err(), context.DeadlineExceeded)
	s.interrupted = ctx.Err() != nil && !s.timeUp
	for i := range r.files {
		f := &r.files[i]
		if i > r.last {
			*f = File{Path: f.Path, Status: NotRun, Why: "not run: " + r.files[r.last].Path + " had failed, and --fail-fast was given"}
		}
		switch {
		case f.Status == "": // nothing of it is wanted
			s.PassedOver = append(s.PassedOver, PassedOver{f.Path, cmp.Or(f.Why, unmatched)})
			continue
		case f.Why != "" || f.Status != CutOff && f.Status != NotRun:
		case s.timeUp:
			f.Why = map[Status]string{CutOff: "cut off: the time of --timeout was up", NotRun: "not run: the time of --timeout was up"}[f.Status]
		default:
			f.Why = map[Status]string{CutOff: "cut off: interrupted", NotRun: "not run: interrupted"}[f.Status]
		}
		s.Files = append(s.Files, *f)
	}
	s.conclude()
	return s
}
