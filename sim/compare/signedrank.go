package compare

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"ipamsim/internal/portable"
)

// The two-sided test of the differences of pairs is Wilcoxon's signed-rank test. Of
// pairs that one and the same random world has made it asks whether the signs of the
// differences could as well be the other way round. It takes ranks, and not the
// differences themselves, so that one pod that never started in one world decides
// nothing by itself, and so that an infinite difference is one like others. Its
// p-value is exact: that of all 2^n signs of the ranks as they are, ties included.
// Differences of zero say nothing of a sign and are left out of the test (Wilcoxon,
// Individual comparisons by ranking methods, Biometrics Bulletin 1, 1945).

// exactMost is how many differences that are not zero the exact distribution is
// reckoned for; its price grows with the cube. With more the normal distribution is
// taken: our choice, and by then they differ by less than a hundredth of p.
const exactMost = 200

// signedRank is the p-value of differences, none of which is missing; 1 where all
// are zero.
func signedRank(differences []Value) float64 {
	ranks, positive, all := signedRanks(differences)
	if len(ranks) == 0 {
		return 1
	}
	least := min(positive, all-positive)
	if len(ranks) > exactMost {
		return normalTail(ranks, least, all)
	}
	return min(1, 2*cumulative(ranks, least)[least])
}

// signedRanks are twice the ranks of the differences that are not zero by their
// size, those that are equal having the mean of theirs; the sum of those that are
// positive, and of all. Twice, so that they are whole.
func signedRanks(differences []Value) (ranks []int, positive, all int) {
	list := slices.DeleteFunc(slices.Clone(differences), func(d Value) bool { return d == 0 })
	size := func(d Value) float64 { return math.Abs(float64(d)) }
	slices.SortFunc(list, func(a, b Value) int { return cmp.Compare(size(a), size(b)) })
	for i := 0; i < len(list); {
		j := i
		for j < len(list) && size(list[j]) == size(list[i]) {
			j++
		}
		for k := i; k < j; k++ {
			rank := i + 1 + j // twice the mean of i+1 to j
			ranks, all = append(ranks, rank), all+rank
			if list[k] > 0 {
				positive += rank
			}
		}
		i = j
	}
	return ranks, positive, all
}

// cumulative are the probabilities that the sum of the ranks with a positive sign is
// at most 0, 1, … and most, when each has either sign with the same probability.
func cumulative(ranks []int, most int) []float64 {
	p := make([]float64, most+1)
	p[0] = 1
	for _, rank := range ranks {
		for sum := most; sum >= 0; sum-- {
			with := 0.0
			if sum >= rank {
				with = p[sum-rank]
			}
			p[sum] = (p[sum] + with) / 2
		}
	}
	for sum := 1; sum <= most; sum++ {
		p[sum] += p[sum-1]
	}
	return p
}

// normalTail is the two-sided p-value of a sum of ranks by the normal distribution
// with the mean and the variance that the ranks have, corrected for whole numbers.
func normalTail(ranks []int, least, all int) float64 {
	variance := 0.0
	for _, rank := range ranks {
		variance += float64(rank) * float64(rank) / 4
	}
	z := (float64(least) - float64(all)/2 + 1) / math.Sqrt(variance) // a half of a rank is 1 in twice the ranks
	return approximate(2 * distuv.UnitNormal.CDF(z))
}

// approximate is a p-value as far as it is known: of one that is not exact the last
// digits are the machine's, and none is 0.
func approximate(p float64) float64 {
	const digits = 1e15
	return min(1, max(1, math.Round(p*digits))/digits)
}

// leastP is the least p-value that n differences can have: all have one sign.
func leastP(n int) float64 { return min(1, math.Ldexp(2, -n)) }

// estimate is the median of a difference with an interval that has it with the
// confidence asked for, or none where there is no such interval.
type estimate struct{ center, low, high Value }

// paired is the Hodges-Lehmann estimate of the differences of pairs: the median of
// the means of all pairs of them, each with itself as well; and the interval that
// belongs to the signed-rank test, which has no difference that the test would find
// significant (Hollander, Wolfe and Chicken, Nonparametric Statistical Methods,
// 3.2 and 3.3).
func paired(differences []Value, confidence float64) estimate {
	var means []Value
	for i, a := range differences {
		for _, b := range differences[i:] {
			means = append(means, middle(a, b))
		}
	}
	return ordered(means, criticalRank(len(differences), (1-confidence)/2))
}

// middle is the mean of two values; 0 of two that are infinite and of which one is
// positive, which say nothing of a direction.
func middle(a, b Value) Value {
	if a.Infinite() && b.Infinite() && a != b {
		return 0
	}
	return rounded(a/2 + b/2)
}

// ordered is the median of values and the interval between the k-th lowest and the
// k-th highest of them.
func ordered(values []Value, k int) estimate {
	slices.Sort(values)
	e := estimate{median(values), none, none}
	if k > 0 {
		e.low, e.high = values[k-1], values[len(values)-k]
	}
	return e
}

// median of values in ascending order.
func median(values []Value) Value {
	if len(values) == 0 {
		return none
	}
	return middle(values[(len(values)-1)/2], values[len(values)/2])
}

// criticalRank is the greatest k such that the k-th lowest mean of two of n
// differences is too high with at most that probability; 0 where none is.
func criticalRank(n int, probability float64) int {
	if n > exactMost {
		mean, deviation := float64(n)*float64(n+1)/4, math.Sqrt(float64(n)*float64(n+1)*float64(2*n+1)/24)
		return portable.Int(mean + float64(distuv.UnitNormal.Quantile(probability)*deviation))
	}
	ranks := make([]int, n)
	for i := range ranks {
		ranks[i] = i + 1
	}
	k := 0
	for _, p := range cumulative(ranks, n*(n+1)/4) {
		if p > probability {
			break
		}
		k++
	}
	return k
}
