package controller

import (
	"time"

	"ipamsim/internal/portable"
	"ipamsim/sim/controlplane"
	"ipamsim/sim/des"
)

// Limiter is the bucket of a client as client-go's flowcontrol has it: full at
// first, and whoever comes has the next token, first come, first served.
type Limiter struct {
	gap   time.Duration // between two tokens; 0 for no limit
	slack time.Duration // how far the bucket may be from full when a token is taken
	full  time.Duration // when the bucket would be full again
}

// NewLimiter makes a full one.
func NewLimiter(r controlplane.Rate) Limiter {
	if r.PerSecond == 0 {
		return Limiter{}
	}
	gap := portable.Microseconds(1e6 / r.PerSecond)
	return Limiter{gap: gap, slack: gap * time.Duration(max(1, r.Burst)-1)}
}

// next is the first moment, from now on, at which there is a token.
func (l *Limiter) next(now time.Duration) time.Duration { return max(now, l.full-l.slack) }

// Take takes a token that is there.
func (l *Limiter) Take(now time.Duration) { l.full = max(l.full, now) + l.gap }

// Reserve takes the next token, which may be there later, and says when it is.
func (l *Limiter) Reserve(now time.Duration) time.Duration {
	at := l.next(now)
	l.Take(at)
	return at
}

// Client is one of the API server that acts when its bucket has a token.
type Client struct {
	Limiter
	kernel  *des.Kernel
	pending bool // an act is scheduled
	act     func()
}

// NewClient makes one; act may ask for the next time.
func NewClient(k *des.Kernel, r controlplane.Rate, act func()) *Client {
	c := &Client{Limiter: NewLimiter(r), kernel: k}
	c.act = func() {
		c.pending = false
		act()
	}
	return c
}

// Ask lets it act at the first moment with a token, if it is not about to.
func (c *Client) Ask() {
	if !c.pending {
		c.pending = true
		c.kernel.At(c.next(c.kernel.Now()), c.act)
	}
}
