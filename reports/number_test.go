package reports

import (
	"math"
	"strings"
	"testing"

	"ipamsim/sim/result"
)

func TestNumbersReadAsPeopleWriteThem(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{seconds(1.005), "1.00"},
		{seconds(12345.678), "12,345.68"},
		{seconds(0), "0.00"},
		{seconds(result.Never), "-"},
		{decimal(math.NaN(), 2), "-"},
		{moment(0), "0s"},
		{moment(90.4), "1m30s"},
		{moment(900), "15m"},
		{moment(3600), "1h"},
		{moment(3660), "1h1m"},
		{moment(36000), "10h"},
		{moment(-30), "-30s"},
	} {
		if test.got != test.want {
			t.Errorf("got %q, want %q", test.got, test.want)
		}
	}
}

func TestWrapKeepsWordsAndWidth(t *testing.T) {
	text := "one two  three averyveryverylongword four"
	lines := Wrap(text, 9)
	if got, want := strings.Join(lines, "|"), "one two|three|averyveryverylongword|four"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := Wrap("", 10); len(got) != 1 || got[0] != "" {
		t.Errorf("an empty text is %q", got)
	}
}
