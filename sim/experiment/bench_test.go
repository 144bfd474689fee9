package experiment

import (
	"context"
	"fmt"
	"io"
	"testing"

	"ipamsim/scenarios"
	"ipamsim/sim"
	"ipamsim/sim/fleet"
	"ipamsim/sim/result"
)

// hello is the smallest shipped scenario, once for each seed.
func hello(b *testing.B, runs int) *Sweep {
	b.Helper()
	f, err := scenarios.Open("hello")
	if err != nil {
		b.Fatal(err)
	}
	variants, err := f.Variants(scenarios.Options{})
	if err != nil {
		b.Fatal(err)
	}
	seeds := make([]string, runs)
	for i := range seeds {
		seeds[i] = fmt.Sprint(i)
	}
	s, err := New(variants, []result.Axis{result.NewAxis("seed", seeds)}, "bench")
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// BenchmarkSweep is a row: a point checked and expanded, run, summed up, written.
func BenchmarkSweep(b *testing.B) {
	s := hello(b, b.N)
	b.ResetTimer()
	runs, _, err := s.Check(context.Background(), Whole, 0, 1)
	if err == nil {
		err = s.Run(context.Background(), Whole, 0, runs, io.Discard, sim.Options{Workers: 1})
	}
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkRuns is what a row would cost if it were nothing but its run: a fleet
// is built, runs, and is summed up.
func BenchmarkRuns(b *testing.B) {
	v, err := hello(b, 1).expand(0)
	if err != nil {
		b.Fatal(err)
	}
	for range b.N {
		w, err := fleet.New(v, fleet.Options{})
		if err == nil {
			err = w.Run(context.Background(), w.End, nil)
		}
		if err != nil {
			b.Fatal(err)
		}
		w.Outcome()
	}
}

// BenchmarkSeparately is what each row would cost as a run of its own, in one
// process: read, run, findings, result.
func BenchmarkSeparately(b *testing.B) {
	s := hello(b, b.N)
	b.ResetTimer()
	for i := range b.N {
		v, err := s.base[0].WithOver(s.Head.Settings(i)...)
		if err == nil {
			_, err = sim.Run(context.Background(), []scenarios.Expanded{v}, sim.Options{Workers: 1})
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
