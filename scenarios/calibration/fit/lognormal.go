package fit

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Sum is the total of some independent draws, in seconds.
type Sum struct {
	Draws int
	Total float64
}

// Between is a draw of which it is known that it is more than Low and at most High, in
// seconds. Low may be negative: no draw is. High may be infinite.
//
// Times of whole seconds are off by half a second at most, in their middle: Seconds says
// how many of them, none, one or two, both bounds are reckoned from.
type Between struct {
	Low, High float64
	Seconds   int
}

// Least is what the draw is more than for certain.
func (b Between) Least() float64 { return max(0, b.Low-float64(b.Seconds)/2) }

// Most is what the draw is at most for certain.
func (b Between) Most() float64 { return b.High + float64(b.Seconds)/2 }

// Estimate is a value with its 95 % interval.
type Estimate struct{ Value, Low, High float64 }

// LogNormal is what observations come to.
type LogNormal struct {
	Mean, Sigma  Estimate
	Draws        int     // how many there were
	Observations int     // in how many independent pieces
	Distance     float64 // the greatest between the observed and the fitted share of draws, from 0 to 1
	Critical     float64 // what the distance exceeds in 5 of 100 cases where the family is right

	vague bool
}

// Vague says that the observations leave the mean or sigma open on a side: an interval
// ends only where values are not looked for.
func (l *LogNormal) Vague() bool { return l.vague }

// Poor says that the family is probably not the right one.
func (l *LogNormal) Poor() bool { return l.Distance > l.Critical }

// Least is how many observations a fit takes: fewer say next to nothing of sigma.
const Least = 8

// Bounds of sigma: below the first a duration is constant for all that a millisecond can
// tell; the second is the language's.
const (
	sigmaLeast = 0.005
	sigmaMost  = 3
)

// data is a likelihood of the logarithm of the mean, and of sigma.
type data interface {
	logLikelihood(mean, sigma float64) float64
}

// OfSums fits sums. ok is false where there are fewer than [Least].
func OfSums(list []Sum) (l LogNormal, ok bool) {
	list = slices.DeleteFunc(slices.Clone(list), func(s Sum) bool { return s.Draws <= 0 || !(s.Total > 0) })
	if len(list) < Least {
		return l, false
	}
	d, total := sums{}, 0.0
	for _, s := range list {
		g := d[s.Draws]
		if g == nil {
			g = new(moments)
			d[s.Draws] = g
		}
		log := math.Log(s.Total)
		g.n, g.sum, g.squares = g.n+1, g.sum+log, g.squares+log*log
		l.Draws += s.Draws
		total += s.Total
	}
	l.fit(d.sorted(), len(list), math.Log(total/float64(l.Draws)))
	l.Distance = l.ofSums(list)
	return l, true
}

// OfBounds fits bounds. ok is false where there are fewer than [Least].
func OfBounds(list []Between) (l LogNormal, ok bool) {
	list = slices.DeleteFunc(slices.Clone(list), func(b Between) bool { return !(b.Most() > 0 && b.High > b.Low) })
	if len(list) < Least {
		return l, false
	}
	counts, middle := map[Between]float64{}, 0.0
	for _, b := range list {
		b.Low = max(b.Low, -float64(b.Seconds)/2)
		counts[b]++
		high := b.Most()
		if math.IsInf(high, 1) {
			high = 2*b.Least() + 1
		}
		middle += (b.Least() + high) / 2 / float64(len(list))
	}
	var d bounds
	for b, n := range counts { // any order: they are sorted below
		d = append(d, bound{b, n})
	}
	slices.SortFunc(d, func(a, b bound) int {
		if a.Low != b.Low {
			return compare(a.Low, b.Low)
		}
		if a.High != b.High {
			return compare(a.High, b.High)
		}
		return a.Seconds - b.Seconds
	})
	l.Draws = len(list)
	l.fit(d, len(list), math.Log(middle))
	l.Distance = l.ofBounds(list)
	return l, true
}

// Cell is one of the ranges in which a draw may have been, and the probability that a draw
// in it is observed as it was.
type Cell struct {
	Between
	Seen float64
}

// OfCells fits observations each of which has several ranges, from the lowest to the
// highest. ok is false where there are fewer than [Least].
func OfCells(list [][]Cell) (l LogNormal, ok bool) {
	list = slices.DeleteFunc(slices.Clone(list), func(c []Cell) bool { return len(c) == 0 })
	if len(list) < Least {
		return l, false
	}
	middle, d := 0.0, cells(list)
	for _, b := range Hulls(list) {
		middle += (b.Least() + b.Most()) / 2 / float64(len(list))
	}
	l.Draws = len(list)
	l.fit(d, len(list), math.Log(middle))
	l.Distance = l.ofBounds(Hulls(list))
	return l, true
}

// Hulls are the bounds of each observation, all its ranges together.
func Hulls(list [][]Cell) (all []Between) {
	for _, c := range list {
		all = append(all, Between{Low: c[0].Low, High: c[len(c)-1].High})
	}
	return all
}

type cells [][]Cell

func (s cells) logLikelihood(mean, sigma float64) (l float64) {
	at := mean - sigma*sigma/2
	for _, list := range s {
		p := 0.0
		for _, c := range list {
			p += c.Seen * c.probability(at, sigma)
		}
		l += math.Log(max(p, 1e-300))
	}
	return l
}

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// moments are of the logarithms of sums of equally many draws.
type moments struct{ n, sum, squares float64 }

type sums map[int]*moments

// group is moments with how many draws each sum is of.
type group struct {
	draws float64
	moments
}

type groups []group

func (s sums) sorted() (list groups) {
	for draws, m := range s { // any order: they are sorted below
		list = append(list, group{float64(draws), *m})
	}
	slices.SortFunc(list, func(a, b group) int { return compare(a.draws, b.draws) })
	return list
}

// ofSum are the parameters of the logarithm of a sum of draws.
func ofSum(mean, sigma, draws float64) (location, scale float64) {
	variance := math.Log1p(math.Expm1(sigma*sigma) / draws)
	return mean + math.Log(draws) - variance/2, math.Sqrt(variance)
}

func (s groups) logLikelihood(mean, sigma float64) (l float64) {
	for _, g := range s {
		at, scale := ofSum(mean, sigma, g.draws)
		l -= g.n*math.Log(scale) + (g.squares-2*at*g.sum+g.n*at*at)/(2*scale*scale)
	}
	return l
}

type bound struct {
	Between
	n float64
}

type bounds []bound

func (s bounds) logLikelihood(mean, sigma float64) (l float64) {
	at := mean - sigma*sigma/2
	for _, b := range s {
		l += b.n * math.Log(max(b.probability(at, sigma), 1e-300))
	}
	return l
}

// probability is that of a draw between the bounds, over where in their seconds the times
// may have been.
func (b Between) probability(at, sigma float64) float64 {
	if b.Seconds == 0 {
		return share(at, sigma, b.Low, b.High)
	}
	widest := share(at, sigma, b.Least(), b.Most())
	if widest < 1e-6 { // what follows is a small difference of large numbers
		return widest
	}
	if p := blurred(at, sigma, b.High, b.Seconds) - blurred(at, sigma, b.Low, b.Seconds); p > 1e-9 {
		return min(p, widest)
	}
	return 1e-9 * widest
}

// blurred is the share of draws that are at most x plus so many errors, each evenly
// distributed over a second.
func blurred(at, sigma, x float64, seconds int) float64 {
	if math.IsInf(x, 1) {
		return 1
	}
	if seconds == 1 {
		return short(at, sigma, x+0.5, 1) - short(at, sigma, x-0.5, 1)
	}
	return (short(at, sigma, x+1, 2) - 2*short(at, sigma, x, 2) + short(at, sigma, x-1, 2)) / 2
}

// short is the mean of a power, 1 or 2, of what draws fall short of x by.
func short(at, sigma, x float64, power int) float64 {
	if x <= 0 {
		return 0
	}
	log := math.Log(x)
	below := func(moment float64) float64 { // mean of that power of draws below x
		return math.Exp(moment*at+moment*moment*sigma*sigma/2) * math.Erfc(-(log-at-moment*sigma*sigma)/sigma/math.Sqrt2) / 2
	}
	if power == 1 {
		return x*below(0) - below(1)
	}
	return x*x*below(0) - 2*x*below(1) + below(2)
}

// share is the probability between two values, without loss in the upper tail.
func share(at, sigma, low, high float64) float64 {
	above := func(x float64) float64 { return math.Erfc((math.Log(x)-at)/sigma/math.Sqrt2) / 2 }
	below := func(x float64) float64 { return math.Erfc(-(math.Log(x)-at)/sigma/math.Sqrt2) / 2 }
	if low <= 0 {
		return below(high)
	}
	if math.Log(low) > at {
		return above(low) - above(high)
	}
	return below(high) - below(low)
}

// span is how far from the plain mean, in logarithms, that of the fit is looked for.
const span = 4

// fit finds the most likely parameters and their intervals.
func (l *LogNormal) fit(d data, observations int, start float64) {
	l.Observations = observations
	best := func(mean float64) (sigma, likelihood float64) {
		s, v := highest(math.Log(sigmaLeast), math.Log(sigmaMost), func(s float64) float64 { return d.logLikelihood(mean, math.Exp(s)) })
		return math.Exp(s), v
	}
	ofMean := func(mean float64) float64 { _, v := best(mean); return v }
	mean, top := highest(start-span, start+span, ofMean)
	sigma, _ := best(mean)
	ofSigma := func(s float64) float64 {
		_, v := highest(start-span, start+span, func(mean float64) float64 { return d.logLikelihood(mean, math.Exp(s)) })
		return v
	}
	k := float64(observations)
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: k - 1}.Quantile(0.975)
	floor := top - k/2*math.Log1p(t*t/(k-1))
	l.Mean = Estimate{math.Exp(mean), math.Exp(falls(mean, start-span, floor, ofMean)), math.Exp(falls(mean, start+span, floor, ofMean))}
	at := math.Log(sigma)
	l.Sigma = Estimate{sigma, math.Exp(falls(at, math.Log(sigmaLeast), floor, ofSigma)), math.Exp(falls(at, math.Log(sigmaMost), floor, ofSigma))}
	l.vague = ofMean(start-span) > floor || ofMean(start+span) > floor || ofSigma(math.Log(sigmaMost)) > floor
	// Stephens, Journal of the American Statistical Association 69:730, 1974: of a normal
	// distribution whose mean and variance were estimated.
	l.Critical = 0.895 / (math.Sqrt(k) - 0.01 + 0.85/math.Sqrt(k))
}

// steps halve an interval until what is left does not show.
const steps = 24

// highest is the top of a function with one, between two places (golden section).
func highest(low, high float64, f func(float64) float64) (at, value float64) {
	const golden = 0.6180339887498949
	a, b := high-golden*(high-low), low+golden*(high-low)
	fa, fb := f(a), f(b)
	for range steps {
		if fa > fb {
			high, b, fb = b, a, fa
			a = high - golden*(high-low)
			fa = f(a)
		} else {
			low, a, fa = a, b, fb
			b = low + golden*(high-low)
			fb = f(b)
		}
	}
	if fa > fb {
		return a, fa
	}
	return b, fb
}

// falls is where a function has fallen to a floor on its way from its top to an end; the
// end where it has not.
func falls(top, end, floor float64, f func(float64) float64) float64 {
	if f(end) > floor {
		return end
	}
	for range steps {
		middle := (top + end) / 2
		if f(middle) > floor {
			top = middle
		} else {
			end = middle
		}
	}
	return (top + end) / 2
}

// Share is that of draws which are at most x.
func (l *LogNormal) Share(x float64) float64 { return l.ShareOfSum(Sum{1, x}) }

// ShareOfSum is that of sums of so many draws which are at most so long.
func (l *LogNormal) ShareOfSum(s Sum) float64 {
	if s.Total <= 0 {
		return 0
	}
	at, scale := ofSum(math.Log(l.Mean.Value), l.Sigma.Value, float64(s.Draws))
	return math.Erfc(-(math.Log(s.Total)-at)/scale/math.Sqrt2) / 2
}

// Quantile is what a share of the draws is at most.
func (l *LogNormal) Quantile(q float64) float64 {
	return distuv.LogNormal{Mu: math.Log(l.Mean.Value) - l.Sigma.Value*l.Sigma.Value/2, Sigma: l.Sigma.Value}.Quantile(q)
}

// ofSums is Kolmogorov's distance of where the sums lie in their own distributions.
func (l *LogNormal) ofSums(list []Sum) float64 {
	at := make([]float64, len(list))
	for i, s := range list {
		at[i] = l.ShareOfSum(s)
	}
	slices.Sort(at)
	n, most := float64(len(at)), 0.0
	for i, u := range at {
		most = max(most, u-float64(i)/n, float64(i+1)/n-u)
	}
	return most
}

// ofBounds is how far the fitted curve leaves the band in which the observed one lies.
func (l *LogNormal) ofBounds(list []Between) (most float64) {
	lows, highs := make([]float64, len(list)), make([]float64, len(list))
	for i, b := range list {
		lows[i], highs[i] = b.Least(), b.Most()
	}
	slices.Sort(lows)
	slices.Sort(highs)
	n := float64(len(list))
	for i := range list {
		// So many are at most this for certain; and at most so many can be below this.
		most = max(most, float64(i+1)/n-l.Share(highs[i]), l.Share(lows[i])-float64(i)/n)
	}
	return most
}
