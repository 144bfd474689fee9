package scenarios

import "fmt"

// FaultRecreatePods deletes the pods of Deployments, which make them anew.
const FaultRecreatePods FaultKind = "recreate-pods"

// DeploymentMaxUnavailable is how many of a Deployment's pods may be away in a
// rolling update unless it says otherwise: SetDefaults_Deployment
// (pkg/apis/apps/v1/defaults.go) of Kubernetes.
var DeploymentMaxUnavailable = IntOrPercent{Number: 25, Percent: true}

var recreatePods = faultKind{
	name: FaultRecreatePods,
	keys: ofNodes("workload", "maxUnavailable"),
	doc:  "The pods that Deployments have on the nodes are deleted and made again, each with another address: `maxUnavailable` of a Deployment's pods are away at a time, and the next ones go as new ones are ready. Pods that do not run go at once. None is made in advance; `roll-deployment` is a rolling update.",
	check: func(c *faultCheck) {
		if c.usable("%s.workload", c.path) {
			c.known(c.path+".workload", "Deployment", c.fault.Workload, c.workloadNames("Deployment"))
		}
	},
	words: func(f *Fault) string {
		most, whose := f.MayBeUnavailable(), "all Deployments"
		if f.Workload != "" {
			whose = f.Workload
		}
		return fmt.Sprintf("the pods of %s on %s are recreated, %s at a time", whose, f.nodes(f.Share), most.Words())
	},
}
