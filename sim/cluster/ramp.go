package cluster

import (
	"cmp"
	"slices"
	"time"
)

// rampTick is how often a ramp moves: so often that what waits for a pause, as
// Karpenter's window of 1 s and its fleets' of 35 ms do, hardly meets one that is
// ours, and so rarely that a ramp of a large number costs 20 changes a second and
// not one per pod.
const rampTick = 50 * time.Millisecond

// ramp is a number over kernel time: constant pieces and straight lines.
type ramp struct {
	start  int // before the first segment
	pieces []piece
}

// piece holds from at until the next one begins.
type piece struct {
	at, over time.Duration
	from, to int
}

// newRamp strings steps together. A step that begins inside a ramp takes over
// from the value that the ramp has reached.
func newRamp(start int, steps []Step, kernel func(time.Duration) time.Duration) ramp {
	sorted := slices.Clone(steps)
	slices.SortStableFunc(sorted, func(a, b Step) int { return cmp.Compare(a.At, b.At) })
	r := ramp{start: start}
	for _, s := range sorted {
		at := kernel(s.At)
		r.pieces = append(r.pieces, piece{at: at, over: s.Over, from: r.value(at), to: s.Count})
	}
	return r
}

// value is the number at time t.
func (r *ramp) value(t time.Duration) int {
	for i := len(r.pieces) - 1; i >= 0; i-- {
		if r.pieces[i].at <= t {
			return r.pieces[i].value(t)
		}
	}
	return r.start
}

// value rounds towards from, so that a ramp ends at its end and not before.
// It moves at whole ticks only. Milliseconds keep the product within 64 bits.
func (p *piece) value(t time.Duration) int {
	elapsed := t - p.at
	if elapsed >= p.over {
		return p.to
	}
	elapsed = elapsed.Truncate(rampTick)
	if elapsed == 0 {
		return p.from
	}
	return p.from + int(int64(p.to-p.from)*elapsed.Milliseconds()/p.over.Milliseconds())
}

// changes is the tick at which the piece leaves a value, or its end.
func (p *piece) changes(value int) time.Duration {
	whole, done := int64(p.to-p.from), int64(value-p.from)
	if whole < 0 {
		whole, done = -whole, -done
	}
	if done >= whole {
		return p.at + p.over
	}
	need := ((done+1)*p.over.Milliseconds() + whole - 1) / whole
	ticks := (time.Duration(need)*time.Millisecond + rampTick - 1) / rampTick
	return p.at + max(1, ticks)*rampTick
}

// next is the first time after t at which the number may change.
func (r *ramp) next(t time.Duration) (time.Duration, bool) {
	for i := range r.pieces {
		p := &r.pieces[i]
		if p.at > t {
			return p.at, true
		}
		end := p.at + p.over
		if i+1 < len(r.pieces) {
			end = min(end, r.pieces[i+1].at)
		}
		if end > t {
			return min(end, p.changes(p.value(t))), true
		}
	}
	return 0, false
}

// follow calls set at each time at which the number may have changed, from
// the first piece on.
func (c *Cluster) follow(r ramp, set func(n int)) {
	var step func()
	arm := func(now time.Duration) {
		if at, ok := r.next(now); ok {
			c.kernel.At(at, step)
		}
	}
	step = func() {
		set(r.value(c.kernel.Now()))
		arm(c.kernel.Now())
	}
	arm(-1)
}
