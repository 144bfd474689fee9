package properties

import (
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Two runs of a property see the same cases.
func TestCasesAreTheSameInEveryRun(t *testing.T) {
	if _, chosen := os.LookupEnv(seedVariable); chosen {
		t.Skip(seedVariable + " asks for other cases")
	}
	cases := func() (drawn []int) {
		rapid.Check(t, func(t *rapid.T) { drawn = append(drawn, rapid.Int().Draw(t, "n")) })
		return drawn
	}
	if first, second := cases(), cases(); !slices.Equal(first, second) {
		t.Errorf("the first run drew %v, the second %v", first[:5], second[:5])
	}
}
