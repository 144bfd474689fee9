package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"ipamsim/scenarios"
	"ipamsim/sim"
	"ipamsim/sim/des"
	"ipamsim/sim/recording"
	"ipamsim/sim/result"
)

type simulator = func(context.Context, []scenarios.Expanded, sim.Options) (*result.Result, error)

// echo is a simulator that returns a result without simulating: what it was
// asked for, and a threshold that holds or not.
func echo(holds bool) simulator {
	return func(_ context.Context, variants []scenarios.Expanded, opts sim.Options) (*result.Result, error) {
		r := &result.Result{SchemaVersion: result.SchemaVersion, Version: opts.Version, Scenario: result.Scenario{Name: variants[0].Scenario.Metadata.Name},
			Seed: variants[0].Scenario.Seed, Replications: variants[0].Scenario.Replications, Fingerprint: "f00d"}
		for _, v := range variants {
			value := 3.0
			r.Variants = append(r.Variants, result.Variant{Name: v.Name, Thresholds: []result.Threshold{
				{Metric: "pod_start", Expression: "p(99)<5s", Value: &value, Unit: "s", OK: holds}}})
		}
		return r, nil
	}
}

// invoke runs a command line.
func invoke(simulate simulator, args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	a := &app{stdin: strings.NewReader(""), stdout: &out, stderr: &err, simulate: simulate, version: build{Version: "devel"}}
	code = a.execute(context.Background(), args)
	return code, out.String(), err.String()
}

func TestExitCodeSaysHowTheRunEnded(t *testing.T) {
	fails := func(err error) simulator {
		return func(context.Context, []scenarios.Expanded, sim.Options) (*result.Result, error) { return nil, err }
	}
	for _, test := range []struct {
		name     string
		simulate simulator
		code     int
		stderr   string
	}{
		{"all holds", echo(true), exitOK, ""},
		{"a threshold fails", echo(false), exitThreshold, "ipamsim: 1 of 1 threshold failed\n"},
		{"our error", fails(errors.New("more than 7 events")), exitFailure, "ipamsim: more than 7 events\n"},
		{"a bound of ours", fails(fmt.Errorf("variant a: %w", &des.LimitError{What: "pending events", Limit: 7, At: time.Second})), exitFailure,
			"ipamsim: variant a: the run reached its bound of 7 pending events at virtual time 1s\n"},
		{"the scenario's own bound", fails(fmt.Errorf("variant a: %w", &des.LimitError{What: "events", Limit: 7, At: time.Second})), exitUsage,
			"ipamsim: variant a: the run reached its bound of 7 events at virtual time 1s; limits.events of the scenario is this bound: raise it, or ask for less\n"},
		{"more than a recording holds", fails(fmt.Errorf("variant a: %w: 7 entries", recording.ErrLimit)), exitUsage,
			"ipamsim: variant a: more happened than a recording holds: 7 entries; record less: single nodes with --node NAME, single pods with ipamsim explain --pod NAME --out trace=FILE, a shorter duration or fewer nodes\n"},
		{"bad input found late", fails(scenarios.Problems{{File: "x.yaml", Message: "no such trace"}}), exitUsage,
			"x.yaml: no such trace\nipamsim: 1 problem; nothing was run\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			code, _, stderr := invoke(test.simulate, "run", "hello")
			if code != test.code || stderr != test.stderr {
				t.Errorf("exit code %d, stderr %q; want %d, %q", code, stderr, test.code, test.stderr)
			}
		})
	}
}

func TestFailedThresholdsStillShowTheResult(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.json")
	code, stdout, _ := invoke(echo(false), "run", "hello", "--out", "json="+path)
	if code != exitThreshold || !strings.HasSuffix(stdout, "fingerprint f00d\n") {
		t.Errorf("exit code %d, stdout %s", code, stdout)
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}

func TestFlagsReachTheSimulator(t *testing.T) {
	var got sim.Options
	var names []string
	simulate := func(ctx context.Context, variants []scenarios.Expanded, opts sim.Options) (*result.Result, error) {
		got = opts
		for _, v := range variants {
			names = append(names, v.Name)
		}
		return echo(true)(ctx, variants, opts)
	}
	code, stdout, stderr := invoke(simulate, "run", "latency-cliff", "--variant", "default", "--seed", "18446744073709551615",
		"--replications", "7", "--set", "duration=33s", "--workers", "2", "-o", "json")
	if code != exitOK {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	var r result.Result
	if err := json.Unmarshal([]byte(stdout), &r); err != nil {
		t.Fatal(err)
	}
	if got.Workers != 2 || r.Seed != 18446744073709551615 || r.Replications != 7 || fmt.Sprint(names) != "[default]" {
		t.Errorf("options %+v, result %+v, variants %v", got, r, names)
	}
}

func TestOutputsAreWrittenBesideTheResult(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	code, stdout, stderr := invoke(echo(true), "run", "hello", "-o", "json", "--out", "json="+in("r.json"), "--out", "yaml="+in("r.yaml"),
		"--out", "table="+in("r.txt"), "--out", "wide="+in("w.txt"), "--out", "plots="+in("a"))
	if code != exitOK || stderr != "" {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	if text, err := os.ReadFile(in("r.json")); err != nil || string(text) != stdout {
		t.Errorf("r.json, %v, differs from stdout", err)
	}
	for _, name := range []string{"r.yaml", "r.txt", "w.txt", "a/pod-start.svg", "a/api-default.png"} {
		if info, err := os.Stat(in(name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 5 {
		t.Errorf("left behind: %v", entries)
	}
}

func TestAReportDrawsThePicturesOfTheRun(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	if code, _, stderr := invoke(sim.Run, "run", "silent-drop", "--quiet", "--out", "json="+in("r.json"), "--out", "plots="+in("run")); code != exitOK {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	if code, _, stderr := invoke(nil, "report", in("r.json"), "--out", "plots="+in("report")); code != exitOK {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	drawn, err := os.ReadDir(in("run"))
	again, err2 := os.ReadDir(in("report"))
	if err != nil || err2 != nil || len(drawn) == 0 || len(drawn) != len(again) {
		t.Fatalf("%d pictures of the run, %v; %d of the report, %v", len(drawn), err, len(again), err2)
	}
	for _, picture := range drawn {
		a, err := os.ReadFile(filepath.Join(in("run"), picture.Name()))
		b, err2 := os.ReadFile(filepath.Join(in("report"), picture.Name()))
		if err != nil || err2 != nil || !bytes.Equal(a, b) {
			t.Errorf("%s differs: %v, %v", picture.Name(), err, err2)
		}
	}
}

func TestInterruptStopsCleanlyAndWritesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.json")
	simulate := func(ctx context.Context, variants []scenarios.Expanded, opts sim.Options) (*result.Result, error) {
		self, err := os.FindProcess(os.Getpid())
		if err != nil {
			return nil, err
		}
		if err := self.Signal(syscall.SIGINT); err != nil {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(time.Minute):
			return nil, errors.New("not told to stop")
		}
	}
	code, stdout, stderr := invoke(simulate, "run", "hello", "--out", "json="+path)
	if code != exitInterrupted || stdout != "" || stderr != "ipamsim: interrupted; nothing was written\n" {
		t.Errorf("exit code %d, stdout %q, stderr %q", code, stdout, stderr)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s: %v", path, err)
	}
}

func TestPanicAsksForAReport(t *testing.T) {
	simulate := func(context.Context, []scenarios.Expanded, sim.Options) (*result.Result, error) {
		panic("an address has two owners")
	}
	code, stdout, stderr := invoke(simulate, "run", "hello", "--seed", "7", "--set", "duration=1m")
	if code != exitFailure || stdout != "" {
		t.Errorf("exit code %d, stdout %q", code, stdout)
	}
	for _, words := range []string{"internal error: an address has two owners", "Please report", "scenario hello, seed 7 --set duration=1m", "run_test.go"} {
		if !strings.Contains(stderr, words) {
			t.Errorf("stderr does not say %q:\n%s", words, stderr)
		}
	}
}

// closedPipe is standard output whose reader has gone.
type closedPipe struct{}

func (closedPipe) Write([]byte) (int, error) {
	return 0, &os.PathError{Op: "write", Err: syscall.EPIPE}
}

func TestReaderThatHasSeenEnoughIsNoError(t *testing.T) {
	for _, args := range [][]string{{"run", "hello"}, {"run", "hello", "-o", "json"}, {"scenarios"}, {"scenarios", "hello"}, {"version"}} {
		var stderr bytes.Buffer
		a := &app{stdin: strings.NewReader(""), stdout: closedPipe{}, stderr: &stderr, simulate: echo(true)}
		if code := a.execute(context.Background(), args); code != exitOK || stderr.Len() > 0 {
			t.Errorf("%v: exit code %d, stderr %s", args, code, stderr.String())
		}
	}
}

// fullDisk is standard output that takes nothing.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

func TestOutputThatCannotBeWrittenIsAnError(t *testing.T) {
	var stderr bytes.Buffer
	a := &app{stdin: strings.NewReader(""), stdout: io.Writer(fullDisk{}), stderr: &stderr, simulate: echo(true)}
	if code := a.execute(context.Background(), []string{"run", "hello"}); code != exitFailure || !strings.Contains(stderr.String(), "no space") {
		t.Errorf("exit code %d, stderr %s", code, stderr.String())
	}
}
