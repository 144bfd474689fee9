package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/sim/nodeadm"
)

// Types are the group's instance types, in the order of their price.
func (g *NodeGroup) Types() []string {
	if len(g.InstanceTypes) > 0 {
		return g.InstanceTypes
	}
	return []string{g.InstanceType}
}

// Spot says whether the group's instances are on spot.
func (g *NodeGroup) Spot() bool { return g.CapacityType == "spot" }

// only is the group with one of its types.
func (g *NodeGroup) only(instanceType string) *NodeGroup {
	one := *g
	one.InstanceType, one.InstanceTypes = instanceType, nil
	return &one
}

// PodLimit is kubelet's max pods on the group's nodes; of several types the
// lowest.
func (g *NodeGroup) PodLimit() int {
	least := g.PodLimitOf(g.Types()[0])
	for _, t := range g.Types()[1:] {
		least = min(least, g.PodLimitOf(t))
	}
	return least
}

// NodeType is an instance type of a group, and max pods of its nodes.
type NodeType struct {
	InstanceType string
	MaxPods      int
}

// NodeTypes are the group's types in the order of their price. Karpenter gives
// each node the max pods of its type, a managed group all the lowest.
func (s *Scenario) NodeTypes(g *NodeGroup) []NodeType {
	a := s.Autoscaler
	each := a != nil && a.Kind == "karpenter" && (len(a.Groups) == 0 || slices.Contains(a.Groups, g.Name))
	list := make([]NodeType, len(g.Types()))
	for i, t := range g.Types() {
		list[i] = NodeType{t, g.PodLimit()}
		if each {
			list[i].MaxPods = g.PodLimitOf(t)
		}
	}
	return list
}

// PodLimitOf is kubelet's max pods on nodes of a type.
func (g *NodeGroup) PodLimitOf(instanceType string) int {
	if g.MaxPods != nil {
		return *g.MaxPods
	}
	limits, _ := g.Limits(instanceType)
	return nodeadm.MaxPods(limits, nodeadm.Mode{})
}

// Allocatable is what a node of the group's first type offers to pods: what is
// given, and what the instance type leaves of the rest.
func (g *NodeGroup) Allocatable() Resources { return g.AllocatableOf(g.Types()[0], g.PodLimit()) }

// AllocatableOf is what a node of a type with so many max pods offers.
func (g *NodeGroup) AllocatableOf(instanceType string, maxPods int) Resources {
	limits, _ := g.Limits(instanceType)
	room := nodeadm.Allocatable(limits, maxPods)
	offer := Resources{CPU: CPU(room.MilliCPU), Memory: Memory(room.MemoryMiB) << 20}
	if g.Resources != nil && g.Resources.CPU != 0 {
		offer.CPU = g.Resources.CPU
	}
	if g.Resources != nil && g.Resources.Memory != 0 {
		offer.Memory = g.Resources.Memory
	}
	return offer
}

// checkAllocatable reports a group whose nodes have nothing to offer.
func (c *checker) checkAllocatable(path, name string, g *NodeGroup) {
	limits, ok := g.Limits(g.InstanceType)
	if !ok || !c.readable("%s.instanceType", path) || !c.readable("%s.instanceTypes", path) || !c.readable("%s.maxPods", path) ||
		!c.readable("%s.resources.cpu", path) || !c.readable("%s.resources.memory", path) {
		return
	}
	offer := g.Allocatable()
	cpu, memory := g.Resources == nil || g.Resources.CPU == 0, g.Resources == nil || g.Resources.Memory == 0
	var unknown []string
	if cpu && limits.VCPU == 0 {
		unknown = append(unknown, "cpu")
	}
	if memory && limits.MemoryMiB == 0 {
		unknown = append(unknown, "memory")
	}
	switch {
	case len(unknown) > 0:
		verb := map[int]string{1: "is", 2: "are"}[len(unknown)]
		c.problem(c.at("%s.instanceType", path), "%s: the %s of %s %s not known: give resources: {%s: …}",
			name, strings.ReplaceAll(words.And(unknown), "cpu", "CPU"), g.InstanceType, verb, strings.Join(unknown, ": …, "))
	case memory && offer.Memory <= 0:
		at := c.at("%s.instanceType", path)
		if c.given("%s.maxPods", path) {
			at = c.at("%s.maxPods", path)
		}
		most := (limits.MemoryMiB - nodeadm.ReservedMiB - nodeadm.EvictionMiB - 1) / nodeadm.ReservedMiBPerPod
		c.problem(at, "%s: kubelet keeps %d MiB for itself, %d MiB per max pod and %d MiB for eviction: with %d max pods nothing is left of the %d MiB of %s; at most %d was expected, or resources: {memory: …}",
			name, nodeadm.ReservedMiB, nodeadm.ReservedMiBPerPod, nodeadm.EvictionMiB, g.PodLimit(), limits.MemoryMiB, g.InstanceType, most)
	default:
		c.checkDaemons(path, name, g)
	}
}

// room is what a group's empty nodes have for other pods than those that run
// on every node.
func (c *checker) room(g *NodeGroup) (offer Resources, pods int) {
	if r, ok := c.rooms[g]; ok {
		return r.offer, r.pods
	}
	for i, t := range g.Types() { // the most that any has: who warns must be sure
		limit := g.PodLimitOf(t)
		of, room := g.AllocatableOf(t, limit), limit-nodeadm.SystemPods
		if i == 0 {
			offer, pods = of, room
		}
		offer.CPU, offer.Memory, pods = max(offer.CPU, of.CPU), max(offer.Memory, of.Memory), max(pods, room)
	}
	offer.CPU -= nodeadm.SystemMilliCPU
	for i := range c.s.Workloads {
		if w := &c.s.Workloads[i]; w.Kind == "DaemonSet" && w.RunsOn(g) {
			offer.CPU -= w.Resources.CPU
			offer.Memory -= w.Resources.Memory
			pods--
		}
	}
	if c.rooms == nil {
		c.rooms = map[*NodeGroup]groupRoom{}
	}
	c.rooms[g] = groupRoom{offer, pods}
	return offer, pods
}

// groupRoom is what room has found of a group.
type groupRoom struct {
	offer Resources
	pods  int
}

// checkDaemons reports a group whose nodes cannot hold what runs on each.
func (c *checker) checkDaemons(path, name string, g *NodeGroup) {
	offer := g.Allocatable()
	left, pods := c.room(g)
	where := path + ".resources"
	if !c.given("%s", where) {
		where = path + ".instanceType"
	}
	const who = "aws-node, kube-proxy and the DaemonSets"
	switch {
	case pods < 0 && c.given("%s.maxPods", path):
		c.problem(c.at("%s.maxPods", path), "%s: %s are %d pods, and a node may have %d", name, who, g.PodLimit()-pods, g.PodLimit())
	case pods < 0:
		c.problem(c.at("%s.instanceType", path), "%s: %s are %d pods, and a node of type %s may have %d", name, who, g.PodLimit()-pods, g.InstanceType, g.PodLimit())
	case left.CPU < 0:
		c.problem(c.at("%s", where), "%s: %s ask for %s of CPU, and a node offers %s", name, who, offer.CPU-left.CPU, offer.CPU)
	case left.Memory < 0:
		c.problem(c.at("%s", where), "%s: %s ask for %s of memory, and a node offers %s", name, who, offer.Memory-left.Memory, floorMi(offer.Memory))
	}
}

// misfit says why none of the groups that a workload may run on has room for
// a request, or nothing when one has.
func (c *checker) misfit(w *Workload, request Resources) string {
	var why string
	for i := range c.s.NodeGroups {
		g := &c.s.NodeGroups[i]
		if _, ok := g.Limits(g.InstanceType); !ok || !c.readable("nodeGroups.%d.resources", i) {
			return "" // reported where it stands
		}
		if !w.RunsOn(g) {
			continue
		}
		room, pods := c.room(g)
		switch {
		case pods < 1:
			why = fmt.Sprintf("needs a place, and the pods that run on every node of %s take all its max pods", g.Name)
		case request.CPU > room.CPU:
			why = fmt.Sprintf("asks for %s of CPU, and an empty node of %s has %s for it", request.CPU, g.Name, max(0, room.CPU))
		case request.Memory > room.Memory:
			why = fmt.Sprintf("asks for %s of memory, and an empty node of %s has %s for it", request.Memory, g.Name, floorMi(room.Memory))
		default:
			return ""
		}
	}
	return why
}

// floorMi is an amount in whole MiB, rounded down.
func floorMi(m Memory) Memory { return max(0, m>>20<<20) }

// checkRoom warns of pods that no node can hold.
func (c *checker) checkRoom(path, name string, w *Workload) {
	if !c.readable("%s.resources.cpu", path) || !c.readable("%s.resources.memory", path) {
		return
	}
	if why := c.misfit(w, w.Resources); why != "" {
		c.warning(c.keyAt(path+".resources"), "%s: each pod %s: none ever starts", name, why)
	}
}
