package cluster

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestIndexFindsWhatALookAtEveryNodeFinds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := &Group{types: []*nodeType{{capacity: room{pods: 20, milliCPU: 4000, memory: 8000}}}, byZone: make([]index, 1)}
		x := &g.byZone[0]
		var live []*Node // in the order of their ordinals
		ordinals := 0
		for range rapid.IntRange(1, 60).Draw(t, "operations") {
			switch op := rapid.IntRange(0, 9).Draw(t, "op"); {
			case op < 4 || len(live) == 0:
				n := &Node{Group: g, kind: g.types[0], state: Ready, room: g.types[0].capacity, Ordinal: ordinals, index: x}
				ordinals++
				x.add(n)
				x.update(n)
				live = append(live, n)
			case op < 5:
				i := rapid.IntRange(0, len(live)-1).Draw(t, "node")
				x.remove(live[i])
				live = append(live[:i], live[i+1:]...)
			default:
				n := live[rapid.IntRange(0, len(live)-1).Draw(t, "node")]
				n.room = room{
					rapid.Int64Range(0, 20).Draw(t, "pods"),
					rapid.Int64Range(0, 4000).Draw(t, "cpu"),
					rapid.Int64Range(0, 8000).Draw(t, "memory"),
				}
				n.cordons = rapid.IntRange(0, 1).Draw(t, "cordons")
				x.update(n)
			}
			q := Resources{rapid.Int64Range(0, 4000).Draw(t, "request"), rapid.Int64Range(0, 8000).Draw(t, "request")}
			var want *Node
			for _, n := range live {
				if !n.schedulable() || !n.room.fits(q) {
					continue
				}
				if s := LeastAllocated.score(n.room, g.types[0].capacity); want == nil || s > LeastAllocated.score(want.room, g.types[0].capacity) ||
					s == LeastAllocated.score(want.room, g.types[0].capacity) && n.leaf < want.leaf {
					want = n
				}
			}
			if got, _ := x.find(q); got != want {
				t.Fatalf("found %+v, want %+v", got, want)
			}
			fitting := slices.DeleteFunc(slices.Clone(live), func(n *Node) bool { return !n.schedulable() || !n.room.fits(q) })
			if got := g.having(func(r room) bool { return r.fits(q) }); !slices.Equal(got, fitting) {
				t.Fatalf("%d nodes have the room, want %d", len(got), len(fitting))
			}
		}
	})
}
