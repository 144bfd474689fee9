package compare

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ipamsim/internal/words"
)

// Mismatch is why two results are not compared unless somebody asks for it.
type Mismatch struct {
	Kind Kind   `json:"kind"`
	Old  string `json:"old"`
	New  string `json:"new"`
	// Means is what a comparison says in spite of it.
	Means string `json:"means"`
}

// Kind is what two results do not have in common.
type Kind string

// The kinds.
const (
	OfVersion      Kind = "version"
	OfScenario     Kind = "scenario"
	OfSeed         Kind = "seed"
	OfReplications Kind = "replications"
	OfDuration     Kind = "duration"
	OfVariants     Kind = "variants"
)

// kinds are all of them with what a comparison means in spite of it.
var kinds = []struct {
	Kind  Kind
	Means string
}{
	{OfVersion, "what differs may be the simulator's doing and not that of the settings"},
	{OfScenario, "what differs may be due to anything that differs in the files; pairs of replications have the same seed, and worlds that are alike as far as the scenarios are"},
	{OfSeed, "the two were in other random worlds: nothing pairs their replications, and it takes a larger difference, or more of them, to tell it from chance"},
	{OfReplications, "the replications that both have are compared, from the first one on"},
	{OfDuration, "what is counted was counted over times of different lengths"},
	{OfVariants, "the variants that both have are compared"},
}

// Kinds are all kinds.
func Kinds() (list []Kind) {
	for _, k := range kinds {
		list = append(list, k.Kind)
	}
	return list
}

func (k Kind) means() string {
	for _, each := range kinds {
		if each.Kind == k {
			return each.Means
		}
	}
	return ""
}

// refused is the error of two results that are not to be compared.
type refused struct {
	Mismatches []Mismatch
	Differ     string // settings of scenarios that are not the same
}

// Error says what they do not have in common, and how they are compared all the same.
func (r *refused) Error() string {
	var list, kinds []string
	for _, m := range r.Mismatches {
		text := fmt.Sprintf("%s: %s and %s", m.Kind, m.Old, m.New)
		if m.Kind == OfScenario && r.Differ != "" {
			text += ", which differ in " + r.Differ
		}
		list = append(list, text)
		kinds = append(kinds, string(m.Kind))
	}
	return "they cannot be compared, because they do not have the same " + strings.Join(list, "; nor the same ") +
		"; --allow " + strings.Join(kinds, ",") + " compares them all the same"
}

// mismatches are what two results do not have in common. Of two in which the same
// happened it does not matter who ran them, nor what the file says besides.
func mismatches(old, new *Baseline) (list []Mismatch) {
	add := func(k Kind, a, b string) {
		if a != b {
			list = append(list, Mismatch{k, a, b, k.means()})
		}
	}
	if old.Fingerprint != new.Fingerprint {
		add(OfVersion, old.Version, new.Version)
		add(OfScenario, describe(old), describe(new))
	}
	add(OfSeed, strconv.FormatUint(old.Seed, 10), strconv.FormatUint(new.Seed, 10))
	add(OfReplications, strconv.Itoa(old.Replications), strconv.Itoa(new.Replications))
	add(OfDuration, words.Seconds(old.DurationSeconds, -1), words.Seconds(new.DurationSeconds, -1))
	return list
}

// shortDigest is how many digits of a file's digest tell it from others.
const shortDigest = 12

// describe names a scenario such that another file has another name.
func describe(b *Baseline) string {
	digest := strings.TrimPrefix(b.Scenario.Digest, "sha256:")
	return b.Scenario.Name + " (sha256 " + digest[:min(shortDigest, len(digest))] + ")"
}

// differShown is how many settings an error names.
const differShown = 3

// differ names settings in which two scenarios differ.
func differ(pairs []variants) string {
	var names []string
	for _, p := range pairs {
		list, err := settings(p.old.Scenario, p.new.Scenario)
		if err != nil {
			continue // the comparison says so, should it come to it
		}
		for _, s := range list {
			if text := fmt.Sprintf("%s (%s and %s)", s.Path, s.Old, s.New); !slices.Contains(names, text) {
				names = append(names, text)
			}
		}
	}
	if more := len(names) - differShown; more > 0 {
		names = append(names[:differShown], fmt.Sprintf("%d settings more", more))
	}
	return words.And(names)
}

// refuse is an error unless all that is not allowed is alike.
func refuse(list []Mismatch, allowed []Kind, pairs []variants) error {
	left := slices.DeleteFunc(slices.Clone(list), func(m Mismatch) bool { return slices.Contains(allowed, m.Kind) })
	if len(left) > 0 {
		return &refused{left, differ(pairs)}
	}
	return nil
}
