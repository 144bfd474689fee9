package awssdk

import (
	"time"

	"ipamsim/ec2model"
	"ipamsim/sim/des"
)

// operation is a call that is under way. Its process sleeps until it is over:
// answers and pauses are plain events, because in a throttle storm nearly all
// that happens is that a request is rejected and is sent again.
type operation[In, Out any] struct {
	client   *Client
	process  *des.Process
	action   ec2model.Action
	send     sender[In, Out]
	in       In
	first    attempt[In, Out]
	attempt  *attempt[In, Out] // the last one: the first, unless that was given up
	again    func()            // try; bound with the first retry
	attempts int
	held     int  // quota tokens of the retry under way
	pausing  bool // because a request was throttled
	over     bool
	out      Out
	err      error
}

// attempt takes the answer of one request after the other.
type attempt[In, Out any] struct {
	operation *operation[In, Out]
	done      func(Out, error) // settle, bound once
	settled   bool
}

// try sends a request. An answer that comes after the time-out is lost. The
// modelled EC2 knows when it will have answered at the latest: where that is in
// time, as nearly always, there is no timer.
func (o *operation[In, Out]) try() {
	if o.over {
		return // its process was killed
	}
	c := o.client
	if wait := c.limiter.wait(c.kernel.Now()); wait > 0 {
		o.pause(true)
		o.after(wait)
		return
	}
	o.attempts++
	o.pause(false)
	a := o.attempt
	if a == nil {
		if a = &o.first; o.attempts > 1 {
			a = new(attempt[In, Out])
		}
		a.operation, a.done = o, a.settle
		o.attempt = a
	}
	a.settled = false
	answered := o.send(c.account, c.caller, o.in, a.done)
	if after := c.opts.AttemptTimeout; after > 0 && answered > c.kernel.Now()+after {
		o.attempt = nil // the next request's answer must not be taken for this one's
		c.kernel.After(after, func() {
			var none Out
			a.settle(none, &timeoutError{Action: o.action, After: after})
		})
	}
}

// settle takes the first answer; later ones are lost.
func (a *attempt[In, Out]) settle(out Out, err error) {
	if !a.settled {
		a.settled = true
		a.operation.answered(out, err)
	}
}

// answered goes on after a request: it plans the next one, or ends the
// operation.
func (o *operation[In, Out]) answered(out Out, err error) {
	if o.over {
		return // its process was killed
	}
	c := o.client
	c.limiter.answered(c.kernel.Now(), err != nil && isThrottle(err))
	if err != nil {
		pause, held, end := c.retry(o.action, o.attempts, err)
		if end == nil {
			o.held = held
			o.pause(isThrottle(err))
			o.after(pause)
			return
		}
		err = end
	} else {
		c.quota = min(c.quota+o.held+successRefund, c.opts.RetryQuota)
	}
	o.out, o.err, o.over = out, err, true
	o.process.Wake()
}

// after tries later.
func (o *operation[In, Out]) after(pause time.Duration) {
	if o.again == nil {
		o.again = o.try
	}
	o.process.After(pause, o.again)
}

// pause says whether the operation pauses because it was throttled.
func (o *operation[In, Out]) pause(throttled bool) {
	if throttled == o.pausing {
		return
	}
	o.pausing = throttled
	if throttled {
		o.client.throttled++
	} else {
		o.client.throttled--
	}
}

// leave is the end of the operation, also when its process is killed.
func (o *operation[In, Out]) leave() {
	o.over = true
	o.pause(false)
}
