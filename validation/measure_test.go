package validation

import "testing"

func TestAnExcursionSaysWhatLeftWhichBound(t *testing.T) {
	trace := &Trace{Final: FinalRanges{IPsPerENI: [][]int{{14, 14}, {14, 5}}}}
	list := trace.excursions(nil, &Recording{Stats: []Stat{{IPsPerENI: []int{5, 14}}}})
	if len(list) != 1 {
		t.Fatalf("%d excursions: %v", len(list), list)
	}
	below, _ := outside("adds_ok", 0, 2, bounds{3, 5})
	above, _ := outside("enis", 1500, 6, bounds{3, 5})
	for _, c := range []struct {
		excursion
		want string
	}{
		{list[0], "final/ips_per_eni is none of the recorded lists"},
		{below, "adds_ok 2 < 3"},
		{above, "enis 6 > 5 at 1.500s"},
	} {
		if got := c.String(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
