package fit

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	_ "ipamsim/internal/properties"
)

func logNormal(r *rand.Rand, mean, sigma float64) float64 {
	return mean * math.Exp(sigma*r.NormFloat64()-sigma*sigma/2)
}

func (e Estimate) has(x float64) bool { return e.Low <= x && x <= e.High }

// coverage counts in how many of many worlds an interval has the truth, of random
// parameters; of 95 in a hundred so few would be a chance of one in ten thousand.
func coverage(t *testing.T, of func(r *rand.Rand, mean, sigma float64) (LogNormal, bool)) {
	t.Helper()
	coverageFrom(t, 60, math.Exp(-3), math.Exp(2), of)
}

// coverageFrom has means between two.
func coverageFrom(t *testing.T, worlds int, low, high float64, of func(r *rand.Rand, mean, sigma float64) (LogNormal, bool)) {
	t.Helper()
	means, sigmas, poor := 0, 0, 0
	for world := range worlds {
		r := rand.New(rand.NewPCG(uint64(world), 7))
		mean, sigma := low*math.Pow(high/low, r.Float64()), 0.15+0.75*r.Float64()
		l, ok := of(r, mean, sigma)
		if !ok {
			t.Fatal("too few")
		}
		if l.Mean.has(mean) {
			means++
		}
		if l.Sigma.has(sigma) {
			sigmas++
		}
		if l.Poor() {
			poor++
		}
		if !(l.Mean.Low < l.Mean.Value && l.Mean.Value < l.Mean.High && l.Sigma.Low < l.Sigma.Value && l.Sigma.Value < l.Sigma.High) {
			t.Errorf("world %d: %+v", world, l)
		}
	}
	least := worlds * 17 / 20
	if worlds < 30 {
		least = worlds * 3 / 4
	}
	if means < least || sigmas < least {
		t.Errorf("of %d intervals %d have the mean and %d sigma", worlds, means, sigmas)
	}
	if poor > worlds*9/60 {
		t.Errorf("%d of %d fits of the right family count as poor", poor, worlds)
	}
	t.Logf("of %d: mean %d, sigma %d, poor %d", worlds, means, sigmas, poor)
}

func TestIntervalsOfSumsHaveTheTruth(t *testing.T) {
	coverage(t, func(r *rand.Rand, mean, sigma float64) (LogNormal, bool) {
		var list []Sum
		for range 10 + r.IntN(40) {
			s := Sum{Draws: 1 + r.IntN(4)}
			for range s.Draws {
				s.Total += logNormal(r, mean, sigma)
			}
			list = append(list, s)
		}
		return OfSums(list)
	})
}

func TestIntervalsOfBoundsHaveTheTruth(t *testing.T) {
	coverage(t, func(r *rand.Rand, mean, sigma float64) (LogNormal, bool) {
		var list []Between
		for range 15 + r.IntN(40) {
			x := logNormal(r, mean, sigma)
			wide := mean * (0.2 + r.Float64())
			low := x - r.Float64()*wide
			list = append(list, Between{Low: low, High: low + wide})
		}
		return OfBounds(list)
	})
}

// The start is known to the second, the end to a look: an instance that is terminated.
func TestIntervalsOfLooksFromAWholeSecondHaveTheTruth(t *testing.T) {
	coverageFrom(t, 12, 1, 60, func(r *rand.Rand, mean, sigma float64) (LogNormal, bool) {
		var list []Between
		every := 0.5 + 4*r.Float64()
		for range 15 + r.IntN(60) {
			start := 1000 * r.Float64()
			end := start + logNormal(r, mean, sigma)
			phase := every * r.Float64()
			look := phase + every*math.Floor((end-phase)/every)
			second := math.Floor(start) + 0.5
			list = append(list, Between{Low: look - second, High: look + every - second, Seconds: 1})
		}
		return OfBounds(list)
	})
}

// All times are known to the second, and tries are made in pauses that double: an
// interface that is detached and then deleted.
func TestIntervalsOfTriesOfWholeSecondsHaveTheTruth(t *testing.T) {
	coverageFrom(t, 12, 2, 12, func(r *rand.Rand, mean, sigma float64) (LogNormal, bool) {
		var list []Between
		for range 30 + r.IntN(100) {
			start := 1000 * r.Float64()
			end := start + logNormal(r, mean, sigma)
			b := Between{Low: math.Inf(-1), Seconds: 2}
			pause := 0.5
			for try := start + 2.2; ; try, pause = try+0.2+pause*(1+0.15*r.Float64()), 2*pause {
				if try >= end {
					b.High = math.Floor(try) - math.Floor(start)
					break
				}
				b.Low = math.Floor(try) - math.Floor(start)
			}
			if b.Low == b.High { // within a second
				b.High++
			}
			list = append(list, b)
		}
		return OfBounds(list)
	})
}

// What nothing bounds from below may be anything.
func TestBoundsOnOneSideAreVague(t *testing.T) {
	list := make([]Between, 40)
	for i := range list {
		list[i] = Between{Low: math.Inf(-1), High: 2 + float64(i%2), Seconds: 2}
	}
	if l, ok := OfBounds(list); !ok || !l.Vague() {
		t.Errorf("%v %+v", ok, l)
	}
	for i := range list {
		list[i] = Between{Low: 2 + float64(i%2), High: math.Inf(1), Seconds: 2}
	}
	if l, ok := OfBounds(list); !ok || !l.Vague() {
		t.Errorf("%v %+v", ok, l)
	}
}

// What is certain is found exactly, and what is another family is told.
func TestOtherFamiliesArePoor(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var two []Sum
	var apart []Between
	for i := range 200 {
		x := 0.1 + 0.01*r.Float64()
		if i%2 == 0 {
			x = 3 + r.Float64()
		}
		two = append(two, Sum{1, x})
		apart = append(apart, Between{Low: x - 0.05, High: x + 0.05})
	}
	if l, _ := OfSums(two); !l.Poor() {
		t.Errorf("two humps count as one: %+v", l)
	}
	if l, _ := OfBounds(apart); !l.Poor() {
		t.Errorf("two humps in bounds count as one: %+v", l)
	}
	if _, ok := OfSums(two[:Least-1]); ok {
		t.Error("so few were fitted")
	}
	if _, ok := OfBounds([]Between{{Low: 1, High: 1}, {Low: 2, High: 1}, {Low: math.NaN(), High: 2}, {Low: -3, High: -1}, {High: math.NaN()}, {High: 1}, {High: 1}, {High: 1}, {High: 1}}); ok {
		t.Error("what are no bounds were fitted")
	}
	constant := make([]Sum, 20)
	for i := range constant {
		constant[i] = Sum{2, 0.5}
	}
	if l, ok := OfSums(constant); !ok || math.Abs(l.Mean.Value-0.25) > 0.001 || l.Sigma.Low > 0.01 {
		t.Errorf("a constant: %+v", l)
	}
}

// A bucket that was simulated is within the bounds, whatever was asked of it and however
// late requests are recorded.
func TestABucketIsWithinItsBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		burst, refill := float64(rapid.IntRange(10, 200).Draw(t, "burst")), float64(rapid.IntRange(1, 20).Draw(t, "refill"))
		if burst <= 3*refill {
			t.Skip("it overflows within seconds")
		}
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		late := rapid.Float64Range(0, 1).Draw(t, "late")
		phase := rapid.Float64Range(0, 0.999).Draw(t, "phase")
		var list []Second
		enter := func(at float64, passed bool) {
			for len(list) <= int(at) {
				list = append(list, Second{})
			}
			if passed {
				list[int(at)].Passed++
			} else {
				list[int(at)].Refused++
			}
		}
		level, ticked, at := burst, 0.0, 0.0
		for range rapid.IntRange(1, 6).Draw(t, "bursts") {
			at += rapid.Float64Range(0, 60).Draw(t, "pause")
			rate := refill * rapid.Float64Range(0.2, 5).Draw(t, "rate")
			for end := at + rapid.Float64Range(1, 80).Draw(t, "length"); at < end; at += r.ExpFloat64() / rate {
				for ; ticked+1+phase <= at; ticked++ {
					level = min(burst, level+refill)
				}
				passed := level >= 1
				if passed {
					level--
				}
				enter(at+r.Float64()*late, passed)
			}
		}
		b := OfRequests(list)
		if b.Conflict || !b.Refill.has(refill) || b.Empty > 0 && !b.Burst.has(burst) {
			t.Fatalf("burst %v, refill %v: %+v", burst, refill, b)
		}
	})
}

// A bucket that stays empty for long after a rest says all of a bucket.
func TestARestAndALongSpellSayAllOfABucket(t *testing.T) {
	list := make([]Second, 60)
	level := 100.0
	for range 120 {
		level = min(100, level+5)
		s := Second{}
		for range 20 {
			if level >= 1 {
				level--
				s.Passed++
			} else {
				s.Refused++
			}
		}
		list = append(list, s)
	}
	b := OfRequests(list)
	if math.Abs(b.Refill.Value-5) > 0.1 || math.Abs(b.Burst.Value-100) > 15 || b.Burst.High-b.Burst.Low > 40 {
		t.Errorf("%+v", b)
	}
}

func TestARateOfNothingHasAnUpperBound(t *testing.T) {
	if e := OfCount(0, 100); e.Value != 0 || e.Low != 0 || math.Abs(e.High-0.036889) > 1e-5 { // 3.6889: Garwood's table
		t.Errorf("%+v", e)
	}
	if e := OfCount(10, 1); math.Abs(e.Low-4.7954) > 1e-3 || math.Abs(e.High-18.3904) > 1e-3 {
		t.Errorf("%+v", e)
	}
}

func TestCallsInBurstsAreTold(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	even, burst := make([]int, 12), make([]int, 12)
	for range 240 {
		even[r.IntN(len(even))]++
	}
	burst[6] = 240
	if Bursts(even) || !Bursts(burst) || Bursts(nil) || Bursts(make([]int, 5)) || Bursts([]int{7}) {
		t.Error("bursts are taken for what they are not")
	}
}
