package planning

// firstToBreak is the zone in which growth comes to its end first: of nodes of
// the largest group, or else of anything that a subnet ends.
func (s *subject) firstToBreak() string {
	zone, nodes := "", -1
	for i := range s.growth {
		q := &s.growth[i]
		if len(q.out.Zones) > 0 && q.by == ByNodes && q.group.nodes > nodes {
			zone, nodes = q.out.Zones[0], q.group.nodes
		}
	}
	for i := range s.growth {
		if q := &s.growth[i]; zone == "" && len(q.out.Zones) > 0 {
			zone = q.out.Zones[0]
		}
	}
	return zone
}

// overlay compares the fleet as it is now with other networks. What is flat is
// the formula that Azure publishes for a network in which nodes are given the
// addresses of their pods beforehand: (nodes + 1) + (nodes + 1) x max pods
// (https://learn.microsoft.com/azure/aks/configure-azure-cni).
func (s *subject) overlay() (o Overlay) {
	for i := range s.base.groups {
		g := &s.base.groups[i]
		o.Flat += g.nodes * (1 + g.config.PodLimit())
		if i == 0 {
			o.Flat += 1 + g.config.PodLimit()
		}
	}
	o.Held, o.Overlay, o.Pods = s.base.held, s.base.nodes, s.base.onPods
	return o
}
