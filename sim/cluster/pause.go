package cluster

// PauseDeletes keeps the pods of a workload, of all when the name is empty,
// from ending: those whose lifetime is over run on, and replicas that are too
// many stay. Pauses add up.
func (c *Cluster) PauseDeletes(name string) {
	for _, w := range c.workloads {
		if name == "" || w.Name == name {
			w.pauses++
		}
	}
}

// ResumeDeletes ends one pause of each. What has waited for its end goes.
func (c *Cluster) ResumeDeletes(name string) {
	for _, w := range c.workloads {
		if name != "" && w.Name != name || w.pauses == 0 {
			continue
		}
		if w.pauses--; w.pauses > 0 {
			continue
		}
		overdue := w.overdue
		w.overdue = nil
		for _, p := range overdue {
			w.expire(p)
		}
		if w.Kind == Deployment {
			w.adjust()
			w.stepRecreation()
		}
	}
}
