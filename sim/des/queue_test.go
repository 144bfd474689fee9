package des_test

import (
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"
	"weak"

	"pgregory.net/rapid"

	"ipamsim/sim/des"
)

// spreads are ways in which the delays of a model's events may be distributed.
var spreads = map[string]func(*rand.Rand) time.Duration{
	"all at one instant":          func(*rand.Rand) time.Duration { return 0 },
	"all equal":                   func(*rand.Rand) time.Duration { return time.Second },
	"a few neighbouring instants": func(r *rand.Rand) time.Duration { return time.Duration(r.IntN(4)) },
	"milliseconds":                func(r *rand.Rand) time.Duration { return time.Duration(r.IntN(20)) * time.Millisecond },
	"uniform":                     func(r *rand.Rand) time.Duration { return time.Duration(r.Int64N(1e9)) },
	"exponential":                 func(r *rand.Rand) time.Duration { return time.Duration(r.ExpFloat64() * 1e9) },
	"two sleeps": func(r *rand.Rand) time.Duration {
		if r.IntN(2) == 0 {
			return 2500 * time.Millisecond
		}
		return 30 * time.Second
	},
	"now and later": func(r *rand.Rand) time.Duration { return time.Duration(r.IntN(2)) * time.Duration(r.Int64N(1e9)) },
	"near and one in a thousand far": func(r *rand.Rand) time.Duration {
		if r.IntN(1000) == 0 {
			return 200 * 24 * time.Hour
		}
		return time.Duration(r.IntN(1000))
	},
	"every magnitude": func(r *rand.Rand) time.Duration { return time.Duration(r.Int64N(1 << r.IntN(54))) },
}

// The queue against a sorted list, which is the whole specification: with
// every spread of times, with events that schedule others at their own
// instant and later, and across runs that end between two events.
func TestTheQueueAgreesWithASortedList(t *testing.T) {
	names := slices.Sorted(maps.Keys(spreads))
	rapid.Check(t, func(t *rapid.T) {
		delay := spreads[rapid.SampledFrom(names).Draw(t, "spread")]
		other := spreads[rapid.SampledFrom(names).Draw(t, "spread of children")]
		priorities := rapid.IntRange(1, 3).Draw(t, "priorities")
		roots, total := rapid.IntRange(0, 300).Draw(t, "roots"), rapid.IntRange(0, 1500).Draw(t, "total")
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))

		k := des.New(1, 0, des.Limits{Time: 1 << 62})
		var waiting []due // sorted
		sequence := 0
		var schedule func(d time.Duration)
		schedule = func(d time.Duration) {
			e := due{at: k.Now() + d, priority: des.Priority(random.IntN(priorities)), sequence: sequence}
			sequence++
			i, _ := slices.BinarySearchFunc(waiting, e, compareDue)
			waiting = slices.Insert(waiting, i, e)
			k.AtPriority(e.at, e.priority, func() {
				if e != waiting[0] || e.at != k.Now() {
					t.Fatalf("at %d ran %v while %v waited", k.Now(), e, waiting[0])
				}
				waiting = waiting[1:]
				for range random.IntN(4) {
					if sequence < total {
						schedule(other(random))
					}
				}
			})
		}
		for range roots {
			schedule(delay(random))
		}
		for len(waiting) > 0 {
			until := waiting[random.IntN(len(waiting))].at - time.Duration(random.IntN(2))
			until = max(until, k.Now())
			if err := k.Run(until); err != nil {
				t.Fatal(err)
			}
			if k.Now() != until || len(waiting) > 0 && waiting[0].at <= until || k.Pending() != len(waiting) {
				t.Fatalf("the run to %d ended at %d, %d wait of which the kernel knows %d", until, k.Now(), len(waiting), k.Pending())
			}
			if sequence < total {
				schedule(other(random))
			}
		}
	})
}

// What an event's function refers to may be large. It must be free to go
// while the run lasts, whichever way the event took through the queue.
func TestAnEventThatHasRunIsNotHeld(t *testing.T) {
	for name, delay := range spreads {
		t.Run(name, func(t *testing.T) {
			k, random := des.New(1, 0, des.Limits{}), rand.New(rand.NewPCG(1, 2))
			var held []weak.Pointer[[64]byte]
			schedule := func(at time.Duration) {
				object := new([64]byte)
				held = append(held, weak.Make(object))
				k.AtPriority(at, des.Priority(random.IntN(2)), func() { object[0]++ })
			}
			for range 500 {
				at := delay(random)
				schedule(at)
				k.At(at, func() { schedule(k.Now()) })
			}
			k.At(300*24*time.Hour, func() {})
			run(t, k, 299*24*time.Hour)
			runtime.GC()
			left := 0
			for _, h := range held {
				if h.Value() != nil {
					left++
				}
			}
			if left > 0 {
				t.Errorf("%d of %d are held", left, len(held))
			}
			if k.Pending() != 1 {
				t.Errorf("%d wait", k.Pending())
			}
		})
	}
}

func TestAQueueThatHasShrunkGivesItsMemoryBack(t *testing.T) {
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	const events = 300_000
	for name, delay := range spreads {
		t.Run(name, func(t *testing.T) {
			k, random, ran := des.New(1, 0, des.Limits{}), rand.New(rand.NewPCG(1, 2)), 0
			before := heap()
			k.At(0, func() {
				for i := range events {
					k.AtPriority(delay(random), des.Priority(i%2), func() { ran++ })
				}
			})
			k.At(300*24*time.Hour, func() {})
			run(t, k, 299*24*time.Hour)
			if after := heap(); ran != events || after > before+events {
				t.Errorf("%d events ran, and the queue of one keeps %d bytes", ran, after-before)
			}
			runtime.KeepAlive(k)
		})
	}
}
