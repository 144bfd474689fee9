package model_test

import (
	"slices"
	"strings"
	"testing"

	"ipamsim/internal/source"
	"ipamsim/model"
)

func TestEveryConstantHasAUniqueNameAKindAndASource(t *testing.T) {
	for _, p := range model.Parts() {
		names := map[string]bool{}
		for _, c := range p.Constants {
			if c.Name == "" || c.Value == "" || names[c.Name] {
				t.Errorf("%s: without a value or twice: %+v", p.Name, c)
			}
			names[c.Name] = true
			if !slices.Contains(source.Kinds(), c.Kind) {
				t.Errorf("%s.%s has the kind %q", p.Name, c.Name, c.Kind)
			}
			if len(c.Source) < 20 {
				t.Errorf("%s.%s has the source %q", p.Name, c.Name, c.Source)
			}
		}
		if len(names) == 0 || p.About == "" {
			t.Errorf("%s has %d constants and is about %q", p.Name, len(names), p.About)
		}
	}
}

func TestAWordFindsAPartOrItsConstants(t *testing.T) {
	if parts := model.Matching("IPAMD"); len(parts) != 1 || parts[0].Name != "ipamd" || len(parts[0].Constants) < 30 {
		t.Errorf("a part's name finds %+v", parts)
	}
	for word, want := range map[string]string{
		"warm_eni_target":       "ipamd.WARM_ENI_TARGET run.manifest.WARM_ENI_TARGET",
		"ec2.latency.runinst":   "ec2.latency.RunInstances",
		"registryburst":         "kubelet.PullBurst", // in its source
		"no such thing at all!": "",
	} {
		var found []string
		for _, p := range model.Matching(word) {
			for _, c := range p.Constants {
				found = append(found, p.Name+"."+c.Name)
			}
		}
		if got := strings.Join(found, " "); got != want {
			t.Errorf("%s finds %q, want %q", word, got, want)
		}
	}
	all := 0
	for _, p := range model.Matching("") {
		all += len(p.Constants)
	}
	if all < 200 || len(model.Matching("")) != len(model.Parts()) {
		t.Errorf("the empty word finds %d constants", all)
	}
}

func TestAKindFindsItsConstantsAlone(t *testing.T) {
	found := 0
	for _, kind := range source.Kinds() {
		for _, p := range model.Matching(string(kind)) {
			for _, c := range p.Constants {
				found++
				if c.Kind != kind {
					t.Errorf("%s finds %s.%s, which is %s", kind, p.Name, c.Name, c.Kind)
				}
			}
		}
	}
	for _, p := range model.Parts() {
		found -= len(p.Constants)
	}
	if found != 0 {
		t.Errorf("the kinds find %d too many or too few", found)
	}
}

func TestNamesAreWhatOneMayAskFor(t *testing.T) {
	for _, name := range model.Names() {
		if len(model.Matching(name)) == 0 {
			t.Errorf("%q finds nothing", name)
		}
	}
}
