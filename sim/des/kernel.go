package des

import (
	"fmt"
	"math"
	"time"

	"ipamsim/internal/words"
)

// Priority orders events that are due at the same instant; lower runs first.
type Priority uint8

// The priorities in use. Almost everything is Normal; a sampler that wants to
// see an instant after everything in it has happened uses Late.
const (
	Early  Priority = 0
	Normal Priority = 1
	Late   Priority = 2
)

// Never is the time of what has not happened: far from every time, also from
// those that are counted from a later moment than the start of the run and so
// may be negative.
const Never time.Duration = math.MinInt64

// Kernel runs events in the order of (time, priority, sequence).
// The zero value is not usable; see New.
type Kernel struct {
	now        time.Duration
	seq        uint64
	queue      queue
	check      func() error // see SetCheck
	stopped    bool
	executed   uint64
	aside      uint64 // of these, see Aside
	asideLast  uint64 // the last of them
	limits     Limits
	streams    streams
	processes  []*Process // every live process, so that Close can unwind them
	current    *Process   // the one that is executing, if any
	coroutines coroutines
}

// Limits bounds a run. A run that reaches a bound ends with a LimitError.
type Limits struct {
	Time    time.Duration // latest virtual time that Run may be asked for
	Events  uint64        // events executed
	Pending int           // events waiting in the queue
}

// LimitError says which bound ended a run.
type LimitError struct {
	What  string        // "events", "pending events" or "virtual time"
	Limit uint64        // the bound, in events or nanoseconds
	At    time.Duration // virtual time at which it was reached
}

func (e *LimitError) Error() string {
	if e.What == "virtual time" {
		return fmt.Sprintf("the run asks for more virtual time than its bound of %s", words.Duration(time.Duration(e.Limit)))
	}
	return fmt.Sprintf("the run reached its bound of %d %s at virtual time %s", e.Limit, e.What, words.Duration(e.At))
}

// defaultLimits are far above any scenario that fits a machine: a year of
// virtual time, a hundred billion events, a hundred million pending.
var defaultLimits = Limits{Time: 366 * 24 * time.Hour, Events: 100_000_000_000, Pending: 100_000_000}

// New returns a kernel at time zero. Streams drawn from it depend on seed and
// replication alone. Zero fields of limits take their defaults.
func New(seed uint64, replication int, limits Limits) *Kernel {
	if limits.Time == 0 {
		limits.Time = defaultLimits.Time
	}
	if limits.Events == 0 {
		limits.Events = defaultLimits.Events
	}
	if limits.Pending == 0 {
		limits.Pending = defaultLimits.Pending
	}
	return &Kernel{limits: limits, streams: streams{seed: seed, replication: replication}}
}

// Now is the virtual time since the start of the run.
func (k *Kernel) Now() time.Duration { return k.now }

// Executed is the number of events that have run.
func (k *Kernel) Executed() uint64 { return k.executed }

// Aside says that the event that executes is not to be counted: there is one or
// not depending on what nobody should see, such as whether somebody listens.
func (k *Kernel) Aside() {
	if k.asideLast != k.executed {
		k.aside++
		k.asideLast = k.executed
	}
}

// Counted is the number of events that have run, without those that were put
// aside.
func (k *Kernel) Counted() uint64 { return k.executed - k.aside }

// Pending is the number of events that wait.
func (k *Kernel) Pending() int { return k.queue.len() }

// At schedules fn at time t. It panics when t is in the past: a model that
// asks for that has lost track of causality.
func (k *Kernel) At(t time.Duration, fn func()) { k.AtPriority(t, Normal, fn) }

// AtPriority is At with a place among the events of the same instant.
func (k *Kernel) AtPriority(t time.Duration, p Priority, fn func()) {
	if t < k.now {
		panic(fmt.Sprintf("des: event at %v scheduled in the past of %v", t, k.now))
	}
	k.seq++
	k.queue.push(event{at: t, order: uint64(p)<<56 | k.seq, fn: fn})
}

// After schedules fn at d from now. It panics when d is negative.
func (k *Kernel) After(d time.Duration, fn func()) { k.AtPriority(k.now+d, Normal, fn) }

// Current is the process that is executing, or nil inside a plain event.
func (k *Kernel) Current() *Process { return k.current }

// Stop makes Run return after the event that is executing.
func (k *Kernel) Stop() { k.stopped = true }

// checkEvery is after how many events Run asks its check: some hundredths of a
// second.
const checkEvery = 1 << 15

// SetCheck makes Run ask now and then, after a number of events that is the
// same in every run, whether it should go on; an error of the check ends it.
func (k *Kernel) SetCheck(check func() error) { k.check = check }

// Run executes events up to and including time until, then sets the clock to
// it. It returns early and without error after Stop, with a *LimitError when a
// bound is reached, and with the check's error.
func (k *Kernel) Run(until time.Duration) error {
	if until > k.limits.Time {
		return &LimitError{What: "virtual time", Limit: uint64(k.limits.Time), At: k.now}
	}
	k.stopped = false
	for k.queue.len() > 0 {
		e := k.queue.peek()
		if e.at > until {
			break
		}
		if k.executed >= k.limits.Events {
			return &LimitError{What: "events", Limit: k.limits.Events, At: k.now}
		}
		if k.check != nil && k.executed%checkEvery == 0 {
			if err := k.check(); err != nil {
				return err
			}
		}
		if k.queue.len() > k.limits.Pending {
			return &LimitError{What: "pending events", Limit: uint64(k.limits.Pending), At: k.now}
		}
		at, fn := k.queue.take(e)
		k.now = at
		k.executed++
		fn()
		if k.stopped {
			return nil
		}
	}
	k.now = max(k.now, until)
	return nil
}

// Close unwinds every process that is still alive, the youngest first, and
// drops the events that wait. A kernel that had processes must be closed, or
// their coroutines stay in memory; also after a panic or a LimitError. It
// panics when a process calls it.
func (k *Kernel) Close() {
	if k.current != nil {
		panic("des: process " + k.current.name + " closes the kernel that it runs on")
	}
	for len(k.processes) > 0 {
		k.processes[len(k.processes)-1].Kill()
	}
	k.coroutines.close()
	k.queue = queue{}
}

// Next is when the earliest event that waits is due; any is false when none
// does.
func (k *Kernel) Next() (at time.Duration, any bool) {
	if k.queue.len() == 0 {
		return 0, false
	}
	return k.queue.peek().at, true
}
