package result

import (
	"math/bits"
	"slices"
	"time"

	"ipamsim/internal/portable"
)

// Durations are a distribution of durations, to the microsecond. It is exact
// as long as there are few enough of them, and a histogram from then on. What
// it says does not depend on the order in which they came, nor on which of
// several distributions was merged into which.
type Durations struct {
	finished, sum, shortest, longest int64   // of microseconds
	never                            int64   // things that did not come to their end
	each                             samples // microseconds; empty once there were too many
	bins                             []int64 // by binOf; nil while each is kept
}

// ExactMost is how many durations are kept each by itself: 4 MiB of less than an hour each.
const ExactMost = 1 << 20

// Add takes one in.
func (d *Durations) Add(t time.Duration) {
	us := int64((t + time.Microsecond/2) / time.Microsecond)
	if d.finished == 0 {
		d.shortest, d.longest = us, us
	}
	d.finished++
	d.sum += us
	d.shortest, d.longest = min(d.shortest, us), max(d.longest, us)
	if d.bins != nil {
		d.enter(us, 1)
		return
	}
	d.each.add(us)
	if d.finished > ExactMost {
		d.coarsen()
	}
}

// AddNever takes in n things that did not come to their end: they count as
// infinitely long.
func (d *Durations) AddNever(n int) { d.never += int64(n) }

// merge takes another distribution in.
func (d *Durations) merge(more *Durations) {
	d.never += more.never
	if more.finished == 0 {
		return
	}
	if d.finished == 0 {
		never := d.never
		*d = *more
		d.never, d.each, d.bins = never, more.each.shared(), slices.Clone(more.bins)
		return
	}
	d.finished += more.finished
	d.sum += more.sum
	d.shortest, d.longest = min(d.shortest, more.shortest), max(d.longest, more.longest)
	if d.bins == nil && more.bins == nil && d.finished <= ExactMost {
		for us := range more.each.all() {
			d.each.add(us)
		}
		return
	}
	d.coarsen()
	for us := range more.each.all() {
		d.enter(us, 1)
	}
	for bin, n := range more.bins {
		if n > 0 {
			d.enter(lowOf(bin), n)
		}
	}
}

// coarsen goes over to a histogram.
func (d *Durations) coarsen() {
	if d.bins == nil {
		d.bins = []int64{}
	}
	for us := range d.each.all() {
		d.enter(us, 1)
	}
	d.each = samples{}
}

func (d *Durations) enter(us, n int64) {
	bin := binOf(us)
	for bin >= len(d.bins) {
		d.bins = append(d.bins, 0)
	}
	d.bins[bin] += n
}

// The bins of a histogram: each power of two of microseconds is cut into so
// many of equal width, so that none is wider than 1/128 of what is in it.
// Below 256 µs each has a bin of its own.
const (
	binsBits = 7
	binsEach = 1 << binsBits
)

func binOf(us int64) int {
	if us < 2*binsEach {
		return int(max(us, 0))
	}
	shift := bits.Len64(uint64(us)) - binsBits - 1
	return shift<<binsBits + int(us>>shift)
}

// lowOf is the least duration of a bin, in microseconds.
func lowOf(bin int) int64 {
	if bin < 2*binsEach {
		return int64(bin)
	}
	shift := bin>>binsBits - 1
	return int64(bin-shift<<binsBits) << shift
}

// count is how many there are, without those that did not come to their end.
func (d *Durations) count() int { return int(d.finished) }

// observed says whether there is anything to speak of.
func (d *Durations) observed() bool { return d.finished+d.never > 0 }

// exact says whether quantiles are those of the durations themselves.
func (d *Durations) exact() bool { return d.bins == nil }

// mean is their mean in seconds, to the microsecond.
func (d *Durations) mean() Seconds {
	if d.finished == 0 || d.never > 0 {
		return Never
	}
	return inSeconds((d.sum + d.finished/2) / d.finished)
}

// least is the shortest.
func (d *Durations) least() Seconds {
	if d.finished == 0 {
		return Never
	}
	return inSeconds(d.shortest)
}

// most is the longest.
func (d *Durations) most() Seconds {
	if d.finished == 0 || d.never > 0 {
		return Never
	}
	return inSeconds(d.longest)
}

// inSeconds is the float nearest to a number of microseconds.
func inSeconds(us int64) Seconds { return Seconds(float64(us) / 1e6) }

// whole is the share that is all of a distribution.
const whole = 100_000_000

// quantile is the duration in seconds, to the microsecond, below which a share
// of them lies, given in percent and kept to the millionth of one:
// interpolated between neighbours, as users of k6 and benchstat expect it.
// What never came to its end is longer than anything else: a quantile that
// such a neighbour has a part in is Never.
func (d *Durations) quantile(percent float64) Seconds {
	if d.finished == 0 {
		return Never
	}
	share := uint64(portable.Int64(float64(percent*(whole/100)) + 0.5))
	high, low := bits.Mul64(share, uint64(d.finished+d.never-1))
	rank, part := bits.Div64(high, low, whole)
	if rank >= uint64(d.finished) || part > 0 && rank+1 >= uint64(d.finished) {
		return Never
	}
	here, next := d.around(int64(rank))
	if part == 0 {
		return inSeconds(here)
	}
	high, low = bits.Mul64(uint64(next-here), part)
	low, carry := bits.Add64(low, whole/2, 0)
	step, _ := bits.Div64(high+carry, low, whole)
	return inSeconds(here + int64(step))
}

// around are the durations of a rank, from 0, and of the next one, in
// microseconds.
func (d *Durations) around(rank int64) (here, next int64) {
	if d.exact() {
		return d.each.at(int(rank), d.shortest, d.longest)
	}
	return d.at(rank), d.at(rank + 1)
}

// at is the duration of a rank, from 0, in microseconds. Those of a bin of
// the histogram are spread over it evenly.
func (d *Durations) at(rank int64) int64 {
	for bin, n := range d.bins {
		if rank < n {
			low, next := lowOf(bin), lowOf(bin+1)
			return min(max(low+(next-low)*rank/n, d.shortest), d.longest)
		}
		rank -= n
	}
	return d.longest
}

// quantiles sums the distribution up.
func (d *Durations) quantiles() Quantiles {
	return Quantiles{
		Count: d.count(), Never: int(d.never), Mean: d.mean(), Min: d.least(), P50: d.quantile(50), P90: d.quantile(90), P99: d.quantile(99), Max: d.most(),
		FromHistogram: !d.exact(),
	}
}

// distribution is the histogram of the distribution.
func (d *Durations) distribution() Distribution {
	bins := d.bins
	if bins == nil {
		h := Durations{bins: []int64{}}
		for us := range d.each.all() {
			h.enter(us, 1)
		}
		bins = h.bins
	}
	out := Distribution{Count: d.count(), BelowSeconds: []float64{}, Counts: []int{}}
	for bin, n := range bins {
		if n > 0 {
			out.BelowSeconds = append(out.BelowSeconds, float64(inSeconds(lowOf(bin+1))))
			out.Counts = append(out.Counts, int(n))
		}
	}
	return out
}
