package cluster

// startReplicas lets the initial replicas come up in the third quarter of the
// warm-up, when the nodes that exist before the run have joined: so they
// spread over them as in a cluster that has been there for long. Without a
// warm-up they are created at time 0.
func (w *Workload) startReplicas() {
	c := w.cluster
	warm := c.cfg.WarmUp
	initial := []Step{{At: warm/2 - warm, Count: w.Initial, Over: warm / 4}}
	c.follow(newRamp(0, append(initial, w.Replicas...), c.cfg.Kernel), w.scale)
}

// scale sets the number of replicas.
func (w *Workload) scale(n int) {
	w.desired = n
	w.adjust()
}

// adjust creates what is missing and deletes what is too many.
func (w *Workload) adjust() {
	if !w.cluster.admits(w.desired - len(w.replicas)) {
		return
	}
	for len(w.replicas) < w.desired {
		p := w.create(w.class, w.drawLifetime())
		if p == nil {
			return
		}
		p.replica = int32(len(w.replicas))
		w.replicas = append(w.replicas, p)
		w.deletions.push(p)
	}
	if n := len(w.replicas) - w.desired; n > 0 {
		for _, p := range w.deletions.first(n) {
			w.dismiss(p)
			w.cluster.stop(p)
		}
	}
}

// dismiss takes a pod from the replicas. It need not be one.
func (w *Workload) dismiss(p *Pod) {
	if p.replica < 0 {
		return
	}
	last := w.replicas[len(w.replicas)-1]
	w.replicas[p.replica], last.replica = last, p.replica
	w.replicas[len(w.replicas)-1] = nil
	w.replicas = w.replicas[:len(w.replicas)-1]
	p.replica = -1
	if p.Node != nil {
		p.Node.addReplicas(w, -1)
	}
}
