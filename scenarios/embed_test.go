package scenarios

import (
	"strings"
	"testing"
)

func TestShippedScenariosAreRight(t *testing.T) {
	for _, name := range EmbeddedNames() {
		f, err := Open(name)
		if err != nil {
			t.Errorf("%s:\n%v", name, err)
			continue
		}
		if f.Scenario.Metadata.Name != name {
			t.Errorf("%s calls itself %q", name, f.Scenario.Metadata.Name)
		}
		for _, text := range []string{f.Scenario.Metadata.Description, f.Scenario.Metadata.Source} {
			if text == "" {
				t.Errorf("%s lacks a description or a source", name)
			}
		}
		if len(f.Scenario.Thresholds) == 0 {
			t.Errorf("%s has no thresholds", name)
		}
		for _, w := range f.Warnings {
			if listed := meantWarnings[name]; !isMeant(f, w) && (listed == "" || !strings.Contains(w.String(), listed)) {
				t.Errorf("%s has a warning:\n%v", name, w)
			}
		}
	}
}

// isMeant says whether a warning is of a variant of which the scenario expects that
// pods never start: what is warned of is what it shows.
func isMeant(f *File, w Problem) bool {
	for _, c := range f.Scenario.Expect.Conditions() {
		if c.Metric == "pods_never_started" && c.Expression == "count>0" && w.Variant != "" && w.Variant == c.Selector.Get("variant") {
			return true
		}
	}
	return false
}

// meantWarnings are of scenarios that show what lint warns of.
var meantWarnings = map[string]string{
	"prefix-migration": "max pods (29) is what binds, and 156 wait", // in switch-alone
}

// Each incident is called as its file is, says where it was reported, and has a
// number to hold beside the simulation's.
func TestIncidentsAreRight(t *testing.T) {
	for _, name := range IncidentNames() {
		f, err := Open(name)
		if err != nil {
			t.Errorf("%s:\n%v", name, err)
			continue
		}
		in := f.Scenario.Incident
		switch {
		case incidentFolder+f.Scenario.Metadata.Name != name:
			t.Errorf("%s calls itself %q", name, f.Scenario.Metadata.Name)
		case in == nil:
			t.Errorf("%s has no incident", name)
		default:
			for _, source := range in.Sources {
				if !strings.HasPrefix(source, "https://") {
					t.Errorf("%s: the source %q is no address", name, source)
				}
			}
		}
		for _, w := range f.Warnings {
			if strings.Contains(w.String(), "incident.reported") {
				t.Errorf("%s has a warning:\n%v", name, w)
			}
		}
	}
}
