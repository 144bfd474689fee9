package reports

import (
	"cmp"
	"slices"

	"ipamsim/internal/words"
	"ipamsim/sim/result"
)

// setsShown is how many workloads, node groups or zones a table has room for;
// what is left out is wide.
const setsShown = 10

// podSets shows the pods of each workload, DaemonSets last, and of each node
// group and zone, where there is more than one.
func podSets(p *printer, r *result.Result, wide bool) {
	sets(p, r, "WORKLOADS", "WORKLOAD", "DaemonSets last; start: bound to a node until running", wide, func(v *result.Variant) []result.PodSet { return v.Workloads })
	sets(p, r, "NODE GROUPS", "NODE GROUP", "pods by the group of their node; start: without DaemonSets", wide, func(v *result.Variant) []result.PodSet { return v.NodeGroups })
	if wide {
		sets(p, r, "ZONES", "ZONE", "pods by the zone of their node; start: without DaemonSets", wide, func(v *result.Variant) []result.PodSet { return v.Zones })
	}
}

func sets(p *printer, r *result.Result, title, head, note string, wide bool, of func(*result.Variant) []result.PodSet) {
	names, left := setNames(r, wide, of)
	if len(names)+left < 2 {
		return
	}
	p.heading(title, note)
	g := grid{fold: true, labels: 2, columns: []column{{head: head, left: true}, {head: "VARIANT", left: true}, {head: "WANTED"}, {head: "RAN"}, {head: "NEVER"},
		{head: "NOT CREATED"}, {head: "RUN AT END"}, {head: "NO ADDRESS"}, {head: "NO ROOM"}, {head: "LOSE PACKETS"}, {head: "START P50 (s)"}, {head: "P99 (s)"}}}
	keep := []bool{true, len(r.Variants) > 1, true, true, true, wide, true, wide, wide, wide, true, true}
	for _, name := range names {
		label := name
		for i := range r.Variants {
			at := slices.IndexFunc(of(&r.Variants[i]), func(s result.PodSet) bool { return s.Name == name })
			if at < 0 {
				continue
			}
			s := &of(&r.Variants[i])[at]
			if s.Wanted == 0 && !wide && len(r.Variants) > 1 {
				continue
			}
			if s.Kind == daemonSet && label != "" {
				label += " (DaemonSet)"
			}
			g.add(text(label), text(r.Variants[i].Name), text(words.Count(s.Wanted)), text(words.Count(s.Started)), telling(s.NeverStarted, bad),
				telling(s.NotCreated, bad), text(words.Count(s.Running)), telling(s.AtEnd.WaitingForAddress, bad), telling(s.AtEnd.Unschedulable, bad), telling(s.AtEnd.WithoutNetwork, bad),
				text(seconds(s.Start.P50)), text(seconds(s.Start.P99)))
			for j, n := range []int{s.AtEnd.WaitingForAddress, s.AtEnd.Unschedulable, s.AtEnd.WithoutNetwork} {
				keep[7+j] = keep[7+j] || n > 0
			}
			keep[5] = keep[5] || s.NotCreated > 0
			label = ""
		}
	}
	for i := len(keep) - 1; i >= 0; i-- {
		if !keep[i] {
			g.dropColumn(i)
		}
	}
	if !keep[1] {
		g.labels = 1
	}
	g.write(p)
	if left > 0 {
		p.line("and ", words.Count(left), " more, of which fewer pods never started "+p.whereAll())
	}
}

const daemonSet = "DaemonSet"

// telling is a number; any at all have the style.
func telling(n int, s style) cell {
	if n > 0 {
		return cell{words.Count(n), s}
	}
	return text(words.Count(n))
}

// setNames lists the sets in the order of the variants, DaemonSets last, and if
// there are too many only those of which most pods never started.
func setNames(r *result.Result, wide bool, of func(*result.Variant) []result.PodSet) (names []string, left int) {
	never, daemons := map[string]int{}, map[string]int{}
	for i := range r.Variants {
		for _, s := range of(&r.Variants[i]) {
			if _, known := never[s.Name]; !known {
				names = append(names, s.Name)
			}
			never[s.Name] = max(never[s.Name], s.NeverStarted)
			if s.Kind == daemonSet {
				daemons[s.Name] = 1
			}
		}
	}
	if !wide && len(names) > setsShown {
		slices.SortStableFunc(names, func(a, b string) int { return never[b] - never[a] })
		names, left = names[:setsShown], len(names)-setsShown
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(daemons[a], daemons[b]) })
	return names, left
}
