package scenarios

import "fmt"

// FaultRollDeployment is a rolling update of a Deployment.
const FaultRollDeployment FaultKind = "roll-deployment"

var rollDeployment = faultKind{
	name: FaultRollDeployment,
	keys: []string{"workload"},
	doc:  "A rolling update of a Deployment, as `kubectl rollout restart deployment` begins one: new pods are made, up to `maxSurge` more than wanted, and old ones are deleted as new ones become ready, so that at most `maxUnavailable` are missing. Both are the workload's, under `rollingUpdate`. A Deployment that is being rolled already is rolled again: all its pods are old ones then.",
	check: func(c *faultCheck) {
		if c.needs("workload", "the name of a Deployment was expected") && c.usable("%s.workload", c.path) {
			c.known(c.path+".workload", "Deployment", c.fault.Workload, c.workloadNames("Deployment"))
		}
	},
	words: func(f *Fault) string { return fmt.Sprintf("the Deployment %s is rolled", f.Workload) },
}
