package des

// heap is a binary heap of events. A 4-ary one was measured slower from 100
// events to a million.
type heap []event

func (h *heap) push(e event) {
	items := append(*h, e)
	*h = items
	i := len(items) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if !e.before(&items[parent]) {
			break
		}
		items[i] = items[parent]
		i = parent
	}
	items[i] = e
}

func (h *heap) pop() event {
	items := *h
	top := items[0]
	last := len(items) - 1
	e := items[last]
	items[last].fn = nil // let the closure go
	items = items[:last]
	switch {
	case last > 0:
		items.sink(e)
	case cap(items) > keptHeap:
		items = nil
	}
	*h = items
	return top
}

// keptHeap is how much of its memory an empty heap keeps, in events.
const keptHeap = 1024

// sink puts e where the root was.
func (h heap) sink(e event) {
	i := 0
	for {
		child := 2*i + 1
		if child >= len(h) {
			break
		}
		if right := child + 1; right < len(h) && h[right].before(&h[child]) {
			child = right
		}
		if !h[child].before(&e) {
			break
		}
		h[i] = h[child]
		i = child
	}
	h[i] = e
}
