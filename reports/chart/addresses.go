package chart

import (
	"fmt"
	"slices"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/sim/result"
)

// holder is a state of an address, as pictures stack it.
type holder struct {
	name string
	Look
	of func(*result.SubnetSeries) []int
}

// holders are the states as they are stacked, lowest first.
var holders = []holder{
	{"assigned to pods", Look{Color: Blue}, func(s *result.SubnetSeries) []int { return s.Assigned }},
	{"cooling", Look{Color: SkyBlue, Hatch: Dots}, func(s *result.SubnetSeries) []int { return s.Cooling }},
	{"warm", Look{Color: Orange, Hatch: Rising}, func(s *result.SubnetSeries) []int { return s.Warm }},
	{"primaries", Look{Color: Green, Hatch: Upright}, func(s *result.SubnetSeries) []int { return s.Primaries }},
	{"unmanaged", Look{Color: Vermillion, Hatch: Falling}, func(s *result.SubnetSeries) []int { return s.Unmanaged }},
	{"others", Look{Color: Grey, Hatch: Crossed}, func(s *result.SubnetSeries) []int { return s.Others }},
	{"free", Look{Ground: true}, func(s *result.SubnetSeries) []int { return s.Free }},
}

// Where less than smallUse of every subnet is ever used, the used addresses would
// be a line on the ground: there all scales end when the fullest subnet's fill
// cutUse of its.
const (
	smallUse = 0.25
	cutUse   = 0.7
)

// Scale is how much of each subnet pictures show, by the subnet's name: the same
// in all variants, and if free addresses are cut off, they are in all subnets
// alike.
type Scale map[string]float64

// ScaleOf is a result's.
func ScaleOf(r *result.Result) Scale {
	usable, share := Scale{}, 0.0
	for i := range r.Variants {
		for k := range r.Variants[i].Series.Subnets {
			s := &r.Variants[i].Series.Subnets[k]
			for at := range r.Variants[i].Series.AtSeconds {
				all, free := heldAt(s, at)
				usable[s.Name] = max(usable[s.Name], all)
				if all > 0 {
					share = max(share, (all-free)/all)
				}
			}
		}
	}
	if share > 0 && share < smallUse {
		for name, all := range usable { // any order: each by itself
			usable[name] = all * share / cutUse
		}
	}
	return usable
}

// heldAt is how many addresses a subnet has at a sample, and how many are free.
func heldAt(s *result.SubnetSeries, at int) (all, free float64) {
	for i := range holders {
		all += sample(holders[i].of(s), at)
	}
	return all, sample(s.Free, at)
}

// noSamples is said where a run was too short for a picture over time.
const noSamples = "too short: there are no samples"

// addresses stacks the addresses of each subnet by who holds them, a panel each:
// summed up, a subnet that is full would hide behind one that is not. States that
// never occur are left out; of many subnets the fullest are shown.
func addresses(r *result.Result, v *result.Variant, scale Scale, s Sizes) Figure {
	f := figureOf("addresses", r.Scenario.Name+", "+v.Name, "addresses by subnet")
	at := v.Series.AtSeconds
	if len(at) < 2 || len(v.Series.Subnets) == 0 {
		f.Note = noSamples
		return f
	}
	x := timeAxis(at[0], at[len(at)-1])
	marks, said := marked(v, x)
	shown := fullest(v, s.Panels)
	if left := len(v.Series.Subnets) - len(shown); left > 0 {
		f.Title += fmt.Sprintf(" (the fullest %d of %s)", len(shown), words.Plural(len(v.Series.Subnets), "subnet"))
	}
	occurs := make([]bool, len(holders))
	var about []string
	for _, k := range shown {
		p := panelOf(&v.Series.Subnets[k], at, x, scale, s.Points, occurs)
		p.Marks = marks
		f.Panels = append(f.Panels, p)
		about = append(about, aboutSubnet(v, v.Series.Subnets[k].Name))
	}
	for i := len(holders) - 1; i >= 0; i-- { // the legend is stacked as the areas are
		if occurs[i] {
			f.Legend = append(f.Legend, Entry{Name: holders[i].name, Look: holders[i].Look})
		}
	}
	f.Legend = append(f.Legend, said...)
	f.About = "Who held the addresses of each subnet over time. " + strings.Join(about, " ")
	return f
}

// fullest are the places of so many subnets of which fewest addresses were ever
// free, in the order of the series.
func fullest(v *result.Variant, most int) []int {
	list := make([]int, len(v.Series.Subnets))
	least := make([]float64, len(list))
	for k := range list {
		list[k] = k
		for at := range v.Series.AtSeconds {
			all, free := heldAt(&v.Series.Subnets[k], at)
			if used := all - free; all > 0 {
				least[k] = max(least[k], used/all)
			}
		}
	}
	if len(list) > most {
		slices.SortStableFunc(list, func(a, b int) int {
			switch {
			case least[a] > least[b]:
				return -1
			case least[a] < least[b]:
				return 1
			}
			return 0
		})
		list = list[:most]
		slices.Sort(list)
	}
	return list
}

// panelOf stacks one subnet's holders, and notes which occur.
func panelOf(s *result.SubnetSeries, at []float64, x Axis, scale Scale, points int, occurs []bool) Panel {
	top := scale[s.Name]
	p := Panel{Title: s.Name, X: x, Y: wholeAxis("addresses", top)}
	usable, used := 0.0, 0.0
	for i := range at {
		all, free := heldAt(s, i)
		usable, used = max(usable, all), max(used, all-free)
	}
	if top < usable {
		p.Title += " (cut off: " + Number(usable) + " are usable, "
	} else {
		p.Title += " (" + Number(usable) + " usable, "
	}
	if used > 0 { // of a large subnet it may be less than a pixel
		p.Title += "up to " + Number(used) + " in use)"
	} else {
		p.Title += "none in use)"
	}
	p.Y.cut(max(top, 1))
	places := worst(len(at), points, func(i int) float64 { return -sample(s.Free, i) })
	floor := make([]float64, len(places))
	for k := range holders {
		counts := holders[k].of(s)
		a := Area{Look: holders[k].Look, At: pick(at, places), Low: slices.Clone(floor)}
		any := false
		for i, place := range places {
			n := sample(counts, place)
			any = any || n > 0
			a.Low[i] = min(a.Low[i], p.Y.Max)
			floor[i] += n
			a.High = append(a.High, min(floor[i], p.Y.Max))
		}
		if any {
			occurs[k] = true
			p.Areas = append(p.Areas, a)
		}
	}
	return p
}

// aboutSubnet is a panel in words.
func aboutSubnet(v *result.Variant, name string) string {
	for i := range v.Subnets {
		if s := &v.Subnets[i]; s.Name == name {
			return fmt.Sprintf("%s: %s of %s usable addresses free at the fewest, at %s.", name, words.Count(s.FreeMin), words.Count(s.Usable), Moment(s.Worst.AtSeconds))
		}
	}
	return name + "."
}
