package des_test

import (
	"container/heap"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"ipamsim/sim/des"
)

var pendingSizes = []int{100, 1_000, 10_000, 100_000, 1_000_000}

// delays are drawn before the clock starts, so that the generator's cost is
// not in the figures.
func delays() *[1 << 12]time.Duration {
	r := rand.New(rand.NewPCG(1, 2))
	var out [1 << 12]time.Duration
	for i := range out {
		out[i] = 1 + time.Duration(r.ExpFloat64()*1e9)
	}
	return &out
}

// hold is the hold model: each event, when it runs, schedules one, so the
// number that wait stays what it is. One iteration is a pop, a dispatch and a
// push.
func hold(b *testing.B, pending int, d *[1 << 12]time.Duration) {
	k := des.New(1, 0, des.Limits{Time: math.MaxInt64})
	executed := 0
	var event func()
	event = func() {
		if executed == b.N {
			k.Stop()
		}
		executed++
		k.After(d[executed%len(d)], event)
	}
	for i := range pending {
		k.After(d[i%len(d)], event)
	}
	b.ReportAllocs()
	b.ResetTimer()
	if err := k.Run(math.MaxInt64); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkHold has exponential delays. Budgets on the machine of the
// documents, in ns: 40 at 100 and 1,000 pending, 62 at 100,000, 100 at a
// million; no allocations; and at every size at most half the time of
// container/heap.
func BenchmarkHold(b *testing.B) {
	for _, pending := range pendingSizes {
		b.Run(fmt.Sprintf("kernel/pending=%d", pending), func(b *testing.B) { hold(b, pending, delays()) })
		b.Run(fmt.Sprintf("container-heap/pending=%d", pending), func(b *testing.B) {
			d := delays()
			var q heapQueue
			now, sequence, executed := time.Duration(0), uint64(0), 0
			push := func(after time.Duration, fn func()) {
				sequence++
				heap.Push(&q, &heapEvent{now + after, sequence, fn})
			}
			var event func()
			event = func() {
				executed++
				push(d[executed%len(d)], event)
			}
			for i := range pending {
				push(d[i%len(d)], event)
			}
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				e := heap.Pop(&q).(*heapEvent)
				now = e.at
				e.fn()
			}
		})
	}
}

// heapEvent and heapQueue are the priority queue of container/heap's own
// documentation.
type heapEvent struct {
	at       time.Duration
	sequence uint64
	fn       func()
}

type heapQueue []*heapEvent

func (q heapQueue) Len() int { return len(q) }
func (q heapQueue) Less(i, j int) bool {
	return q[i].at < q[j].at || q[i].at == q[j].at && q[i].sequence < q[j].sequence
}
func (q heapQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *heapQueue) Push(x any)   { *q = append(*q, x.(*heapEvent)) }
func (q *heapQueue) Pop() any {
	old := *q
	last := len(old) - 1
	e := old[last]
	old[last] = nil
	*q = old[:last]
	return e
}

// BenchmarkSpread has delays that a queue of buckets may dislike. Budget: no
// slower than a plain binary heap of the same events, which takes 65 ns at
// 1,000 pending and 127 ns at 100,000.
func BenchmarkSpread(b *testing.B) {
	for _, name := range slices.Sorted(maps.Keys(spreads)) {
		random := rand.New(rand.NewPCG(1, 2))
		var d [1 << 12]time.Duration
		for i := range d {
			d[i] = spreads[name](random)
		}
		for _, pending := range []int{1_000, 100_000} {
			b.Run(fmt.Sprintf("%s/pending=%d", name, pending), func(b *testing.B) { hold(b, pending, &d) })
		}
	}
}

// BenchmarkBurst is an event that schedules 1,000 others in the order of their
// times, which then all run. One iteration is one of them. Budget: no slower than
// the binary heap, which takes 60 ns.
func BenchmarkBurst(b *testing.B) {
	for _, gap := range []time.Duration{0, 1, time.Microsecond, time.Millisecond} {
		b.Run(fmt.Sprint("gap=", gap), func(b *testing.B) {
			k := des.New(1, 0, des.Limits{Time: math.MaxInt64})
			ran := 0
			event := func() { ran++ }
			var burst func()
			burst = func() {
				for i := range time.Duration(1000) {
					k.After(i*gap, event)
				}
				if ran < b.N {
					k.After(1000*gap, burst)
				}
			}
			k.After(0, burst)
			b.ReportAllocs()
			b.ResetTimer()
			if err := k.Run(math.MaxInt64); err != nil {
				b.Fatal(err)
			}
		})
	}
}

// BenchmarkLife is a process from Go to its end, after steps of which each is
// a sleep. Budget on the machine of the documents: 2 allocations, 220 ns and
// another 130 a step.
func BenchmarkLife(b *testing.B) {
	for _, steps := range []int{0, 1, 10} {
		b.Run(fmt.Sprintf("steps=%d", steps), func(b *testing.B) {
			k := des.New(1, 0, des.Limits{})
			defer k.Close()
			lives := 0
			body := func(p *des.Process) {
				for range steps {
					p.Sleep(1)
				}
				lives++
			}
			var start func()
			start = func() {
				k.Go("p", body)
				if lives < b.N {
					k.After(100, start)
				}
			}
			start()
			b.ReportAllocs()
			b.ResetTimer()
			if err := k.Run(des.DefaultLimits.Time); err != nil {
				b.Fatal(err)
			}
		})
	}
}

// BenchmarkStep is one sleep of a process among many that sleep, on a
// coroutine and on a goroutine that is handed the turn over channels. Budgets
// on the machine of the documents, in ns: 130 for a process alone, 190 for one
// of 1,000, 700 for one of 10,000 and 1,800 for one of 100,000, whose stacks
// are in no cache any more; no allocations.
func BenchmarkStep(b *testing.B) {
	for _, processes := range []int{1, 1_000, 10_000, 100_000} {
		b.Run(fmt.Sprintf("process/%d", processes), func(b *testing.B) {
			k, d := des.New(1, 0, des.Limits{}), delays()
			defer k.Close()
			steps := 0
			for range processes {
				k.Go("p", func(p *des.Process) {
					for {
						steps++
						p.Sleep(d[steps%len(d)])
						if steps >= b.N {
							k.Stop()
						}
					}
				})
			}
			if err := k.Run(0); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.ResetTimer()
			steps = 0
			if err := k.Run(des.DefaultLimits.Time); err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
		})
		b.Run(fmt.Sprintf("goroutine/%d", processes), func(b *testing.B) {
			k, d := des.New(1, 0, des.Limits{}), delays()
			steps, end := 0, make(chan struct{})
			for range processes {
				turn, done := make(chan struct{}), make(chan struct{})
				step := func() { turn <- struct{}{}; <-done }
				go func() {
					for {
						select {
						case <-turn:
						case <-end:
							return
						}
						steps++
						k.After(d[steps%len(d)], step)
						if steps >= b.N {
							k.Stop()
						}
						done <- struct{}{}
					}
				}()
				k.After(0, step)
			}
			if err := k.Run(0); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.ResetTimer()
			steps = 0
			if err := k.Run(des.DefaultLimits.Time); err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			close(end)
		})
	}
}

// BenchmarkStream is a stream's making and its first draw. Budgets on the
// machine of the documents: 140 ns and no allocation by value, 170 ns and one
// of 32 bytes by pointer.
func BenchmarkStream(b *testing.B) {
	k, sum := des.New(1, 0, des.Limits{}), uint64(0)
	name := fmt.Sprint("default/web-", sum)
	b.Run("value", func(b *testing.B) {
		record := new(struct{ stream des.Stream })
		b.ReportAllocs()
		for range b.N {
			record.stream = k.Stream("pod/", name)
			sum += record.stream.Rand().Uint64()
		}
	})
	b.Run("pointer", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			sum += k.Rand(name).Uint64()
		}
	})
}
