package main

import (
	"container/heap"
	"sync"
	"testing/synctest"
	"time"

	"ipamsim/sim/des"
)

// pump keeps the kernel of the account in step with the clock of the bubble. What
// is late runs when all that falls on its instant has been done, and the daemon
// waits for something again.
type pump struct {
	mu     sync.Mutex // held while something acts on the account
	kernel *des.Kernel
	start  time.Time
	seq    int
	late   lates
	wake   chan struct{} // something may have been planned
}

func newPump(seed uint64) *pump {
	return &pump{start: time.Now(), kernel: des.New(seed, 0, des.Limits{}), wake: make(chan struct{}, 1)}
}

func (p *pump) now() time.Duration { return time.Since(p.start) }

// Act implements queryapi.Timeline.
func (p *pump) Act(fn func(now time.Duration)) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.kernel.Run(p.now()); err != nil {
		return err
	}
	fn(p.kernel.Now())
	select {
	case p.wake <- struct{}{}:
	default:
	}
	return nil
}

// catchUp does what is due. It wakes nobody: it is the pump's own step.
func (p *pump) catchUp() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.kernel.Run(p.now())
}

// atLate plans something at the end of an instant. It runs with nothing held.
func (p *pump) atLate(t time.Duration, fn func()) {
	p.seq++
	heap.Push(&p.late, late{t, p.seq, fn})
}

// runUntil lets time pass.
func (p *pump) runUntil(end time.Duration) error {
	for {
		if err := p.catchUp(); err != nil {
			return err
		}
		if soon := p.soon(end); soon > p.now() {
			p.sleep(soon - p.now())
			continue
		}
		synctest.Wait() // the daemon first
		switch {
		case p.due():
		case len(p.late) > 0 && p.late[0].at <= p.now():
			heap.Pop(&p.late).(late).fn()
		case p.now() >= end:
			return nil
		}
	}
}

// due says whether something for the account is.
func (p *pump) due() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	at, some := p.kernel.Next()
	return some && at <= p.now()
}

// soon is when something is to be done, the end if nothing is before it.
func (p *pump) soon(end time.Duration) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if at, some := p.kernel.Next(); some {
		end = min(end, at)
	}
	if len(p.late) > 0 {
		end = min(end, p.late[0].at)
	}
	return end
}

// sleep waits, or until something else is planned.
func (p *pump) sleep(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-p.wake:
	}
}

// late is something planned at the end of an instant.
type late struct {
	at  time.Duration
	seq int
	fn  func()
}

type lates []late

func (l lates) Len() int { return len(l) }
func (l lates) Less(i, j int) bool {
	return l[i].at < l[j].at || l[i].at == l[j].at && l[i].seq < l[j].seq
}
func (l lates) Swap(i, j int) { l[i], l[j] = l[j], l[i] }
func (l *lates) Push(x any)   { *l = append(*l, x.(late)) }
func (l *lates) Pop() any {
	old := *l
	last := old[len(old)-1]
	*l = old[:len(old)-1]
	return last
}
