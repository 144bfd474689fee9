package awssdk

import (
	"time"

	"ipamsim/internal/portable"
)

// The client's own limit in adaptive mode: aws-sdk-go-v2 aws/retry,
// adaptive_ratelimit.go and adaptive_token_bucket.go.
const (
	adaptiveSmooth   = 0.8 // weight of the last half second's rate
	adaptiveBeta     = 0.7 // what a throttle leaves of the rate
	adaptiveScale    = 0.4 // of the cubic growth, in requests a second per s³
	adaptiveMinFill  = 0.5 // tokens a second
	adaptiveCapacity = 1   // of the bucket, at least
	adaptiveWindow   = 500 * time.Millisecond
)

// limiter holds requests back so that EC2 throttles fewer. It lets all pass until
// the first one is throttled, and has one rate for all actions. A nil one is that
// of standard mode.
type limiter struct {
	enabled          bool
	fillRate         float64 // tokens a second
	tokens, capacity float64
	refilled         time.Duration
	refilledOnce     bool
	measured         float64 // requests a second
	window           int64   // half seconds that measured has
	requests         int
	lastMaxRate      float64
	lastThrottle     time.Duration
	plateau          float64 // seconds from a throttle until the rate is back
}

func newLimiter(now time.Duration) *limiter {
	return &limiter{lastThrottle: now, window: int64(now/time.Second) * int64(time.Second/adaptiveWindow)}
}

// wait is how long the next request has to wait, or 0 when it has its token.
func (l *limiter) wait(now time.Duration) time.Duration {
	if l == nil || !l.enabled {
		return 0
	}
	l.refill(now)
	if l.tokens >= 1 {
		l.tokens--
		return 0
	}
	return max(time.Microsecond, portable.Microseconds(float64((1-l.tokens)/l.fillRate)*1e6))
}

// answered takes note of the answer to a request.
func (l *limiter) answered(now time.Duration, throttled bool) {
	if l == nil {
		return
	}
	l.measure(now)
	rate := 0.0
	if throttled {
		l.lastMaxRate = l.measured
		if l.enabled {
			l.lastMaxRate = min(l.measured, l.fillRate)
		}
		l.setPlateau()
		l.lastThrottle, l.enabled = now, true
		rate = l.lastMaxRate * adaptiveBeta
	} else {
		l.setPlateau()
		rate = l.grown(now)
	}
	rate = min(rate, 2*l.measured)
	l.refill(now)
	l.fillRate = max(rate, adaptiveMinFill)
	l.capacity = max(rate, adaptiveCapacity)
	l.tokens = min(l.tokens, l.capacity)
}

// grown is the rate that the cube of the time since the last throttle allows.
func (l *limiter) grown(now time.Duration) float64 {
	dt := (now - l.lastThrottle).Seconds() - l.plateau
	return float64(adaptiveScale*float64(float64(dt*dt)*dt)) + l.lastMaxRate
}

func (l *limiter) setPlateau() {
	l.plateau = 0
	if l.lastMaxRate > 0 {
		l.plateau = portable.Exp(portable.Log(float64(l.lastMaxRate*(1-adaptiveBeta))/adaptiveScale) / 3)
	}
}

// measure counts a request, and the rate when a half second is over.
func (l *limiter) measure(now time.Duration) {
	l.requests++
	if window := int64(now / adaptiveWindow); window > l.window {
		rate := float64(l.requests) / (time.Duration(window-l.window) * adaptiveWindow).Seconds()
		l.measured = float64(rate*adaptiveSmooth) + float64(l.measured*(1-adaptiveSmooth))
		l.requests, l.window = 0, window
	}
}

func (l *limiter) refill(now time.Duration) {
	if l.refilledOnce {
		l.tokens = min(l.tokens+float64((now-l.refilled).Seconds()*l.fillRate), l.capacity)
	}
	l.refilled, l.refilledOnce = now, true
}
