package cluster

// startReplicas lets the initial replicas come up in the third quarter of the
// warm-up, when the nodes that exist before the run have joined: so they
// spread over them as in a cluster that has been there for long. Without a
// warm-up they are created at time 0.
func (w *Workload) startReplicas() {
	c := w.cluster
	w.add, w.added = w.addReplica, w.synced
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
	w.desired = n
	w.adjust()
	w.stepRecreation()
}

// adjust lets the ReplicaSet controller create what is missing or delete what
// is too many, at most syncMost of them at a time. It looks at the ReplicaSet
// again only when all of that is done, whatever is wanted meanwhile.
func (w *Workload) adjust() {
	if w.update != nil {
		w.stepUpdate()
		return
	}
	missing := w.desired - len(w.replicas)
	switch {
	case w.syncing || missing == 0 || missing < 0 && w.pauses > 0 || !w.cluster.admits(missing):
		return
	case w.cluster.replicaSets.unlimited():
	case missing > 0:
		missing = min(missing, syncMost)
	default:
		missing = max(missing, -syncMost)
	}
	w.syncing = true
	if missing > 0 {
		w.cluster.replicaSets.create(missing, w.add, w.added)
		return
	}
	chosen := w.deletions.first(-missing)
	w.cluster.replicaSets.remove(len(chosen), func() {
		p := chosen[0]
		chosen = chosen[1:]
		if p.replica >= 0 { // it may have gone by itself
			w.dismiss(p)
			w.cluster.stop(p)
		}
	}, w.synced)
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
	}
}

func (w *Workload) synced() {
	w.syncing = false
	w.adjust()
}

func (w *Workload) addReplica() {
	generation := w.generation
	if w.update != nil {
		generation-- // it was asked for before
	}
	w.addReplicaOf(generation)
}

// addReplicaOf makes a pod of a template.
func (w *Workload) addReplicaOf(generation uint16) {
	p := w.create(w.class, w.drawLifetime())
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
	w.notReady(p)
	if w.update != nil && w.isNew(p) {
		w.update.made--
	}
	p.replica = -1
	if p.Node != nil {
		p.Node.addReplicas(w, -1)
	}
}
