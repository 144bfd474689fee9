package experiment

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	_ "ipamsim/internal/properties"
	"ipamsim/sim/result"
)

func TestCommasOfAValueDoNotSeparate(t *testing.T) {
	for text, want := range map[string][]string{
		"a=1,2 , 3":                  {"1", "2", "3"},
		"a=[1,2],[3]":                {"[1,2]", "[3]"},
		`a={x: [1,2], y: "},"},null`: {`{x: [1,2], y: "},"}`, "null"},
		`a="x,y",'z,"',it's`:         {`"x,y"`, `'z,"'`, "it's"},
		`a="\",",2`:                  {`"\","`, "2"},
		"a=x=1,x=2":                  {"x=1", "x=2"},
		"a=30s":                      {"30s"},
	} {
		axis, err := ParseAxis(text)
		if err != nil || axis.Path != "a" || !slices.Equal(axis.Values, want) {
			t.Errorf("%s: %q, %v", text, axis.Values, err)
		}
	}
}

func TestWhatIsNoAxisIsRefused(t *testing.T) {
	for text, says := range map[string]string{
		"": "path=value,value was expected", "=1": "path=value,value was expected", "a": "path=value,value was expected", "a=": "value 1 of 1 is empty",
		"a=1,,2": "value 2 of 3 is empty", "a=1,1": "1 is there twice", "a=[1": "is open", `a="1`: "is open", "a=[1]],2": "",
		"a=" + strings.Repeat("1,", mostValues) + "1": "and the most is 100,000",
	} {
		_, err := ParseAxis(text)
		if says == "" != (err == nil) || err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("%.40s: %v", text, err)
		}
	}
}

func TestAGridHasABound(t *testing.T) {
	big := result.NewAxis("a", make([]string, 1001))
	other := big
	other.Path = "b"
	if _, err := rowsOf([]result.Axis{big, other}, 1); err == nil {
		t.Error("1,002,001 rows are allowed")
	}
	if n, err := rowsOf([]result.Axis{big}, 3); n != 3003 || err != nil {
		t.Errorf("%d rows, %v", n, err)
	}
	if _, err := rowsOf([]result.Axis{big, big}, 1); err == nil || !strings.Contains(err.Error(), "given twice") {
		t.Error(err)
	}
}

// Every point is a row of every variant, once.
func TestRowsAreAllPointsOfAllVariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := result.Sweep{Variants: []string{"x", "y", "z"}[:rapid.IntRange(1, 3).Draw(t, "variants")]}
		for _, path := range []string{"a", "b", "c"}[:rapid.IntRange(0, 3).Draw(t, "axes")] {
			s.Axes = append(s.Axes, result.NewAxis(path, []string{"1", "2", "3", "4"}[:rapid.IntRange(1, 4).Draw(t, path)]))
		}
		rows, err := rowsOf(s.Axes, len(s.Variants))
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for row := range rows {
			seen[s.Variants[s.VariantOf(row)]+" "+strings.Join(s.Settings(row), " ")] = true
		}
		if len(seen) != rows {
			t.Fatalf("%d rows have %d points", rows, len(seen))
		}
	})
}
