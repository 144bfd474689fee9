package queryapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"ipamsim/internal/portable"
)

// Timeline is a way to the present moment of an account, for requests that come
// from outside of it.
type Timeline interface {
	// Act brings the account to the present and calls fn there, alone. It returns
	// an error, without having called fn, when the account has ended.
	Act(fn func(now time.Duration)) error
}

// Kernel is what keeps an account's events: that of the simulation is one.
type Kernel interface {
	Now() time.Duration
	Run(until time.Duration) error
	Next() (at time.Duration, any bool)
}

// Pace runs a kernel in step with the clock of its process: the wall's, or the
// one of a synctest bubble in which it was made.
type Pace struct {
	mutex  sync.Mutex
	kernel Kernel
	speed  float64
	from   time.Duration // of the kernel,
	began  time.Time     // when the clock was there
	ended  error
	poke   chan struct{} // something may have been planned
}

// errEnded is why a timeline does nothing any more.
var errEnded = errors.New("the account has ended")

// NewPace is in step from now on. Speed is how many seconds of the kernel pass
// in one of the clock.
func NewPace(k Kernel, speed float64) *Pace {
	return &Pace{kernel: k, speed: speed, from: k.Now(), began: time.Now(), poke: make(chan struct{}, 1)}
}

// BrokenError is why an account has ended in which a request, or an event of the
// account itself, has panicked.
type BrokenError struct {
	Cause any
	Stack []byte
}

// Error says what the panic said.
func (e *BrokenError) Error() string { return fmt.Sprintf("the account is broken: %v", e.Cause) }

// broken ends a timeline in which something has panicked: nothing more is asked
// of books that may be half written. An HTTP server would let the next request in.
func (p *Pace) broken(err *error) {
	if cause := recover(); cause != nil {
		p.ended = &BrokenError{cause, debug.Stack()}
		*err = p.ended
		p.tell()
	}
}

// Act implements Timeline.
func (p *Pace) Act(fn func(now time.Duration)) (err error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	defer p.broken(&err)
	if err := p.catchUp(); err != nil {
		return err
	}
	fn(p.kernel.Now())
	p.tell()
	return nil
}

// tell wakes Run up.
func (p *Pace) tell() {
	select {
	case p.poke <- struct{}{}:
	default: // it has been told
	}
}

// Look lets fn look at the kernel as it is, also after its end, alone.
func (p *Pace) Look(fn func()) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	fn()
}

// Behind is how far the kernel is behind the present, of its own time.
func (p *Pace) Behind() time.Duration {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return max(0, p.present()-p.kernel.Now())
}

func (p *Pace) present() time.Duration {
	return p.from + scaled(time.Since(p.began), p.speed)
}

func scaled(d time.Duration, factor float64) time.Duration {
	return time.Duration(portable.Int64(float64(d) * factor))
}

// catchUp brings the kernel to the present.
func (p *Pace) catchUp() error {
	if p.ended != nil {
		return p.ended
	}
	if now := p.present(); now > p.kernel.Now() {
		p.ended = p.kernel.Run(now)
	}
	return p.ended
}

// farthest is how long it sleeps at most: clocks of machines are set.
const farthest = time.Minute

// Run keeps the kernel in step, until the context ends or the kernel gives up:
// the error says which. It is a [BrokenError] when something has panicked.
func (p *Pace) Run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			p.end(ctx.Err())
			return ctx.Err()
		case <-timer.C:
		case <-p.poke:
		}
		wait, err := p.step()
		if err != nil {
			return err
		}
		timer.Reset(wait)
	}
}

// step catches up, and says how long there is nothing to do.
func (p *Pace) step() (wait time.Duration, err error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	defer p.broken(&err)
	if err := p.catchUp(); err != nil {
		return 0, err
	}
	next, any := p.kernel.Next()
	if !any {
		return farthest, nil
	}
	wait = scaled(next-p.from, 1/p.speed) - time.Since(p.began)
	return min(max(wait, 0)+1, farthest), nil
}

func (p *Pace) end(err error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.ended == nil {
		p.ended = errors.Join(errEnded, err)
	}
}

// slowestReader may take so long to read an answer that is ready: our own bound.
// The time that an answer takes to come is the account's, and has no bound here.
const slowestReader = 30 * time.Second

// Ready says that an answer begins now, which has some time to be read.
func Ready(w http.ResponseWriter) {
	// What is no connection, as in tests, has no deadline.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(slowestReader))
}
