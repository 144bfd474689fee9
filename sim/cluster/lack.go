package cluster

// Lack is why pods that are alike wait: on how many of the nodes that may take
// them this alone is missing, or, where no node is short of one thing only, this
// among others.
type Lack struct {
	Pods                  int
	Places, CPU, Memories int // nodes
}

// Missing is what a node does not have for a pod.
type Missing string

// What may be missing.
const (
	LacksNothing Missing = ""       // there is room, or no node at all
	LacksPlace   Missing = "place"  // kubelet's max pods
	LacksCPU     Missing = "cpu"    // allocatable
	LacksMemory  Missing = "memory" // allocatable
)

// Most is what is missing on most nodes, of equals a place before CPU before
// memory.
func (l Lack) Most() Missing {
	switch most := max(l.Places, l.CPU, l.Memories); {
	case most == 0:
		return LacksNothing
	case l.Places == most:
		return LacksPlace
	case l.CPU == most:
		return LacksCPU
	}
	return LacksMemory
}

// Lacks says why pods wait for which no node had room when it was tried. It looks
// at every node for every kind of them, and is for the end of a run.
func (c *Cluster) Lacks() (list []Lack) {
	for _, cl := range c.scheduler.classes {
		if cl.starved() {
			list = append(list, cl.lack())
		}
	}
	return list
}

func (cl *class) lack() Lack {
	alone, among := Lack{Pods: cl.waiting}, Lack{Pods: cl.waiting}
	for _, g := range cl.groups {
		for _, n := range g.nodes.all() {
			if !n.schedulable() {
				continue
			}
			place, cpu, memory := n.room.pods < 1, n.room.milliCPU < cl.request.MilliCPU, n.room.memory < cl.request.Memory
			among.note(place, cpu, memory)
			if one(place, cpu, memory) {
				alone.note(place, cpu, memory)
			}
		}
	}
	if alone.Most() == LacksNothing {
		return among
	}
	return alone
}

func (l *Lack) note(place, cpu, memory bool) {
	if place {
		l.Places++
	}
	if cpu {
		l.CPU++
	}
	if memory {
		l.Memories++
	}
}

// one says whether exactly one of them is so.
func one(of ...bool) bool {
	n := 0
	for _, is := range of {
		if is {
			n++
		}
	}
	return n == 1
}
