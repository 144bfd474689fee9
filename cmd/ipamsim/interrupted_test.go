package main

import (
	"encoding/json"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

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
	// Signals come until the command has ended: those before it listens are ours.
	ours, done := make(chan os.Signal, 1), make(chan bool)
	signal.Notify(ours, syscall.SIGINT)
	defer signal.Stop(ours)
	go func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(50 * time.Millisecond):
				syscall.Kill(os.Getpid(), syscall.SIGINT)
			}
		}
	}()
	in := func(name string) string { return filepath.Join(dir, name) }
	outputs := map[string]string{"junit": in("j.xml"), "json": in("j.json"), "markdown": in("m.md"), "gitlab": in("g.json"), "tap": in("t.tap"), "html": in("h.html")}
	args := []string{"test", dir}
	for name, path := range outputs { // any order: each is a file of its own
		args = append(args, "--out", name+"="+path)
	}
	code, stdout, stderr := invoke(sim.Run, args...)
	close(done)
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
