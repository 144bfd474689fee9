package remedy

import (
	"slices"
	"testing"

	"ipamsim/sim/findings"
)

// A finding whose mode has no place would count for nothing.
func TestEachModeHasItsPlaceInTheOrder(t *testing.T) {
	for _, g := range findings.Guides {
		n := 0
		for _, mode := range gravest {
			if mode == g.Mode {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s has %d places", g.Mode, n)
		}
	}
	if len(gravest) != len(findings.Guides) {
		t.Errorf("%d places for %d modes", len(gravest), len(findings.Guides))
	}
}

// What helps takes away a fifth at least, and is then always a step down.
func TestWhatHelpsIsALevelDown(t *testing.T) {
	for n := 1.0; n < 1e6; n = n*1.001 + 0.01 {
		if after := n * (1 - helpsShare); level(after, helpsShare) >= level(n, helpsShare) {
			t.Fatalf("%g is at %g, and %g at %g", n, level(n, helpsShare), after, level(after, helpsShare))
		}
	}
	numbers := []float64{0, 0.5, 1, 2, 10, 1e3, 1e6, endless * endless}
	if !slices.IsSortedFunc(numbers, func(a, b float64) int { return int(level(a, helpsShare) - level(b, helpsShare)) }) {
		t.Errorf("levels of %v do not rise", numbers)
	}
}
