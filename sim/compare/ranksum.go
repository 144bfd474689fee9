package compare

import (
	"math"

	"github.com/aclements/go-moremath/stats"
	"gonum.org/v1/gonum/stat/distuv"

	"ipamsim/internal/portable"
)

// Where two results have not been in the same random worlds, nothing pairs their
// replications. Then the test is that of benchstat, which is exact for as many as 50
// replications without ties and 25 with them: Mann and Whitney's.

// rankSum is the p-value of two samples; 1 where all values are equal.
func rankSum(old, new []Value) float64 {
	x, y := floats(old), floats(new)
	t, err := stats.MannWhitneyUTest(x, y, stats.LocationDiffers)
	if err == nil && t.U > float64(len(x)*len(y))/2 {
		// It looks for the smaller one of the two statistics in the distribution of the
		// first one. With ties, and samples of two sizes, the second one has another.
		t, err = stats.MannWhitneyUTest(y, x, stats.LocationDiffers)
	}
	if err != nil {
		return 1 // nothing tells them apart
	}
	return approximate(t.P)
}

func floats(values []Value) []float64 {
	list := make([]float64, len(values))
	for i, v := range values {
		list[i] = float64(v)
	}
	return list
}

// leastUnpairedP is the least p-value that two samples can have: all of one are
// above all of the other.
func leastUnpairedP(n, m int) float64 {
	ways := 1.0 // to choose n of n+m
	for i := 1; i <= n; i++ {
		ways *= float64(m+i) / float64(i)
	}
	return min(1, 2/ways)
}

// unpaired is the Hodges-Lehmann estimate of the shift between two samples: the
// median of the differences of each value of one and each of the other, with the
// interval that belongs to the test (Hollander, Wolfe and Chicken, 4.2 and 4.3).
func unpaired(old, new []Value, confidence float64) estimate {
	var list []Value
	for _, a := range old {
		for _, b := range new {
			list = append(list, b.minus(a))
		}
	}
	return ordered(list, criticalUnpairedRank(len(old), len(new), (1-confidence)/2))
}

// criticalUnpairedRank is criticalRank of two samples.
func criticalUnpairedRank(n, m int, probability float64) int {
	if max(n, m) > stats.MannWhitneyExactLimit {
		mean, deviation := float64(n)*float64(m)/2, math.Sqrt(float64(n)*float64(m)*float64(n+m+1)/12)
		return portable.Int(mean + float64(distuv.UnitNormal.Quantile(probability)*deviation))
	}
	k := 0
	for dist := (stats.UDist{N1: n, N2: m}); k < n*m/2 && dist.CDF(float64(k)) <= probability; {
		k++
	}
	return k
}
