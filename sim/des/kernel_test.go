package des_test

import (
	"cmp"
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ipamsim/sim/des"
)

func newKernel(t testing.TB) *des.Kernel {
	k := des.New(1, 0, des.Limits{})
	t.Cleanup(k.Close)
	return k
}

func run(t *testing.T, k *des.Kernel, until time.Duration) {
	t.Helper()
	if err := k.Run(until); err != nil {
		t.Fatal(err)
	}
}

func mustPanic(t *testing.T, fn func()) (value any) {
	t.Helper()
	defer func() {
		if value = recover(); value == nil {
			t.Error("no panic")
		}
	}()
	fn()
	return nil
}

// due is an event as the reference sees it: sorting by (time, priority,
// sequence) is the whole specification of the queue.
type due struct {
	at       time.Duration
	priority des.Priority
	sequence int
}

func compareDue(a, b due) int {
	return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.priority, b.priority), cmp.Compare(a.sequence, b.sequence))
}

func TestEventsRunInTheOrderOfTimePriorityAndSequence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := des.New(1, 0, des.Limits{})
		n := rapid.IntRange(0, 200).Draw(t, "events")
		var want, got []due
		for i := range n {
			e := due{
				at:       time.Duration(rapid.IntRange(0, 20).Draw(t, "at")),
				priority: des.Priority(rapid.IntRange(0, 2).Draw(t, "priority")),
				sequence: i,
			}
			want = append(want, e)
			k.AtPriority(e.at, e.priority, func() {
				if k.Now() != e.at {
					t.Fatalf("event due at %v ran at %v", e.at, k.Now())
				}
				got = append(got, e)
			})
		}
		slices.SortFunc(want, compareDue)
		if err := k.Run(20); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("ran %v\nwant %v", got, want)
		}
	})
}

// Events that schedule events: whatever runs is always the least of all that
// wait at that moment.
func TestEveryEventThatRunsIsTheLeastThatWaits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := des.New(1, 0, des.Limits{})
		sequence, executed := 0, 0
		var waiting []due
		var schedule func()
		schedule = func() {
			if sequence == 300 {
				return
			}
			e := due{
				at:       k.Now() + time.Duration(rapid.IntRange(0, 5).Draw(t, "delay")),
				priority: des.Priority(rapid.IntRange(0, 2).Draw(t, "priority")),
				sequence: sequence,
			}
			sequence++
			waiting = append(waiting, e)
			k.AtPriority(e.at, e.priority, func() {
				executed++
				if least := slices.MinFunc(waiting, compareDue); e != least {
					t.Fatalf("ran %v while %v waited", e, least)
				}
				waiting = slices.DeleteFunc(waiting, func(w due) bool { return w == e })
				for range rapid.IntRange(0, 2).Draw(t, "children") {
					schedule()
				}
			})
		}
		for range rapid.IntRange(1, 20).Draw(t, "roots") {
			schedule()
		}
		if err := k.Run(time.Hour); err != nil {
			t.Fatal(err)
		}
		if executed != sequence || k.Executed() != uint64(sequence) || k.Pending() != 0 {
			t.Fatalf("%d of %d events ran, the kernel counts %d and %d wait", executed, sequence, k.Executed(), k.Pending())
		}
	})
}

func TestRunIncludesItsLastInstantAndLeavesTheClockThere(t *testing.T) {
	k := newKernel(t)
	var ran []int
	k.At(10, func() { ran = append(ran, 10) })
	k.At(11, func() { ran = append(ran, 11) })
	run(t, k, 10)
	if !slices.Equal(ran, []int{10}) || k.Pending() != 1 {
		t.Errorf("after 10: ran %v, %d wait", ran, k.Pending())
	}
	run(t, k, 20)
	if k.Now() != 20 || len(ran) != 2 {
		t.Errorf("after 20: ran %v, clock at %d", ran, k.Now())
	}
}

func TestStopEndsTheRunAfterTheEventAndARunCanGoOn(t *testing.T) {
	k := newKernel(t)
	ran := 0
	k.At(1, func() { ran++; k.Stop() })
	k.At(1, func() { ran++ })
	run(t, k, 5)
	if ran != 1 || k.Now() != 1 {
		t.Errorf("stopped after %d events at %d", ran, k.Now())
	}
	run(t, k, 5)
	if ran != 2 || k.Now() != 5 {
		t.Errorf("went on to %d events at %d", ran, k.Now())
	}
}

func TestSchedulingIntoThePastPanics(t *testing.T) {
	k := newKernel(t)
	run(t, k, 10)
	mustPanic(t, func() { k.At(9, func() {}) })
	mustPanic(t, func() { k.After(-1, func() {}) })
	k.At(10, func() {}) // the present is not the past
}

func TestLimitsAreErrorsThatSayWhichAndWhen(t *testing.T) {
	forever := func(k *des.Kernel) {
		var again func()
		again = func() { k.After(time.Second, again) }
		again()
	}
	flood := func(k *des.Kernel) {
		k.At(3*time.Second, func() {
			for range 11 {
				k.At(time.Hour, func() {})
			}
		})
	}
	for _, c := range []struct {
		name   string
		limits des.Limits
		load   func(*des.Kernel)
		until  time.Duration
		want   des.LimitError
	}{
		{"events", des.Limits{Events: 5}, forever, time.Hour, des.LimitError{What: "events", Limit: 5, At: 5 * time.Second}},
		{"pending", des.Limits{Pending: 10}, flood, time.Hour, des.LimitError{What: "pending events", Limit: 10, At: 3 * time.Second}},
		{"time", des.Limits{Time: time.Minute}, forever, time.Minute + 1, des.LimitError{What: "virtual time", Limit: uint64(time.Minute)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := des.New(1, 0, c.limits)
			c.load(k)
			var limit *des.LimitError
			if err := k.Run(c.until); !errors.As(err, &limit) || *limit != c.want {
				t.Fatalf("got %+v, want %+v", err, c.want)
			}
			if limit.Error() == "" {
				t.Error("no message")
			}
		})
	}
}

func TestSchedulingAndRunningAllocatesNothingOnceTheQueueHasGrown(t *testing.T) {
	k := newKernel(t)
	fn := func() {}
	for range 1000 {
		k.After(1, fn)
	}
	run(t, k, 10)
	if n := testing.AllocsPerRun(1000, func() {
		k.After(1, fn)
		if err := k.Run(k.Now() + 1); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations per event", n)
	}
}

// What is put aside is executed and not counted, once however often that is said;
// so is the end of a sleep of a process that was killed meanwhile.
func TestWhatIsPutAsideIsNotCounted(t *testing.T) {
	k := des.New(1, 0, des.Limits{})
	ran := 0
	k.After(time.Second, func() { ran++; k.Aside(); k.Aside() })
	k.After(2*time.Second, func() { ran++ })
	sleeper := k.GoNow("sleeper", func(p *des.Process) { p.Sleep(3 * time.Second) })
	k.After(2*time.Second, func() { ran++; sleeper.Kill() })
	if err := k.Run(time.Minute); err != nil {
		t.Fatal(err)
	}
	if ran != 3 || k.Executed() != 4 || k.Counted() != 2 {
		t.Errorf("%d ran, %d executed, %d counted", ran, k.Executed(), k.Counted())
	}
}
