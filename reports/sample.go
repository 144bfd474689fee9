package reports

import (
	"ipamsim/sim/result"
)

// addressesOf are the addresses of all subnets by holder, at each sample.
func addressesOf(s *result.Series) []result.Addresses {
	list := make([]result.Addresses, len(s.AtSeconds))
	for i := range list {
		list[i].AtSeconds = s.AtSeconds[i]
	}
	add := func(counts []int, to func(*result.Addresses) *int) {
		for i, n := range counts {
			*to(&list[i]) += n
		}
	}
	for i := range s.Subnets {
		of := &s.Subnets[i]
		add(of.Assigned, func(a *result.Addresses) *int { return &a.Assigned })
		add(of.Cooling, func(a *result.Addresses) *int { return &a.Cooling })
		add(of.Warm, func(a *result.Addresses) *int { return &a.Warm })
		add(of.Primaries, func(a *result.Addresses) *int { return &a.Primaries })
		add(of.Unmanaged, func(a *result.Addresses) *int { return &a.Unmanaged })
		add(of.Others, func(a *result.Addresses) *int { return &a.Others })
		add(of.Free, func(a *result.Addresses) *int { return &a.Free })
	}
	return list
}

// apiSample counts an interval's requests of all actions, and those of all
// callers that were throttled.
type apiSample struct{ Attempts, Throttled int }

// requestsOf are the requests of all actions, at each sample.
func requestsOf(s *result.Series) []apiSample {
	list := make([]apiSample, len(s.AtSeconds))
	for i := range s.API {
		for j, n := range s.API[i].Requests {
			list[j].Attempts += n
		}
		for j, n := range s.API[i].Throttled {
			list[j].Throttled += n
		}
	}
	return list
}

// samplesShown bounds the samples of a picture: a pixel shows no more.
const samplesShown = 600

// thinAddresses keeps of a long series, per stretch of it, the sample with
// the fewest free addresses, and the series' first and last: what is worst is
// never thinned away.
func thinAddresses(at []float64, samples []result.Addresses) ([]float64, []result.Addresses) {
	n := len(at)
	if n <= samplesShown {
		return at, samples
	}
	var keptAt []float64
	var kept []result.Addresses
	keep := func(i int) { keptAt, kept = append(keptAt, at[i]), append(kept, samples[i]) }

	keep(0)
	inner, stretches := n-2, samplesShown-2
	for s := range stretches {
		worst := 1 + s*inner/stretches
		for i := worst + 1; i < 1+(s+1)*inner/stretches; i++ {
			if samples[i].Free < samples[worst].Free {
				worst = i
			}
		}
		keep(worst)
	}
	keep(n - 1)
	return keptAt, kept
}

// rate is the mean traffic of an interval, in requests per second.
type rate struct {
	from, to            float64 // seconds
	attempts, throttled float64
}

// requestRates turns counts at the ends of sampling intervals into rates, over
// several intervals at a time when there are many. The first sample has no
// interval before it and is left out.
func requestRates(at []float64, samples []apiSample) []rate {
	if len(at) < 2 {
		return nil
	}
	intervals := len(at) - 1
	stretches := min(intervals, samplesShown)
	rates := make([]rate, 0, stretches)
	for s := range stretches {
		first, last := s*intervals/stretches, (s+1)*intervals/stretches
		r := rate{from: at[first], to: at[last]}
		if r.to <= r.from {
			continue
		}
		for _, sample := range samples[first+1 : last+1] {
			r.attempts += float64(sample.Attempts)
			r.throttled += float64(sample.Throttled)
		}
		r.attempts /= r.to - r.from
		r.throttled /= r.to - r.from
		rates = append(rates, r)
	}
	return rates
}
