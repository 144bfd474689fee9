package cluster

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestANodeListKeepsTheOrderInWhichNodesCame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var l nodeList
		var want []*Node
		for range rapid.IntRange(1, 400).Draw(t, "operations") {
			if len(want) == 0 || rapid.IntRange(0, 4).Draw(t, "operation") < 2 {
				n := &Node{}
				l.add(n)
				want = append(want, n)
			} else {
				i := rapid.IntRange(0, len(want)-1).Draw(t, "node")
				l.remove(want[i])
				want = slices.Delete(want, i, i+1)
			}
			if l.count != len(want) || rapid.IntRange(0, 9).Draw(t, "look") == 0 && !slices.Equal(l.all(), want) {
				t.Fatalf("%d nodes, want %d", l.count, len(want))
			}
		}
		if !slices.Equal(l.all(), want) {
			t.Fatal("not those that are left, or in another order")
		}
	})
}
