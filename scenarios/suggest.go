package scenarios

import (
	"sort"
	"strings"
)

// didYouMean names the candidates nearest to a word, as the end of a message:
// `; did you mean "x"?`, or nothing when none is near.
func didYouMean(word string, candidates []string) string {
	near := nearest(word, candidates, 3)
	if len(near) == 0 {
		return ""
	}
	for i := range near {
		near[i] = `"` + near[i] + `"`
	}
	if len(near) == 1 {
		return "; did you mean " + near[0] + "?"
	}
	return "; did you mean " + strings.Join(near[:len(near)-1], ", ") + " or " + near[len(near)-1] + "?"
}

// suggest is didYouMean, or a list of all that is known.
func suggest(word string, known []string) string {
	if s := didYouMean(word, known); s != "" {
		return s
	}
	return "; known are " + list(known)
}

// nearest is up to n candidates that are a slip of the fingers away from word,
// the nearest alone when it is much nearer than the others.
func nearest(word string, candidates []string, n int) []string {
	type scored struct {
		name     string
		distance int
	}
	limit := (len(word) + 1) / 3
	var found []scored
	for _, c := range candidates {
		a, b := strings.ToLower(word), strings.ToLower(c)
		d := editDistance(a, b)
		if d > limit && len(a) >= 3 && (strings.Contains(b, a) || strings.Contains(a, b) && len(b) >= 3) {
			d = limit
		}
		if d <= limit {
			found = append(found, scored{c, d})
		}
	}
	sort.SliceStable(found, func(i, j int) bool { return found[i].distance < found[j].distance })
	var names []string
	for _, f := range found {
		if len(names) == n || f.distance > found[0].distance+1 || found[0].distance <= 1 && f.distance > found[0].distance {
			break
		}
		names = append(names, f.name)
	}
	return names
}

// editDistance counts insertions, deletions, replacements and swaps of
// neighbours (optimal string alignment) between two words.
func editDistance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return max(len(a), len(b))
	}
	var d [65][65]int
	for i := 0; i <= len(a); i++ {
		for j := 0; j <= len(b); j++ {
			if i == 0 || j == 0 {
				d[i][j] = i + j
				continue
			}
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}

// list is a, b and c.
func list(words []string) string {
	switch len(words) {
	case 0:
		return "none"
	case 1:
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
