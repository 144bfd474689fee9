package portable_test

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"ipamsim/internal/portable"
)

// near says whether two floats differ by a few last bits at most.
func near(a, b float64) bool {
	if a == b || math.IsNaN(a) && math.IsNaN(b) {
		return true
	}
	return math.Abs(a-b) <= 4*math.Max(math.Nextafter(math.Abs(b), math.Inf(1))-math.Abs(b), 0)
}

func TestFunctionsAreThoseOfMath(t *testing.T) {
	special := []float64{0, math.Copysign(0, -1), 1, -1, math.Inf(1), math.Inf(-1), math.NaN(), 710, -746, -740, 1e308, 5e-324, 1 + 1e-15, 1 - 1e-16}
	r := rand.New(rand.NewPCG(1, 2))
	for range 200_000 {
		special = append(special, (r.Float64()-0.5)*1500, math.Float64frombits(r.Uint64()), 1+(r.Float64()-0.5)/1000)
	}
	for _, x := range special {
		if x > 709 && x < 710 {
			continue // the largest floats: math.Exp ends before them on some machines
		}
		if got, want := portable.Exp(x), math.Exp(x); !near(got, want) {
			t.Fatalf("Exp(%v) is %v, not %v", x, got, want)
		}
		if math.Abs(x) < 0x1p-1022 && x != 0 {
			continue // subnormal: math.Log knows them on some machines only
		}
		if got, want := portable.Log(x), math.Log(x); !near(got, want) {
			t.Fatalf("Log(%v) is %v, not %v", x, got, want)
		}
	}
}

func TestTheFirstAndTheLastFloat(t *testing.T) {
	if got, want := portable.Log(5e-324), -1074*math.Ln2; !near(got, want) {
		t.Errorf("the logarithm of the smallest is %v, not %v", got, want)
	}
	if got, want := portable.Exp(709.78271289338397), math.MaxFloat64; !(math.Abs(got/want-1) < 1e-12) {
		t.Errorf("almost the greatest is %v, not %v", got, want)
	}
	if got := portable.Exp(709.79); !math.IsInf(got, 1) {
		t.Errorf("beyond the greatest is %v", got)
	}
}

func TestDrawsAreThoseOfRand(t *testing.T) {
	ours, theirs := rand.New(rand.NewPCG(3, 4)), rand.New(rand.NewPCG(3, 4))
	tails := 0
	for i := range 3_000_000 {
		n, wantN := portable.Normal(ours), theirs.NormFloat64()
		e, wantE := portable.Exponential(ours), theirs.ExpFloat64()
		if !near(n, wantN) || !near(e, wantE) {
			t.Fatalf("pair %d is %v and %v, not %v and %v", i, n, e, wantN, wantE)
		}
		if math.Abs(n) > 3.4427 || e > 7.6972 {
			tails++
		}
	}
	if ours.Uint64() != theirs.Uint64() {
		t.Error("we took another number of draws from the stream")
	}
	if tails < 100 {
		t.Errorf("only %d draws came from a tail", tails)
	}
}

// The sums are part of every result's identity.
func TestBitsAreTheSameOnEveryMachine(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, f := range []struct {
		name string
		of   func() float64
		want uint64
	}{
		{"Exp", func() float64 { return portable.Exp((r.Float64() - 0.5) * 100) }, 0x3f29037f5337a3a3},
		{"Log", func() float64 { return portable.Log(r.Float64() * 100) }, 0x5f1addf733d52984},
		{"Normal", func() float64 { return portable.Normal(r) }, 0xaeba9ed0cf43a9e2},
		{"Exponential", func() float64 { return portable.Exponential(r) }, 0x12adccf9808bdb31},
	} {
		sum := fnv.New64a()
		for range 300_000 {
			sum.Write(binary.LittleEndian.AppendUint64(nil, math.Float64bits(f.of())))
		}
		if sum.Sum64() != f.want {
			t.Errorf("the bits of %s sum up to %#x, not %#x", f.name, sum.Sum64(), f.want)
		}
	}
}

func TestWhatIsNoInteger(t *testing.T) {
	for x, want := range map[float64]int64{
		0: 0, 1.9: 1, -1.9: -1, 1e300: math.MaxInt64, -1e300: math.MinInt64, 1 << 63: math.MaxInt64, -1 << 63: math.MinInt64,
		math.Inf(1): math.MaxInt64, math.Inf(-1): math.MinInt64, 1<<63 - 1024: 1<<63 - 1024,
	} {
		if got := portable.Int64(x); got != want {
			t.Errorf("Int64(%v) is %d, not %d", x, got, want)
		}
		if got, want := portable.Int(x), max(math.MinInt, min(want, math.MaxInt)); int64(got) != want {
			t.Errorf("Int(%v) is %d, not %d", x, got, want)
		}
	}
	for us, want := range map[float64]time.Duration{2.9: 2 * time.Microsecond, -2.9: -2 * time.Microsecond, 1e300: 876_000 * time.Hour, -1e18: -876_000 * time.Hour} {
		if got := portable.Microseconds(us); got != want {
			t.Errorf("%v microseconds are %v, not %v", us, got, want)
		}
	}
	if got := portable.Int64(math.NaN()); got != 0 {
		t.Errorf("Int64 of no number is %d", got)
	}
}
