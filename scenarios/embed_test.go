package scenarios

import "testing"

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
			t.Errorf("%s has a warning:\n%v", name, w)
		}
	}
}
