package cluster

// startReplicas lets the initial replicas come up in the third quarter of the
// warm-up, when the nodes that exist before the run have joined: so they
// spread over them as in a cluster that has been there for long. Without a
// warm-up they are created at time 0.
func (w *Workload) startReplicas() {
	c := w.cluster
	warm := c.cfg.WarmUp
	if c.snapshot { // what is wanted besides the pods that are there is wanted from time 0 on
		c.follow(newRamp(len(w.replicas), append([]Step{{Count: w.Initial}}, w.Replicas...), c.cfg.kernelTime), w.scale)
		return
	}
	initial := []Step{{At: warm/2 - warm, Count: w.Initial, Over: warm / 4}}
	c.follow(newRamp(0, append(initial, w.Replicas...), c.cfg.kernelTime), w.scale)
}

// scale sets the number of replicas.
func (w *Workload) scale(n int) {
	if n != w.desired {
		w.sets[newSet].wanted++
	}
	w.desired = n
	w.adjust()
	w.stepRecreation()
}

// Desired is how many replicas a Deployment should have, made or not.
func (w *Workload) Desired() int { return w.desired }

// adjust lets the ReplicaSet controller create what is missing or delete what
// is too many.
func (w *Workload) adjust() {
	if w.update != nil {
		w.stepUpdate()
		return
	}
	for w.sets[newSet].sync() {
	}
}

// runs hears that a replica's containers run: it is ready once its probe passes.
func (w *Workload) runs(p *Pod) {
	if w.ReadyAfter == 0 {
		w.becomesReady(p)
		return
	}
	w.cluster.kernel.After(w.ReadyAfter, func() {
		if p.state == Running && p.replica >= 0 {
			w.becomesReady(p)
		}
	})
}

func (w *Workload) becomesReady(p *Pod) {
	p.ready = true
	w.up++
	if w.update != nil && w.isNew(p) {
		w.update.ready++
	}
	w.set(p).changed()
	w.stepUpdate()
	w.stepRecreation()
}

// notReady counts a replica out that was ready.
func (w *Workload) notReady(p *Pod) {
	if p.ready {
		p.ready = false
		w.up--
		if w.update != nil && w.isNew(p) {
			w.update.ready--
		}
		w.set(p).changed()
	}
}

// terminates counts a pod that has been asked to end and is still there, or that
// is there no more.
func (w *Workload) terminates(p *Pod, is bool) {
	switch {
	case p.terminating == is:
		return
	case w.Kind != Deployment:
		if p.job != nil && !is {
			p.job.terminated(p)
		}
		return
	}
	p.terminating = is
	rs := w.set(p)
	if is {
		w.terminating[rs.which]++
	} else {
		w.terminating[rs.which]--
	}
	rs.changed()
}

// addReplicaOf makes a pod of a template.
func (w *Workload) addReplicaOf(generation uint16) {
	p := w.create(w.class, w.drawLifetime(), w.unaskOldest())
	if p == nil {
		return // a bound was reached
	}
	p.generation = generation
	if w.update != nil && w.isNew(p) {
		w.update.made++
	}
	p.replica = int32(len(w.replicas))
	w.replicas = append(w.replicas, p)
	w.deletions.push(p)
	w.set(p).changed()
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
	if w.update != nil && w.isNew(p) {
		w.update.made--
	}
	w.notReady(p)
	p.replica = -1
	if p.Node != nil {
		p.Node.addReplicas(w, -1)
	}
	w.set(p).changed()
}
