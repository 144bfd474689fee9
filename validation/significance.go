package validation

import "math"

// The real daemon's random choices were sampled in few runs (42, or 8 for
// scenarios drawn at random), so a replay that leaves their range or prefers
// other outcomes may be a legal rarity. These tests say how improbable it
// would be if both sides drew from the same distribution; each is exact and
// assumes nothing about that distribution.
const (
	// contradiction is the probability below which chance is ruled out. About
	// 10,000 outcomes are tested over all recordings.
	contradiction = 1e-6
	// disagreement is the same for a view in which all recorded runs agree. It
	// is larger because few such views are ever left.
	disagreement = 1e-3
	// suspicion is the one below which more seeds are spent on the question.
	suspicion = 1e-3
)

// fisher is the two-sided p-value of Fisher's exact test: of n runs a had a
// property, and of m other runs b had it.
func fisher(a, n, b, m int) float64 {
	total := a + b
	observed := hypergeometric(a, n, m, total)
	p := 0.0
	for k := max(0, total-m); k <= min(n, total); k++ {
		if q := hypergeometric(k, n, m, total); q <= observed*(1+1e-9) {
			p += q
		}
	}
	return min(p, 1)
}

// beyond is the probability that the k most extreme of n+m exchangeable runs
// are all among the n. It bounds the chance that k of n runs exceed all m.
func beyond(k, n, m int) float64 {
	return math.Exp(logChoose(n, k) - logChoose(n+m, k))
}

// hypergeometric is the probability that of total marked runs among n+m
// exactly k are among the n.
func hypergeometric(k, n, m, total int) float64 {
	return math.Exp(logChoose(n, k) + logChoose(m, total-k) - logChoose(n+m, total))
}

func logChoose(n, k int) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}
