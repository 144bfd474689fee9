package fault

import (
	"ipamsim/scenarios"
)

// RecreatePods: the pods of Deployments are deleted and made again.
const RecreatePods = scenarios.FaultRecreatePods

var recreatePods = effect{
	kind: RecreatePods,
	occasion: func(i *Injector, f *Fault, stream string) {
		f.hits += i.Cluster.RecreatePods(f.Workload, i.choose(f, stream), f.MaxUnavailable, stream)
	},
}
