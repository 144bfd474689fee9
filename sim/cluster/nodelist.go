package cluster

import "slices"

// nodeList are nodes in the order in which they were added. To add or to
// remove one costs the same however many there are.
type nodeList struct {
	places []*Node // nil where one was removed
	count  int
}

func (l *nodeList) add(n *Node) {
	if len(l.places) > 2*l.count+100 {
		l.all()
	}
	n.place = int32(len(l.places))
	l.places = append(l.places, n)
	l.count++
}

func (l *nodeList) remove(n *Node) {
	l.places[n.place] = nil
	l.count--
}

// all are the nodes. The slice is the list's own, and good until the next
// node is added or removed.
func (l *nodeList) all() []*Node {
	if len(l.places) > l.count {
		l.places = slices.DeleteFunc(l.places, func(n *Node) bool { return n == nil })
		for i, n := range l.places {
			n.place = int32(i)
		}
	}
	return l.places
}
