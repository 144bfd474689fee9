package ec2model

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

func TestAddingAStretchIsAddingEach(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		capacity := rapid.IntRange(1, 10_000).Draw(t, "capacity")
		from := rapid.IntRange(0, capacity).Draw(t, "from")
		to := rapid.IntRange(from, capacity).Draw(t, "to")
		there := map[int]bool{} // outside the stretch
		for _, i := range rapid.SliceOfN(rapid.IntRange(0, capacity-1), 0, 20).Draw(t, "before") {
			there[i] = i < from || i >= to
		}
		at, each := newFreeSet(capacity), newFreeSet(capacity)
		for i, is := range there {
			if is {
				at.add(i)
				each.add(i)
			}
		}
		at.addAll(from, to)
		for i := from; i < to; i++ {
			each.add(i)
		}
		if !reflect.DeepEqual(at, each) {
			t.Fatalf("from %d to %d of %d: %d elements and %d", from, to, capacity, at.length, each.length)
		}
	})
}
