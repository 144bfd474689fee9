package words

import (
	"cmp"
	"slices"
	"strings"
)

// mostMeant bounds the suggestions for one word.
const mostMeant = 3

// DidYouMean names what a mistaken word may have meant, as the end of a
// message: `; did you mean "a" or "b"?`, or nothing when no candidate is near.
func DidYouMean(word string, candidates []string) string {
	return Meant(Near(word, candidates))
}

// DidYouMeanOr is DidYouMean, or where nothing is near a list of all that is
// known: "; known are a, b and c".
func DidYouMeanOr(word string, known []string) string {
	if near := Near(word, known); len(near) > 0 {
		return Meant(near)
	}
	return "; known are " + And(known)
}

// Meant words the suggestions of DidYouMean.
func Meant(near []string) string {
	if len(near) == 0 {
		return ""
	}
	quoted := make([]string, len(near))
	for i, n := range near {
		quoted[i] = `"` + n + `"`
	}
	return "; did you mean " + Or(quoted) + "?"
}

// Near are the candidates that are a slip of the fingers away from a word, or
// contain it or are contained in it: three at most, the nearest first, and
// only those when they are much nearer than the others. Capitals do not matter.
func Near(word string, candidates []string) []string {
	limit := (len(word) + 1) / 3 // changing more than a third of a word is no slip
	var near []ranked
	for _, r := range rank(word, candidates) {
		if r.distance > limit && r.partly {
			r.distance = limit
		}
		if r.distance <= limit {
			near = append(near, r)
		}
	}
	nearestFirst(near)
	var names []string
	for _, r := range near {
		nearest := near[0].distance
		if len(names) == mostMeant || r.distance > nearest+1 || nearest <= 1 && r.distance > nearest {
			break
		}
		names = append(names, r.name)
	}
	return names
}

// Nearest are the n candidates with the least distance from a word, however
// far they are.
func Nearest(word string, candidates []string, n int) []string {
	all := rank(word, candidates)
	nearestFirst(all)
	var names []string
	for _, r := range all[:min(n, len(all))] {
		names = append(names, r.name)
	}
	return names
}

// ranked is a candidate with its distance from a word.
type ranked struct {
	name     string
	distance int
	partly   bool // one of the two contains the other
}

func rank(word string, candidates []string) []ranked {
	word = strings.ToLower(word)
	list := make([]ranked, len(candidates))
	for i, c := range candidates {
		name := strings.ToLower(c)
		partly := len(word) >= 3 && strings.Contains(name, word) || len(name) >= 3 && strings.Contains(word, name)
		list[i] = ranked{c, distance(word, name), partly}
	}
	return list
}

func nearestFirst(list []ranked) {
	slices.SortStableFunc(list, func(a, b ranked) int { return cmp.Compare(a.distance, b.distance) })
}

// longestWord bounds the work on a word; what is longer resembles nothing.
const longestWord = 64

// distance counts the slips between two words: insertions, deletions and
// replacements of a letter, and swaps of neighbours (optimal string
// alignment). Words of more than 64 bytes differ in all their letters.
func distance(a, b string) int {
	if len(a) > longestWord || len(b) > longestWord {
		return max(len(a), len(b))
	}
	var d [longestWord + 1][longestWord + 1]int // of the first i bytes of a and j of b
	for i := 0; i <= len(a); i++ {
		for j := 0; j <= len(b); j++ {
			if i == 0 || j == 0 {
				d[i][j] = i + j
				continue
			}
			replaced := d[i-1][j-1]
			if a[i-1] != b[j-1] {
				replaced++
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, replaced)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}
