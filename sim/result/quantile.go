package result

import (
	"math"
	"slices"
)

// quantile is the p-th quantile, 0 to 1, of ascending values: the value below
// which that share of them lies, interpolated between neighbours as k6 and
// benchstat's users expect. It is NaN without values.
func Quantile(sorted []float64, p float64) float64 {
	switch len(sorted) {
	case 0:
		return math.NaN()
	case 1:
		return sorted[0]
	}
	at := p * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}

// describe sorts values in place and sums them up.
func Describe(values []float64) Quantiles {
	if len(values) == 0 {
		return Quantiles{}
	}
	slices.Sort(values)
	return Quantiles{
		Count: len(values),
		Mean:  Rounded(mean(values)),
		P50:   Rounded(Quantile(values, 0.50)),
		P90:   Rounded(Quantile(values, 0.90)),
		P99:   Rounded(Quantile(values, 0.99)),
		Max:   Rounded(values[len(values)-1]),
	}
}

// mean of at least one value. A library's may add several at a time where the
// machine can, and then the last digits differ between machines.
func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// rounded keeps microseconds: what is below is the arithmetic's, and may
// differ between machines.
func Rounded(seconds float64) float64 { return math.Round(seconds*1e6) / 1e6 }
