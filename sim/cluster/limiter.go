package cluster

import (
	"time"

	"ipamsim/internal/portable"
	"ipamsim/sim/controlplane"
	"ipamsim/sim/des"
)

// limiter is the bucket of a client as client-go's flowcontrol has it: full at
// first, and whoever comes has the next token, first come, first served.
type limiter struct {
	gap   time.Duration // between two tokens; 0 for no limit
	slack time.Duration // how far the bucket may be from full when a token is taken
	full  time.Duration // when the bucket would be full again
}

func newLimiter(r controlplane.Rate) limiter {
	if r.PerSecond == 0 {
		return limiter{}
	}
	gap := portable.Microseconds(1e6 / r.PerSecond)
	return limiter{gap: gap, slack: gap * time.Duration(max(1, r.Burst)-1)}
}

// next is the first moment, from now on, at which there is a token.
func (l *limiter) next(now time.Duration) time.Duration { return max(now, l.full-l.slack) }

// take takes a token that is there.
func (l *limiter) take(now time.Duration) { l.full = max(l.full, now) + l.gap }

// client is one of the API server that acts when its bucket has a token.
type client struct {
	limiter
	kernel  *des.Kernel
	pending bool // an act is scheduled
	act     func()
}

// newClient makes one; act may ask for the next time.
func newClient(k *des.Kernel, r controlplane.Rate, act func()) *client {
	c := &client{limiter: newLimiter(r), kernel: k}
	c.act = func() {
		c.pending = false
		act()
	}
	return c
}

// ask lets it act at the first moment with a token, if it is not about to.
func (c *client) ask() {
	if !c.pending {
		c.pending = true
		c.kernel.At(c.next(c.kernel.Now()), c.act)
	}
}
