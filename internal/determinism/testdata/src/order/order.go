// Package order ranges over maps.
package order

import (
	"maps"
	"slices"
	"strings"
)

type node struct {
	name  string
	ready bool
	count int
}

func act(string) {}

// What harms nothing.

func sortedKeys(m map[string]int) []string {
	var keys []string
	for k := range m {
		keys = append(keys, strings.ToUpper(k))
	}
	slices.Sort(keys)
	return keys
}

func counted(m map[string]int) (n, sum, least, bits int, found bool) {
	for k, v := range m {
		n++
		sum += v
		bits |= v
		least = min(least, len(k), v)
		if v > 3 {
			found = true
		}
	}
	return n, sum, least, bits, found
}

func inverted(m map[string]int, other map[string][]int) map[string]int {
	out := map[string]int{}
	for k, v := range m {
		if out[k] == 0 && v > 1 {
			out[k] = v
		}
		twice := 2 * v
		twice++
		other[k] = append(other[k], twice)
	}
	return out
}

func pruned(m map[string]int) {
	for k, v := range m {
		switch {
		case v == 0:
			delete(m, k)
		default:
			continue
		}
	}
}

func anyAbove(m map[string]map[string]int) bool {
	for _, inner := range m {
		for _, v := range inner {
			if v > 3 {
				return true
			}
		}
	}
	return false
}

func iterators(m map[string]int) ([]string, map[string]int) {
	return slices.Sorted(maps.Keys(m)), maps.Collect(maps.All(m))
}

func excused(m map[string]int) {
	// any order: nobody hears of it
	for k := range m {
		act(k)
	}
	for k := range m { // any order: nobody hears of it
		act(k)
	}
}

func lists(l []string) (out string) {
	for _, s := range l {
		out += s
	}
	return out
}

// What acts, or keeps the order.

func acts(m map[string]int) {
	for k := range m { // want `the order of a map: it calls act`
		act(k)
	}
}

func unsorted(m map[string]int) (keys []string) {
	for k := range m { // want `keys is not sorted`
		keys = append(keys, k)
	}
	return keys
}

func usedBeforeSorted(m map[string]int) (keys []string) {
	for k := range m { // want `keys is not sorted`
		keys = append(keys, k)
	}
	act(keys[0])
	slices.Sort(keys)
	return keys
}

func sortedByPart(m map[string]*node) (nodes []*node) {
	for _, n := range m { // want `nodes is not sorted`
		nodes = append(nodes, n)
	}
	slices.SortFunc(nodes, func(a, b *node) int { return a.count - b.count })
	return nodes
}

func last(m map[string]int) (name string) {
	for k := range m { // want `name is what the last turn leaves`
		name = k
	}
	return name
}

func best(m map[string]int) (name string) {
	most := 0
	for k, v := range m { // want `is what the last turn leaves`
		if v > most {
			most, name = v, k
		}
	}
	return name
}

func someKey(m map[string]int) string {
	for k := range m { // want `it returns what the order decides`
		return k
	}
	return ""
}

func oneOrTheOther(m map[string]int) bool {
	for _, v := range m { // want `it returns what the order decides`
		if v > 3 {
			return true
		}
		if v < -3 {
			return false
		}
	}
	return false
}

func twoConstants(m map[string]int) (state int) {
	for _, v := range m { // want `state is set to one or the other`
		if v > 3 {
			state = 1
		} else {
			state = 2
		}
	}
	return state
}

func untilFull(m map[string]int) (n int) {
	for _, v := range m { // want `n is changed and read`
		if n < 10 {
			n += v
		}
	}
	return n
}

func ended(m map[string]int) (n int) {
	for _, v := range m { // want `it ends with break`
		n += v
		if v == 3 {
			break
		}
	}
	return n
}

func endedByReturn(m map[string]int, seen map[string]bool) bool {
	for k, v := range m { // want `it ends before all is done`
		seen[k] = true
		if v == 3 {
			return true
		}
	}
	return false
}

func deletedUntil(m map[string]int) bool {
	for k, v := range m { // want `it ends before all is done`
		delete(m, k)
		if v == 3 {
			return true
		}
	}
	return false
}

func sharedEntry(m map[string]string) map[string]string {
	out := map[string]string{}
	for k, v := range m { // want `is what the last turn leaves`
		out[v] = k
	}
	return out
}

func joined(m map[string]string) (all string) {
	for _, v := range m { // want `all is no integer`
		all += v
	}
	return all
}

func halved(m map[string]int) (n int) {
	for _, v := range m { // want `it computes with /=`
		n /= v
	}
	return n
}

func outlives(m map[string]int) (k string) {
	for k = range m { // want `the loop's variables outlive it`
	}
	return k
}

func deferred(m map[string]int, run func(func())) {
	for k := range m { // want `it does what is not looked into`
		defer act(k)
	}
}

func labelled(m map[string]int) {
again:
	for k := range m { // want `it calls act`
		act(k)
		continue again
	}
}

func inCase(n int, m map[string]int) {
	switch n {
	case 1:
		for k := range m { // want `it calls act`
			act(k)
		}
	}
}

func nested(m map[string]map[string]int) {
	for _, inner := range m { // want `it calls act`
		for k := range inner { // want `it calls act`
			act(k)
		}
	}
}

// Floats, whatever a comment says.

func floatSum(m map[string]float64) (sum, other float64) {
	// any order: not for floats
	for k, v := range m {
		sum += v            // want `floats that are summed up in another order`
		other = other + v*1 // want `floats that are summed up in another order` `some machines round`
		act(k)
	}
	return sum, other
}

func floatOfOneKey(m map[string]float64, out map[string]float64) {
	for k, v := range m {
		out[k] += v
	}
}

// Iterators.

func handedOut(m map[string]int, take func(any)) {
	for k := range maps.Keys(m) { // want `the order of a map: hand its keys to slices.Sorted`
		act(k)
	}
	_ = slices.Collect(maps.Values(m)) // want `the order of a map`
}

// An excuse that excuses nothing.

func stale(l []string) {
	// any order: it was a map once // want `there is no map here whose order could matter`
	for _, s := range l {
		act(s)
	}
}
