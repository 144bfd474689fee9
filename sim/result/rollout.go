package result

// Rollout is a rolling update of a group's nodes or of a Deployment's pods, which
// a fault of the scenario began.
type Rollout struct {
	Fault     int     `json:"fault"` // its place in the scenario's list
	Kind      string  `json:"kind"`  // roll-nodes or roll-deployment
	Of        string  `json:"of"`    // the node group, or the Deployment
	AtSeconds float64 `json:"at_seconds"`
	Total     int     `json:"total"` // nodes or pods that were to be replaced
	Done      int     `json:"done"`  // that have been
	// TookSeconds is the time until the last one had been; absent where it did not
	// come to its end. Of several replications it is the longest, absent where one
	// did not come to its end.
	TookSeconds *float64 `json:"took_seconds,omitempty"`
	// Failure is why it ended early: NodeCreationFailure, PodEvictionFailure or
	// ResourceInUseException, as EKS names them.
	Failure string `json:"failure,omitempty"`
}

// poolRollouts puts those of several replications together, each with its like.
func poolRollouts(list []*Outcome) (pooled []Rollout) {
	for _, o := range list {
		for i, r := range o.Rollouts {
			if i == len(pooled) {
				pooled = append(pooled, r)
			}
			p := &pooled[i]
			switch {
			case p.TookSeconds == nil || r.TookSeconds == nil:
				p.TookSeconds = nil
			case *r.TookSeconds > *p.TookSeconds:
				p.TookSeconds = r.TookSeconds
			}
			if p.Failure == "" {
				p.Failure = r.Failure
			}
		}
	}
	for i := range pooled {
		mean := func(read func(Rollout) int) int {
			sum, n := 0, 0
			for _, o := range list {
				if i < len(o.Rollouts) {
					sum, n = sum+read(o.Rollouts[i]), n+1
				}
			}
			return wholeMean(sum, n)
		}
		pooled[i].Total, pooled[i].Done = mean(func(r Rollout) int { return r.Total }), mean(func(r Rollout) int { return r.Done })
	}
	return pooled
}

// The kinds of rolling updates, as faults name them.
const (
	rollNodes      = "roll-nodes"
	rollDeployment = "roll-deployment"
)

// isMeant says whether a selector means the rolling update.
func (r *Rollout) isMeant(s Selector) bool {
	group, workload := s.Get("nodegroup"), s.Get("workload")
	return (group == "" || r.Kind == rollNodes && r.Of == group) && (workload == "" || r.Kind == rollDeployment && r.Of == workload)
}

// rolled is how long the longest rolling update took that is meant; nil where there
// is none, or where one did not come to its end.
func (o *Outcome) rolled(of Selector) (longest *float64) {
	for _, r := range o.Rollouts {
		if !r.isMeant(of) {
			continue
		}
		if r.TookSeconds == nil {
			return nil
		}
		if longest == nil || *r.TookSeconds > *longest {
			longest = r.TookSeconds
		}
	}
	return longest
}

// replaced is how many nodes rolling updates have replaced, of a group or of all.
func (o *Outcome) replaced(of Selector) (n int) {
	for _, r := range o.Rollouts {
		if r.Kind == rollNodes && r.isMeant(of) {
			n += r.Done
		}
	}
	return n
}
