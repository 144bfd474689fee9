package live

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"
)

// daemonOf is a release of the real daemon, or the end of the test where it cannot
// run, or is not to: it and Kubernetes' client libraries take minutes to build.
func daemonOf(t *testing.T, release string) *Daemon {
	t.Helper()
	if os.Getenv("REAL") == "" {
		t.Skip("the real daemon is replayed from recordings; REAL=1 runs it")
	}
	if missing := Missing(); missing != "" {
		t.Skip(missing)
	}
	d, err := Build(".", release, false)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The real daemon and ours ask EC2 for the same, hold the same and give the same
// pods addresses, in every scenario of the set.
func TestTheRealDaemonAndOursDoTheSame(t *testing.T) {
	d := daemonOf(t, Releases[0])
	for _, s := range Set() {
		t.Run(s.Name, func(t *testing.T) {
			f, err := d.Compare(t.Context(), s, Effort{Go: 2, Uniform: 4})
			if err != nil {
				t.Fatal(err)
			}
			if !f.Equal() {
				var text strings.Builder
				f.Verdict.WriteLine(&text, true)
				f.Released.WriteLine(&text, true)
				t.Error(text.String())
			}
		})
	}
}

// What a process that has ended would still ask for when its metadata token runs
// out, five minutes after it began, does not stop the clock for the one after it.
func TestAProcessThatHasEndedDoesNotStopTheClock(t *testing.T) {
	d := daemonOf(t, Releases[0])
	s := Random(36) // restarts, and goes on for long enough
	s.LoopOverheadNS = 0
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	for seed := range uint64(4) {
		if _, err := d.Play(ctx, Job{Scenario: s, Maps: Uniform, Seed: seed + 1}, false); err != nil {
			t.Error(err)
		}
	}
}
