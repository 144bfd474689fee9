package words_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ipamsim/internal/words"
)

func TestNumbersReadAsPeopleWriteThem(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{words.Count(0), "0"},
		{words.Count(999), "999"},
		{words.Count(1000), "1,000"},
		{words.Count(-1234567), "-1,234,567"},
		{words.Count(-100), "-100"},
		{words.Count(uint64(math.MaxUint64)), "18,446,744,073,709,551,615"},
		{words.Apart("12345.67890"), "12,345.67890"},
		{words.Apart("-0.5"), "-0.5"},
		{words.Plural(0, "pod"), "0 pods"},
		{words.Plural(1, "pod"), "1 pod"},
		{words.Plural(1200, "pod"), "1,200 pods"},
		{words.Plural(3, "address"), "3 addresses"},
		{words.Plural(2, "prefix"), "2 prefixes"},
		{words.Percent(1, 3), "33 %"},
		{words.Percent(2, 3), "67 %"},
		{words.Percent(0, 0), "0 %"},
		{words.Share(1), "100 %"},
		{words.Share(0.125), "12.5 %"},
		{words.Seconds(1.25, 1), "1.2 s"},
		{words.Seconds(12, 0), "12 s"},
		{words.And(nil), "none"},
		{words.And([]string{"a"}), "a"},
		{words.And([]string{"a", "b"}), "a and b"},
		{words.And([]string{"a", "b", "c"}), "a, b and c"},
		{words.Or([]string{"a", "b", "c"}), "a, b or c"},
	} {
		if test.got != test.want {
			t.Errorf("got %q, want %q", test.got, test.want)
		}
	}
}

func TestASharePrintsAsItWasWritten(t *testing.T) {
	for n := range 1001 {
		want := strings.TrimSuffix(fmt.Sprintf("%d.%d", n/10, n%10), ".0") + " %"
		if got := words.Share(float64(n) / 1000); got != want {
			t.Errorf("%d thousandths print as %s, want %s", n, got, want)
		}
	}
}

func TestASlipOfTheFingersIsForgiven(t *testing.T) {
	keys := []string{"count", "cni", "instanceType", "maxPods", "subnets", "name"}
	for slip, want := range map[string]string{
		"cuont":        `; did you mean "count"?`, // swapped
		"coun":         `; did you mean "count"?`,
		"Count":        `; did you mean "count"?`,
		"instancetpye": `; did you mean "instanceType"?`,
		"subnet":       `; did you mean "subnets"?`,
		"pods":         `; did you mean "maxPods"?`, // a part of it
		"zone":         "",
		"x":            "",
		"":             "",
	} {
		if got := words.DidYouMean(slip, keys); got != want {
			t.Errorf("%q%s, want %q", slip, got, want)
		}
	}
	if got := words.DidYouMean("web-99", []string{"web-0", "web-1", "web-2", "web-3", "db-0"}); got != `; did you mean "web-0", "web-1" or "web-2"?` {
		t.Error(got)
	}
	if got := words.DidYouMeanOr("zone", []string{"count", "cni"}); got != "; known are count and cni" {
		t.Error(got)
	}
	if got := words.Nearest("m5.lrage", []string{"c5.large", "m5.large", "t3.nano"}, 2); !slices.Equal(got, []string{"m5.large", "c5.large"}) {
		t.Error(got)
	}
}

func TestDistanceCountsSlips(t *testing.T) {
	word := rapid.StringMatching(`[a-e]{0,8}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		d := words.Distance(a, b)
		if d != words.Distance(b, a) {
			t.Fatal("there and back differ")
		}
		if (d == 0) != (a == b) {
			t.Fatalf("%d between %q and %q", d, a, b)
		}
		if d > max(len(a), len(b)) || d < len(a)-len(b) || d < len(b)-len(a) {
			t.Fatalf("%d between %q and %q", d, a, b)
		}
		if len(a) < 2 {
			return
		}
		at := rapid.IntRange(0, len(a)-2).Draw(t, "at")
		for _, slip := range []string{
			a[:at] + a[at+1:], a[:at] + "x" + a[at:], a[:at] + "x" + a[at+1:],
			a[:at] + a[at+1:at+2] + a[at:at+1] + a[at+2:],
		} {
			if words.Distance(a, slip) > 1 {
				t.Fatalf("%d between %q and %q", words.Distance(a, slip), a, slip)
			}
		}
	})
	if d := words.Distance(strings.Repeat("a", 65), "a"); d != 65 {
		t.Errorf("a word without end is %d from a", d)
	}
}
