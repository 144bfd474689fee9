package des

import (
	"iter"
	"time"
)

// list is a sequence of events in chunks: it grows without copying, and what
// is read of it goes back to the pool. The zero value is empty.
type list struct {
	first, last *chunk
	room        int // in last
}

// chunk is 752 bytes, of the 768 that the allocator gives for it. Also: how
// many events are few enough to be sorted by insertion. Half as many were
// measured slower from 1,000 pending events on, by a quarter at a million.
type chunk struct {
	events [chunkSize]event
	next   *chunk
}

const chunkSize = 31

// pool keeps chunks for reuse: as many as are in use, and minFree.
type pool struct {
	free        *chunk
	nfree, used int
}

const minFree = 64

func (p *pool) get() *chunk {
	p.used++
	c := p.free
	if c == nil {
		return new(chunk)
	}
	p.free, c.next = c.next, nil
	p.nfree--
	return c
}

// put takes back a chunk that holds no closures.
func (p *pool) put(c *chunk) {
	p.used--
	c.next, p.free = p.free, c
	p.nfree++
	for p.nfree > p.used+minFree {
		p.free = p.free.next
		p.nfree--
	}
}

func (l *list) append(e *event, p *pool) {
	if l.room == 0 {
		l.grow(p)
	}
	l.last.events[chunkSize-l.room] = *e
	l.room--
}

func (l *list) grow(p *pool) {
	c := p.get()
	if l.first == nil {
		l.first = c
	} else {
		l.last.next = c
	}
	l.last, l.room = c, chunkSize
}

// tail is the events of the last chunk.
func (l *list) tail() []event {
	if l.last == nil {
		return nil
	}
	return l.last.events[:chunkSize-l.room]
}

// in is the events of a chunk of the list.
func (l *list) in(c *chunk) []event {
	if c == l.last {
		return l.tail()
	}
	return c.events[:]
}

// drain visits the events and gives the chunks back. The loop over it must go
// to its end.
func (l list) drain(p *pool) iter.Seq[*event] {
	return func(yield func(*event) bool) {
		for c := l.first; c != nil; {
			events := l.in(c)
			for i := range events {
				yield(&events[i])
			}
			clear(events)
			next := c.next
			p.put(c)
			c = next
		}
	}
}

// survey reads the list: differ has the bits in which the events' times
// differ, sorted says whether the events are in order.
func (l list) survey() (differ time.Duration, sorted bool, chunks int) {
	before := &l.first.events[0]
	at := before.at
	sorted = true
	for c := l.first; c != nil; c = c.next {
		chunks++
		events := l.in(c)
		for i := range events {
			e := &events[i]
			differ |= e.at ^ at
			sorted = sorted && !e.before(before)
			before = e
		}
	}
	return differ, sorted, chunks
}

// sortChunk sorts a list of one chunk, by insertion.
func (l list) sortChunk() {
	events := l.tail()
	for i := 1; i < len(events); i++ {
		if !events[i].before(&events[i-1]) {
			continue
		}
		e := events[i]
		j := i
		for ; j > 0 && e.before(&events[j-1]); j-- {
			events[j] = events[j-1]
		}
		events[j] = e
	}
}
