package result

import (
	"encoding/json"
	"testing"
)

func TestTheSchemaSaysWhatStandsBesideTheTypes(t *testing.T) {
	var s struct {
		Defs map[string]struct {
			Description string
			Properties  map[string]struct {
				Description string
				Enum        []string
			}
		} `json:"$defs"`
	}
	if err := json.Unmarshal(Schema(), &s); err != nil {
		t.Fatal(err)
	}
	for name, d := range s.Defs {
		if d.Description == "" {
			t.Errorf("%s says nothing", name)
		}
	}
	for _, test := range []struct{ def, key, want string }{
		{"Pods", "wanted", "exist at time 0, were created from then on, or are asked for at the end and not created"}, // behind the field of an embedded type
		{"Pods", "failed_add_causes", "failed_add_causes splits the failed ADDs."},                                    // above it, with keys for names
		{"Nodes", "ready_seconds", "launch call -> Ready"},                                                            // a word like a name is no name
		{"Variant", "series", "of the first replication"},
		{"FailedAdd", "cause", "Cause is why a CNI ADD failed, as results call it."}, // of the type
	} {
		if got := s.Defs[test.def].Properties[test.key].Description; got != test.want {
			t.Errorf("%s.%s: %q, want %q", test.def, test.key, got, test.want)
		}
	}
	if got := s.Defs["FailedAdd"].Properties["cause"].Enum; len(got) != len(Causes) {
		t.Errorf("%d causes in the schema, there are %d", len(got), len(Causes))
	}
}
