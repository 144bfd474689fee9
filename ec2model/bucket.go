package ec2model

import (
	"fmt"
	"math"
	"time"

	"ipamsim/internal/portable"
)

// Bucket is the size of a token bucket. The zero value rejects everything.
type Bucket struct {
	Burst           float64 // tokens in a full bucket
	RefillPerSecond float64 // tokens added at each full second of virtual time
}

// unlimited is a bucket that never rejects.
var unlimited = Bucket{Burst: math.Inf(1)}

func (b Bucket) validate() error {
	if !(b.Burst >= 0) || !(b.RefillPerSecond >= 0) || b.RefillPerSecond > 1e9 {
		return fmt.Errorf("a token bucket of %v with refill %v per second", b.Burst, b.RefillPerSecond)
	}
	return nil
}

// tokens is a bucket's level. It counts in millionths, so that refills of a
// fraction add up exactly however rarely they are applied.
type tokens struct {
	level, burst, refill int64
	second               int64 // up to which refills are in level
	unlimited            bool
}

const perToken = 1_000_000

func newTokens(b Bucket) tokens {
	if b.Burst > 1e9 {
		return tokens{unlimited: true}
	}
	full := portable.Int64(math.Round(b.Burst * perToken))
	return tokens{level: full, burst: full, refill: portable.Int64(math.Round(b.RefillPerSecond * perToken))}
}

// has says whether n tokens are there at time now. Refills fall on full
// seconds of virtual time and are applied when somebody asks.
func (t *tokens) has(n int, now time.Duration) bool {
	if t.unlimited {
		return true
	}
	if second := int64(now / time.Second); second > t.second {
		missing := t.burst - t.level
		if seconds := second - t.second; t.refill > 0 && seconds >= (missing+t.refill-1)/t.refill {
			t.level = t.burst
		} else {
			t.level += seconds * t.refill
		}
		t.second = second
	}
	return t.level >= int64(n)*perToken
}

// left is how many there are at time now; +Inf in a bucket that never rejects.
func (t tokens) left(now time.Duration) float64 {
	if t.has(0, now); t.unlimited {
		return math.Inf(1)
	}
	return float64(t.level) / perToken
}

// take removes up to n tokens.
func (t *tokens) take(n int) {
	t.level = max(0, t.level-int64(n)*perToken)
}
