package fit

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Second is what happened in one: requests that passed a token bucket, and requests that
// it refused.
type Second struct{ Passed, Refused int }

// Bucket is what a record of all requests says of the bucket that they draw from. Values
// are the middle of their bounds.
//
// The bounds hold if a refused request takes no token, if a request is recorded in the
// second in which it passed or in the next one, and if the bucket holds more than
// [restMost] seconds of its refill.
type Bucket struct {
	Refill   Estimate // tokens a second; High is infinite, and Value means nothing, where nobody was refused for long
	Burst    Estimate // likewise
	Empty    int      // in which it stayed empty for long enough to see the refill
	Passed   int
	Refused  int
	Peak     int  // most that passed in a second
	Conflict bool // the bounds contradict each other
}

// restMost is how many seconds may lie between two refusals of a time, in which an empty
// bucket is taken not to have overflowed; emptyLeast is how long such a time has to be.
const (
	restMost   = 2
	emptyLeast = 5
)

// OfRequests bounds a bucket by the seconds of a record, which has all requests from its
// first second on.
func OfRequests(list []Second) (b Bucket) {
	for _, s := range list {
		b.Passed, b.Refused, b.Peak = b.Passed+s.Passed, b.Refused+s.Refused, max(b.Peak, s.Passed)
	}
	before := make([]int, len(list)+1) // passed before a second
	for i, s := range list {
		before[i+1] = before[i] + s.Passed
	}
	between := func(from, to int) float64 { // both inclusive
		from, to = max(from, 0), min(to, len(list)-1)
		if to < from {
			return 0
		}
		return float64(before[to+1] - before[from])
	}
	b.refill(list, between)
	b.burst(list, between)
	b.Conflict = b.Refill.Low > b.Refill.High || b.Burst.Low > b.Burst.High
	return b
}

// refill is bounded by what passed between two moments at which the bucket was empty.
func (b *Bucket) refill(list []Second, between func(int, int) float64) {
	b.Refill = Estimate{High: math.Inf(1)}
	tokens, seconds := 0.0, 0.0
	for i := 0; i < len(list); i++ {
		if list[i].Refused == 0 {
			continue
		}
		last := i
		for k := i + 1; k < len(list) && k-last <= restMost; k++ {
			if list[k].Refused > 0 {
				last = k
			}
		}
		if long := last - i; long >= emptyLeast {
			b.Empty++
			b.Refill.Low = max(b.Refill.Low, (between(i+2, last-1)-1)/float64(long+1))
			b.Refill.High = min(b.Refill.High, (between(i, last+1)+1)/float64(long-1))
			tokens += between(i+1, last)
			seconds += float64(long)
		}
		i = last
	}
	if b.Empty > 0 {
		b.Refill.Value = min(max(tokens/seconds, b.Refill.Low), b.Refill.High)
	}
}

// burst is bounded from below by what passed in any time beyond the refill, and from above
// by refusals at moments at which a larger bucket would still have had tokens.
func (b *Bucket) burst(list []Second, between func(int, int) float64) {
	b.Burst = Estimate{High: math.Inf(1)}
	if b.Empty == 0 || b.Refill.Low > b.Refill.High {
		return
	}
	beyond := 0.0
	for _, s := range list {
		beyond = max(beyond, 0) + float64(s.Passed) - b.Refill.High
		b.Burst.Low = max(b.Burst.Low, beyond-b.Refill.High)
	}
	b.Burst.Low = max(b.Burst.Low, 1)
	from := 0
	for at, s := range list {
		if s.Refused > 0 {
			b.Burst.High = min(b.Burst.High, mostBurst(list, from, at, b.Refill.Low))
			from = at + 1
		}
	}
	if !math.IsInf(b.Burst.High, 1) {
		b.Burst.Value = (b.Burst.Low + b.Burst.High) / 2
	}
}

// mostBurst is the size above which a bucket, empty at the beginning of one second, would
// surely have had a token in another one. It is infinite if none would.
func mostBurst(list []Second, from, at int, refill float64) float64 {
	least := func(size float64) float64 { // tokens that there would be at least
		level := 0.0
		for i := from; i < at; i++ {
			if i > from {
				level = min(size, level+refill)
			}
			level = max(0, level-float64(list[i].Passed))
		}
		for i := at; i <= at+1 && i < len(list); i++ { // they may have been before it
			level = max(0, level-float64(list[i].Passed))
		}
		return level
	}
	const more = 1e9 // of the language
	if least(more) < 1 {
		return math.Inf(1)
	}
	low, high := 0.0, more
	for range 3 * steps {
		if middle := (low + high) / 2; least(middle) < 1 {
			low = middle
		} else {
			high = middle
		}
	}
	return high
}

// OfCount is a rate of independent events, of which there were so many in so many
// seconds, with the exact interval of a Poisson count (Garwood, Biometrika 28:437, 1936).
func OfCount(events int, seconds float64) Estimate {
	n := float64(events)
	e := Estimate{Value: n / seconds, High: distuv.ChiSquared{K: 2*n + 2}.Quantile(0.975) / 2 / seconds}
	if events > 0 {
		e.Low = distuv.ChiSquared{K: 2 * n}.Quantile(0.025) / 2 / seconds
	}
	return e
}

// Bursts says that counts of equal times vary far more than those of independent events do.
func Bursts(counts []int) bool {
	sum, squares, n := 0.0, 0.0, float64(len(counts))
	for _, c := range counts {
		sum, squares = sum+float64(c), squares+float64(c)*float64(c)
	}
	if n < 2 || sum == 0 {
		return false
	}
	// The index of dispersion of a Poisson process has a chi-squared distribution.
	dispersion := (squares - sum*sum/n) / (sum / n)
	return dispersion > distuv.ChiSquared{K: n - 1}.Quantile(0.999)
}
