package html

import (
	"cmp"
	"slices"

	"ipamsim/internal/words"
	"ipamsim/reports"
	"ipamsim/sim/result"
)

// finding is a failure mode as it is where it hits most pods, with what it is
// elsewhere.
type finding struct {
	ID, Mode, Where string
	Summary         string
	Evidence        []string
	Blocks          []block // what changes it, how one would see it
	Others          []*finding
	pods            int
}

// findingsOf are a result's by kind, those that hit most pods first.
func findingsOf(r *result.Result) (list []*finding) {
	for i := range r.Variants {
		v := &r.Variants[i]
		remedied, seen := reports.FindingPages(v)
		for k := range v.Findings {
			f := &v.Findings[k]
			made := &finding{Mode: string(f.Mode), Where: "in " + v.Name, Summary: f.Summary, Evidence: f.Evidence, pods: f.PodsAffected}
			if f.PodsAffected > 0 {
				made.Where += ", " + words.Plural(f.PodsAffected, "pod")
			}
			for _, s := range remedied[k].Sections {
				made.Blocks = append(made.Blocks, blocksOf(s.Blocks, "")...)
			}
			for _, s := range seen[k].Sections {
				made.Blocks = append(made.Blocks, block{More: &more{Summary: "How one would see it on a real cluster, and be told of it", Blocks: blocksOf(s.Blocks, "")}})
			}
			list = join(list, made)
		}
	}
	slices.SortStableFunc(list, func(a, b *finding) int { return cmp.Compare(b.pods, a.pods) })
	for _, f := range list {
		f.ID = idOf("finding", f.Mode)
	}
	return list
}

// join puts a finding to those of its kind; the worst of a kind stands for it.
func join(list []*finding, f *finding) []*finding {
	at := slices.IndexFunc(list, func(other *finding) bool { return other.Mode == f.Mode })
	switch {
	case at < 0:
		return append(list, f)
	case f.pods > list[at].pods:
		f.Others, list[at].Others = append([]*finding{list[at]}, list[at].Others...), nil
		list[at] = f
	default:
		list[at].Others = append(list[at].Others, f)
	}
	return list
}
