package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"ipamsim/reports"
	"ipamsim/sim"
	"ipamsim/sim/suite"
)

// long is a scenario that takes hours: a pod comes every second for a month.
const long = `apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: long}
duration: 700h
vpc: {cidrs: [10.0.0.0/16], subnets: [{name: a, cidr: 10.0.0.0/24, az: a}]}
nodeGroups: [{name: workers, instanceType: m5.large, count: 2, subnets: [a]}]
workloads: [{name: batch, kind: Job, arrivals: {rate: 1}, lifetime: {mean: 3s}}]
thresholds: {pods_never_started: count==0}
`

// Interrupted, a test of several files says what became of each: its outputs are
// whole, and the exit code is that of an interrupt.
func TestAnInterruptedTestSaysWhatBecameOfEachFile(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "long.yaml"), []byte(long), 0o666); err != nil {
		t.Fatal(err)
	}
	in := func(name string) string { return filepath.Join(dir, name) }
	outputs := map[string]string{"junit": in("j.xml"), "json": in("j.json"), "markdown": in("m.md"), "gitlab": in("g.json"), "tap": in("t.tap"), "html": in("h.html")}
	args := []string{"test", dir}
	for name, path := range outputs { // any order: each is a file of its own
		args = append(args, "--out", name+"="+path)
	}
	ctx, cancel := context.WithCancel(t.Context()) // as a signal does it
	defer cancel()
	time.AfterFunc(50*time.Millisecond, cancel)
	var out, told bytes.Buffer
	a := &app{stdin: strings.NewReader(""), stdout: &out, stderr: &told, simulate: sim.Run, version: build{Version: "devel"}}
	code, stdout, stderr := a.execute(ctx, args), out.String(), told.String()
	if code != exitInterrupted || !strings.Contains(stdout, "INTERRUPTED: interrupted: 1 of 1 file") {
		t.Errorf("exit code %d, stdout %s, stderr %s", code, stdout, stderr)
	}
	for name, path := range outputs { // any order: each is looked at
		text, err := os.ReadFile(path)
		if err != nil || !isWhole(path, string(text)) || !strings.Contains(string(text), "interrupted") {
			t.Errorf("%s: %v: %s", name, err, text)
		}
	}
	var s suite.Suite
	if text, err := os.ReadFile(outputs["json"]); err != nil || json.Unmarshal(text, &s) != nil || s.Verdict != suite.Interrupted || s.Files[0].Result != nil {
		t.Errorf("%v: %+v", err, s)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// Interrupted while outputs are written, those that were written before are whole, and
// of the others nothing is left.
func TestAnInterruptWhileFilesAreWrittenLeavesNothingHalfDone(t *testing.T) {
	dir := t.TempDir()
	whole := filepath.Join(dir, "whole")
	err := writing(func(ctx context.Context) error {
		text := func(w io.Writer) error { _, err := io.WriteString(w, "text"); return err }
		if err := reports.WriteFile(ctx, whole, text); err != nil {
			return err
		}
		return reports.WriteFiles(ctx, filepath.Join(dir, "folder"), []reports.NamedFile{{Name: "first", Write: text}, {Name: "second", Write: func(w io.Writer) error {
			if err := syscall.Kill(os.Getpid(), syscall.SIGINT); err != nil {
				return err
			}
			<-ctx.Done() // nothing but the signal ends it
			return text(w)
		}}})
	})
	var coded *exitError
	if !asError(err, &coded) || coded.code != exitInterrupted {
		t.Errorf("got %v", err)
	}
	if text, err := os.ReadFile(whole); err != nil || string(text) != "text" {
		t.Errorf("what was written before: %q, %v", text, err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left: %v, %v", left, err)
	}
}
