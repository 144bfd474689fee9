package fault

import (
	"ipamsim/scenarios"
)

// recreatePods: the pods of Deployments are deleted and made again.
var recreatePods = effect{
	kind: scenarios.FaultRecreatePods,
	occasion: func(i *Injector, f *Fault, stream string) {
		f.hits += i.Cluster.RecreatePods(f.Workload, i.choose(f, stream), f.MaxUnavailable, stream)
	},
}
