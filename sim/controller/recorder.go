package controller

import (
	"time"

	"ipamsim/sim/controlplane"
)

// recorder sends what a controller says about its objects
// (client-go/tools/record): one event after another, each when the one before
// is answered, from a queue that is bounded. An event of which its object has
// had too many is dropped without a request.
type recorder struct {
	waiting  int // events
	sending  bool
	dropped  int // since the queue was full
	answered func()
}

// newTold is an object's bucket of events (events_cache.go,
// EventSourceObjectSpamFilter): reasons are not told apart.
func newTold() Limiter {
	return NewLimiter(controlplane.Rate{PerSecond: 1 / eventRefill.Seconds(), Burst: eventBurst})
}

// tell records an event about an object.
func (c *Controller) tell(o *Object) {
	now := c.kernel.Now()
	switch {
	case c.events.waiting >= eventQueue:
		c.events.dropped++
		return
	case o.told.next(now) > now:
		return
	}
	o.told.Take(now)
	c.events.waiting++
	c.tellNext()
}

// tellNext lets the next event wait for a token.
func (c *Controller) tellNext() {
	if c.events.sending || c.events.waiting == 0 {
		return
	}
	c.events.waiting--
	c.events.sending = true
	c.line = append(c.line, turn{})
	c.client.Ask()
}

// told hears that an event has been written.
func (c *Controller) told() {
	c.events.sending = false
	c.tellNext()
}

// Of client-go's code.
const (
	eventBurst  = 25
	eventRefill = 5 * time.Minute
	eventQueue  = 1000
)
