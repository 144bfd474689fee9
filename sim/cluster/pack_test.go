package cluster

import (
	"cmp"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestPackFillsNodesOnTheirWayBeforeItAddsSome(t *testing.T) {
	small := room{pods: 10, milliCPU: 2000, memory: 4096}
	big := room{pods: 100, milliCPU: 16000, memory: 65536}
	pods := func(n int, cpu, memory int64, groups ...int) demand {
		return demand{request: Resources{cpu, memory}, count: n, groups: groups}
	}
	for _, tc := range []struct {
		name    string
		demands []demand
		bins    []bin
		offers  []offer
		add     []int
		unmet   int
	}{
		{"nothing wanted", nil, nil, []offer{{rooms: []room{small}, limit: 9}}, []int{0}, 0},
		{"bound by pods", []demand{pods(25, 0, 0, 0)}, nil, []offer{{rooms: []room{small}, limit: 9}}, []int{3}, 0},
		{"bound by CPU", []demand{pods(25, 500, 0, 0)}, nil, []offer{{rooms: []room{small}, limit: 9}}, []int{7}, 0},
		{"bound by memory", []demand{pods(25, 0, 2048, 0)}, nil, []offer{{rooms: []room{small}, limit: 99}}, []int{13}, 0},
		{"one in flight", []demand{pods(25, 0, 0, 0)}, []bin{{group: 0, room: small, count: 1}}, []offer{{rooms: []room{small}, limit: 9}}, []int{2}, 0},
		{"in flight in another group", []demand{pods(25, 0, 0, 0)}, []bin{{group: 1, room: small, count: 1}}, []offer{{rooms: []room{small}, limit: 9}, {rooms: []room{small}, limit: 9}}, []int{3, 0}, 0},
		{"at the limit", []demand{pods(25, 0, 0, 0)}, nil, []offer{{rooms: []room{small}, limit: 2}}, []int{2}, 5},
		{"second group takes the rest", []demand{pods(25, 0, 0, 0, 1)}, nil, []offer{{rooms: []room{small}, limit: 2}, {rooms: []room{big}, limit: 9}}, []int{2, 1}, 0},
		{"too big for the first group", []demand{pods(4, 4000, 0, 0, 1)}, nil, []offer{{rooms: []room{small}, limit: 9}, {rooms: []room{big}, limit: 9}}, []int{0, 1}, 0},
		{"too big for all", []demand{pods(4, 40000, 0, 0, 1)}, nil, []offer{{rooms: []room{small}, limit: 9}, {rooms: []room{big}, limit: 9}}, []int{0, 0}, 4},
		{"big ones first, small ones fill", []demand{pods(4, 100, 0, 0), pods(2, 1600, 0, 0)}, nil, []offer{{rooms: []room{small}, limit: 9}}, []int{2}, 0},
	} {
		orders, unmet := pack(tc.demands, tc.bins, tc.offers)
		add := counts(orders, len(tc.offers))
		if !slices.Equal(add, tc.add) || unmet != tc.unmet {
			t.Errorf("%s: add %v, unmet %d; want %v, %d", tc.name, add, unmet, tc.add, tc.unmet)
		}
	}
}

// What pack promises can be placed one by one into the nodes it asks for, and
// it never asks for a node more than pods.
func TestPackNeverPromisesMoreThanFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var demands []demand
		var total int
		var cpu, memory int64
		for range rapid.IntRange(1, 5).Draw(t, "classes") {
			d := demand{
				request: Resources{rapid.Int64Range(0, 1500).Draw(t, "cpu"), rapid.Int64Range(0, 3000).Draw(t, "memory")},
				count:   rapid.IntRange(1, 60).Draw(t, "count"),
				groups:  []int{0},
			}
			total += d.count
			cpu += d.request.MilliCPU * int64(d.count)
			memory += d.request.Memory * int64(d.count)
			demands = append(demands, d)
		}
		empty := room{pods: 10, milliCPU: 2000, memory: 4096}
		orders, unmet := pack(demands, nil, []offer{{rooms: []room{empty}, limit: 1 << 30}})
		add := counts(orders, 1)
		n := int64(add[0])
		if unmet != 0 || int64(total) > n*empty.pods || cpu > n*empty.milliCPU || memory > n*empty.memory || add[0] > total {
			t.Fatalf("%d pods with %dm and %d on %d nodes, unmet %d", total, cpu, memory, n, unmet)
		}
	})
}

// One node is one bin, or many like it are one: what becomes of the pods is
// the same, and is what placing them one by one comes to.
func TestPackDoesNotDependOnHowNodesAreCounted(t *testing.T) {
	small := func(t *rapid.T) room {
		return room{rapid.Int64Range(0, 4).Draw(t, "pods"), rapid.Int64Range(0, 9).Draw(t, "cpu"), rapid.Int64Range(0, 9).Draw(t, "memory")}
	}
	rapid.Check(t, func(t *rapid.T) {
		var demands []demand
		for range rapid.IntRange(1, 5).Draw(t, "classes") {
			demands = append(demands, demand{
				request: Resources{rapid.Int64Range(0, 5).Draw(t, "cpu"), rapid.Int64Range(0, 5).Draw(t, "memory")},
				groups:  rapid.SampledFrom([][]int{{0}, {1}, {0, 1}}).Draw(t, "groups"),
				count:   rapid.IntRange(0, 20).Draw(t, "count"),
			})
		}
		var rows, single []bin
		for range rapid.IntRange(0, 5).Draw(t, "rows") {
			b := bin{group: rapid.IntRange(0, 1).Draw(t, "group"), room: small(t), count: rapid.IntRange(1, 4).Draw(t, "nodes")}
			rows = addBin(rows, b)
			for range b.count {
				single = append(single, bin{group: b.group, room: b.room, count: 1})
			}
		}
		offers := []offer{{rooms: []room{small(t)}, limit: rapid.IntRange(0, 3).Draw(t, "limit")}, {rooms: []room{small(t)}, limit: rapid.IntRange(0, 3).Draw(t, "limit")}}
		want, wantUnmet := packOneByOne(slices.Clone(demands), single, offers)
		orders, unmet := pack(demands, rows, offers)
		add := counts(orders, len(offers))
		if !slices.Equal(add, want) || unmet != wantUnmet {
			t.Fatalf("add %v, unmet %d; one by one %v, %d", add, unmet, want, wantUnmet)
		}
	})
}

func packOneByOne(demands []demand, nodes []bin, offers []offer) (add []int, unmet int) {
	slices.SortStableFunc(demands, func(a, b demand) int {
		return cmp.Or(cmp.Compare(b.request.MilliCPU, a.request.MilliCPU), cmp.Compare(b.request.Memory, a.request.Memory))
	})
	add = make([]int, len(offers))
	for _, d := range demands {
	pods:
		for range d.count {
			for i := range nodes {
				if slices.Contains(d.groups, nodes[i].group) && nodes[i].room.fits(d.request) {
					nodes[i].room.take(d.request)
					continue pods
				}
			}
			for _, g := range d.groups {
				if add[g] < offers[g].limit && offers[g].rooms[0].fits(d.request) {
					nodes = append(nodes, bin{group: g, room: offers[g].rooms[0], count: 1})
					nodes[len(nodes)-1].room.take(d.request)
					add[g]++
					continue pods
				}
			}
			unmet++
		}
	}
	return add, unmet
}

// counts are the new nodes by group.
func counts(orders []order, groups int) []int {
	add := make([]int, groups)
	for _, o := range orders {
		add[o.group] += o.count
	}
	return add
}
