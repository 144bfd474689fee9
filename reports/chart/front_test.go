package chart

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ipamsim/sim/result"
)

// Whatever was found, settings of which 99 % of the pods never start stand above all
// numbers, at a tick that says so, and everything is between the axes.
func TestSettingsThatNeverStartStandAboveAllNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(what string) (x result.Setting) {
			x.AddressesPeak = rapid.IntRange(0, 5000).Draw(t, what+" addresses")
			x.PodStartP99 = result.Never
			if rapid.Bool().Draw(t, what+" starts") {
				x.PodStartP99 = result.Seconds(rapid.Float64Range(0.1, 600).Draw(t, what+" p99"))
			}
			return x
		}
		tuning := &result.Tuning{Now: draw("now")}
		for range rapid.IntRange(1, 20).Draw(t, "settings") {
			tuning.Tried = append(tuning.Tried, draw("setting"))
		}
		f := Front(tuning, func(map[string]string) string { return "" }, func(*result.Costs) string { return "" })
		if len(f.Panels) == 0 {
			return // nothing starts anywhere, and the note says so
		}
		p := f.Panels[0]
		never, named := math.Inf(1), false
		for _, tick := range p.Y.Ticks {
			if tick.Label == "never" {
				never, named = tick.Value, true
			}
		}
		wanted := false
		for _, s := range p.Shapes {
			for i, v := range s.Values {
				if v < p.Y.Min || v > p.Y.Max || s.At[i] < p.X.Min || s.At[i] > p.X.Max {
					t.Fatalf("%v, %v is outside of %+v, %+v", s.At[i], v, p.X, p.Y)
				}
			}
		}
		highest := 0.0
		for _, x := range append(tuning.Tried, tuning.Now) {
			if x.PodStartP99.Reached() {
				highest = max(highest, float64(x.PodStartP99))
			} else {
				wanted = true
			}
		}
		if named != wanted || named && never <= highest {
			t.Fatalf("never stands at %v (%v), and %v is the longest start (%v)", never, named, highest, wanted)
		}
		if named && strings.Contains(p.Y.Label, "log") != p.Y.Log {
			t.Fatal(p.Y.Label)
		}
	})
}
