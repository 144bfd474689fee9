package ipamd

import "testing"

func TestTheNearestReleaseIsByItsNumberAndNotByItsLetters(t *testing.T) {
	for _, c := range []struct {
		of, release string
		exact       bool
	}{
		{"v1.23.1", "v1.23.1", true}, {"1.23.2", "v1.23.2", true}, {"v1.23.2-eksbuild.1", "v1.23.2", true},
		{"v1.19.0", "v1.23.1", false}, {"v1.24", "v1.23.2", false}, {"v1.10.4", "v1.9.0", false},
		{"v1.6.1", "v1.6.3", false}, {"v1.5.7", "v1.6.0", false}, {"latest", "", false}, {"", "", false},
	} {
		if release, exact := NearestRelease(c.of); release != c.release || exact != c.exact {
			t.Errorf("the nearest to %q is %q (exact: %t), and not %q (%t)", c.of, release, exact, c.release, c.exact)
		}
	}
	for _, r := range Releases() {
		if release, exact := NearestRelease(r); release != r || !exact {
			t.Errorf("the nearest to %s is %s", r, release)
		}
	}
}
