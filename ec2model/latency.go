package ec2model

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"ipamsim/internal/portable"
)

// Latency is a distribution of durations; make one with [Fixed],
// [LogNormal] or [Uniform]. The zero value is always zero.
type Latency struct {
	kind           latencyKind
	min, mean, max time.Duration // constant: mean; uniform: min and max; log-normal: mean and max
	sigma          float64
}

type latencyKind uint8

const (
	constant latencyKind = iota
	uniform
	logNormal
)

// Fixed is always d, exactly. It draws nothing.
func Fixed(d time.Duration) Latency { return Latency{kind: constant, mean: d} }

// Uniform is even between min and max.
func Uniform(min, max time.Duration) Latency {
	return Latency{kind: uniform, min: min, max: max}
}

// LogNormal has the given mean and standard deviation of the logarithm.
// Longer draws than max count as max; a max of zero is no bound.
func LogNormal(mean time.Duration, sigma float64, max time.Duration) Latency {
	return Latency{kind: logNormal, mean: mean, sigma: sigma, max: max}
}

// IsZero says that every draw is zero.
func (l Latency) IsZero() bool { return l == Latency{} }

// Parts are the parameters: of a constant its mean, of a uniform latency min and
// max, of a log-normal one mean, sigma and max.
func (l Latency) Parts() (min, mean, max time.Duration, sigma float64) {
	return l.min, l.mean, l.max, l.sigma
}

// Sample draws one duration, in whole microseconds unless it is constant, so
// that the last bits of a platform's floating point do not reach the clock.
// How much a draw takes from the stream does not depend on the parameters, so
// equally named streams stay in step when one of them changes.
func (l Latency) Sample(r *rand.Rand) time.Duration {
	switch l.kind {
	case uniform:
		return quantise(float64(l.min) + float64(r.Float64()*float64(l.max-l.min)))
	case logNormal:
		variance := float64(l.sigma * l.sigma)
		d := float64(l.mean) * portable.Exp(float64(l.sigma*portable.Normal(r))-variance/2)
		if l.max > 0 {
			d = min(d, float64(l.max))
		}
		return quantise(d)
	}
	return l.mean
}

func quantise(ns float64) time.Duration {
	return portable.Microseconds(math.Round(ns / 1000))
}

func (l Latency) String() string {
	switch l.kind {
	case uniform:
		return fmt.Sprintf("%v to %v, uniform", l.min, l.max)
	case logNormal:
		return fmt.Sprintf("log-normal, mean %v, sigma %v, at most %v", l.mean, l.sigma, l.max)
	}
	return fmt.Sprintf("%v", l.mean)
}

func (l Latency) validate() error {
	switch {
	case l.min < 0 || l.mean < 0 || l.max < 0:
		return errors.New("a latency is negative")
	case l.kind == uniform && l.max < l.min:
		return fmt.Errorf("a uniform latency ends at %v before it starts at %v", l.max, l.min)
	case l.kind == logNormal && !(l.sigma >= 0 && l.sigma <= 10):
		return fmt.Errorf("a log-normal latency has sigma %v, outside 0 to 10", l.sigma)
	case l.kind == logNormal && l.max > 0 && l.max < l.mean:
		return fmt.Errorf("a log-normal latency has mean %v above its longest value %v", l.mean, l.max)
	}
	return nil
}
