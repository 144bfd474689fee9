package cluster

// WaitingForPlace counts the pods for which some node has the CPU and the
// memory, and no place left: kubelet's max pods keeps them away. It looks at
// the nodes, and is for the end of a run.
func (c *Cluster) WaitingForPlace() (pods int) {
	for _, cl := range c.scheduler.classes {
		if cl.starved() && cl.lacksOnlyAPlace() {
			pods += cl.waiting
		}
	}
	return pods
}

func (cl *class) lacksOnlyAPlace() bool {
	for _, g := range cl.groups {
		fitting := g.having(func(r room) bool {
			r.pods = 1
			return r.fits(cl.request)
		})
		if len(fitting) > 0 {
			return true
		}
	}
	return false
}
