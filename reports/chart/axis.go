package chart

import (
	"math"
	"sort"
	"strconv"
	"time"

	"ipamsim/internal/words"
)

// Number writes a tick's value without superfluous digits.
func Number(v float64) string {
	s := strconv.FormatFloat(v, 'f', -1, 64)
	if math.Abs(v) < 1 {
		s = strconv.FormatFloat(v, 'g', 3, 64)
	}
	return words.Apart(s)
}

// Moment writes a point of virtual time: 2m31s.
func Moment(s float64) string {
	return words.Duration(time.Duration(math.Round(s)) * time.Second)
}

// CountAxis is one from zero to the given greatest number, or a little more.
func CountAxis(label string, greatest float64) Axis {
	if greatest <= 0 {
		greatest = 1
	}
	step := NiceAbove(greatest / 5)
	a := Axis{Label: label, Max: step * math.Ceil(greatest/step)}
	for i := 0; float64(i)*step <= a.Max*(1+1e-9); i++ {
		v := float64(i) * step
		a.Ticks = append(a.Ticks, Tick{Value: v, Label: Number(v)})
	}
	return a
}

// SpanAxis is one of values between two, which need not begin at zero. Its labels have as
// many digits as it takes to tell the ticks apart.
func SpanAxis(label string, low, high float64) Axis {
	if !(high > low) {
		low, high = low-max(1e-9, math.Abs(low))/2, high+max(1e-9, math.Abs(high))/2
	}
	a := Axis{Label: label, Min: low, Max: high}
	step := NiceAbove((high - low) / 6)
	digits := max(0, -int(math.Floor(math.Log10(step)+1e-9)))
	for i := math.Ceil(low/step - 1e-9); i*step <= high+step*1e-9; i++ {
		a.Ticks = append(a.Ticks, Tick{Value: i * step, Label: words.Apart(strconv.FormatFloat(i*step, 'f', digits, 64))})
	}
	return a
}

// wholeAxis is a CountAxis of things that cannot be halved.
func wholeAxis(label string, greatest float64) Axis {
	a := CountAxis(label, max(1, greatest))
	a.Ticks = keepTicks(a.Ticks, func(t Tick) bool { return t.Value == math.Trunc(t.Value) })
	return a
}

func keepTicks(list []Tick, keep func(Tick) bool) (kept []Tick) {
	for _, t := range list {
		if keep(t) {
			kept = append(kept, t)
		}
	}
	return kept
}

// cut ends an axis of counts where it is told to, between ticks as it may be.
func (a *Axis) cut(at float64) {
	a.Max = at
	a.Ticks = keepTicks(a.Ticks, func(t Tick) bool { return t.Value <= at })
}

// timeSteps are the distances of ticks on an axis of virtual time.
var timeSteps = []time.Duration{
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour,
	2 * 24 * time.Hour, 7 * 24 * time.Hour, 30 * 24 * time.Hour,
}

// TimeLabel is that of an axis of virtual time.
const TimeLabel = "virtual time"

// timeTicks is how many ticks an axis of time has at most, but for one more.
const timeTicks = 8

// timeAxis is one of virtual time in seconds, named as people name times: 30s,
// 2m, 1h.
func timeAxis(from, to float64) Axis {
	if to <= from {
		to = from + 1
	}
	a := Axis{Label: TimeLabel, Min: from, Max: to}
	step := timeSteps[len(timeSteps)-1].Seconds()
	for _, s := range timeSteps {
		if (to-from)/s.Seconds() <= timeTicks {
			step = s.Seconds()
			break
		}
	}
	for i := math.Ceil(from/step - 1e-9); i*step <= to*(1+1e-9); i++ {
		a.Ticks = append(a.Ticks, Tick{Value: i * step, Label: Moment(i * step)})
	}
	return a
}

// percentAxis marks every tenth of a whole and names every second of them.
func percentAxis(label string) Axis {
	a := Axis{Label: label, Max: 100}
	for v := 0; v <= 100; v += 10 {
		tick := Tick{Value: float64(v)}
		if v%20 == 0 {
			tick.Label = Number(float64(v))
		}
		a.Ticks = append(a.Ticks, tick)
	}
	return a
}

// logAxis marks 1, 2 and 5 of each decade as people write them.
func logAxis(label string, low, high float64) Axis {
	a := Axis{Label: label + ", logarithmic", Min: NiceBelow(low), Max: NiceAbove(high), Log: true}
	a.Ticks = LogTicks(a.Min, a.Max)
	return a
}

// decadesFull is of how many decades an axis has room for three labels each.
const decadesFull = 5

// LogTicks are 1, 2 and 5 of each decade between two positive values, or 1 alone where
// there are more decades than have room for that.
func LogTicks(low, high float64) (ticks []Tick) {
	digits := []float64{1, 2, 5}
	if math.Log10(high/low) > decadesFull {
		digits = digits[:1]
	}
	for exponent := math.Floor(math.Log10(low)); exponent <= math.Ceil(math.Log10(high)); exponent++ {
		for _, digit := range digits {
			if v := digit * math.Pow(10, exponent); v >= low*0.999 && v <= high*1.001 {
				ticks = append(ticks, Tick{Value: v, Label: Number(v)})
			}
		}
	}
	return ticks
}

// NiceBelow is the greatest 1, 2 or 5 of a decade that is not above v.
func NiceBelow(v float64) float64 {
	decade := math.Pow(10, math.Floor(math.Log10(v)))
	steps := []float64{1, 2, 5, 10}
	i := sort.Search(len(steps), func(i int) bool { return steps[i]*decade > v*(1+1e-9) })
	return steps[max(0, i-1)] * decade
}

// NiceAbove is the least 1, 2 or 5 of a decade that is not below v.
func NiceAbove(v float64) float64 {
	decade := math.Pow(10, math.Floor(math.Log10(v)))
	for _, step := range []float64{1, 2, 5} {
		if step*decade >= v*(1-1e-9) {
			return step * decade
		}
	}
	return 10 * decade
}
