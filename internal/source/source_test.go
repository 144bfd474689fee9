package source_test

import (
	"testing"
	"time"

	"ipamsim/internal/source"
)

func TestConstantsPrintTheirValueAsItIs(t *testing.T) {
	for _, test := range []struct {
		got         source.Constant
		value, unit string
	}{
		{source.Number("a", 12, "pods", source.FromDocs, "x"), "12", "pods"},
		{source.Number("a", 2.5, "", source.FromDocs, "x"), "2.5", ""},
		{source.Number("a", 1000000, "pods", source.FromDocs, "x"), "1000000", "pods"},
		{source.Duration("a", 2501*time.Millisecond, source.FromDocs, "x"), "2.501", "s"},
		{source.Span("a", time.Second, 1500*time.Millisecond, source.FromDocs, "x"), "1 to 1.5", "s"},
		{source.Span("a", time.Minute, time.Minute, source.FromDocs, "x"), "60", "s"},
		{source.Rule("a", "the instance type's", source.FromDocs, "x"), "the instance type's", ""},
	} {
		want := source.Constant{Name: "a", Value: test.value, Unit: test.unit, Kind: source.FromDocs, Source: "x"}
		if test.got != want {
			t.Errorf("%+v, want %+v", test.got, want)
		}
	}
}
