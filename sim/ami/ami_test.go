package ami_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"ipamsim/internal/source"
	"ipamsim/sim/ami"
)

func TestBootTimesLieWhereTheirSourcesSay(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, c := range []struct {
		family    string
		extra     ami.Extra
		low, high time.Duration
	}{
		{"AL2", ami.Fast, 20 * time.Second, 24 * time.Second},
		{"AL2", ami.Slow, 30 * time.Second, 34 * time.Second},
		{"AL2", ami.Metal, 65 * time.Second, 69 * time.Second},
		{"AL2023", ami.Fast, 36 * time.Second, 46 * time.Second},
		{"Bottlerocket", ami.Fast, 22 * time.Second, 32 * time.Second},
	} {
		f, ok := ami.Named(c.family)
		if !ok {
			t.Fatal(c.family)
		}
		boot, least, most := f.Boot(c.extra), time.Hour, time.Duration(0)
		for range 2000 {
			d := boot(r)
			least, most = min(least, d), max(most, d)
		}
		if least < c.low || most > c.high || most-least < (c.high-c.low)*3/4 {
			t.Errorf("%s %s: %v to %v, want %v to %v", c.family, c.extra, least, most, c.low, c.high)
		}
	}
}

func TestTheFirstFamilyIsTheDefault(t *testing.T) {
	if f, ok := ami.Named(""); !ok || f.Name != "AL2023" {
		t.Errorf("%+v", f)
	}
	if _, ok := ami.Named("al2023"); ok {
		t.Error("the names of families have capitals")
	}
}

func TestVersionsAreThoseOfKubernetes(t *testing.T) {
	for version, want := range map[string]bool{"1.35": false, "1.36": true, "1.37": true, "1.14": false} {
		if _, ok := ami.Minor(version); !ok || ami.SeesAtOnce(version) != want {
			t.Errorf("%s: sees at once %v", version, ami.SeesAtOnce(version))
		}
	}
	for _, version := range []string{"", "1", "1.", "1.05", "1.35.1", "v1.35", "2.35", "1.13", "1.38", "1.-35", "1.+35"} {
		if _, ok := ami.Minor(version); ok {
			t.Errorf("%q is taken for a version", version)
		}
	}
	for _, f := range ami.Families() {
		if _, ok := ami.Minor(f.Kubernetes); !ok {
			t.Errorf("%s has version %q", f.Name, f.Kubernetes)
		}
	}
}

func TestEveryConstantHasAUniqueNameAKindAndASource(t *testing.T) {
	names := map[string]bool{}
	for _, c := range ami.Constants() {
		if c.Value == "" || names[c.Name] || !slices.Contains(source.Kinds(), c.Kind) || len(c.Source) < 20 {
			t.Errorf("%+v", c)
		}
		if c.Kind == source.Observed && !strings.Contains(c.Source, "https://") {
			t.Errorf("%s was observed by nobody: %q", c.Name, c.Source)
		}
		names[c.Name] = true
	}
}
