package des_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ipamsim/sim/des"
)

func draws(k *des.Kernel, name string) []uint64 {
	r := k.Rand(name)
	out := make([]uint64, 8)
	for i := range out {
		out[i] = r.Uint64()
	}
	return out
}

func TestAStreamDoesNotDependOnWhoElseDrawsOrWhen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		names := rapid.SliceOfNDistinct(rapid.String(), 1, 10, rapid.ID[string]).Draw(t, "names")
		order := rapid.Permutation(names).Draw(t, "order")
		straight, shuffled := des.New(seed, 0, des.Limits{}), des.New(seed, 0, des.Limits{})
		want := map[string][]uint64{}
		for _, name := range names {
			want[name] = draws(straight, name)
		}
		for _, name := range order {
			if got := draws(shuffled, name); !slices.Equal(got, want[name]) {
				t.Fatalf("stream %q: %v, in another order %v", name, want[name], got)
			}
		}
	})
}

func TestStreamsDifferByNameSeedAndReplication(t *testing.T) {
	base := draws(des.New(1, 0, des.Limits{}), "a")
	for what, other := range map[string][]uint64{
		"name":        draws(des.New(1, 0, des.Limits{}), "b"),
		"seed":        draws(des.New(2, 0, des.Limits{}), "a"),
		"replication": draws(des.New(1, 1, des.Limits{}), "a"),
		"both moved":  draws(des.New(0, 1, des.Limits{}), "a"),
		"empty name":  draws(des.New(1, 0, des.Limits{}), ""),
	} {
		if slices.Equal(base, other) {
			t.Errorf("another %s gives the same draws", what)
		}
	}
	if again := draws(des.New(1, 0, des.Limits{}), "a"); !slices.Equal(base, again) {
		t.Error("the same name, seed and replication give other draws")
	}
}

// The numbers are part of every result's identity: a change here changes all
// fingerprints of all scenarios and wants a new version.
func TestStreamsAreTheSameOnEveryMachine(t *testing.T) {
	got := draws(des.New(1, 0, des.Limits{}), "ec2/latency/AttachNetworkInterface")[:2]
	if want := []uint64{0xf7804bd45f8c7e18, 0xd6899f1d3cae3c0e}; !slices.Equal(got, want) {
		t.Errorf("got %#x, want %#x", got, want)
	}
}

func TestAStreamByValueDrawsWhatTheStreamOfItsWholeNameDraws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := des.New(rapid.Uint64().Draw(t, "seed"), rapid.IntRange(0, 3).Draw(t, "replication"), des.Limits{})
		parts := rapid.SliceOfN(rapid.String(), 0, 4).Draw(t, "parts")
		s, r := k.Stream(parts...), k.Rand(strings.Join(parts, ""))
		saved := s
		for range 5 {
			if got, want := s.Rand().Uint64(), r.Uint64(); got != want {
				t.Fatalf("draws %#x, want %#x", got, want)
			}
		}
		if s == saved {
			t.Fatal("its draws do not move it on")
		}
	})
}

func TestAStreamByValueAllocatesNothingAndOneByPointerOnce(t *testing.T) {
	k := des.New(1, 0, des.Limits{})
	type record struct {
		stream des.Stream
		drawn  float64
	}
	r, name := new(record), "default/web-00001"
	if n := testing.AllocsPerRun(100, func() {
		r.stream = k.Stream("pod/", name, "/image")
		r.drawn = r.stream.Rand().ExpFloat64() + float64(r.stream.Rand().Int64N(10))
	}); n != 0 {
		t.Errorf("%v allocations for a stream by value and its draws", n)
	}
	if n := testing.AllocsPerRun(100, func() { r.drawn = k.Rand(name).Float64() }); n != 1 {
		t.Errorf("%v allocations for a stream by pointer", n)
	}
}
