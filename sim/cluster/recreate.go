package cluster

import "ipamsim/sim/controlplane"

// recreation is a restart of a Deployment's pods under way.
type recreation struct {
	most controlplane.IntOrPercent // of the pods may be away
	old  []*Pod                    // that are still to go, in that order
}

// RecreatePods begins to delete the pods that Deployments have on some nodes,
// those of one Deployment when it is named. At most so many of a Deployment's
// wanted pods are away at a time, a percentage rounded down, but one in any case
// (ResolveFenceposts in pkg/controller/deployment/util of Kubernetes); none is
// made in advance. The stream draws the order. It returns the number of pods.
func (c *Cluster) RecreatePods(name string, nodes []*Node, most controlplane.IntOrPercent, stream string) (pods int) {
	chosen := map[*Workload][]*Pod{}
	for _, n := range nodes {
		for _, p := range n.pods {
			if w := p.Workload; p.replica >= 0 && p.state < Stopping && (name == "" || w.Name == name) {
				chosen[w] = append(chosen[w], p)
			}
		}
	}
	for _, w := range c.workloads {
		list := chosen[w]
		if len(list) == 0 {
			continue
		}
		pods += len(list)
		c.kernel.Rand(stream+"/"+w.Name).Shuffle(len(list), func(a, b int) { list[a], list[b] = list[b], list[a] })
		if w.recreation != nil {
			list = append(list, w.recreation.old...) // those that are there twice go once
		}
		w.recreation = &recreation{most, list}
		w.stepRecreation()
	}
	return pods
}

// stepRecreation deletes what may go now. Pods that do not run are away
// already: old ones among them go at once.
func (w *Workload) stepRecreation() {
	r := w.recreation
	if r == nil || w.pauses > 0 {
		return
	}
	most := max(1, r.most.Down(w.desired))
	for len(r.old) > 0 && (r.old[0].state != Running || w.desired-w.up < most) {
		p := r.old[0]
		r.old = r.old[1:]
		if p.replica >= 0 && p.state < Stopping {
			w.cluster.evict(p)
		}
	}
	if len(r.old) == 0 && w.recreation == r {
		w.recreation = nil
	}
}
