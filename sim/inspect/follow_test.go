package inspect_test

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	_ "ipamsim/internal/properties"

	"ipamsim/scenarios"
	"ipamsim/scenarios/scenariotest"
	"ipamsim/sim/fleet"
	"ipamsim/sim/inspect"
)

// A pod looks the same whether its node is found on the way or was known before,
// and takes two runs only where the node was there first.
func TestAPodIsInspectedInOneRunAsInTwo(t *testing.T) {
	v := scenariotest.Expand(t, scenariotest.Cliff, scenarios.Options{})[0]
	took := map[int]int{} // pods by the number of runs
	rapid.Check(t, func(t *rapid.T) {
		pod := fmt.Sprint("web-", rapid.IntRange(0, 160).Draw(t, "pod"))
		when := inspect.When{Replication: 1, At: time.Duration(rapid.IntRange(50, 360).Draw(t, "at")) * time.Second}
		runs, last := 0, time.Duration(0)
		count := func(p fleet.Progress) {
			if p.Virtual < last || runs == 0 {
				runs++
			}
			last = p.Virtual
		}
		got, err := inspect.Pod(t.Context(), v, when, pod, 50, inspect.Options{Progress: count})
		var unknown *inspect.UnknownNameError
		if errors.As(err, &unknown) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		took[runs]++
		want, err := inspect.PodOn(t.Context(), v, when, pod, got.About[0].Value, 50, inspect.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s at %v, in %d runs: %+v\nwant %+v", pod, when.At, runs, got, want)
		}
	})
	if took[1] == 0 || took[2] == 0 {
		t.Errorf("pods by their runs: %v, want some of each", took)
	}
}
