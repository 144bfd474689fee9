package properties

import (
	"flag"
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

// A package that asks for fewer cases gets them, unless somebody asks for more.
func TestWhoeverRunsTheTestsHasTheLastWordOnTheNumberOfCases(t *testing.T) {
	number := flag.Lookup(checksFlag)
	was := number.Value.String()
	t.Cleanup(func() { number.Value.Set(was) })
	t.Setenv(checksVariable, was)
	if Checks(3); number.Value.String() != was {
		t.Errorf("%s cases, where %s is %s", number.Value, checksVariable, was)
	}
	os.Unsetenv(checksVariable)
	if Checks(3); number.Value.String() != "3" {
		t.Errorf("%s cases, where nobody asks for any", number.Value)
	}
}
