package scenarios

import "fmt"

// checkBudget looks at a Deployment's PodDisruptionBudget.
func (c *checker) checkBudget(path, name string, w *Workload) {
	path, name = path+".podDisruptionBudget", name+".podDisruptionBudget"
	if w.Budget == nil || !c.usable("%s", path) {
		return
	}
	switch least, most := c.given("%s.minAvailable", path), c.given("%s.maxUnavailable", path); {
	case least && most:
		c.problem(c.keyAt(path+".maxUnavailable"), "%s: minAvailable and maxUnavailable exclude each other", name)
	case !least && !most:
		c.problem(c.at("%s", path), "%s: how many pods may be missing was expected: give minAvailable, or maxUnavailable", name)
	}
}

// Rolling is how the workload's pods are replaced: SetDefaults_Deployment
// (pkg/apis/apps/v1/defaults.go) of Kubernetes unless it says otherwise.
func (w *Workload) Rolling() RollingUpdate {
	if w.RollingUpdate != nil {
		return *w.RollingUpdate
	}
	return RollingUpdate{MaxSurge: DeploymentMaxUnavailable, MaxUnavailable: DeploymentMaxUnavailable}
}

// most is the most replicas that the workload ever has.
func (w *Workload) most() int {
	most := w.Initial
	for _, step := range w.Replicas {
		most = max(most, step.Count)
	}
	return most
}

// never says why the workload's budget allows no eviction, ever; nothing when it
// does.
func (w *Workload) never() string {
	replicas := w.most()
	switch b := w.Budget; {
	case replicas == 0:
	case b.MaxUnavailable != nil && b.MaxUnavailable.Up(replicas) == 0:
		return fmt.Sprintf("maxUnavailable %s allows no pod to be missing", b.MaxUnavailable)
	case b.MinAvailable != nil && b.MinAvailable.Up(replicas) >= replicas:
		return fmt.Sprintf("minAvailable %s of %d replicas allows none to be missing", b.MinAvailable, replicas)
	}
	return ""
}
