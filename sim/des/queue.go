package des

import (
	"math/bits"
	"time"
)

// event is 24 bytes and a value: pushing one never allocates once the queue
// has grown to the run's size.
type event struct {
	at    time.Duration
	order uint64 // priority in the top byte, sequence number below
	fn    func()
}

func (e *event) before(f *event) bool {
	return e.at < f.at || e.at == f.at && e.order < f.order
}

// queue hands events out in the order of (at, order), at a price that hardly
// depends on how many wait and how their times are spread; see BenchmarkHold.
//
// It is a set of timing wheels. A wheel has 64 slots. A slot of the finest
// wheel is a nanosecond wide, a slot of any other as wide as the whole wheel
// below it, so that the wheels reach every time and nothing needs tuning: an
// event waits in the wheel of the highest digit, to the base 64, in which its
// time differs from the frontier, in the slot of that digit. The earliest
// events are then in the finest wheel that is not empty, in its lowest slot.
//
// A slot of few events is sorted and becomes the run, whichever wheel it is
// of, as does one that happens to be in order; any other is first dealt out
// over a finer wheel.
type queue struct {
	n         int
	run       list          // the earliest events, in order
	next, end int           // those that wait in the run's first chunk
	late      heap          // pushed when the run had already gone beyond their time
	frontier  time.Duration // of the run's last event; all in the wheels are later
	order     uint64        // of the run's last event
	occupied  [wheels]uint64
	slots     [wheels][1 << digit]list
	chunks    pool
}

const (
	digit  = 6 // bits: a wheel's occupied slots are the bits of one word
	wheels = (63 + digit - 1) / digit
)

// sortedChunks bounds a run that came in order, as a burst does. A longer one
// would draw too much of what is still to come into the heap.
const sortedChunks = 64

func (q *queue) len() int { return q.n }

func (q *queue) push(e event) {
	q.n++
	switch {
	case e.at > q.frontier:
		q.place(&e, highestDigit(e.at^q.frontier))
	case e.at == q.frontier && e.order > q.order:
		q.extend(&e)
	default:
		q.late.push(e)
	}
}

func highestDigit(t time.Duration) int { return (bits.Len64(uint64(t)) - 1) / digit }

func (q *queue) place(e *event, wheel int) {
	i := uint(e.at>>(wheel*digit)) % (1 << digit)
	s := &q.slots[wheel][i]
	if s.first == nil {
		q.occupied[wheel] |= 1 << i
	}
	s.append(e, &q.chunks)
}

// extend appends to the run, so that events of one instant that come in order
// pass through it as through a pipe.
func (q *queue) extend(e *event) {
	q.order = e.order
	q.run.append(e, &q.chunks)
	if q.run.first == q.run.last {
		q.end = len(q.run.tail())
	}
}

// peek is the event that is due next. There must be one. It stays where it is
// until take, unless something is pushed.
func (q *queue) peek() *event {
	if q.next == q.end {
		q.refill()
	}
	if q.next < q.end {
		if e := &q.run.first.events[q.next]; len(q.late) == 0 || e.before(&q.late[0]) {
			return e
		}
	}
	return &q.late[0]
}

// take removes what peek has just returned.
func (q *queue) take(e *event) (at time.Duration, fn func()) {
	q.n--
	if q.next < q.end && e == &q.run.first.events[q.next] {
		q.next++
		at, fn = e.at, e.fn
		e.fn = nil // let the closure go
		return at, fn
	}
	late := q.late.pop()
	return late.at, late.fn
}

// refill moves to the run's next chunk or, when all that had been reached is
// done, to a new run.
func (q *queue) refill() {
	switch {
	case q.run.first != q.run.last:
		c := q.run.first
		q.setRun(list{c.next, q.run.last, q.run.room})
		q.chunks.put(c)
	case len(q.late) == 0:
		q.advance()
	}
}

func (q *queue) setRun(l list) {
	q.run, q.next, q.end = l, 0, chunkSize
	if l.first == l.last {
		q.end = len(l.tail())
	}
}

// advance makes the earliest events of the wheels the run. There must be some.
func (q *queue) advance() {
	if c := q.run.first; c != nil {
		q.chunks.put(c)
	}
	for {
		l, wheel := q.lowest()
		if l.first == l.last {
			l.sortChunk()
			q.begin(l)
			return
		}
		switch differ, sorted, chunks := l.survey(); {
		case sorted && (differ == 0 || chunks <= sortedChunks):
			q.begin(l)
			return
		case differ != 0:
			wheel = highestDigit(differ)
			for e := range l.drain(&q.chunks) {
				q.place(e, wheel)
			}
		default: // one instant, several priorities
			q.frontier, q.order = l.first.events[0].at, 0
			q.setRun(list{})
			for e := range l.drain(&q.chunks) {
				q.late.push(*e)
			}
			return
		}
	}
}

// lowest takes the list of the lowest slot of the finest wheel with any.
func (q *queue) lowest() (l list, wheel int) {
	for q.occupied[wheel] == 0 {
		wheel++
	}
	i := bits.TrailingZeros64(q.occupied[wheel])
	q.occupied[wheel] &^= 1 << i
	s := &q.slots[wheel][i]
	l, *s = *s, list{}
	return l, wheel
}

// begin makes a sorted list the run.
func (q *queue) begin(l list) {
	tail := l.tail()
	last := &tail[len(tail)-1]
	q.frontier, q.order = last.at, last.order
	q.setRun(l)
}
