package cluster

import (
	"fmt"
	"math/bits"

	"ipamsim/sim/nodeadm"
)

// mostTypes bounds the instance types of a group: a set of them is a word.
const mostTypes = 60

// nodeType is what the nodes of one of a group's instance types have.
type nodeType struct {
	NodeType
	capacity room // of an empty node without DaemonSets
	empty    room // and with them
}

func (g *Group) newType(t NodeType) *nodeType {
	kind := &nodeType{NodeType: t, capacity: room{
		pods:     int64(t.MaxPods) - nodeadm.SystemPods,
		milliCPU: t.Allocatable.MilliCPU - nodeadm.SystemMilliCPU,
		memory:   t.Allocatable.Memory,
	}}
	kind.empty = kind.capacity
	for _, w := range g.daemonSets {
		kind.empty.take(w.Requests)
	}
	return kind
}

// roomyType is a type whose nodes have room for what runs on every node, or says
// that they have not.
func (g *Group) roomyType(t NodeType) (*nodeType, error) {
	kind := g.newType(t)
	if !kind.empty.exists() {
		return nil, fmt.Errorf("cluster: a node of group %q has no room for aws-node, kube-proxy and its DaemonSets: %d pods, %dm CPU, %d bytes allocatable",
			g.Name, t.MaxPods, t.Allocatable.MilliCPU, t.Allocatable.Memory)
	}
	return kind, nil
}

// typeOf is the type of an instance; the first where the cloud does not say.
func (g *Group) typeOf(inst Instance) *nodeType {
	for _, t := range g.types {
		if t.InstanceType == inst.Type {
			return t
		}
	}
	return g.types[0]
}

// pools are those of the types in one subnet.
func (g *Group) pools(subnet string) []Pool {
	list := make([]Pool, len(g.types))
	for i, t := range g.types {
		list[i] = Pool{t.InstanceType, subnet}
	}
	return list
}

// typeSet is a set of a group's types, by their places.
type typeSet uint64

func (s typeSet) has(i int) bool { return s>>i&1 != 0 }

// cheapest is the first of a set that is not empty.
func (s typeSet) cheapest() int { return bits.TrailingZeros64(uint64(s)) }
