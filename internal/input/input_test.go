package input

import (
	"errors"
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"

	_ "ipamsim/internal/properties"
)

// endless is a file without an end.
type endless struct{}

func (endless) Read(b []byte) (int, error) { return len(b), nil }

func TestNoMoreIsReadThanMayBe(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		most, size := rapid.IntRange(0, 64).Draw(t, "most"), rapid.IntRange(0, 64).Draw(t, "size")
		text, err := ReadAll(strings.NewReader(strings.Repeat("x", size)), most, "a text")
		if (err == nil) != (size <= most) || err == nil && len(text) != size {
			t.Errorf("%d of %d bytes, %v", len(text), size, err)
		}
	})
	var wrong *Error
	if _, err := ReadAll(endless{}, 2<<20, "a text"); !errors.As(err, &wrong) || err.Error() != "more than 2 MiB, the most that a text may have" {
		t.Error(err)
	}
	broken := errors.New("broken")
	if _, err := ReadAll(io.MultiReader(strings.NewReader("x"), failing{broken}), 8, "a text"); err != broken {
		t.Error(err)
	}
}

type failing struct{ error }

func (f failing) Read([]byte) (int, error) { return 0, f.error }

func TestWhatIsNotAsExpectedIsSaidWithItsPlace(t *testing.T) {
	type Inner struct {
		Sum  *int32   `json:"sum"`
		List []string `json:"list"`
	}
	for text, want := range map[string]string{
		`{"sum": 1, "x": {}}`:           "",
		`{"sum": 1`:                     "1:10: the text ends in the middle: it was cut short",
		"{\n 'sum': 1}":                 "2:2: not JSON: invalid character '\\''",
		"[1]":                           "1:1: an object was expected, found array",
		"{\"ü\": 1,\n\"sum\": \"one\"}": "2:12: sum: a whole number was expected, found string",
		`{"list": {}}`:                  "1:10: list: a list was expected, found object",
	} {
		var into struct{ Inner }
		err := DecodeJSON([]byte(text), &into, "Inner")
		if want == "" && err != nil || want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)) {
			t.Errorf("%s\n got %v\nwant %s…", text, err, want)
		}
	}
}

func TestAPlaceIsWithinItsText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[aü\n]{0,20}`).Draw(t, "text")
		offset := rapid.IntRange(-1, len(text)+1).Draw(t, "offset")
		line, column := place([]byte(text), offset)
		lines := strings.Split(text, "\n")
		if line < 1 || line > len(lines) || column < 1 || column > len([]rune(lines[line-1]))+1 {
			t.Errorf("%d of %q is at %d:%d", offset, text, line, column)
		}
	})
}
