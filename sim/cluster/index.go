package cluster

import (
	"cmp"
	"slices"
)

// room is what a node has left: how many pods, how much CPU and memory.
type room struct {
	pods     int64
	milliCPU int64
	memory   int64
}

// nowhere is a node that cannot be had.
var nowhere = room{pods: -1}

// exists says that it is what a node can have.
func (r room) exists() bool { return r.pods >= 0 && r.milliCPU >= 0 && r.memory >= 0 }

func (r room) fits(q Resources) bool {
	return r.pods >= 1 && r.milliCPU >= q.MilliCPU && r.memory >= q.Memory
}

func (r *room) take(q Resources) {
	r.pods--
	r.milliCPU -= q.MilliCPU
	r.memory -= q.Memory
}

func (r *room) give(q Resources) {
	r.pods++
	r.milliCPU += q.MilliCPU
	r.memory += q.Memory
}

// scoreScale is the score of a wholly free resource. Scores are integers: a
// floating point product may differ between machines.
const scoreScale = 100_000

// score ranks nodes of a group as the default profile of kube-scheduler does
// in spirit: LeastAllocated, the mean free share of CPU and memory, plus the
// spreading of pods over nodes with the double weight that PodTopologySpread
// has, as the free share of pods. Unlike the real plugin, which counts the
// pods of the same workload, this counts all pods: it is what the nodes of one
// zone are compared by. spreadpoints.go compares zones.
//
// MostAllocated turns the first part round, and leaves the spreading as it is;
// Packing turns both round.
func (s Scoring) score(free, all room) int64 {
	spread := 2 * freeShare(free.pods, all.pods)
	if s == Packing {
		spread = 2*scoreScale - spread
	}
	return s.fit(free, all) + spread
}

// fit is the score of NodeResourcesFit.
func (s Scoring) fit(free, all room) int64 {
	fit := (freeShare(free.milliCPU, all.milliCPU) + freeShare(free.memory, all.memory)) / 2
	if s == MostAllocated || s == Packing {
		return scoreScale - fit
	}
	return fit
}

func freeShare(free, all int64) int64 {
	if all <= 0 {
		return 0
	}
	return free * scoreScale / all
}

// index finds the best of a group's nodes in a zone with room for a pod. It is a
// tournament tree: a leaf is a node's room and score, an inner vertex the
// maximum of each over its leaves. An update is O(log nodes); a search
// follows the best scores down and turns back only where the maxima of a
// subtree come from different nodes.
type index struct {
	zone  int // place in the cluster's list
	size  int // leaves, a power of two
	tree  []vertex
	nodes []*Node // by leaf
	free  []int   // leaves without a node, last in first out

	// What find has found last, good until a leaf changes: with several zones a
	// pod changes the tree of one, and is looked for in all.
	known   bool
	request Resources
	best    *Node
	score   int64
}

type vertex struct {
	room
	score int64 // -1 for no schedulable node below
}

var noVertex = vertex{score: -1}

// add gives the node a leaf. It cannot be found until update.
func (x *index) add(n *Node) {
	if len(x.free) > 0 {
		n.leaf = x.free[len(x.free)-1]
		x.free = x.free[:len(x.free)-1]
		x.nodes[n.leaf] = n
		return
	}
	n.leaf = len(x.nodes)
	x.nodes = append(x.nodes, n)
	if len(x.nodes) > x.size {
		x.grow()
	}
}

func (x *index) grow() {
	old, oldSize := x.tree, x.size
	x.size = max(1, 2*oldSize)
	x.tree = make([]vertex, 2*x.size)
	for i := range x.tree {
		x.tree[i] = noVertex
	}
	copy(x.tree[x.size:], old[min(oldSize, len(old)):])
	for i := x.size - 1; i >= 1; i-- {
		x.tree[i] = join(&x.tree[2*i], &x.tree[2*i+1])
	}
}

// remove takes the node's leaf back.
func (x *index) remove(n *Node) {
	x.set(n.leaf, noVertex)
	x.nodes[n.leaf] = nil
	x.free = append(x.free, n.leaf)
}

// update enters the node as it is now.
func (x *index) update(n *Node) {
	if n.schedulable() {
		x.set(n.leaf, vertex{room: n.room, score: n.Group.scoring.score(n.room, n.kind.capacity)})
	} else {
		x.set(n.leaf, noVertex)
	}
}

func (x *index) set(leaf int, v vertex) {
	x.known = false
	i := x.size + leaf
	x.tree[i] = v
	for i /= 2; i >= 1; i /= 2 {
		joined := join(&x.tree[2*i], &x.tree[2*i+1])
		if x.tree[i] == joined {
			return
		}
		x.tree[i] = joined
	}
}

func join(a, b *vertex) vertex {
	return vertex{
		room: room{
			pods:     max(a.pods, b.pods),
			milliCPU: max(a.milliCPU, b.milliCPU),
			memory:   max(a.memory, b.memory),
		},
		score: max(a.score, b.score),
	}
}

// find returns the node with the highest score among those with room for q,
// of equals the one with the lowest leaf, or nil.
func (x *index) find(q Resources) (*Node, int64) {
	if x.known && x.request == q {
		return x.best, x.score
	}
	if x.size == 0 {
		return nil, -1
	}
	s := search{x: x, q: q, score: -1}
	s.visit(1, x.size, x.size)
	x.known, x.request, x.best, x.score = true, q, nil, s.score
	if s.score >= 0 {
		x.best = x.nodes[s.leaf-x.size]
	}
	return x.best, x.score
}

type search struct {
	x     *index
	q     Resources
	leaf  int // position in the tree
	score int64
}

// visit looks at the vertex i, whose leaves are the width ones from first on.
// It goes left before right unless the right side promises more; a right side
// seen first may then be beaten by an equal score further left.
func (s *search) visit(i, first, width int) {
	v := &s.x.tree[i]
	if v.score < s.score || v.score < 0 || v.score == s.score && first > s.leaf || !v.fits(s.q) {
		return
	}
	if width == 1 {
		if v.score > s.score || i < s.leaf {
			s.score, s.leaf = v.score, i
		}
		return
	}
	half := width / 2
	if left, right := 2*i, 2*i+1; s.x.tree[right].score > s.x.tree[left].score {
		s.visit(right, first+half, half)
		s.visit(left, first, half)
	} else {
		s.visit(left, first, half)
		s.visit(right, first+half, half)
	}
}

// find is the best of the group's nodes, of equals the one with the lowest leaf.
func (g *Group) find(q Resources) (node *Node, high int64) {
	high = -1
	for i := range g.byZone {
		if n, score := g.byZone[i].find(q); n != nil && (score > high || score == high && n.leaf < node.leaf) {
			node, high = n, score
		}
	}
	return node, high
}

// having are the nodes whose room is enough, in the order of their ordinals.
// Whatever is enough for a node must be so with more room.
func (g *Group) having(enough func(room) bool) (list []*Node) {
	for i := range g.byZone {
		if x := &g.byZone[i]; x.size > 0 {
			list = x.collect(list, 1, enough)
		}
	}
	slices.SortFunc(list, func(a, b *Node) int { return cmp.Compare(a.Ordinal, b.Ordinal) })
	return list
}

func (x *index) collect(list []*Node, i int, enough func(room) bool) []*Node {
	if v := &x.tree[i]; v.score < 0 || !enough(v.room) {
		return list
	}
	if i >= x.size {
		return append(list, x.nodes[i-x.size])
	}
	return x.collect(x.collect(list, 2*i, enough), 2*i+1, enough)
}
