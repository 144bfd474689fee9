package cluster

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"ipamsim/internal/source"
)

func TestEveryConstantHasAUniqueNameAKindAndASource(t *testing.T) {
	names := map[string]bool{}
	for _, c := range Constants() {
		if c.Name == "" || c.Value == "" || names[c.Name] {
			t.Errorf("without a value or twice: %+v", c)
		}
		names[c.Name] = true
		if !slices.Contains(source.Kinds(), c.Kind) {
			t.Errorf("%s has the kind %q", c.Name, c.Kind)
		}
		if c.Kind != source.Assumption && !strings.Contains(c.Source, "https://") || len(c.Source) < 20 {
			t.Errorf("%s has the source %q", c.Name, c.Source)
		}
	}
}

func TestBootTimesLieWhereTheConstantsSay(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, c := range []struct {
		draw  Draw
		extra time.Duration
	}{{BootFast, 0}, {BootSlow, slowExtra}, {BootMetal, metalExtra}} {
		low := instanceStart + kubeletStart + c.extra
		for range 1000 {
			if d := c.draw(r); d < low || d >= low+instanceSpread {
				t.Fatalf("%v is outside %v to %v", d, low, low+instanceSpread)
			}
		}
	}
}
