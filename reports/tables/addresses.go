package tables

import (
	"encoding/csv"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"ipamsim/sim/result"
)

// Addresses writes who held the addresses of each subnet over time, in the first
// replication: a line each variant, subnet and sample. Others are split up by who
// the scenario says that they are, in columns such as others_load_balancer.
func Addresses(w io.Writer, r *result.Result) error {
	c := csv.NewWriter(w)
	named := namedOthers(r)
	head := []string{"variant", "subnet", "at_seconds", "assigned", "cooling", "warm", "primaries", "unmanaged", "others"}
	for _, name := range named {
		head = append(head, "others_"+strings.ReplaceAll(name, "-", "_"))
	}
	c.Write(append(head, "free"))
	for i := range r.Variants {
		v := &r.Variants[i]
		for k := range v.Series.Subnets {
			s := &v.Series.Subnets[k]
			for at, seconds := range v.Series.AtSeconds {
				line := []string{v.Name, s.Name, strconv.FormatFloat(seconds, 'f', -1, 64)}
				for _, counts := range [][]int{s.Assigned, s.Cooling, s.Warm, s.Primaries, s.Unmanaged, s.Others} {
					line = append(line, strconv.Itoa(sampleOf(counts, at)))
				}
				for _, name := range named {
					line = append(line, strconv.Itoa(othersOf(v, s.Name)[name]))
				}
				c.Write(append(line, strconv.Itoa(sampleOf(s.Free, at))))
			}
		}
	}
	c.Flush()
	return c.Error()
}

// sampleOf is a sample of a series: one of zeros alone is left out of results.
func sampleOf(counts []int, at int) int {
	if at < len(counts) {
		return counts[at]
	}
	return 0
}

// namedOthers are who the others of a result's subnets are, sorted.
func namedOthers(r *result.Result) []string {
	all := map[string]bool{}
	for i := range r.Variants {
		for k := range r.Variants[i].Subnets {
			for name := range r.Variants[i].Subnets[k].Held.OthersBy { // any order: a set
				all[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// othersOf splits a subnet's others: they hold what they hold from the start to
// the end.
func othersOf(v *result.Variant, subnet string) map[string]int {
	for i := range v.Subnets {
		if v.Subnets[i].Name == subnet {
			return v.Subnets[i].Held.OthersBy
		}
	}
	return nil
}
