package controller

import (
	"testing"
	"time"

	"ipamsim/sim/controlplane"
)

// The smallest and the largest buckets never fill, and never run over.
func TestTheSmallestAndTheLargestBucketsKeepTheirOrder(t *testing.T) {
	for _, r := range []controlplane.Rate{{PerSecond: 5e-324, Burst: 2}, {PerSecond: 1e-9, Burst: 1 << 30}, {PerSecond: 1e9, Burst: 1}} {
		l, now := NewLimiter(r), time.Duration(0)
		for range 10 {
			next := l.next(now)
			if next < now {
				t.Fatalf("%+v: a token at %v, before %v", r, next, now)
			}
			now = next
			l.Take(now)
			if now > 1<<61 {
				break // farther than any run
			}
		}
	}
}
