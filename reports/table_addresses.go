package reports

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/sim/result"
)

// The table has room for so many rows, but always for a few subnets; what is
// left out is wide.
const (
	addressRowsShown = 24
	subnetsShown     = 3
)

// addresses shows who held each subnet's addresses when fewest were free, and
// if wide also at the end of the run.
func addresses(p *printer, r *result.Result, wide bool) {
	names, left := subnetNames(r, wide)
	if len(names) == 0 {
		return
	}
	p.heading("ADDRESSES", "per subnet, at the moment when fewest were free")
	holders(p, r, names, wide, true, func(s *result.Subnet) result.Addresses { return s.Worst })
	whoOthersAre(p, r, names)
	if left > 0 {
		p.line("and ", words.Plural(left, "subnet"), " with more free addresses "+p.whereAll())
	}
	if wide {
		p.heading("ADDRESSES AT THE END", "per subnet")
		holders(p, r, names, wide, false, func(s *result.Subnet) result.Addresses {
			return result.Addresses{Holders: s.Held.Holders, Free: s.FreeAtEnd}
		})
	}
}

// whoOthersAre says who holds what is not of the fleet, where the scenario says
// it, in the words of the first variant: subnets of others are the same in all
// unless something takes or gives back addresses.
func whoOthersAre(p *printer, r *result.Result, names []string) {
	for _, name := range names {
		s := subnet(&r.Variants[0], name)
		if s == nil || len(s.Held.OthersBy) == 0 {
			continue
		}
		var list []string
		for _, who := range slices.Sorted(maps.Keys(s.Held.OthersBy)) {
			list = append(list, who+" "+words.Count(s.Held.OthersBy[who]))
		}
		p.paragraph("", "", "OTHERS in "+name+": "+strings.Join(list, ", ")+".")
	}
}

// holders writes one row for each subnet and variant. Columns in which all is
// zero go unless wide.
func holders(p *printer, r *result.Result, names []string, wide, worst bool, of func(*result.Subnet) result.Addresses) {
	const at, firstHolder = 3, 4
	g := grid{columns: []column{{head: "SUBNET", left: true}, {head: "VARIANT", left: true}, {head: "USABLE"}, {head: "AT"},
		{head: "ASSIGNED"}, {head: "COOLING"}, {head: "WARM"}, {head: "PRIMARIES"}, {head: "UNMANAGED"}, {head: "OTHERS"},
		{head: "FREE"}, {head: "FREE /28"}, {head: "PEAK USE"}, {head: "PODS THEN"}}}
	keep := make([]bool, len(g.columns))
	for _, name := range names {
		label := name
		for i := range r.Variants {
			s := subnet(&r.Variants[i], name)
			if s == nil {
				continue
			}
			a := of(s)
			g.add(text(label), text(r.Variants[i].Name), text(words.Count(s.Usable)), text(moment(a.AtSeconds)),
				text(words.Count(a.Assigned)), text(words.Count(a.Cooling)), text(words.Count(a.Warm)), text(words.Count(a.Primaries)),
				text(words.Count(a.Unmanaged)), text(words.Count(a.Others)), scarce(a.Free), text(words.Count(s.FreeBlocksMin)),
				text(words.Count(s.AllocatedPeak)), text(words.Count(s.AssignedAtPeak)))
			for j, n := range []int{1, a.Cooling, a.Warm, a.Primaries, a.Unmanaged, a.Others, 1} {
				keep[firstHolder+j] = keep[firstHolder+j] || n != 0 || wide
			}
			label = "" // once is enough
		}
	}
	keep[0], keep[1], keep[2], keep[at] = true, len(r.Variants) > 1, true, worst
	keep[11], keep[12], keep[13] = worst, worst && wide, worst && wide
	for i := len(keep) - 1; i >= 0; i-- {
		if !keep[i] {
			g.dropColumn(i)
		}
	}
	if free := slices.IndexFunc(g.columns, func(c column) bool { return c.head == "FREE /28" }); free >= 0 && !wide && g.width() > p.width && !prefixes(r) {
		g.dropColumn(free)
	}
	g.fold, g.labels = true, 1
	if len(r.Variants) > 1 {
		g.labels = 2
	}
	g.write(p)
	holderLegend(p, &g)
}

// prefixes says whether any node takes addresses by the block, so that free
// blocks matter; so it does where a result does not say what its settings were.
func prefixes(r *result.Result) bool {
	return slices.ContainsFunc(r.Variants, func(v result.Variant) bool {
		var s struct {
			NodeGroups []struct{ CNI map[string]any }
		}
		if len(v.Scenario) == 0 || json.Unmarshal(v.Scenario, &s) != nil {
			return true
		}
		for _, g := range s.NodeGroups {
			if fmt.Sprint(g.CNI["ENABLE_PREFIX_DELEGATION"]) == "true" {
				return true
			}
		}
		return false
	})
}

// holderLegend says what the heads of a table's columns mean that not
// everybody knows.
func holderLegend(p *printer, g *grid) {
	var list []string
	for _, c := range g.columns {
		if says := map[string]string{
			"COOLING":   "freed by a pod less than the cooldown ago",
			"WARM":      "held by ipamd for pods to come",
			"PRIMARIES": "interfaces' own",
			"UNMANAGED": "on interfaces that no ipamd knows (yet)",
			"OTHERS":    "not of the fleet",
			"FREE /28":  "fewest free blocks for a prefix",
		}[c.head]; says != "" {
			list = append(list, c.head+" "+says)
		}
	}
	if len(list) > 0 {
		p.paragraph("", "", strings.Join(list, "; ")+".")
	}
}

// scarce is a number of free addresses; none at all stands out.
func scarce(n int) cell {
	if n == 0 {
		return cell{"0", bad}
	}
	return text(words.Count(n))
}

// subnetNames lists the subnets in the order of the first variant, and if
// there are too many only the fullest, and how many were left out.
func subnetNames(r *result.Result, wide bool) (names []string, left int) {
	freeMin := map[string]int{}
	for _, v := range r.Variants {
		for _, s := range v.Subnets {
			lowest, known := freeMin[s.Name]
			if !known {
				names = append(names, s.Name)
			}
			if !known || s.FreeMin < lowest {
				freeMin[s.Name] = s.FreeMin
			}
		}
	}
	room := max(subnetsShown, addressRowsShown/max(1, len(r.Variants)))
	if wide || len(names) <= room {
		return names, 0
	}
	sort.SliceStable(names, func(i, j int) bool { return freeMin[names[i]] < freeMin[names[j]] })
	return names[:room], len(names) - room
}

func subnet(v *result.Variant, name string) *result.Subnet {
	for i := range v.Subnets {
		if v.Subnets[i].Name == name {
			return &v.Subnets[i]
		}
	}
	return nil
}
