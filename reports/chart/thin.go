package chart

// Sizes are how fine a drawing is.
type Sizes struct {
	Points int // most samples of a curve: a pixel shows no more
	Panels int // most panels of a figure
}

// worst are the places of a long series that are drawn: per stretch of it the
// worst sample, and the first and the last. What is worst is never thinned away.
func worst(n, most int, of func(i int) float64) []int {
	kept := make([]int, 0, min(n, most))
	if n <= most {
		for i := range n {
			kept = append(kept, i)
		}
		return kept
	}
	kept = append(kept, 0)
	inner, stretches := n-2, most-2
	for s := range stretches {
		at := 1 + s*inner/stretches
		for i := at + 1; i < 1+(s+1)*inner/stretches; i++ {
			if of(i) > of(at) {
				at = i
			}
		}
		kept = append(kept, at)
	}
	return append(kept, n-1)
}

// pick are the numbers at places.
func pick(list []float64, places []int) []float64 {
	out := make([]float64, len(places))
	for i, at := range places {
		out[i] = list[at]
	}
	return out
}

// sample is a sample of a series: one of zeros alone is left out of results.
func sample(counts []int, at int) float64 {
	if at < len(counts) {
		return float64(counts[at])
	}
	return 0
}

// stretch is some neighbouring intervals between samples: of a long series several
// are one.
type stretch struct {
	from, to    float64
	first, last int // the samples at their ends; the first one is not in it
}

// stretches of a series. The first sample has no interval before it.
func stretches(at []float64, most int) (list []stretch) {
	if len(at) < 2 {
		return nil
	}
	intervals := len(at) - 1
	n := min(intervals, most)
	for s := range n {
		first, last := s*intervals/n, (s+1)*intervals/n
		if at[last] > at[first] {
			list = append(list, stretch{at[first], at[last], first, last})
		}
	}
	return list
}

// sum is what was counted in a stretch.
func (s stretch) sum(counts []int) (n float64) {
	for i := s.first + 1; i <= s.last; i++ {
		n += sample(counts, i)
	}
	return n
}

// stacked makes areas of what was counted in each stretch, one on top of the
// other, as bars of the given heights.
func stacked(list []stretch, layers [][]float64, look func(layer int) Look) (areas []Area) {
	floor := make([]float64, len(list))
	for k, heights := range layers {
		a := Area{Look: look(k)}
		for i, s := range list {
			low, high := floor[i], floor[i]+heights[i]
			a.At = append(a.At, s.from, s.to)
			a.Low, a.High = append(a.Low, low, low), append(a.High, high, high)
			floor[i] = high
		}
		areas = append(areas, a)
	}
	return areas
}
