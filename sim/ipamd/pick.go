package ipamd

import "math/rand/v2"

// one picks an index below n; with a single candidate there is nothing to ask.
func one(p Picker, n int) int {
	if n == 1 {
		return 0
	}
	return p.Pick(n)
}

// walk visits the indices below n in an order of the picker's making, until
// visit returns false.
func walk(p Picker, n int, visit func(i int) bool) {
	rest := make([]int, n)
	for i := range rest {
		rest[i] = i
	}
	for len(rest) > 0 {
		k := one(p, len(rest))
		i := rest[k]
		rest = append(rest[:k], rest[k+1:]...)
		if !visit(i) {
			return
		}
	}
}

// Ascending takes elements in the order of their keys.
type Ascending struct{}

// Pick returns 0.
func (Ascending) Pick(int) int { return 0 }

// Descending takes elements in the opposite order.
type Descending struct{}

// Pick returns the last index.
func (Descending) Pick(n int) int { return n - 1 }

// Random takes each element with equal chance.
type Random struct{ Source *rand.Rand }

// Pick draws an index.
func (r Random) Pick(n int) int { return r.Source.IntN(n) }
