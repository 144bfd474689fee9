package main

import (
	"context"
	"errors"
	"fmt"
	"os/signal"
	"regexp"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"ipamsim/sim/suite"
)

// testFlags of the test command.
type testFlags struct {
	runFlags
	match      string
	failFast   bool
	failOnWarn bool
	timeout    timeFlag
}

func (a *app) testCommand() *cobra.Command {
	flags := testFlags{runFlags: runFlags{writeFlags: newWriteFlags(testFormats)}}
	cmd := &cobra.Command{
		Use:   "test PATH...",
		Short: "Run all scenarios of a folder and say which thresholds hold",
		Long: `Run scenario files, several at a time, and say of each which of its thresholds hold:
failures first, then a summary. A file that cannot be run keeps no other from it.

PATH is a scenario file, a folder, the name of a shipped scenario, or - for standard
input. Of a folder, and of all folders below it, the files are taken that end in .yaml
or .yml and have apiVersion: ipamsim/... or kind: Scenario at the beginning of a line,
or two of a scenario's own keys (vpc, nodeGroups, workloads, thresholds, warmUp). Others
are passed over, and the output says so; what begins with a dot is not looked at, and
links to folders are not followed. A file that is named itself must be a scenario.

--run is a regular expression that is looked for in the path of each file, and in
PATH/VARIANT of each of its variants: what matches neither is not run. All thresholds
of what is run are judged. A file without a threshold is a warning; where nothing at
all was judged, the exit code is 2.

--timeout is time on the clock for the whole command. A file that has not come to its
end by then is a failure that says so; what has ended is reported. Only with --timeout,
or when it is interrupted, does the output depend on the machine.

--out github adds annotations at file and line to the output, at most 10 errors and 10
warnings, the worst first, and appends to the summary of the step; it takes no path.

With --fail-fast the first file that fails, in the order in which they are listed, is
the last: those after it are not run, or count as not run.

Exit codes: 99 a threshold failed (also one of severity warn, and a file without a
threshold, with --fail-on-warn), or --timeout was up; 2 a file could not be run, or no
file was found, or nothing was judged; 1 a fault of ipamsim; 130 interrupted. Of
several the first in this order counts: 1, 130, 99, 2.`,
		Example: `  ipamsim test scenarios
  ipamsim test scenarios --out junit=ipamsim.xml
  ipamsim test scenarios --out github --out markdown=comment.md
  ipamsim test scenarios --out gitlab=gl-code-quality-report.json --out results=results
  ipamsim test scenarios --run 'cliff|exhaustion' --fail-fast
  ipamsim test scenarios --timeout 10m -o json | jq '.files[] | {path, status}'`,
		Args:              wantArgs(1, -1, "a PATH: a folder or a scenario file"),
		ValidArgsFunction: completeScenarios,
		RunE: action(func(cmd *cobra.Command, args []string) error {
			return a.test(cmd, args, &flags)
		}),
	}
	f := cmd.Flags()
	f.SortFlags = false
	flags.writeFlags.add(cmd)
	f.StringVar(&flags.match, "run", "", "run only what this regular expression matches: FILE or FILE/VARIANT")
	f.BoolVar(&flags.failFast, "fail-fast", false, "stop at the first file that fails")
	f.BoolVar(&flags.failOnWarn, "fail-on-warn", false, "fail when a threshold of severity warn does not hold, or a file has none")
	f.BoolVar(&flags.strict, "strict", false, "fail when what a scenario expects is not reproduced, too; it is a warning otherwise")
	f.Var(&flags.timeout, "timeout", "most time on the clock for all files, such as 10m; any unless given, and with 0")
	flags.addSeed(cmd, "each file's")
	flags.addReplications(cmd, "runs of each variant, in place of each file's number")
	flags.addSet(cmd, "each scenario")
	flags.addRemedies(cmd, []string{string(suite.ForFailed), string(suite.Always), string(suite.Untried), string(suite.None)},
		"run the scenario with it where a threshold failed (failed), everywhere (tried), list it (untried), or say nothing of it (none)", " for one file, besides its own")
	flags.addRunning(cmd)
	freeText(cmd, "run", "timeout")
	return cmd
}

// test is the command: find, run, write.
func (a *app) test(cmd *cobra.Command, args []string, flags *testFlags) error {
	options, err := a.testOptions(cmd, flags)
	if err != nil {
		return err
	}
	found, err := suite.Find(args)
	if err != nil {
		return usageError(err)
	}
	if err := flags.outputs.check(found.Paths); err != nil {
		return err
	}
	flags.memory.apply()
	a.running = fmt.Sprintf("test of %d files", len(found.Paths))
	tested := a.runSuite(cmd.Context(), found, options, flags)
	for i := range tested.Files {
		if f := &tested.Files[i]; f.Status == suite.Broken && f.Stack != "" {
			a.running = "scenario " + f.Path
			a.reportPanic(f.Why, []byte(f.Stack))
		}
	}
	if err := a.write(&outcome{tested: tested}, &flags.writeFlags); err != nil {
		return err
	}
	if err := a.tellGitHub(tested, flags); err != nil {
		return err
	}
	return suiteVerdict(tested)
}

// testOptions are the flags as the suite takes them.
func (a *app) testOptions(cmd *cobra.Command, flags *testFlags) (suite.Options, error) {
	o := suite.Options{Version: a.version.Version, FailFast: flags.failFast, FailOnWarn: flags.failOnWarn, Strict: flags.strict,
		Scenario: flags.scenarioOptions(cmd), Remedies: suite.Remedies(flags.remedies.value), Events: flags.events, Workers: flags.workers}
	if flags.timeout.value < 0 {
		return o, usagef("--timeout must not be negative")
	}
	if flags.match != "" {
		match, err := regexp.Compile(flags.match)
		if err != nil {
			return o, usagef("--run: %w", err)
		}
		o.Match = match
	}
	return o, nil
}

// runSuite runs it with its progress, until time is up or somebody interrupts.
func (a *app) runSuite(ctx context.Context, found *suite.Found, o suite.Options, flags *testFlags) *suite.Suite {
	line := newProgress(a.stderr, flags.quiet)
	line.unit = "files"
	defer line.clear()
	o.Progress = func(p suite.Progress) {
		run := p.Run
		run.Variant, run.Done, run.Total = p.Path+" "+run.Variant, p.Ended, p.Files
		line.report(run)
	}
	if flags.timeout.value > 0 {
		timed, cancel := context.WithTimeout(ctx, time.Duration(flags.timeout.value))
		defer cancel()
		ctx = timed
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	defer context.AfterFunc(ctx, func() {
		if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
			stop() // from here on a signal kills
			line.interrupt()
		}
	})()
	return suite.Run(ctx, found, o)
}

// suiteVerdict is the error of a suite that has not passed. The output has said
// why.
func suiteVerdict(s *suite.Suite) error {
	code, failed := map[suite.Verdict]int{suite.Fails: exitThreshold, suite.BadInput: exitUsage, suite.Fault: exitFailure, suite.Interrupted: exitInterrupted}[s.Verdict]
	if !failed {
		return nil
	}
	return &exitError{code, errors.New(s.Reason)}
}
