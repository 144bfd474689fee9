package inspect

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ipamsim/scenarios"
	"ipamsim/scenarios/scenariotest"
	"ipamsim/sim"
)

// A map at the end of a run counts what the run's result counts, holder by
// holder.
func TestAMapCountsWhatTheResultCounts(t *testing.T) {
	for _, name := range scenarios.EmbeddedNames() {
		if scenariotest.IsLarge(name) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			one := 1
			variants := scenariotest.Shipped(t, name, scenarios.Options{Replications: &one})
			r, err := sim.Run(context.Background(), variants[:1], sim.Options{Workers: 1})
			if err != nil {
				t.Fatal(err)
			}
			end := EndOf(variants[0])
			maps, err := Addresses(context.Background(), variants[0], 1, []time.Duration{0, end / 2, end}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if len(maps.Moments) != 3 || maps.Moments[1].AtSeconds != (end/2).Seconds() {
				t.Fatalf("%d moments", len(maps.Moments))
			}
			for i, s := range maps.Moments[2].Subnets {
				want := r.Variants[0].Subnets[i]
				kept := r.Variants[0].Maps.End[i]
				if kept.CellAddresses > 1 {
					s = s.InBlocks()
				}
				if !reflect.DeepEqual(s, kept) {
					t.Errorf("%s: the result keeps another map", s.Name)
				}
				if !reflect.DeepEqual(s.Held, want.Held) || s.Free != want.FreeAtEnd || s.Usable != want.Usable {
					t.Errorf("%s: the map has %+v and %d free, the result %+v and %d", s.Name, s.Held, s.Free, want.Held, want.FreeAtEnd)
				}
			}
			for _, m := range maps.Moments {
				for _, s := range m.Subnets {
					whole := 0
					for block := range slices.Chunk(s.Letters(), 16) {
						if strings.Count(string(block), ".") == 16 {
							whole++
						}
					}
					if whole != s.FreeBlocks { // no shipped scenario reserves any
						t.Errorf("at %v s %s: %d blocks are free, EC2 counts %d", m.AtSeconds, s.Name, whole, s.FreeBlocks)
					}
					h := s.Held.Holders
					if sum := h.Assigned + h.Cooling + h.Warm + h.Primaries + h.Unmanaged + h.Others + s.Free; sum != s.Usable {
						t.Errorf("at %v s %s: %d of %d usable addresses are accounted for", m.AtSeconds, s.Name, sum, s.Usable)
					}
				}
			}
		})
	}
}
