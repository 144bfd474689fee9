package ipamd

import (
	"regexp"
	"strconv"
)

var version = regexp.MustCompile(`^v?(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?`)

// NearestRelease is the release among Releases that is nearest to a version of the
// VPC CNI, as people write it (v1.19.2-eksbuild.1, 1.19), and whether it is that
// very one. For what is no version it is empty.
func NearestRelease(of string) (release string, exact bool) {
	m := version.FindStringSubmatch(of)
	if m == nil {
		return "", false
	}
	all, at := Releases(), ordinal(m)
	for _, r := range all {
		if ordinal(version.FindStringSubmatch(r)) == at {
			return r, true
		}
	}
	today := version.FindStringSubmatch(all[0])
	best, least := "", 0
	for _, r := range all { // the newest first: of two that are as near it wins
		its := version.FindStringSubmatch(r)
		d := ordinal(its) - at
		if d > 0 && its[1] == m[1] && its[2] == m[2] && (m[1] != today[1] || m[2] != today[2]) {
			return r, false // an old profile is of the last patch that it stands for
		}
		if d = max(d, -d); best == "" || d < least {
			best, least = r, d
		}
	}
	return best, false
}

// ordinal orders versions of the VPC CNI, all of which are v1.
func ordinal(m []string) int {
	n := 0
	for _, part := range m[1:] {
		k, _ := strconv.Atoi(part)
		n = n*10_000 + k
	}
	return n
}
