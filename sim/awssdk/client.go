package awssdk

import (
	"math"
	"math/rand/v2"
	"time"

	"ipamsim/ec2model"
	"ipamsim/sim/des"
)

// Options of a client. The zero value sends each request once, waits for its
// answer for ever, and draws no random number.
type Options struct {
	MaxAttempts    int           // HTTP requests per operation; less than 1 counts as 1
	RetryQuota     int           // tokens that retries of all operations draw from; also its most
	AttemptTimeout time.Duration // of one request; 0 is none
	Adaptive       bool          // adaptive mode: all operations share a rate that throttled requests lower
	V1             V1            // of the SDK for Go v1, which has neither of the first two
	Nanoseconds    bool          // pauses are as exact as the SDK's; else whole microseconds, as all that the model draws
	OnCall         func(Call)    // called once per operation, when it is over; nil for nobody
}

// Unlimited attempts: only the retry quota bounds them.
const Unlimited = math.MaxInt32

// DefaultOptions are those of the VPC CNI v1.23.1: three attempts (measured;
// it asks for ten, but also installs a retryer that makes that void), the
// SDK's quota (aws/retry DefaultRetryRateTokens) and the CNI's time-out of
// one request (HTTP_TIMEOUT).
func DefaultOptions() Options {
	return Options{MaxAttempts: 3, RetryQuota: 500, AttemptTimeout: 10 * time.Second}
}

// Call is one operation that is over. One whose process is killed is never
// over.
type Call struct {
	Caller     ec2model.Caller
	Action     ec2model.Action
	Start, End time.Duration
	Attempts   int // HTTP requests sent
	Err        error
}

// Client is the SDK client of one program. Its processes share it, and with
// it the retry quota.
type Client struct {
	kernel  *des.Kernel
	account *ec2model.Account
	caller  ec2model.Caller
	opts    Options
	quota   int
	random  *rand.Rand // nil until the first retry
	limiter *limiter   // nil in standard mode

	throttled int // operations that pause because a request was throttled
}

// New returns the client of a caller. Its random numbers are those of the
// stream "sdk/" and the caller's name.
func New(k *des.Kernel, a *ec2model.Account, caller ec2model.Caller, opts Options) *Client {
	c := &Client{kernel: k, account: a, caller: caller}
	c.Reset(opts)
	return c
}

// Reset makes it the client of a new process of the caller, with options of its
// own: its retry quota is full. Its random stream goes on.
func (c *Client) Reset(opts Options) {
	opts.MaxAttempts = max(opts.MaxAttempts, 1)
	c.opts, c.quota, c.limiter = opts, opts.RetryQuota, nil
	if opts.Adaptive {
		c.limiter = newLimiter(c.kernel.Now())
	}
}

// Throttled says whether an operation is pausing because EC2 rejected its
// last attempt for its rate or, in adaptive mode, another one.
func (c *Client) Throttled() bool { return c.throttled > 0 }

// Quota is the number of tokens left for retries.
func (c *Client) Quota() int { return c.quota }

// sender is how an account takes the request of an action.
type sender[In, Out any] func(a *ec2model.Account, caller ec2model.Caller, in In, done func(Out, error)) (answered time.Duration)

// do is one operation: it sends requests until one succeeds or there is a
// reason to give up, and blocks the current process meanwhile.
func do[In, Out any](c *Client, action ec2model.Action, send sender[In, Out], in In) (Out, error) {
	p := c.kernel.Current()
	if p == nil {
		panic("awssdk: " + action.String() + " was called outside a process")
	}
	o := &operation[In, Out]{client: c, process: p, action: action, send: send, in: in}
	defer o.leave()
	start := c.kernel.Now()
	o.try()
	for !o.over { // others may wake the process for reasons of their own
		p.Park()
	}
	if c.opts.OnCall != nil {
		c.opts.OnCall(Call{Caller: c.caller, Action: action, Start: start, End: c.kernel.Now(), Attempts: o.attempts, Err: o.err})
	}
	return o.out, o.err
}
