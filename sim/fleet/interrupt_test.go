package fleet_test

import (
	"context"
	"testing"
	"time"

	"ipamsim/scenarios"
	"ipamsim/scenarios/scenariotest"
	"ipamsim/sim/fleet"
)

// heardWithin is how many events may happen after an interrupt: at a microsecond
// or two each, less than a tenth of a second.
const heardWithin = 1 << 15

// However large the fleet and whatever it is at, an interrupt is heard soon.
func TestAnInterruptIsHeardWithinFewEvents(t *testing.T) {
	v := scenariotest.Shipped(t, "scale-out-and-in", scenarios.Options{})[0]
	whole, err := fleet.New(v, fleet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := whole.Run(t.Context(), whole.End, fleet.NewTally(1, nil)); err != nil {
		t.Fatal(err)
	}
	if whole.Kernel.Executed() < 2*heardWithin {
		t.Fatalf("a run of %d events shows nothing", whole.Kernel.Executed())
	}
	const moments = 8
	for i := range moments {
		w, err := fleet.New(v, fleet.Options{})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		before := w.Kernel.Executed()
		w.Kernel.At(w.End*time.Duration(i)/moments, func() { before = w.Kernel.Executed(); cancel() })
		err = w.Run(ctx, w.End, fleet.NewTally(1, nil))
		if after := w.Kernel.Executed() - before; after > heardWithin || err != context.Canceled {
			t.Errorf("interrupted at %d/%d: %d events after it, then %v", i, moments, after, err)
		}
		cancel()
	}
}
