package cluster

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestRampIsAStraightLineInTicks(t *testing.T) {
	kernel := func(t time.Duration) time.Duration { return t + 10*time.Second }
	r := newRamp(5, []Step{
		{At: 30 * time.Second, Count: 0, Over: 500 * time.Millisecond},
		{At: 0, Count: 15, Over: 10 * time.Second},
		{At: 20 * time.Second, Count: 25, Over: 20 * time.Second}, // cut short half-way, at 20
		{At: 40 * time.Second, Count: 7},
	}, kernel)
	for _, tc := range []struct {
		at   time.Duration
		want int
	}{
		{0, 5}, {10 * time.Second, 5}, {10*time.Second + 999*time.Millisecond, 5}, {11 * time.Second, 6},
		{19 * time.Second, 14}, {20 * time.Second, 15}, {30 * time.Second, 15}, {31 * time.Second, 15}, {32 * time.Second, 16},
		{40*time.Second - 1, 19}, {40 * time.Second, 20}, {40*time.Second + 49*time.Millisecond, 20}, {40*time.Second + 499*time.Millisecond, 2},
		{40*time.Second + 500*time.Millisecond, 0}, {50 * time.Second, 7}, {time.Hour, 7},
	} {
		if got := r.value(tc.at); got != tc.want {
			t.Errorf("value(%v) = %d, want %d", tc.at, got, tc.want)
		}
	}
}

func TestRampIsFollowedThroughAllItsValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var steps []Step
		for range rapid.IntRange(0, 6).Draw(t, "steps") {
			steps = append(steps, Step{
				At:    time.Duration(rapid.IntRange(-20, 100_000).Draw(t, "at")) * time.Millisecond,
				Count: rapid.IntRange(0, 300).Draw(t, "count"),
				Over:  time.Duration(rapid.IntRange(0, 50_000).Draw(t, "over")) * time.Millisecond,
			})
		}
		cfg := Config{WarmUp: 5 * time.Millisecond}
		r := newRamp(3, steps, cfg.kernelTime)
		last, at, value := time.Duration(-1), time.Duration(-1), 3
		for {
			next, ok := r.next(at)
			if !ok {
				break
			}
			if next <= at {
				t.Fatalf("next(%v) = %v", at, next)
			}
			if at >= 0 && r.value(next-1) != value {
				t.Fatalf("value changed from %d to %d before %v", value, r.value(next-1), next)
			}
			last, at, value = at, next, r.value(next)
		}
		if got := r.value(1 << 60); got != value {
			t.Fatalf("after %v and %v the value is %d, but it ends at %d", last, at, value, got)
		}
	})
}
