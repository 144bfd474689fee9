package chart

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	_ "ipamsim/internal/properties"

	"ipamsim/sim/result"
)

func started(n int) *result.Variant {
	var trends result.Trends
	for i := range n {
		trends.PodStart.Add(time.Second + time.Second*time.Duration(i)/time.Duration(n))
	}
	v := &result.Variant{Name: "default", Distributions: trends.Distributions()}
	trends.Describe(&v.Outcome)
	return v
}

func TestCurveEndsAtTheShareThatStarted(t *testing.T) {
	v := started(1500)
	v.Pods.Start.Never = 500
	for _, most := range []int{50, 600} {
		curve := startCurve(v, 0.5, 5, most)
		last := len(curve.At) - 1
		if curve.At[last] != 5 || math.Abs(curve.Values[last]-75) > 1e-9 {
			t.Errorf("the curve ends at %v, %v, want 75 %% at 5 s", curve.At[last], curve.Values[last])
		}
		if curve.Values[0] != 0 || len(curve.At) > 2*most+3 || !slices.IsSorted(curve.Values) || !slices.IsSorted(curve.At) {
			t.Errorf("%d points from %v", len(curve.At), curve.Values[0])
		}
	}
}

func TestThinningKeepsTheWorstSample(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.Float64Range(0, 1000), 2, 3000).Draw(t, "list")
		most := rapid.IntRange(3, 600).Draw(t, "most")
		places := worst(len(list), most, func(i int) float64 { return list[i] })
		if len(places) > most && len(places) != len(list) || !slices.IsSorted(places) || places[0] != 0 || places[len(places)-1] != len(list)-1 {
			t.Fatalf("%d places, from %d to %d", len(places), places[0], places[len(places)-1])
		}
		if got := slices.Max(pick(list, places)); got != slices.Max(list) {
			t.Fatalf("the worst is %v, want %v", got, slices.Max(list))
		}
	})
}

func TestStretchesAddUpToWhatWasCounted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		counts := rapid.SliceOfN(rapid.IntRange(0, 500), 2, 3000).Draw(t, "counts")
		most := rapid.IntRange(1, 600).Draw(t, "most")
		at, total := make([]float64, len(counts)), 0.0
		for i, n := range counts {
			if at[i] = 0.5 * float64(i); i > 0 {
				total += float64(n)
			}
		}
		list, sum := stretches(at, most), 0.0
		for i, s := range list {
			sum += s.sum(counts)
			if i > 0 && s.from != list[i-1].to {
				t.Fatalf("a gap before %v", s.from)
			}
		}
		if len(list) > most || sum != total {
			t.Fatalf("%d stretches add up to %v, want %v", len(list), sum, total)
		}
	})
}

// Whatever a series holds, areas do not overlap, stay on their axis, and have as
// many points as a drawing asks for at most.
func TestAreasOfASubnetStandOnOneAnother(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 200).Draw(t, "samples")
		counts := func(name string) []int {
			return rapid.SliceOfN(rapid.IntRange(0, 300), n, n).Draw(t, name)
		}
		v := result.Variant{Name: "default"}
		for i := range n {
			v.Series.AtSeconds = append(v.Series.AtSeconds, float64(i))
		}
		v.Series.Subnets = []result.SubnetSeries{{Name: "a", Assigned: counts("assigned"), Warm: counts("warm"), Free: counts("free")}, {Name: "b", Others: counts("others")}}
		r := &result.Result{Variants: []result.Variant{v}}
		f := addresses(r, &r.Variants[0], ScaleOf(r), Sizes{Points: 50, Panels: 2})
		if len(f.Panels) != 2 {
			t.Fatalf("%d panels", len(f.Panels))
		}
		for _, p := range f.Panels {
			for k, a := range p.Areas {
				for i := range a.At {
					if a.High[i] < a.Low[i] || a.High[i] > p.Y.Max || len(a.At) > 50 || k > 0 && a.Low[i] != p.Areas[k-1].High[i] {
						t.Fatalf("area %d from %v to %v of %v", k, a.Low[i], a.High[i], p.Y.Max)
					}
				}
			}
		}
	})
}

func TestFreeIsCutOffAlikeInAllSubnetsOrInNone(t *testing.T) {
	v := result.Variant{Series: result.Series{AtSeconds: []float64{0, 1}, Subnets: []result.SubnetSeries{
		{Name: "a", Assigned: []int{10, 20}, Free: []int{241, 231}}, {Name: "b", Assigned: []int{1, 1}, Free: []int{4090, 4090}}}}}
	r := &result.Result{Variants: []result.Variant{v, v}}
	scale := ScaleOf(r)
	if a, b := scale["a"]/251, scale["b"]/4091; math.Abs(a-b) > 1e-9 || a > 0.2 {
		t.Errorf("a shows %v of its addresses, b %v", a, b)
	}
	r.Variants[1].Series.Subnets = []result.SubnetSeries{{Name: "a", Assigned: []int{0, 251}}, {Name: "b", Free: []int{4091, 4091}}}
	if scale = ScaleOf(r); scale["a"] != 251 || scale["b"] != 4091 {
		t.Errorf("one is full, and they show %v", scale)
	}
}

func TestMarksHaveTheirLinesInTheLegend(t *testing.T) {
	end := 90.0
	v := &result.Variant{}
	for i := range 300 {
		v.Marks = append(v.Marks, result.Mark{AtSeconds: float64(i), Kind: "scale_out", Text: "1 node launched"})
	}
	for i := range lettersMost + 3 {
		v.Marks = append(v.Marks, result.Mark{AtSeconds: 10, EndSeconds: &end, Kind: "fault", Text: fmt.Sprintf("faults[%d] (throttle)", i)}, result.Mark{AtSeconds: 20, Kind: "fault", Text: "faults[0] (throttle)"})
	}
	marks, legend := marked(v, timeAxis(0, 300))
	letters := map[string]bool{}
	for _, e := range legend {
		letters[e.Letter] = true
	}
	out := 0
	for _, m := range marks {
		if m.Kind == Fault && !letters[m.Letter] {
			t.Errorf("%q is not in the legend", m.Letter)
		}
		if m.Kind == ScaleOut {
			out++
		}
	}
	if out > markSteps || out < markSteps/2 || len(legend) != lettersMost+1 {
		t.Errorf("%d triangles, %d lines", out, len(legend))
	}
}

func TestLinesOfManyFaultsDoNotCrossThePanel(t *testing.T) {
	few := slices.Repeat([]Mark{{Kind: Fault}}, linesMost)
	many := append(few, Mark{Kind: ScaleOut}, Mark{Kind: Fault})
	if a, b := LineReach(append(few, Mark{Kind: ScaleIn})), LineReach(many); a != 1 || b > 0.2 {
		t.Errorf("%d faults reach %v of it, %d reach %v", linesMost, a, linesMost+1, b)
	}
}

// What is used of a large subnet may be less than a pixel high.
func TestAPanelSaysHowMuchOfASubnetIsInUse(t *testing.T) {
	scale := Scale{"a": 4091}
	for want, used := range map[string][]int{"a (4,091 usable, up to 12 in use)": {3, 12}, "a (4,091 usable, none in use)": {0, 0}} {
		s := &result.SubnetSeries{Name: "a", Warm: used, Free: []int{4091 - used[0], 4091 - used[1]}}
		if p := panelOf(s, []float64{0, 1}, timeAxis(0, 1), scale, 10, make([]bool, len(holders))); p.Title != want {
			t.Errorf("%q, want %q", p.Title, want)
		}
	}
}

func TestAxisStepsAreRound(t *testing.T) {
	for _, test := range []struct{ v, below, above float64 }{
		{1, 1, 1}, {1.1, 1, 2}, {4.9, 2, 5}, {7, 5, 10}, {10, 10, 10}, {0.03, 0.02, 0.05}, {999, 500, 1000},
	} {
		if got := NiceBelow(test.v); math.Abs(got-test.below) > 1e-12 {
			t.Errorf("below %v is %v, want %v", test.v, got, test.below)
		}
		if got := NiceAbove(test.v); math.Abs(got-test.above) > 1e-12 {
			t.Errorf("above %v is %v, want %v", test.v, got, test.above)
		}
	}
	for v, want := range map[float64]string{0.25: "0.25", 20: "20", 1500: "1,500"} {
		if got := Number(v); got != want {
			t.Errorf("%v reads %q, want %q", v, got, want)
		}
	}
}
