package scenarios

import (
	"fmt"

	"ipamsim/internal/words"
)

// FaultRecreatePods deletes the pods of Deployments, which make them anew.
const FaultRecreatePods FaultKind = "recreate-pods"

// DeploymentMaxUnavailable is the share of a Deployment's pods that may be
// away in a rolling update unless it says otherwise: SetDefaults_Deployment
// (pkg/apis/apps/v1/defaults.go) of Kubernetes.
const DeploymentMaxUnavailable = 0.25

var recreatePods = faultKind{
	name: FaultRecreatePods,
	keys: ofNodes("workload", "maxUnavailable"),
	doc:  "The pods that Deployments have on the nodes are deleted and made again, each with another address, as `kubectl rollout restart deployment` does: `maxUnavailable` of a Deployment's pods are away at a time, and the next ones go as new ones run. Pods that do not run go at once.",
	check: func(c *faultCheck) {
		if c.usable("%s.workload", c.path) {
			c.known(c.path+".workload", "Deployment", c.fault.Workload, c.workloadNames("Deployment"))
		}
	},
	words: func(f *Fault) string {
		share, whose := DeploymentMaxUnavailable, "all Deployments"
		if f.MaxUnavailable != nil {
			share = *f.MaxUnavailable
		}
		if f.Workload != "" {
			whose = f.Workload
		}
		return fmt.Sprintf("the pods of %s on %s are recreated, %s at a time", whose, f.nodes(f.Share), words.Share(share))
	},
}
