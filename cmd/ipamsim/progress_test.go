package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"ipamsim/sim/fleet"
)

// onTerminal is progress on a make-believe terminal and clock.
func onTerminal(width int) (*progress, *bytes.Buffer, *time.Time) {
	var out bytes.Buffer
	clock := time.Unix(0, 0)
	p := newProgress(&out, false)
	p.live, p.pace, p.width = true, livePace, width
	p.now = func() time.Time { return clock }
	p.began = clock
	return p, &out, &clock
}

func TestProgressSaysHowFarARunIs(t *testing.T) {
	p, out, clock := onTerminal(120)
	p.numbered = true
	report := fleet.Progress{Variant: "default", Replication: 0, Done: 1, Total: 4, Virtual: 5 * time.Minute, VirtualEnd: 10 * time.Minute, Events: 3_000_000}
	p.report(report)
	if out.Len() > 0 {
		t.Errorf("a run of no time shows %q", out)
	}
	*clock = clock.Add(3 * time.Second)
	p.report(report)
	// 1.5 of 4 runs took 3 s.
	if want := "\r\x1b[Kdefault #1: 5m of 10m, 1.0M events/s, 1 of 4 runs done, 5s left"; out.String() != want {
		t.Errorf("got %q, want %q", out, want)
	}
	p.clear()
	if !strings.HasSuffix(out.String(), "\r\x1b[K") {
		t.Error("the line stays")
	}
}

func TestProgressNumbersTheReplicationsOnlyWhenThereAreSeveral(t *testing.T) {
	p, _, _ := onTerminal(120)
	for replication, want := range []string{"a #1:", "a #2:", "a #3:"} {
		run := fleet.Progress{Variant: "a", Replication: replication, Total: 3, VirtualEnd: time.Minute}
		p.numbered = true
		if line := p.line(run, time.Second); !strings.HasPrefix(line, want) {
			t.Errorf("got %q, want %s", line, want)
		}
		p.numbered = false
		if line := p.line(run, time.Second); !strings.HasPrefix(line, "a: ") {
			t.Errorf("got %q, want no number", line)
		}
	}
}

func TestProgressHasNoTimeBelowZero(t *testing.T) {
	p, _, _ := onTerminal(120)
	line := p.line(fleet.Progress{Variant: "a", Total: 1, Virtual: -160 * time.Second, VirtualEnd: 8 * time.Minute}, time.Second)
	if want := "a: warm-up, 2m40s to go, 0 events/s, 0 of 1 runs done"; line != want {
		t.Errorf("got %q, want %q", line, want)
	}
}

func TestProgressCountsRunsThatGoOnTogether(t *testing.T) {
	p, _, _ := onTerminal(120)
	half := fleet.Progress{Variant: "a", Total: 2, Virtual: time.Minute, VirtualEnd: 2 * time.Minute}
	p.note(half)
	other := half
	other.Variant = "b"
	p.note(other)
	if left, ok := p.left(other, 10*time.Second); !ok || left != 10*time.Second {
		t.Errorf("%v left, %v; want 10s: half of each of two runs is done", left, ok)
	}
}

// In a log there is a line every half minute, without any escape sequence.
func TestProgressAddsLinesAwayFromATerminal(t *testing.T) {
	for _, quiet := range []bool{false, true} {
		var out bytes.Buffer
		clock := time.Unix(0, 0)
		p := newProgress(&out, quiet)
		p.now = func() time.Time { return clock }
		p.began = clock
		for second := range 100 {
			clock = time.Unix(int64(second), 0)
			p.report(fleet.Progress{Variant: "a", Total: 2, Virtual: time.Duration(second) * time.Second, VirtualEnd: 2 * time.Minute})
		}
		p.clear()
		want := "a: 30s of 2m, 0 events/s, 0 of 2 runs done, 3m30s left\na: 1m of 2m, 0 events/s, 0 of 2 runs done, 3m left\na: 1m30s of 2m, 0 events/s, 0 of 2 runs done, 2m30s left\n"
		if quiet {
			want = ""
		}
		if out.String() != want {
			t.Errorf("quiet %v: %q", quiet, out.String())
		}
		p.interrupt()
		if out.String() != want {
			t.Errorf("an interrupt says %q", out.String())
		}
	}
}

func TestProgressFitsItsTerminal(t *testing.T) {
	p, out, clock := onTerminal(40)
	*clock = clock.Add(time.Second)
	p.report(fleet.Progress{Variant: "a-rather-long-name-of-a-variant", Total: 1, Virtual: time.Minute, VirtualEnd: time.Hour})
	if line := strings.TrimPrefix(out.String(), "\r\x1b[K"); len(line) != 39 {
		t.Errorf("%d columns: %q", len(line), line)
	}
}
