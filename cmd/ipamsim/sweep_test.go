package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"ipamsim/sim"
)

// An interrupted sweep says so, keeps its rows, and the same command goes on.
func TestAnInterruptedSweepGoesOn(t *testing.T) {
	dir := t.TempDir()
	var seeds []string
	for i := range 400 {
		seeds = append(seeds, strconv.Itoa(i))
	}
	sweep := func(ctx context.Context, file string) (code int, stderr string) {
		var out, err bytes.Buffer
		a := &app{stdin: strings.NewReader(""), stdout: &out, stderr: &err, simulate: sim.Run, version: build{Version: "devel"}}
		code = a.execute(ctx, []string{"sweep", "hello", "--over", "seed=" + strings.Join(seeds, ","), "--workers", "1", "--out", "jsonl=" + file})
		return code, err.String()
	}
	rows := func(file string) []byte {
		text, err := os.ReadFile(file)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		return text
	}
	file := filepath.Join(dir, "rows.jsonl")
	ctx, cancel := context.WithCancel(t.Context())
	go func() { // a signal would come like this
		for bytes.Count(rows(file), []byte{'\n'}) < 3 && ctx.Err() == nil {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	code, stderr := sweep(ctx, file)
	cancel()
	if code != exitInterrupted || !strings.Contains(stderr, "of 400 rows are in "+file+", and the same command goes on there") {
		t.Fatalf("exit code %d, %s", code, stderr)
	}
	part := bytes.Count(rows(file), []byte{'\n'})
	if part < 3 || part == 400 {
		t.Fatalf("%d rows are there", part)
	}
	code, stderr = sweep(t.Context(), file)
	if code != exitOK || !strings.Contains(stderr, strconv.Itoa(part)+" of 400 rows are in "+file+" already") {
		t.Fatalf("exit code %d, %s", code, stderr)
	}
	whole := filepath.Join(dir, "whole.jsonl")
	if code, stderr := sweep(t.Context(), whole); code != exitOK {
		t.Fatalf("exit code %d, %s", code, stderr)
	}
	if !bytes.Equal(rows(file), rows(whole)) {
		t.Error("the rows are others than those of one run")
	}
}
