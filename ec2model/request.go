package ec2model

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"ipamsim/internal/portable"
)

// Attempt is one HTTP request that is over, as observers see it.
type Attempt struct {
	Caller     Caller
	Action     Action
	Start, End time.Duration // equal for background requests, which have no effect and no duration
	Err        *Error        // nil when it succeeded
	Throttled  bool          // a token bucket rejected it
	Background bool          // of another tenant
	Subject    *Subject      // what it was about, once subjects are named; nil of most actions, and where a bucket rejected it
}

// buckets are those that an action's requests draw from, if it does not share
// that of another; see Profile.DrawsFrom.
type buckets struct{ requests, unfiltered, resources tokens }

// streams are an action's sources of latencies.
type streams struct{ latency, failing, throttled *rand.Rand }

// cost is what a request takes from the buckets besides its one token.
type cost struct {
	resources  int
	unfiltered bool
}

// openDoor fills the buckets and names the streams.
func (a *Account) openDoor() {
	for _, action := range Actions() {
		a.buckets[action] = buckets{
			requests:   newTokens(a.profile.Requests[action]),
			unfiltered: newTokens(a.profile.Unfiltered[action]),
			resources:  newTokens(a.profile.Resources[action]),
		}
		a.streams[action] = streams{
			latency:   a.clock.Rand("ec2/latency/" + action.String()),
			failing:   a.clock.Rand("ec2/latency/" + action.String() + "/failing"),
			throttled: a.clock.Rand("ec2/latency/" + action.String() + "/throttled"),
		}
	}
	a.lags.iface = a.clock.Rand("ec2/metadata/interface")
	a.lags.addresses = a.clock.Rand("ec2/metadata/addresses")
	a.lags.detach = a.clock.Rand("ec2/detach")
	a.lags.shutdown = a.clock.Rand("ec2/shutdown")
}

// SetFault installs a hook that is asked once about every request that the
// token buckets let through. The error that it returns is delivered when the
// request's normal latency is over, and the request has no effect.
func (a *Account) SetFault(fault func(caller Caller, action Action, start time.Duration) *Error) {
	a.fault = fault
}

// SetSlowdown installs a hook that is asked about the latency of every request
// that the token buckets let through, and about that of its rejection where it
// has one of its own: it returns what becomes of it.
func (a *Account) SetSlowdown(slowdown func(caller Caller, action Action, start, latency time.Duration) time.Duration) {
	a.slowdown = slowdown
}

// SetMetadataSlowdown installs a hook that is asked how late each change shows in
// an instance's metadata: it returns what becomes of the lag.
func (a *Account) SetMetadataSlowdown(slowdown func(instanceID string, lag time.Duration) time.Duration) {
	a.lagSlowdown = slowdown
}

// slowed is a latency of a request that is sent now.
func (a *Account) slowed(caller Caller, action Action, latency time.Duration) time.Duration {
	if a.slowdown == nil {
		return latency
	}
	return a.slowdown(caller, action, a.clock.Now(), latency)
}

// Observe adds a listener to every attempt. Listeners run when the attempt
// ends, in the order in which they were added, before the caller's own
// function.
func (a *Account) Observe(listener func(Attempt)) { a.observers = append(a.observers, listener) }

// ObserveStarts adds a listener to every request of a caller that gets past
// the token buckets and the injected faults, at the instant at which it is
// sent. Listeners run in the order in which they were added, inside the
// caller's own call.
func (a *Account) ObserveStarts(listener func(Caller, Action)) {
	a.starters = append(a.starters, listener)
}

// admit takes the request's tokens, from all of its buckets or from none.
func (a *Account) admit(action Action, c cost) bool {
	if !a.profile.Throttling || a.clock.Now() < a.throttleFrom {
		return true
	}
	b, now := &a.buckets[action], a.clock.Now()
	requests := &a.buckets[a.profile.DrawsFrom[action]].requests
	admitted := requests.has(1, now) && b.resources.has(c.resources, now)
	if c.unfiltered {
		admitted = admitted && b.unfiltered.has(1, now)
	}
	switch {
	case admitted:
		requests.take(1)
		b.resources.take(c.resources)
		if c.unfiltered {
			b.unfiltered.take(1)
		}
	case a.profile.RejectedTakesToken:
		requests.take(1)
	}
	return admitted
}

// Tokens are what is left at a moment in the buckets that an action draws from;
// +Inf in one that never rejects, in all of them where nothing is throttled.
type Tokens struct{ Requests, Unfiltered, Resources float64 }

// Tokens looks into an action's buckets, and takes nothing.
func (a *Account) Tokens(action Action) Tokens {
	now := a.clock.Now()
	if !a.profile.Throttling || now < a.throttleFrom {
		return Tokens{math.Inf(1), math.Inf(1), math.Inf(1)}
	}
	b := &a.buckets[action]
	return Tokens{a.buckets[a.profile.DrawsFrom[action]].requests.left(now), b.unfiltered.left(now), b.resources.left(now)}
}

// operation is an action with its input.
type operation[Out any] interface {
	// check finds what would certainly reject it, and changes nothing.
	check(a *Account) *Error
	// apply has the effect, right after a check that found nothing.
	apply(a *Account, by Caller) (Out, *Error)
}

// Nothing is the output of actions that have none.
type Nothing struct{}

// request sends one HTTP request and says when it is answered at the latest.
// The operation is checked and applied when a latency is over: a rejection
// that takes less time than a success is looked for at that earlier moment
// too, one that takes longer is answered later.
func request[Out any, Op operation[Out]](a *Account, caller Caller, action Action, c cost, op Op, done func(Out, error)) (answered time.Duration) {
	stream, start := &a.streams[action], a.clock.Now()
	if !a.admit(action, c) {
		after := a.profile.Throttled.Sample(stream.throttled)
		turnAway(a, caller, action, throttled[action], after, done)
		return start + after
	}
	latency := a.slowed(caller, action, a.profile.Latency[action].Sample(stream.latency))
	if a.fault != nil {
		if err := a.fault(caller, action, start); err != nil {
			turnAway(a, caller, action, err, latency, done)
			return start + latency
		}
	}
	for _, listen := range a.starters {
		listen(caller, action)
	}
	failing := latency
	if l := a.profile.Failing[action]; !l.IsZero() {
		failing = a.slowed(caller, action, l.Sample(stream.failing))
	}
	s := &served[Out, Op]{account: a, caller: caller, action: action, start: start, latency: latency, failing: failing, op: op, done: done}
	if failing < latency {
		a.clock.After(failing, s.early)
	} else {
		a.clock.After(latency, s.effect)
	}
	return start + max(latency, failing)
}

// turnAway answers a request that never gets to its operation. It is apart
// from request, so that a throttled one, of which a storm has millions, costs
// no more than this.
func turnAway[Out any](a *Account, caller Caller, action Action, err *Error, after time.Duration, done func(Out, error)) {
	start := a.clock.Now()
	a.clock.After(after, func() {
		a.complete(Attempt{Caller: caller, Action: action, Start: start, End: a.clock.Now(), Err: err, Throttled: err == throttled[action]})
		var none Out
		done(none, err)
	})
}

// served is a request whose operation is under way.
type served[Out any, Op operation[Out]] struct {
	account          *Account
	caller           Caller
	action           Action
	start            time.Duration
	latency, failing time.Duration
	op               Op
	done             func(Out, error)
	err              *Error
}

// early is the moment of a rejection that comes sooner than a success.
func (s *served[Out, Op]) early() {
	if s.err = s.op.check(s.account); s.err != nil {
		s.reject()
		return
	}
	s.account.clock.After(s.latency-s.failing, s.effect)
}

// effect is the moment of a success.
func (s *served[Out, Op]) effect() {
	var out Out
	if s.err = s.op.check(s.account); s.err == nil {
		out, s.err = s.op.apply(s.account, s.caller)
	}
	switch {
	case s.err == nil:
		s.complete()
		s.done(out, nil)
	case s.failing > s.latency:
		s.account.clock.After(s.failing-s.latency, s.reject)
	default:
		s.reject()
	}
}

func (s *served[Out, Op]) reject() {
	s.complete()
	var none Out
	s.done(none, s.err)
}

func (s *served[Out, Op]) complete() {
	at := Attempt{Caller: s.caller, Action: s.action, Start: s.start, End: s.account.clock.Now(), Err: s.err}
	if s.account.subjects {
		if of, ok := any(s.op).(subjected); ok {
			at.Subject = of.subject(s.account)
		}
	}
	s.account.complete(at)
}

// complete writes an attempt into the books.
func (a *Account) complete(at Attempt) {
	if a.trace != nil {
		a.words = append(a.words[:0], uint64(at.Start), uint64(at.End), uint64(at.Action), hash(string(at.Caller)), hash(at.Err.code()), a.digest)
		a.trace(a.words...)
	}
	for _, listen := range a.observers {
		listen(at)
	}
}

func (e *Error) code() string {
	if e == nil {
		return ""
	}
	return e.Code
}

// Background lets other tenants of the account send requests from the
// instant from until the instant to, spaced as a Poisson process of the given
// mean rate. They take tokens, or are throttled, and have no other effect. A
// throttled request is sent again until a call has had so many attempts, after
// pauses like those of the SDK's standard retryer.
func (a *Account) Background(action Action, ratePerSecond float64, attempts int, from, to time.Duration) {
	if !(ratePerSecond > 0) {
		return
	}
	stream := a.clock.Rand(fmt.Sprintf("ec2/background/%v/%d", action, a.tenants[action]))
	a.tenants[action]++
	gap := func() time.Duration { return quantise(portable.Exponential(stream) / ratePerSecond * 1e9) }
	next := max(from, a.clock.Now())
	c := cost{}
	switch action {
	case RunInstances, CreateFleet, TerminateInstances:
		c.resources = 1
	}
	var arrive func()
	schedule := func() {
		if next += gap(); next <= to {
			a.clock.At(next, arrive)
		}
	}
	pauses := a.clock.Rand(fmt.Sprintf("ec2/background/%v/%d/retry", action, a.tenants[action]))
	var send func(n int)
	send = func(n int) {
		now := a.clock.Now()
		at := Attempt{Caller: "background", Action: action, Start: now, End: now, Background: true}
		if !a.admit(action, c) {
			at.Err, at.Throttled = throttled[action], true
			if n < attempts {
				a.clock.At(now+backgroundPause(pauses, n), func() { send(n + 1) })
			}
		}
		a.complete(at)
	}
	arrive = func() {
		send(1)
		schedule()
	}
	schedule()
}

// backgroundPause is the pause of other tenants after the n-th attempt: full
// jitter over 2^n seconds, at most 20 (aws-sdk-go-v2, aws/retry).
func backgroundPause(r *rand.Rand, n int) time.Duration {
	return quantise(float64(r.Float64() * float64(min(20, 1<<min(n, 5))) * 1e9))
}

// hash is 64-bit FNV-1a.
func hash(s string) uint64 {
	h := uint64(0xcbf29ce484222325)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 0x100000001b3
	}
	return h
}
