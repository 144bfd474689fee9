package fault

import (
	"math/rand/v2"

	"ipamsim/sim/cluster"
)

// spell is a fault that lasts on some nodes, and on some of those that join
// meanwhile.
type spell struct {
	*Fault
	stream string                       // of the occasion under way
	left   int                          // nodes that may still be hit; -1 for no bound
	nodes  map[*cluster.Node]*rand.Rand // those that are known, with a source for their chances when hit; nil in between
}

func (i *Injector) newSpell(f *Fault) *spell {
	s := &spell{Fault: f}
	i.each(f, func(stream string) {
		s.begin(i, stream)
		i.over(f, func() { s.nodes = nil })
	})
	return s
}

// begin chooses among the nodes that are there.
func (s *spell) begin(i *Injector, stream string) {
	s.stream, s.left, s.nodes = stream, s.Nodes, map[*cluster.Node]*rand.Rand{}
	for _, n := range i.Cluster.Select(s.covers, 1, -1, "") {
		s.nodes[n] = nil
	}
	for _, n := range i.Cluster.Select(s.covers, s.NodeShare, s.Nodes, stream) {
		s.hit(i, n)
	}
}

// joined decides about a node that has registered while the spell lasts.
func (s *spell) joined(i *Injector, n *cluster.Node) {
	if _, known := s.nodes[n]; known || s.nodes == nil || s.left == 0 || !s.covers(n) {
		return
	}
	s.nodes[n] = nil
	if s.NodeShare >= 1 || i.Kernel.Rand(s.stream+"/"+n.Name+"/joined").Float64() < s.NodeShare {
		s.hit(i, n)
	}
}

func (s *spell) hit(i *Injector, n *cluster.Node) {
	s.nodes[n] = i.Kernel.Rand(s.stream + "/" + n.Name)
	if s.left > 0 {
		s.left--
	}
	if s.Kind == MetadataDown {
		s.hits++
		i.Changed(n)
	}
}

// MetadataDown says whether a node's instance metadata answers nothing now.
// When that begins the target's Changed is called; its end is not told.
func (i *Injector) MetadataDown(n *cluster.Node) bool {
	for _, s := range i.outages {
		if s.nodes[n] != nil {
			return true
		}
	}
	return false
}

// Outcome is what becomes of one step of wiring.
type Outcome uint8

// The outcomes.
const (
	None    Outcome = iota // it is done
	Refused                // the kernel answers with an error
	Killed                 // the process is killed before it
)

// Disturbs says whether Step has anything to say in this run. A host that
// wires need not ask otherwise.
func (i *Injector) Disturbs() bool { return len(i.lapses) > 0 }

// Step decides about an attempt at a step on a node. A process that is killed
// comes to no refusal.
func (i *Injector) Step(n *cluster.Node, step string) Outcome {
	out := None
	for _, s := range i.lapses {
		random := s.nodes[n]
		if random == nil || s.Step != "" && s.Step != step || s.Share < 1 && random.Float64() >= s.Share {
			continue
		}
		s.hits++
		if s.Kind == KillPlugin {
			out = Killed
		} else {
			out = max(out, Refused)
		}
	}
	return out
}
