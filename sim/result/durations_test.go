package result

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	_ "ipamsim/internal/properties"
)

// micros draws durations of microseconds to days.
var micros = rapid.Custom(func(t *rapid.T) time.Duration {
	return time.Duration(rapid.Int64Range(0, 1<<rapid.IntRange(1, 38).Draw(t, "bits")).Draw(t, "us")) * time.Microsecond
})

func distribution(list []time.Duration) *Durations {
	d := &Durations{}
	for _, v := range list {
		d.Add(v)
	}
	return d
}

func TestQuantilesAreThoseOfTheSortedDurations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(micros, 1, 200).Draw(t, "list")
		percent := float64(rapid.IntRange(0, 100_000).Draw(t, "percent")) / 1000
		got := float64(distribution(list).quantile(percent))
		slices.Sort(list)
		at := percent / 100 * float64(len(list)-1)
		i := int(at + 1e-9)
		want := list[i].Seconds()
		if i+1 < len(list) {
			want += (at - float64(i)) * (list[i+1] - list[i]).Seconds()
		}
		if math.Abs(got-want) > 1e-6+want*1e-9 {
			t.Fatalf("p%g of %v is %v, want %v", percent, list, got, want)
		}
	})
}

func TestAHistogramIsNearTheDurationsThemselves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(micros, 1, 200).Draw(t, "list")
		exact, coarse := distribution(list), distribution(list)
		coarse.coarsen()
		if exact.mean() != coarse.mean() || exact.least() != coarse.least() || exact.most() != coarse.most() || coarse.exact() {
			t.Fatalf("%+v, %+v", exact.quantiles(), coarse.quantiles())
		}
		slices.Sort(list)
		for rank := range list {
			us := list[rank].Microseconds()
			if got := coarse.at(int64(rank)); math.Abs(float64(got-us)) > float64(us)/binsEach+1 {
				t.Fatalf("rank %d is %d µs, want about %d", rank, got, us)
			}
		}
	})
}

func TestMergingKnowsNoOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.SliceOf(micros), 1, 5).Draw(t, "parts")
		coarse := rapid.SliceOfN(rapid.Bool(), len(parts), len(parts)).Draw(t, "coarse")
		merged := func(order []int) *Durations {
			sum := &Durations{}
			for _, i := range order {
				d := distribution(parts[i])
				if coarse[i] {
					d.coarsen()
				}
				sum.merge(d)
			}
			return sum
		}
		order := rapid.Permutation([]int{0, 1, 2, 3, 4}[:len(parts)]).Draw(t, "order")
		there := merged(order)
		slices.Reverse(order)
		back := merged(order)
		if there.quantiles() != back.quantiles() || !slices.Equal(there.distribution().Counts, back.distribution().Counts) {
			t.Fatalf("%+v, %+v", there.quantiles(), back.quantiles())
		}
	})
}

func TestBinsAdjoin(t *testing.T) {
	for bin := range 56 * binsEach {
		if binOf(lowOf(bin)) != bin || binOf(lowOf(bin+1)-1) != bin {
			t.Fatalf("bin %d is from %d to below %d, where the bins are %d and %d", bin, lowOf(bin), lowOf(bin+1), binOf(lowOf(bin)), binOf(lowOf(bin+1)-1))
		}
	}
}

func TestTooManyDurationsBecomeAHistogram(t *testing.T) {
	d := &Durations{}
	for i := range ExactMost + 1 {
		if i == ExactMost && !d.exact() {
			t.Fatalf("a histogram already at %d", i)
		}
		d.Add(time.Duration(i) * time.Microsecond)
	}
	if q := d.quantiles(); !q.FromHistogram || q.Count != ExactMost+1 || math.Abs(float64(q.P50)-ExactMost/2e6) > 0.01 {
		t.Errorf("%+v", q)
	}
}

func TestASampleOfARankIsThatOfTheSortedList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		least, spread := rapid.Int64Range(-1<<40, 1<<40).Draw(t, "least"), rapid.Int64Range(0, 1<<rapid.IntRange(0, 40).Draw(t, "bits")).Draw(t, "spread")
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		var s samples
		want := make([]int64, rapid.IntRange(1, 300).Draw(t, "n"))
		for i := range want {
			want[i] = least + random.Int64N(spread+1)
			s.add(want[i])
		}
		slices.Sort(want)
		for rank, x := range want {
			here, next := s.at(rank, least, least+spread)
			if after := want[min(rank+1, len(want)-1)]; here != x || next != after {
				t.Fatalf("of rank %d of %v: %d and %d, want %d and %d", rank, want, here, next, x, after)
			}
		}
	})
}

func TestWhatWasMergedIsNotAddedTo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(micros, 1, 100).Draw(t, "list")
		sum, part := &Durations{}, distribution(list)
		sum.merge(part)
		before := part.quantiles()
		more := rapid.SliceOfN(micros, 1, 100).Draw(t, "more")
		for i, us := range more {
			sum.Add(us)
			if i%7 == 0 {
				sum.quantile(50)
			}
		}
		if got := part.quantiles(); got != before {
			t.Fatalf("%+v, before %+v", got, before)
		}
		if got, want := sum.quantiles(), distribution(slices.Concat(list, more)).quantiles(); got != want {
			t.Fatalf("%+v, want %+v", got, want)
		}
	})
}
