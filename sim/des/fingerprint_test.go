package des_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	_ "ipamsim/internal/properties"

	"ipamsim/sim/des"
)

func digest(words []uint64) string {
	var f des.Fingerprint
	f.Add(words...)
	return f.String()
}

func TestFingerprintsOfEqualWordsAreEqualHoweverTheyAreAdded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOf(rapid.Uint64()).Draw(t, "words")
		var one des.Fingerprint
		for _, w := range words {
			one.Add(w)
		}
		if one.String() != digest(words) {
			t.Fatalf("one by one %s, at once %s", one.String(), digest(words))
		}
	})
}

func TestFingerprintsSeeEveryChange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.Uint64Max(3), 1, 20).Draw(t, "words")
		at := rapid.IntRange(0, len(words)-1).Draw(t, "at")
		flipped := slices.Clone(words)
		flipped[at] ^= 1 << rapid.IntRange(0, 63).Draw(t, "bit")
		dropped := slices.Delete(slices.Clone(words), at, at+1)
		swapped := slices.Clone(words)
		swapped[0], swapped[at] = swapped[at], swapped[0]
		for what, other := range map[string][]uint64{
			"flipped": flipped, "dropped": dropped, "longer by a zero": append(slices.Clone(words), 0), "swapped": swapped,
		} {
			if !slices.Equal(words, other) && digest(words) == digest(other) {
				t.Fatalf("%s: %v and %v have the fingerprint %s", what, words, other, digest(words))
			}
		}
	})
}

func TestFingerprintsOfStringsKeepTheirBounds(t *testing.T) {
	seen := map[string][]string{}
	for _, parts := range [][]string{
		{}, {""}, {"", ""}, {"ab"}, {"a", "b"}, {"b", "a"}, {"\x00ab"}, {"12345678"}, {"12345678", ""}, {"1234567", "8"}, {"123456789"},
	} {
		var f des.Fingerprint
		for _, s := range parts {
			f.AddString(s)
		}
		if other, ok := seen[f.String()]; ok {
			t.Errorf("%q and %q have the same fingerprint", parts, other)
		}
		seen[f.String()] = parts
		if len(f.String()) != 32 {
			t.Errorf("%q has the fingerprint %q", parts, f.String())
		}
	}
}
