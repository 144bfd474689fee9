// Package portable is the arithmetic of floats that has the same bits on every
// machine.
//
// Go leaves three things about floats to the machine. It may compute x*y + z
// with one rounding instead of two where there is an instruction for it; an
// explicit conversion, float64(x*y) + z, forbids that
// (https://go.dev/ref/spec#Floating_point_operators). [math.Exp], [math.Log]
// and what is built on them are written in assembly on some machines and
// differ in their last bit. And a conversion to an integer that does not fit
// gives what the processor likes
// (https://go.dev/ref/spec#Conversions_between_numeric_types). Here everything
// is made of operations that IEEE 754 defines to the bit.
package portable

import (
	"math"
	"time"
)

// Int64 is the integer part of x, or the nearest int64 when that is none; 0 of
// what is not a number.
func Int64(x float64) int64 {
	switch {
	case x >= 1<<63:
		return math.MaxInt64
	case x < -1<<63:
		return math.MinInt64
	case x != x:
		return 0
	}
	return int64(x)
}

// Int is the integer part of x, or the nearest int when that is none; 0 of
// what is not a number.
func Int(x float64) int { return int(max(math.MinInt, min(Int64(x), math.MaxInt))) }

// century is beyond the end of any run, and far enough from the end of
// [time.Duration] for sums.
const century = 100 * 365 * 24 * time.Hour

// Microseconds is a duration of whole microseconds, the integer part of us. It
// is a century at most.
func Microseconds(us float64) time.Duration {
	most := int64(century / time.Microsecond)
	return time.Duration(max(-most, min(Int64(us), most))) * time.Microsecond
}

// The logarithm of 2 in two parts. The upper has 32 bits, so that its product
// with any exponent of a float is exact.
const (
	ln2Upper = 0x0.b17217f7p0
	ln2Lower = math.Ln2 - ln2Upper
)

// Beyond these Exp is no float64 but 0 and infinity.
const (
	leastExponent    = -745.2
	greatestExponent = 709.8
)

// inverseFactorials are the coefficients of the exponential function's series.
// Within half of ln 2 around 0, what follows is less than a float's last bit.
var inverseFactorials = func() (list [15]float64) {
	factorial := 1.0
	for n := range list {
		if n > 0 {
			factorial *= float64(n) // exact: 14! has less than 53 bits
		}
		list[n] = 1 / factorial
	}
	return list
}()

// Exp is e to the power of x, off by the last bit or two at most.
func Exp(x float64) float64 {
	switch {
	case x != x:
		return x
	case x > greatestExponent:
		return math.Inf(1)
	case x < leastExponent:
		return 0
	}
	twos := math.Round(x / math.Ln2)
	rest := x - float64(twos*ln2Upper) - float64(twos*ln2Lower)
	sum := 0.0
	for n := len(inverseFactorials) - 1; n >= 0; n-- {
		sum = inverseFactorials[n] + float64(rest*sum)
	}
	return math.Ldexp(sum, int(twos))
}

// Log is the natural logarithm of x, off by the last bit or two at most.
func Log(x float64) float64 {
	switch {
	case x != x || x < 0:
		return math.NaN()
	case x == 0:
		return math.Inf(-1)
	case math.IsInf(x, 1):
		return x
	}
	fraction, exponent := math.Frexp(x)
	if fraction < math.Sqrt2/2 {
		fraction, exponent = 2*fraction, exponent-1
	}
	// log f = 2 artanh((f-1)/(f+1)), whose series ends soon for f around 1.
	s := (fraction - 1) / (fraction + 1)
	square, sum := s*s, 0.0
	for n := 25; n > 0; n -= 2 {
		sum = 1/float64(n) + float64(square*sum)
	}
	twos := float64(exponent)
	return float64(twos*ln2Upper) + (float64(twos*ln2Lower) + float64(2*s*sum))
}
