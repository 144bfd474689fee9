package des_test

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"
	"weak"

	"ipamsim/sim/des"
)

func TestSleepTakesItsTimeAndOthersRunMeanwhile(t *testing.T) {
	k := newKernel(t)
	var log []string
	say := func(p *des.Process) { log = append(log, fmt.Sprint(p.Name(), " ", int(p.Now()))) }
	for _, d := range []time.Duration{2, 3} {
		k.Go(fmt.Sprint("every ", int(d)), func(p *des.Process) {
			for range 3 {
				p.Sleep(d)
				say(p)
			}
		})
	}
	run(t, k, 100)
	want := []string{"every 2 2", "every 3 3", "every 2 4", "every 3 6", "every 2 6", "every 3 9"}
	if !slices.Equal(log, want) {
		t.Errorf("got %q, want %q", log, want)
	}
}

func TestAPriorityOrdersTheEndsOfSleepsWithinAnInstant(t *testing.T) {
	k := newKernel(t)
	var log []string
	for _, c := range []struct {
		name     string
		priority des.Priority
	}{{"late", des.Late}, {"normal", des.Normal}, {"early", des.Early}} {
		k.Go(c.name, func(p *des.Process) {
			p.SetPriority(c.priority)
			p.Sleep(5)
			log = append(log, p.Name())
		})
	}
	run(t, k, 10)
	if want := []string{"early", "normal", "late"}; !slices.Equal(log, want) {
		t.Errorf("went on in the order %v, want %v", log, want)
	}
}

func TestAProcessStartsAfterTheEventsThatAreAlreadyDue(t *testing.T) {
	k := newKernel(t)
	var log []string
	k.At(0, func() { log = append(log, "event") })
	p := k.Go("p", func(*des.Process) { log = append(log, "process") })
	if len(log) != 0 || p.Done() {
		t.Fatal("it ran before the kernel did")
	}
	run(t, k, 0)
	if !slices.Equal(log, []string{"event", "process"}) || !p.Done() {
		t.Errorf("ran %q, done %v", log, p.Done())
	}
}

func TestWakeMovesOnlyParkedProcessesAndOnlyOnce(t *testing.T) {
	k := newKernel(t)
	var woken []time.Duration
	p := k.Go("p", func(p *des.Process) {
		p.Sleep(10) // wakes in between must not cut it short
		woken = append(woken, p.Now())
		for {
			p.Park()
			woken = append(woken, p.Now())
		}
	})
	k.At(5, p.Wake)
	k.At(20, func() {
		p.Wake()
		if p.Parked() {
			t.Error("it counts as parked after it was woken")
		}
		p.Wake() // already woken: the first one holds
	})
	k.At(22, p.Wake)
	k.At(30, p.Wake)
	run(t, k, 100)
	if want := []time.Duration{10, 20, 22, 30}; !slices.Equal(woken, want) {
		t.Errorf("went on at %v, want %v", woken, want)
	}
}

func TestCurrentIsTheProcessThatExecutes(t *testing.T) {
	k := newKernel(t)
	p := k.Go("p", func(p *des.Process) {
		if k.Current() != p {
			t.Error("not current at the start")
		}
		p.Sleep(1)
		if k.Current() != p {
			t.Error("not current after a sleep")
		}
	})
	k.At(0, func() {
		if k.Current() != nil {
			t.Error("an event is in a process")
		}
	})
	run(t, k, 10)
	if !p.Done() || k.Current() != nil {
		t.Error("still current")
	}
}

func TestSuspendingAProcessFromOutsidePanicsAndHarmsNobody(t *testing.T) {
	k := newKernel(t)
	steps := 0
	p := k.Go("p", func(p *des.Process) {
		for {
			p.Sleep(10)
			steps++
		}
	})
	k.At(5, func() {
		mustPanic(t, func() { p.Sleep(1) })
		mustPanic(t, p.Park)
	})
	run(t, k, 30)
	if steps != 3 || p.Parked() {
		t.Errorf("%d steps, parked %v", steps, p.Parked())
	}
}

func TestTheKernelsSleepIsThatOfTheProcessThatExecutes(t *testing.T) {
	k := newKernel(t)
	var ends []time.Duration
	for _, d := range []time.Duration{3, 5} {
		k.Go("p", func(p *des.Process) {
			k.Sleep(d)
			ends = append(ends, p.Now())
		})
	}
	k.At(4, func() { mustPanic(t, func() { k.Sleep(1) }) })
	run(t, k, 10)
	if want := []time.Duration{3, 5}; !slices.Equal(ends, want) {
		t.Errorf("slept until %v, want %v", ends, want)
	}
}

func TestAProcessOfNowRunsInsideTheEventUpToItsFirstSuspension(t *testing.T) {
	k := newKernel(t)
	var log []string
	say := func(what string) { log = append(log, what) }
	k.At(1, func() {
		p := k.GoNow("sleeper", func(p *des.Process) {
			if k.Current() != p {
				t.Error("not current")
			}
			say("first")
			p.Sleep(1)
			say("last")
		})
		if say("event"); p.Done() || k.Current() != nil {
			t.Error("it is done or still current")
		}
	})
	k.At(1, func() { say("next event") })
	outer := k.Go("outer", func(p *des.Process) {
		p.Sleep(3)
		inner := k.GoNow("inner", func(*des.Process) { say("inner") })
		if say("outer"); !inner.Done() || k.Current() != p {
			t.Error("the inner process is not done, or the outer not current")
		}
		k.GoNow("killer", func(*des.Process) { p.Kill() })
		say("before its next suspension")
		p.Sleep(1)
		t.Error("it goes on although it was killed")
	})
	run(t, k, 10)
	want := []string{"first", "event", "next event", "last", "inner", "outer", "before its next suspension"}
	if !slices.Equal(log, want) || !outer.Done() {
		t.Errorf("ran %q, want %q; outer done %v", log, want, outer.Done())
	}
}

func TestKill(t *testing.T) {
	for _, c := range []struct {
		name string
		body func(*des.Process)
		at   time.Duration
	}{
		{"while it sleeps", func(p *des.Process) { p.Sleep(time.Hour) }, 5},
		{"while it is parked", func(p *des.Process) { p.Park() }, 5},
		{"at the instant it would go on", func(p *des.Process) { p.Sleep(5) }, 5},
		{"itself", func(p *des.Process) { p.Sleep(5); p.Kill() }, 1 << 40},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := newKernel(t)
			unwound, survived := time.Duration(-1), false
			var p *des.Process
			k.At(c.at, func() { p.Kill(); p.Kill() }) // twice is once
			p = k.Go("victim", func(p *des.Process) {
				defer func() { unwound = p.Now() }()
				c.body(p)
				survived = true
			})
			run(t, k, 2*time.Hour)
			if survived || unwound != 5 || !p.Done() || p.Parked() {
				t.Errorf("survived %v, unwound at %v, done %v, parked %v", survived, unwound, p.Done(), p.Parked())
			}
			p.Wake() // a corpse stays dead
			run(t, k, 3*time.Hour)
		})
	}
}

func TestKillBeforeTheFirstStepNeverEntersTheBody(t *testing.T) {
	k := newKernel(t)
	p := k.Go("p", func(*des.Process) { t.Error("it ran") })
	p.Kill()
	if !p.Done() {
		t.Error("not done")
	}
	run(t, k, 1)
}

func TestDeferredCodeOfAKilledProcessRunsAsThatProcessAndCannotSuspend(t *testing.T) {
	for _, how := range []string{"from an event", "from a process", "by itself", "by Close"} {
		t.Run(how, func(t *testing.T) {
			k := newKernel(t)
			entered, left := false, false
			var victim *des.Process
			victim = k.Go("victim", func(p *des.Process) {
				defer func() {
					entered = k.Current() == victim
					p.Sleep(1)
					left = true
				}()
				if how == "by itself" {
					p.Kill()
				}
				p.Park()
			})
			var killer *des.Process
			switch how {
			case "from an event":
				k.At(1, victim.Kill)
			case "from a process":
				killer = k.Go("killer", func(p *des.Process) {
					p.Sleep(1)
					victim.Kill()
					if k.Current() != p {
						t.Error("the killer is no longer current")
					}
					p.Sleep(1)
				})
			}
			run(t, k, 10)
			k.Close()
			if !entered || left || !victim.Done() {
				t.Errorf("deferred call as the process %v, came out of a sleep %v, done %v", entered, left, victim.Done())
			}
			if killer != nil && !killer.Done() {
				t.Error("the killer did not go on")
			}
		})
	}
}

func TestProcessesThatKillEachOtherBothEnd(t *testing.T) {
	k := newKernel(t)
	var a, b *des.Process
	after := false
	b = k.Go("b", func(p *des.Process) {
		defer func() { a.Kill() }()
		p.Park()
	})
	a = k.Go("a", func(p *des.Process) {
		b.Kill()
		p.Sleep(1) // a was killed while it killed b
		after = true
	})
	run(t, k, 10)
	if !a.Done() || !b.Done() || after {
		t.Errorf("a done %v, b done %v, a went on %v", a.Done(), b.Done(), after)
	}
}

func TestAPanicInAProcessComesOutOfRunAndTheKernelCanBeClosed(t *testing.T) {
	k := newKernel(t)
	unwound := false
	k.Go("bystander", func(p *des.Process) {
		defer func() { unwound = true }()
		p.Park()
	})
	k.Go("broken", func(p *des.Process) {
		p.Sleep(1)
		panic("invariant")
	})
	if v := mustPanic(t, func() { _ = k.Run(10) }); v != "invariant" {
		t.Errorf("came out as %v", v)
	}
	if k.Current() != nil {
		t.Error("the broken process is still current")
	}
	k.Close()
	if !unwound {
		t.Error("the bystander was not unwound")
	}
}

func TestCloseUnwindsEveryProcessAndLeavesNoGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	k := des.New(1, 0, des.Limits{})
	unwound := 0
	for i := range 100 {
		k.Go("p", func(p *des.Process) {
			defer func() { unwound++ }()
			switch i % 4 {
			case 0:
				p.Sleep(time.Hour)
			case 1:
				p.Park()
			case 2:
				return
			case 3:
				p.Sleep(1)
				p.Kill()
			}
		})
	}
	run(t, k, 10)
	for range 10 {
		k.Go("never ran", func(*des.Process) { t.Error("it ran") })
	}
	// A process that starts another while it unwinds.
	k.Go("parent", func(p *des.Process) {
		defer k.Go("child", func(*des.Process) { t.Error("it ran") })
		p.Park()
	})
	k.Close()
	if unwound != 100 {
		t.Errorf("%d of 100 unwound", unwound)
	}
	if k.Pending() != 0 {
		t.Errorf("%d events wait in a closed kernel", k.Pending())
	}
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines, %d before", after, before)
	}
}

func TestAProcessCannotCloseItsKernel(t *testing.T) {
	k := newKernel(t)
	k.Go("p", func(*des.Process) { mustPanic(t, k.Close) })
	run(t, k, 1)
}

func TestAProcessStepAllocatesNothing(t *testing.T) {
	k := newKernel(t)
	k.Go("p", func(p *des.Process) {
		for {
			p.Sleep(1)
		}
	})
	run(t, k, 100)
	if n := testing.AllocsPerRun(1000, func() { _ = k.Run(k.Now() + 1) }); n != 0 {
		t.Errorf("%v allocations per step", n)
	}
}

// Every way to end leaves the coroutine fit for the next process.
func TestProcessesThatFollowEachOtherShareACoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	k := newKernel(t)
	ends := []struct {
		name string
		body func(*des.Process)
	}{
		{"returns at once", func(*des.Process) {}},
		{"returns after a sleep", func(p *des.Process) { p.Sleep(1) }},
		{"kills itself", func(p *des.Process) { p.Sleep(1); p.Kill() }},
		{"is killed asleep", func(p *des.Process) { k.After(1, p.Kill); p.Sleep(time.Hour) }},
		{"is killed parked", func(p *des.Process) { k.After(1, p.Kill); p.Park() }},
		{"is woken", func(p *des.Process) { k.After(1, p.Wake); p.Park() }},
		{"is killed and cannot sleep any more", func(p *des.Process) {
			defer p.Sleep(1)
			k.After(1, p.Kill)
			p.Park()
		}},
	}
	ran, unwound := 0, 0
	for i := range 20 * len(ends) * len(ends) {
		end := ends[i/len(ends)%len(ends)]
		if i%2 == 0 {
			end = ends[i%len(ends)]
		}
		p := k.Go(end.name, func(p *des.Process) {
			defer func() { unwound++ }()
			if ran++; k.Current() != p {
				t.Errorf("%s: not current", p.Name())
			}
			end.body(p)
		})
		run(t, k, k.Now()+10)
		if !p.Done() || p.Parked() || ran != i+1 || unwound != i+1 {
			t.Fatalf("process %d, that %s: done %v, %d ran, %d unwound", i, p.Name(), p.Done(), ran, unwound)
		}
	}
	if n := runtime.NumGoroutine(); n > before+1 {
		t.Errorf("%d goroutines, %d before", n, before)
	}
}

func TestACrowdOfProcessesThatHasEndedLeavesFewCoroutines(t *testing.T) {
	before := runtime.NumGoroutine()
	k := newKernel(t)
	for i := range 1000 {
		k.Go("p", func(p *des.Process) { p.Sleep(time.Duration(i)) })
	}
	run(t, k, 2000)
	if n := runtime.NumGoroutine(); n > before+100 {
		t.Errorf("%d goroutines, %d before", n, before)
	}
	k.Close()
	if n := runtime.NumGoroutine(); n > before {
		t.Errorf("%d goroutines in a closed kernel, %d before", n, before)
	}
}

func TestAProcessThatHasEndedHoldsNothingOfItsBody(t *testing.T) {
	k := newKernel(t)
	var held []weak.Pointer[[64]byte]
	var processes []*des.Process
	for i := range 4 {
		object := new([64]byte)
		held = append(held, weak.Make(object))
		processes = append(processes, k.Go("p", func(p *des.Process) {
			if object[0]++; i%2 == 0 {
				p.Park()
			}
		}))
	}
	processes[3].Kill() // before its first step
	run(t, k, 1)
	processes[0].Kill()
	processes[2].Kill()
	run(t, k, 2)
	runtime.GC()
	for i := range held {
		if held[i].Value() != nil {
			t.Errorf("the object of process %d is held", i)
		}
	}
	runtime.KeepAlive(processes)
}
