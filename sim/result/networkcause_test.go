package result

import (
	"encoding/json"
	"testing"
)

func TestCausesKeepTheirKindInJSON(t *testing.T) {
	for _, c := range NetworkCauses {
		step := "from-rule"
		if c.Kind == RefreshRefused {
			step = "refresh-rule"
		}
		want := c.Kind.Of(step)
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got NetworkCause
		if err := json.Unmarshal(text, &got); err != nil || got != want {
			t.Errorf("%s: %+v (%v), want %+v", text, got, err, want)
		}
	}
	var other NetworkCause
	if err := json.Unmarshal([]byte(`"a bit flip"`), &other); err != nil || other != (NetworkCause{Text: "a bit flip"}) {
		t.Errorf("a cause of another version: %+v, %v", other, err)
	}
}
